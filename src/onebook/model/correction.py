"""Workbooks of refused rows: the columns beside the file's own, by which a mended row finds its way back."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from onebook.model.imports import REASON_HEADING, ROW_HEADING, ImportIssue

IMPORT_HEADING: Final = "onebook import"
# In their order, after the file's own. All but the reason are hidden.
ADDED: Final = (REASON_HEADING, IMPORT_HEADING, ROW_HEADING)

_DIGITS: Final = 15


class RefusedRow(Struct, frozen=True):
    """A row that an import left out.

    Args:
        row: the sheet's own number, from 1.
        cells: as they stand in the file, one for each heading; fewer, or none, if it could not be split into cells.
        issues: all that is wrong with it; ``field`` is a heading, or a word for the whole row.
    """

    row: int
    cells: Sequence[str]
    issues: Sequence[ImportIssue]


class Correction(Struct, frozen=True):
    """What the headings of an uploaded workbook say: how many columns are the file's own, and where ours are."""

    width: int
    import_column: int
    row_column: int

    def place_of(self, cells: Sequence[str]) -> tuple[str, int] | None:
        """Import and row number of a mended row; None for a row that a person has added."""
        found, row = cells[self.import_column].strip(), cells[self.row_column].strip()
        return (found, int(row)) if found and row.isascii() and row.isdigit() and len(row) <= _DIGITS else None


def correction_of(headings: Sequence[str]) -> Correction | None:
    """The correction that these headings are of; None if they are those of any other file.

    >>> correction_of(("Name", "Phone", *ADDED))
    Correction(width=2, import_column=3, row_column=4)
    """
    # A remark that somebody wrote beside the table makes a column without a heading.
    end = len(headings)
    while end and not headings[end - 1]:
        end -= 1
    width = end - len(ADDED)
    if tuple(headings[max(width, 0) : end]) != ADDED:
        return None
    return Correction(width, width + ADDED.index(IMPORT_HEADING), width + ADDED.index(ROW_HEADING))
