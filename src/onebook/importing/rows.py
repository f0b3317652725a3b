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


def is_filled(cells: Sequence[str]) -> bool:
    """Whether any cell has more than blanks."""
    return bool("".join(cells).strip())


def rows_in(block: Block, width: int) -> Iterator[Row | CardRow]:
    """The rows of a block.

    Args:
        width: the number of headings; rows of a table are made as wide.
    """
    if block.shape in ("table", "records"):
        return _of_table(block, width)
    return _of_cards(block)


def _of_table(block: Block, width: int) -> Iterator[Row]:
    first, padding = block.row - block.index, ("",) * width
    for row, found, fault in records_of(block):
        # What stands beyond the headings is no data, and does not make a blank row a row.
        cells = tuple(found) if len(found) == width else (*found, *padding)[:width]
        # Nearly every row has its first cell, which is quicker to see than all of them.
        if fault or (cells and cells[0].strip()) or is_filled(cells):
            yield Row(row - first, row, cells, fault)


def _of_cards(block: Block) -> Iterator[CardRow]:
    for position, (row, cells, _) in enumerate(rows_of(block)):
        if cells[0].strip():
            yield CardRow(block.index + position, row, cells[0])
