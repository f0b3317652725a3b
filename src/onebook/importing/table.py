"""A file as headings and rows, whatever kind of file it is."""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple, Self

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing import delimited, workbook
from onebook.importing.archive import WorkbookLimits
from onebook.importing.encoding import encoding_of
from onebook.importing.kind import claims_workbook, kind_of
from onebook.importing.record import COLUMNS, FAULTS, Record
from onebook.importing.rows import Row as Row
from onebook.importing.rows import is_filled
from onebook.importing.source import Source

# So many beyond one for each row: a whole sheet of the spreadsheet programs. Without an end to them, a file of nothing
# but line ends would be read for minutes.
_BLANK_LINES = 1_048_576


class Table:
    """Headings, and the rows below them, once; close it, or use it with ``with``.

    Args:
        records: the headings and what comes after. max_rows: the most rows that are not blank.
        field: the caller's name of the file.
    """

    def __init__(self, records: Iterator[Record], *, max_rows: int, field: str) -> None:
        self._records = records
        self._max_rows = max_rows
        self._field = field
        self._closing = contextlib.ExitStack()
        head = head_of(records, field=field)
        self.headings = head.cells
        self._row = head.row

    def __iter__(self) -> Iterator[Row]:
        """The rows, as they are read.

        Raises:
            InvalidInput: if the file turns out to be broken beyond a row.
            LimitExceeded: if there are too many rows.
        """
        width, count, blank = len(self.headings), 0, 0
        padding = ("",) * width
        for row, found, fault in self._records:
            # What stands beyond the headings is no data, and does not make a blank row a row.
            cells = (*found, *padding)[:width] if found else padding
            if not fault and not (found and is_filled(cells)):
                blank += 1
                if blank > _BLANK_LINES + count:
                    raise InvalidInput.of(self._field, "unreadable", "The file has too many blank lines.")
                continue
            count += 1
            if count > self._max_rows:
                raise LimitExceeded(self._field, self._max_rows, "rows")
            yield Row(row - self._row - 1, row, cells, fault)

    def owns(self, closing: contextlib.ExitStack) -> Self:
        """Take over what is to be closed together with the table."""
        self._closing = closing
        return self

    def close(self) -> None:
        """End the reading, and with it the process that may be doing it."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Head(NamedTuple):
    """The headings of a table, trimmed, and the number of their row."""

    row: int
    cells: tuple[str, ...]


def head_of(records: Iterator[Record], *, field: str) -> Head:
    """Take the first record that is not blank for the headings.

    Raises:
        InvalidInput: if there is none, or it cannot be one of headings.
    """
    head = next((record for record in records if record.fault or is_filled(record.cells)), None)
    if head is None:
        raise InvalidInput.of(field, "empty", "The file is empty.")
    if head.fault:
        raise InvalidInput.of(field, "unreadable", "The line of headings cannot be read. " + FAULTS[head.fault])
    if len(head.cells) > COLUMNS:
        raise InvalidInput.of(field, "unreadable", f"The file has more than {COLUMNS:,} columns.")
    return Head(head.row, tuple(cell.strip("\ufeff \t\n") for cell in head.cells))


def open_table(
    source: Source,
    *,
    max_rows: int,
    field: str,
    encoding: str | None = None,
    limits: WorkbookLimits | None = None,
) -> Table:
    """Open a file of contacts; of a workbook the first sheet.

    Args:
        source: the file; it stays open and stays the caller's.
        max_rows: the most rows that are not blank; one more raises while the rows are read.
        field: the caller's name of the file (``csv_url``), for errors that concern all of it.
        encoding: of a text file; found out if None.
        limits: what reading a workbook may cost.

    Raises:
        InvalidInput: if it is empty, no such file, damaged, or under a password.
    """
    with contextlib.ExitStack() as closing:
        kind = kind_of(source, field=field)
        if kind in ("cards", "lines"):
            raise InvalidInput.of(field, "unreadable", "The file holds no table; save the contacts as CSV or Excel.")
        if kind == "workbook":
            records = workbook.records(source, limits or WorkbookLimits(), field=field)
        else:
            refuse_false_workbook(source, field)
            reader = closing.enter_context(source.open())
            records = delimited.records(reader, encoding_of(source, encoding, field=field), field=field)
        closing.enter_context(contextlib.closing(records))
        return Table(records, max_rows=max_rows, field=field).owns(closing.pop_all())


def refuse_false_workbook(source: Source, field: str) -> None:
    """Text under a workbook's name is read as text; anything else under it is a broken workbook."""
    if claims_workbook(source) and b"\0" in source.head():
        message = "The workbook is damaged or cut short; save it again, or save the sheet as CSV."
        raise InvalidInput.of(field, "unreadable", message)
