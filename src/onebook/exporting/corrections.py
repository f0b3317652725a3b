"""The correction workbook: the rows that an import refused, as they stood, with what is wrong in each.

A person mends the marked cells and uploads the workbook: its hidden columns say which rows of which import they are.

No cell gets an apostrophe before what begins like a formula, as cells of exported contacts do: they show a file as it
stands, and an import takes one off, so that a number that the file itself guards would come back as another text. They
are text all the same, by type and by format, and a program runs none of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from onebook.errors import InvalidInput
from onebook.exporting.pieces import REST_ROWS
from onebook.exporting.xlsx import CELL_CHARACTERS, ROWS, Sheet, opened, streamed
from onebook.model.correction import ADDED, IMPORT_HEADING, RefusedRow
from onebook.model.imports import REASON_HEADING, ROW_HEADING, ImportIssue

# Every faulty cell is coloured. So many also have a comment: the library, and the programs that open the file, hold
# comments in memory, and the reason stands beside the row in any case.
MOST_COMMENTS: Final = 5_000
_REASON_WIDTH: Final = 60
_TOO_LONG: Final = "A cell of this row is too long for a workbook and was cut short: mend the row in the file itself."


def write(path: Path, import_id: str, headings: Sequence[str], rows: Iterable[RefusedRow]) -> None:
    """Write the workbook.

    Args:
        import_id: of the import that refused the rows. headings: of the file, in their order.
        rows: the refused ones, in the order of the file.

    Raises: InvalidInput if they are more than a workbook holds; nothing is then left at ``path``.
    """
    with opened(path) as into:
        for _ in _fill(import_id, headings, rows, into):
            pass


def pieces(import_id: str, headings: Sequence[str], rows: Iterable[RefusedRow]) -> Iterator[bytes]:
    """The same as bytes; empty pieces while it is being made."""
    return streamed(partial(_fill, import_id, headings, rows))


def must_have_room(rows: int) -> None:
    """Raises: InvalidInput if a workbook cannot hold so many rows."""
    if rows > ROWS:
        raise InvalidInput.of(
            "format", "too_many", f"A workbook holds {ROWS:,} rows; more were refused. Take the issues as CSV."
        )


def _fill(import_id: str, headings: Sequence[str], rows: Iterable[RefusedRow], into: Sheet) -> Iterator[None]:
    writer = _Writer(import_id, headings, into)
    for at, row in enumerate(rows, 1):
        must_have_room(at)
        writer.put(at, row)
        if at % REST_ROWS == 0:
            yield


class _Writer:
    """Puts refused rows into a sheet."""

    def __init__(self, import_id: str, headings: Sequence[str], into: Sheet) -> None:
        self._into = into
        self._import_id = import_id
        self._width = len(headings)
        self._columns: dict[str, list[int]] = {}
        for column, heading in enumerate(headings):
            self._columns.setdefault(heading, []).append(column)
        self._faulty = into.book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"})
        self._reason = into.book.add_format({"num_format": "@", "text_wrap": True, "font_color": "#9C0006"})
        self._comments = 0
        into.head([*map(_short, headings), *ADDED])
        into.tab.set_column(self._column(REASON_HEADING), self._column(REASON_HEADING), _REASON_WIDTH, self._reason)
        into.tab.set_column(self._column(IMPORT_HEADING), self._column(ROW_HEADING), None, into.plain, {"hidden": True})

    def _column(self, added: str) -> int:
        return self._width + ADDED.index(added)

    def put(self, at: int, row: RefusedRow) -> None:
        """Write one row: its cells, why it was refused, and where it belongs."""
        faults = self._faults(row)
        for column in range(self._width):
            text = row.cells[column] if column < len(row.cells) else ""
            self._into.put(at, column, _short(text), self._faulty if column in faults else None)
        for column, messages in faults.items():
            self._comment(at, column, " ".join(messages))
        reasons = [_sentence(issue) for issue in row.issues]
        whole = all(_short(text) == text for text in row.cells)
        self._into.put(at, self._column(REASON_HEADING), _short("\n".join(reasons if whole else [*reasons, _TOO_LONG])))
        # A row that was cut short must not come back so: without its number it is no row of the import.
        if whole:
            self._into.put(at, self._column(IMPORT_HEADING), self._import_id)
            self._into.put(at, self._column(ROW_HEADING), str(row.row))

    def _faults(self, row: RefusedRow) -> dict[int, list[str]]:
        """Faulty columns, each with what is wrong there."""
        faults: dict[int, list[str]] = {}
        for issue in row.issues:
            for column in self._at_fault(issue, row.cells):
                faults.setdefault(column, []).append(issue.message)
        return faults

    def _at_fault(self, issue: ImportIssue, cells: Sequence[str]) -> list[int]:
        """The columns that an issue means; of several with one heading, that of the value, if one has it."""
        columns = self._columns.get(issue.field, [])
        if len(columns) > 1 and issue.value:
            value = issue.value.strip()
            having = [column for column in columns if column < len(cells) and cells[column].strip().startswith(value)]
            return having or columns
        return columns

    def _comment(self, at: int, column: int, text: str) -> None:
        if self._comments < MOST_COMMENTS:
            self._comments += 1
            self._into.tab.write_comment(at, column, _short(text), _COMMENT)


_COMMENT: Final[dict[str, Any]] = {"author": "onebook", "x_scale": 2}


def _sentence(issue: ImportIssue) -> str:
    return f"{issue.field}: {issue.message}" if issue.field else issue.message


def _short(text: str) -> str:
    """The text as far as a cell holds it."""
    if len(text) * 2 <= CELL_CHARACTERS:
        return text
    units = text.encode("utf-16-le", "surrogatepass")[: CELL_CHARACTERS * 2]
    return units.decode("utf-16-le", "ignore")
