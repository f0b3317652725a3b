"""Where a table begins: its headings, and what is none although its name says so."""

import codecs
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from onebook.errors import InvalidInput
from onebook.importing.headings import are_headings, known_among, looks_like_data
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


def heading_row(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows is the one of headings, below words that LinkedIn and reports put before them.

    It is the first of which several cells are well-known headings, if no row above it may be one, too: they have fewer
    cells, or nothing in them is known while all of it is known.

    >>> heading_row([["Contacts", "2026"], [], ["Name", "Phone"], ["Ada", "+1 650 555 0134"]])
    2

    Returns:
        0 if there is none, or nothing stands above it.
    """
    for at, cells in enumerate(rows):
        if are_headings(cells) and (_filled(rows[0]) <= 1 or all(_is_above(row, cells) for row in rows[:at])):
            return at
    return 0


def _is_above(row: Sequence[str], headings: Sequence[str]) -> bool:
    """Whether a row can be but words above a table of these headings."""
    if looks_like_data(row):
        return False
    filled, width = _filled(row), _filled(headings)
    return filled < width or (filled == width == known_among(headings) and not known_among(row))


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def refuse_false_workbook(source: Source, field: str) -> None:
    """Text under a workbook's name is read as text; anything else under it is a broken workbook."""
    head = source.head()
    if claims_workbook(source) and b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        message = "The workbook is damaged or cut short; save it again, or save the sheet as CSV."
        raise InvalidInput.of(field, "unreadable", message)
