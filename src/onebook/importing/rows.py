"""Rows: records that are not blank, with their place among the data."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from onebook.importing.blocks import Block, records_of, rows_of
from onebook.importing.record import Fault


class Row(Struct, frozen=True, gc=False):
    """A row of data that is not blank.

    Args:
        index: position among the data rows, from 0; blank lines count, the headings do not.
        row: the sheet's own number, from 1.
        cells: as text, exactly one for each heading; all empty if there is a fault.
        fault: why the row could not be read.
    """

    index: int
    row: int
    cells: tuple[str, ...]
    fault: Fault | None = None


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

    Args: ``width``: the number of headings; rows are made as wide.

    Attributes: indexes, numbers, cells: of each row what `Row` says. texts: of each row all its cells,
        with or without what stands between them. faults: by position those of rows that could not be read.
    """

    def __init__(self, block: Block, width: int) -> None:
        self.numbers, self.cells, self.texts, self.faults = _columns(block)
        if set(map(len, self.cells)) != {width}:
            # What stands beyond the headings is no data, and does not make a blank row a row.
            padding = ("",) * width
            self.cells = [one if len(one) == width else (*one, *padding)[:width] for one in self.cells]
        # Nearly every row has its first cell, which is quicker to see than all of them.
        if not all(cells[0].strip() for cells in self.cells):
            kept = [at for at, cells in enumerate(self.cells) if is_filled(cells) or at in self.faults]
            self.numbers = [self.numbers[at] for at in kept]
            self.cells = [self.cells[at] for at in kept]
            self.texts = [self.texts[at] for at in kept]
            self.faults = {new: self.faults[at] for new, at in enumerate(kept) if at in self.faults}
        first = block.row - block.index
        self.indexes = [number - first for number in self.numbers]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.indexes)

    def row(self, at: int) -> Row:
        """The row at a position."""
        return Row(self.indexes[at], self.numbers[at], tuple(self.cells[at]), self.faults.get(at))


def is_filled(cells: Sequence[str]) -> bool:
    """Whether any cell has more than blanks."""
    return bool("".join(cells).strip())


def rows_in(block: Block, width: int) -> Iterator[Row | CardRow]:
    """The rows of a block.

    Args:
        width: the number of headings; rows of a table are made as wide.
    """
    if is_table(block):
        rows = Rows(block, width)
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
