"""Rows: records that are not blank, with their place among the data."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from onebook.importing.blocks import Block, records_of, rows_of
from onebook.importing.footer import footer
from onebook.importing.record import Fault


class Row(Struct, frozen=True, gc=False):
    """A row of data that is not blank.

    Args:
        index: position among the data rows, from 0; blank lines count, the headings do not.
        row: the sheet's own number, from 1.
        cells: as text, exactly one for each heading; of a row with a fault as far as they can be told.
        fault: why the row is none of a contact's. beyond: its cells beyond the headings, if any of them is filled.
    """

    index: int
    row: int
    cells: tuple[str, ...]
    fault: Fault | None = None
    beyond: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What to show of a row with a fault: where that begins."""
        cells = self.beyond if self.fault == "too_many_cells" else self.cells
        return ", ".join(cell.strip() for cell in cells if cell.strip())


class CardRow(Struct, frozen=True, gc=False):
    """A contact of a file that is no table.

    Args:
        index: position in the file, from 0. row: number of its first line, from 1.
        text: of the vCard, or of the line of JSON.
    """

    index: int
    row: int
    text: str


class Rows:
    """The rows of a block of a table, column by column: to make and read an object a row takes longer.

    Args: ``width``: the number of headings; rows are made as wide. ``strict``: whether a filled cell beyond them,
        and the end of a report, is a fault.

    Attributes: indexes, numbers, cells: of each row what `Row` says. texts: of each row all its cells,
        with or without what stands between them. faults, beyond: by position, of the rows that have such.
    """

    def __init__(self, block: Block, width: int, *, strict: bool = True) -> None:
        self.numbers, self.cells, self.texts, self.faults = _columns(block)
        self.beyond: dict[int, tuple[str, ...]] = {}
        if strict:
            self.faults.update(dict.fromkeys(footer(self.numbers, self.cells), "footer"))
        sizes = set(map(len, self.cells))
        if sizes != {width}:
            if strict and max(sizes, default=0) > width:
                self.beyond = _beyond(self.cells, width)
                self.faults = {**dict.fromkeys(self.beyond, "too_many_cells"), **self.faults}
            # What stands beyond the headings is no data.
            padding = ("",) * width
            self.cells = [one if len(one) == width else (*one, *padding)[:width] for one in self.cells]
        # Nearly every row has its first cell, which is quicker to see than all of them.
        if not all(cells[0].strip() for cells in self.cells):
            kept = [at for at, cells in enumerate(self.cells) if is_filled(cells) or at in self.faults]
            self.numbers = [self.numbers[at] for at in kept]
            self.cells = [self.cells[at] for at in kept]
            self.texts = [self.texts[at] for at in kept]
            self.faults = {new: self.faults[at] for new, at in enumerate(kept) if at in self.faults}
            self.beyond = {new: self.beyond[at] for new, at in enumerate(kept) if at in self.beyond}
        first = block.row - block.index
        self.indexes = [number - first for number in self.numbers]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.indexes)

    def row(self, at: int) -> Row:
        """The row at a position."""
        cells = tuple(self.cells[at])
        return Row(self.indexes[at], self.numbers[at], cells, self.faults.get(at), self.beyond.get(at, ()))


def is_filled(cells: Sequence[str]) -> bool:
    """Whether any cell has more than blanks."""
    return bool("".join(cells).strip())


def _beyond(rows: Sequence[Sequence[str]], width: int) -> dict[int, tuple[str, ...]]:
    """The cells beyond the headings, by the position of their row, if any of them is filled."""
    return {
        at: tuple(cells[width:]) for at, cells in enumerate(rows) if len(cells) > width and is_filled(cells[width:])
    }


def rows_in(block: Block, width: int, *, strict: bool = True) -> Iterator[Row | CardRow]:
    """The rows of a block.

    Args:
        width, strict: as of `Rows`.
    """
    if is_table(block):
        rows = Rows(block, width, strict=strict)
        return map(rows.row, range(len(rows)))
    return cards_in(block)


def is_table(block: Block) -> bool:
    """Whether its records have cells."""
    return block.shape in ("table", "records")


def _columns(block: Block) -> tuple[list[int], list[Sequence[str]], list[str], dict[int, Fault]]:
    """Numbers, cells and texts of a block's records, blank ones too, and what is wrong with some, by position."""
    lines = block.dialect.lines(block.text) if block.shape == "table" else None
    if lines is not None:
        numbers = list(range(block.row, block.row + len(lines)))
        return numbers, [line.split(block.dialect.delimiter) for line in lines], lines, {}
    records = list(records_of(block))
    cells = [cells for _, cells, _ in records]
    faults = {at: fault for at, (_, _, fault) in enumerate(records) if fault}
    return [row for row, _, _ in records], cells, list(map("".join, cells)), faults


def cards_in(block: Block) -> Iterator[CardRow]:
    """The records of a block that is no table."""
    for position, (row, cells, _) in enumerate(rows_of(block)):
        if cells[0].strip():
            yield CardRow(block.index + position, row, cells[0])
