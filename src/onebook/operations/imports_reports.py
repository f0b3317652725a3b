"""What is told of the rows that an import left out or in part aside: every issue, as a file in three formats."""

from collections.abc import Iterator
from itertools import chain, groupby
from typing import Final

from msgspec import Struct

from onebook.errors import InvalidInput
from onebook.exporting import corrections, issues, xlsx
from onebook.model.correction import RefusedRow
from onebook.model.imports import Import, ImportIssue, OriginalRow
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine

# How a record begins that stands in no table, and so has no columns that a workbook could show.
_CARD_STARTS: Final = ("{", "BEGIN:VCARD")


class ReportFormat(Struct, frozen=True):
    """A format of the report, by its name: its media type and the end of its file's name."""

    media_type: str
    extension: str


FORMATS: Final = {
    "json": ReportFormat(issues.JSON_TYPE, "json"),
    "csv": ReportFormat(issues.CSV_TYPE, "csv"),
    "xlsx": ReportFormat(xlsx.MEDIA_TYPE, "xlsx"),
}


def every_issue(imports: Engine, actor: Actor, import_id: str) -> Iterator[ImportIssue]:
    """All issues of an import in the order of its rows, those of a thousand rows in memory at a time."""
    after = -1
    while page := imports.issues(actor, import_id, after=after):
        yield from page
        after = page[-1].index


def report(imports: Engine, actor: Actor, imported: Import, format_name: str) -> Iterator[bytes]:
    """The file, piece by piece.

    Args: ``format_name``: one of `FORMATS`; ``xlsx`` is the correction workbook, of the refused rows only.

    Raises: InvalidInput if there is no correction workbook of this import; NotFound once its file is gone.
    """
    if format_name == "xlsx":
        return _workbook(imports, actor, imported)
    write = issues.as_json if format_name == "json" else issues.as_csv
    return write(every_issue(imports, actor, imported.id))


def _workbook(imports: Engine, actor: Actor, imported: Import) -> Iterator[bytes]:
    corrections.must_have_room(imported.refused)
    rows = refused_rows(imports, actor, imported)
    first = next(rows, None)
    if first is not None and len(first.cells) == 1 and first.cells[0].lstrip().upper().startswith(_CARD_STARTS):
        message = "Only a table has a correction workbook; take the issues as JSON or CSV."
        raise InvalidInput.of("format", "no_table", message)
    there = rows if first is None else chain((first,), rows)
    return corrections.pieces(imported.id, imported.headings, there)


def refused_rows(imports: Engine, actor: Actor, imported: Import) -> Iterator[RefusedRow]:
    """The refused rows as they stand in the file, each with all that is wrong in it; read as they are taken."""
    rows = imports.rows_of(actor, imported.id, (index for index, _ in _refused(imports, actor, imported.id)))
    row: OriginalRow | None = None
    for index, wrong in _refused(imports, actor, imported.id):
        while row is None or row.index < index:
            row = next(rows, None)
            if row is None:
                break
        cells = row.cells if row is not None and row.index == index else ()
        yield RefusedRow(wrong[0].row, cells, wrong)


def _refused(imports: Engine, actor: Actor, import_id: str) -> Iterator[tuple[int, list[ImportIssue]]]:
    """The indexes of refused rows, each with its issues."""
    refused = (issue for issue in every_issue(imports, actor, import_id) if issue.outcome == "refused")
    for index, wrong in groupby(refused, key=lambda issue: issue.index):
        yield index, list(wrong)
