"""How far an import is, and when it will be done."""

import gzip

import openpyxl
import pytest
from msgspec import structs

from onebook.importing.source import Source
from onebook.model.imports import ImportOptions
from onebook.operations.imports_records import progress_of

from .conftest import Desk

ROWS = 30_000
TEXT = "ID,Name\n" + "".join(f"{number},Person {number}\n" for number in range(ROWS))


def taken_over(desk: Desk, monkeypatch: pytest.MonkeyPatch, content: bytes) -> int | None:
    """How many rows a file seems to have before any is read."""
    monkeypatch.setattr(desk.engine, "_take_up", lambda *_: None)
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
    monkeypatch.setattr(desk.engine, "_take_up", lambda *_: None)
    made = desk.begin("Name\nAda\n")
    running = structs.replace(made, state="running", created=50, refused=50, rows_total=400, active_milliseconds=2_000)
    told = progress_of(running)
    assert (told.rows, told.rows_total, told.rows_per_second, told.seconds_left) == (100, 400, 50.0, 6.0)
    more = progress_of(structs.replace(running, rows_total=60))
    assert (more.rows_total, more.seconds_left) == (100, 0.0)
    assert progress_of(structs.replace(running, active_milliseconds=0)).seconds_left is None
    assert progress_of(structs.replace(running, state="undoing")).seconds_left is None
    assert progress_of(structs.replace(running, state="done")).seconds_left == 0.0
