"""Refused rows, mended and sent again, are rows of the same import."""

import csv
import io

import pytest

from onebook.errors import InvalidInput
from onebook.importing.source import Source
from onebook.model.correction import ADDED

from .conftest import Desk
from .test_imports_engine import PEOPLE


def mended(import_id: str, *rows: tuple[int, list[str]], headings: str = PEOPLE.splitlines()[0]) -> Source:
    """A correction workbook, saved as CSV: the file's own columns, then the reason, the import and the row."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*headings.split(","), *ADDED])
    for row, cells in rows:
        writer.writerow([*cells, "", import_id, row])
    data = text.getvalue().encode()
    return Source(data, len(data), name="mended.csv")


CY = ["3", "Cy Cole", "cy@example.com", "020 7946 0003", ""]
DEE = ["4", "Dee Dorn", "dee@example.com", "still nonsense", ""]


def test_mended_rows_are_rows_of_the_same_import(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    after = desk.engine.mend(desk.actor, done.id, mended(done.id, (4, CY), (5, DEE)))
    assert (after.created, after.refused, after.counts.rows) == (4, 1, 5)
    assert [(one.index, one.value) for one in desk.engine.issues(desk.actor, done.id)] == [(3, "still nonsense")]
    assert desk.named()["Cy Cole"].external_id == "3"


def test_sent_twice_they_are_done_once(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    desk.engine.mend(desk.actor, done.id, mended(done.id, (4, CY)))
    again = desk.engine.mend(desk.actor, done.id, mended(done.id, (4, CY), (2, CY)))
    assert (again.created, again.refused, again.counts.rows) == (4, 1, 5)


def test_they_are_undone_with_the_import(desk: Desk) -> None:
    before = desk.hash()
    done = desk.run(PEOPLE)
    desk.engine.mend(desk.actor, done.id, mended(done.id, (4, CY)))
    desk.rest(desk.engine.undo(desk.actor, done.id))
    assert desk.hash() == before


def test_after_an_overwrite_they_join_the_new_contacts(desk: Desk) -> None:
    done = desk.run(PEOPLE, overwrite=True)
    after = desk.engine.mend(desk.actor, done.id, mended(done.id, (4, CY)))
    assert after.created == 4
    assert "Cy Cole" in desk.named()


def test_another_file_is_no_correction(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    with pytest.raises(InvalidInput):
        desk.engine.mend(desk.actor, done.id, Source(PEOPLE.encode(), len(PEOPLE.encode())))


def test_a_row_that_was_added_is_refused_and_nothing_is_written(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    before = desk.hash()
    workbook = mended(done.id, (4, CY))
    with workbook.open() as reader:
        data = reader.read() + b"9,Eve Elm,eve@example.com,,,,,\r\n"
    with pytest.raises(InvalidInput, match="Row 3 was added"):
        desk.engine.mend(desk.actor, done.id, Source(data, len(data), name="mended.csv"))
    assert (desk.hash(), desk.engine.find(desk.actor, done.id).refused) == (before, done.refused)
