"""Contacts as a workbook: the columns of the CSV, each cell as text."""

from collections.abc import Iterable, Iterator
from functools import partial

from onebook.exporting.pieces import REST_ROWS
from onebook.exporting.xlsx import Sheet, streamed
from onebook.model import cell, sheet
from onebook.model.exported import Exported


def write(rows: Iterable[Exported], layout: sheet.Layout) -> Iterator[bytes]:
    """The workbook of these contacts, in the columns of the layout; empty pieces while it is being made."""
    return streamed(partial(_fill, rows, layout))


def _fill(rows: Iterable[Exported], layout: sheet.Layout, into: Sheet) -> Iterator[None]:
    headings = layout.headings
    columns = {heading: column for column, heading in enumerate(headings)}
    into.head(headings)
    for at, row in enumerate(rows, 1):
        cells = {
            columns[heading]: text for heading, text in sheet.cells_of(row, columns) if text and heading in columns
        }
        for column in sorted(cells):
            into.put(at, column, cell.guard(cells[column]))
        if at % REST_ROWS == 0:
            yield
