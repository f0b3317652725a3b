"""How far an import is, and when it will be done."""

import gzip

import openpyxl
import pytest
from msgspec import structs

from onebook.importing.source import Source
from onebook.model.imports import Counts, ImportOptions
from onebook.operations import imports_run
from onebook.operations.imports_ahead import AHEAD
from onebook.operations.imports_records import progress_of

from .conftest import Desk

ROWS = 30_000
TEXT = "ID,Name\n" + "".join(f"{number},Person {number}\n" for number in range(ROWS))


def taken_over(desk: Desk, monkeypatch: pytest.MonkeyPatch, content: bytes) -> int | None:
    """How many rows a file seems to have before any is read."""
    monkeypatch.setattr(desk.engine, "_take_up", lambda *_, **__: None)
    return desk.engine.begin(desk.actor, Source(content, len(content)), ImportOptions()).rows_total


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-16"),
        gzip.compress(TEXT.encode()),
        "".join(f'{{"ID": "{number}", "Name": "Person {number}"}}\n' for number in range(ROWS)).encode(),
    ],
    ids=["csv", "utf-16", "gzip", "lines"],
)
def test_its_beginning_tells_about_how_many_rows_a_file_has(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    assert taken_over(desk, monkeypatch, content) == pytest.approx(ROWS, rel=0.1)


def test_of_a_short_file_it_tells_exactly(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken_over(desk, monkeypatch, b"ID,Name\n1,Ada\n2,Ben\n") == 2


def test_a_workbook_does_not_tell(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    for number in range(5_000):
        book.active.append([f"Person {number}"] if number else ["Name"])
    path = desk.folder / "people.xlsx"
    book.save(path)
    assert taken_over(desk, monkeypatch, path.read_bytes()) is None


def test_what_is_left_is_told_by_the_speed_so_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.engine, "_take_up", lambda *_, **__: None)
    made = desk.begin("Name\nAda\n")
    running = structs.replace(made, state="running", created=50, refused=50, rows_total=400, active_milliseconds=2_000)
    told = progress_of(running)
    assert (told.rows, told.rows_total, told.rows_per_second, told.seconds_left) == (100, 400, 50.0, 6.0)
    more = progress_of(structs.replace(running, rows_total=60))
    assert (more.rows_total, more.seconds_left) == (100, 0.0)
    assert progress_of(structs.replace(running, active_milliseconds=0)).seconds_left is None
    assert progress_of(structs.replace(running, state="undoing")).seconds_left is None
    assert progress_of(structs.replace(running, state="done")).seconds_left == 0.0


def test_it_is_told_while_a_chunk_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[tuple[int, int]] = []

    def look(run: imports_run.Run, *_: object) -> None:
        imported = run._import  # the chunk ends here
        looks.append(
            (desk.engine.find(desk.actor, imported.id).counts.rows, desk.engine.progress(desk.actor, imported.id).rows)
        )

    monkeypatch.setattr(imports_run.Run, "_next", look)
    done = desk.run("Name,Email\nAda,ada@example.com\nBen,not an address\n")
    assert looks == [(0, 2)], "nothing is committed yet"
    assert desk.engine.progress(desk.actor, done.id).rows == 2
    stale = structs.replace(done, state="running", next_index=0)
    AHEAD.tell(stale, 0.0, Counts(created=5))
    assert AHEAD.shown(stale).counts.rows == 7
    assert AHEAD.shown(done) == done, "committed, or another runner's"
    AHEAD.forget(done.id)
