"""A file as headings and rows, whatever kind of file it is."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Self

from msgspec import Struct

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing import delimited, workbook
from onebook.importing.archive import WorkbookLimits
from onebook.importing.encoding import encoding_of
from onebook.importing.kind import claims_workbook, kind_of
from onebook.importing.record import COLUMNS, FAULTS, Fault, Record
from onebook.importing.source import Source

# So many beyond one for each row: a whole sheet of the spreadsheet programs. Without an end to them, a file of nothing
# but line ends would be read for minutes.
_BLANK_LINES = 1_048_576


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
        head = next((record for record in records if record.fault or _filled(record.cells)), None)
        if head is None:
            raise InvalidInput.of(field, "empty", "The file is empty.")
        if head.fault:
            raise InvalidInput.of(field, "unreadable", "The line of headings cannot be read. " + FAULTS[head.fault])
        if len(head.cells) > COLUMNS:
            raise InvalidInput.of(field, "unreadable", f"The file has more than {COLUMNS:,} columns.")
        self.headings = tuple(cell.strip("\ufeff \t\n") for cell in head.cells)
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
            if not fault and not (found and _filled(cells)):
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
        if kind_of(source, field=field) == "workbook":
            records = workbook.records(source, limits or WorkbookLimits(), field=field)
        else:
            _refuse_false_workbook(source, field)
            reader = closing.enter_context(source.open())
            records = delimited.records(reader, encoding_of(source, encoding, field=field), field=field)
        closing.enter_context(contextlib.closing(records))
        return Table(records, max_rows=max_rows, field=field).owns(closing.pop_all())


def _refuse_false_workbook(source: Source, field: str) -> None:
    """Text under a workbook's name is read as text; anything else under it is a broken workbook."""
    if claims_workbook(source) and b"\0" in source.head():
        message = "The workbook is damaged or cut short; save it again, or save the sheet as CSV."
        raise InvalidInput.of(field, "unreadable", message)


def _filled(cells: Sequence[str]) -> bool:
    """Whether any cell has more than blanks."""
    return bool("".join(cells).strip())
