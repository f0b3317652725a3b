"""CSV: one line a contact, quoted where needed, for spreadsheets and for programs.

Source: RFC 4180; the mark at the beginning is what Excel knows UTF-8 by.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from onebook.exporting.pieces import gathered
from onebook.model import cell, sheet
from onebook.model.exported import Exported

MEDIA_TYPE: Final = "text/csv; charset=utf-8; header=present"
# What an import reads of one cell, and of one line.
CELL_CHARACTERS: Final = 131_072
LINE_CHARACTERS: Final = 1_000_000


def write(rows: Iterable[Exported], layout: sheet.Layout) -> Iterator[bytes]:
    """The file of these contacts, in the columns of the layout."""
    columns = dict.fromkeys(layout.headings, "")
    yield from gathered(lines(list(columns), (_texts(row, columns) for row in rows)))


def lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The bytes of each line; no cell runs as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield codecs.BOM_UTF8
    writer.writerow(map(cell.guard, headings))
    yield _taken(buffer)
    for row in rows:
        writer.writerow(map(cell.guard, row))
        yield _taken(buffer)


def _texts(row: Exported, columns: dict[str, str]) -> list[str]:
    cells = dict(sheet.cells_of(row, columns))
    return [cells.get(heading, "") for heading in columns]


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data
