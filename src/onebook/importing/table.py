"""Where a table begins: its headings, and what is none although its name says so."""

from collections.abc import Iterator
from typing import NamedTuple

from onebook.errors import InvalidInput
from onebook.importing.kind import claims_workbook
from onebook.importing.record import COLUMNS, FAULTS, Record
from onebook.importing.rows import is_filled
from onebook.importing.source import Source


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


def refuse_false_workbook(source: Source, field: str) -> None:
    """Text under a workbook's name is read as text; anything else under it is a broken workbook."""
    if claims_workbook(source) and b"\0" in source.head():
        message = "The workbook is damaged or cut short; save it again, or save the sheet as CSV."
        raise InvalidInput.of(field, "unreadable", message)
