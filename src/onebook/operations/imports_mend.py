"""Rows that were refused, mended and sent again, under the same import.

A mended row loses its issues in the transaction that writes it: sent twice, or interrupted, each is done once.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from msgspec import structs

from onebook.errors import Conflict, InvalidInput
from onebook.importing.blocks import Block
from onebook.importing.draft import ReadPlan, read_block
from onebook.importing.record import Record
from onebook.importing.rows import CardRow, Row, is_filled
from onebook.model.book import Book
from onebook.model.correction import Correction, correction_of
from onebook.model.imports import Counts, Import
from onebook.operations.imports_memory import Memory
from onebook.operations.imports_prepare import Wish, prepare
from onebook.operations.imports_rows import Headings
from onebook.operations.imports_run import keep_progress
from onebook.operations.imports_step import Step
from onebook.store.base import Session

BATCH_ROWS = 500
_ISSUES_AT_A_TIME = 5_000
# What somebody wrote beside the table is none of a row's.
_LEGIBLE: Final = (None, "too_many_cells")


def batches(file: Iterable[Row | CardRow], import_id: str, headings: tuple[str, ...]) -> Iterator[list[Record]]:
    """The mended rows in batches, each with its number in the file that was imported and that file's columns.

    Raises: as `must_be_mendable`.
    """
    found = _mended(file, import_id, _correction(headings))
    while batch := list(islice(found, BATCH_ROWS)):
        yield batch


def must_be_mendable(file: Iterable[Row | CardRow], import_id: str, headings: tuple[str, ...]) -> None:
    """Look through a workbook before anything of it is written.

    Raises: InvalidInput if the headings are not those of a correction workbook, it is that of another import, or it
        has rows that somebody has added.
    """
    for _ in _mended(file, import_id, _correction(headings)):
        pass


def _correction(headings: tuple[str, ...]) -> Correction:
    found = correction_of(headings)
    if found is None:
        raise InvalidInput.of("file", "no_column", "This is no correction workbook: its last columns are missing.")
    return found


def must_be_none(headings: tuple[str, ...]) -> None:
    """Raises: InvalidInput for a correction workbook, whose rows a new import would make twice."""
    if correction_of(headings) is not None:
        message = (
            "This is a correction workbook; send it to the import that it is of, so that its rows run again there."
        )
        raise InvalidInput.of("file", "correction", message)


def _mended(file: Iterable[Row | CardRow], import_id: str, correction: Correction) -> Iterator[Record]:
    own = False
    for row in file:
        place = correction.place_of(row.cells) if isinstance(row, Row) and row.fault in _LEGIBLE else None
        if place is not None and place[0] != import_id and not own:
            raise InvalidInput.of("file", "other_import", "This is the correction workbook of another import.")
        if isinstance(row, Row) and place is None and is_filled(row.cells[: correction.width]):
            message = f"Row {row.row} was added to the workbook; import it as a file of its own, and delete it here."
            raise InvalidInput.of("file", "added_row", message)
        if isinstance(row, Row) and place is not None and place[0] == import_id:
            own = True
            cells = list(row.cells[: correction.width])
            if is_filled(cells):
                yield Record(place[1], cells)


def write(session: Session, import_id: str, records: list[Record], plan: ReadPlan, headings: Headings) -> None:
    """Write mended rows, those that are still refused.

    Raises: Conflict if the import is not done, or its overwrite was itself overwritten.
    """
    imported = session.get(Import, id=import_id)
    if imported is None or imported.state != "done":
        raise Conflict("import", import_id, message="Only rows of an import that is done can be mended.")
    imported = current(session, imported)
    session.import_id = import_id
    refused = _refused(session, import_id)
    records = [record for record in records if record.row in refused]
    if not records:
        return
    memory = Memory(session.bulk.parts(import_id))
    step = Step(session, imported, memory, headings, shown=True)
    session.bulk.remove_issues(import_id, [refused[record.row] for record in records])
    wish = Wish(session.account.id, imported.options.demand_valid, headings.of_field("phone"))
    for record in records:
        block = Block(refused[record.row], record.row, 1, "records", records=(record,))
        step.write(prepare(read_block(block, plan), wish, imported.next_index))
    step.finish()
    session.bulk.keep_part(import_id, memory.count, memory.part())
    total = imported.counts + step.counts + Counts(refused=-len(records))
    keep_progress(session, imported, total, imported.active_milliseconds)


def current(session: Session, imported: Import) -> Import:
    """The import with the generation that its book has now. Raises: Conflict if its overwrite was overwritten."""
    book = session.get(Book, number=imported.book)
    if book is None or (imported.options.overwrite and book.generation != imported.generation):
        raise Conflict("import", imported.id, message="The address book was replaced since.")
    return structs.replace(imported, generation=book.generation)


def _refused(session: Session, import_id: str) -> dict[int, int]:
    """The sheet's number of each row that is still refused, with its index."""
    found: dict[int, int] = {}
    after = -1
    while page := session.bulk.issues(import_id, after, _ISSUES_AT_A_TIME):
        found |= {issue.row: issue.index for issue in page if issue.outcome == "refused"}
        after = page[-1].index
    return found
