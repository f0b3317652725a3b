"""What is known of a file when its import begins; a workbook that was opened for that is read on, and always closed."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from onebook.errors import Conflict
from onebook.exporting import xlsx
from onebook.importing import patience, workbook
from onebook.importing.archive import WorkbookLimits
from onebook.importing.source import Source
from onebook.model.account import Account
from onebook.model.imports import Import, ImportOptions
from onebook.operations import imports_engine, imports_passage
from onebook.operations.imports_opened import AT_MOST, Opened
from onebook.operations.imports_passage import Passage
from onebook.operations.imports_reading import open_file

from .conftest import Desk

#: So many with so long notes are more than two blocks, and more than fits between two processes.
ROWS, NOTES = 1_500, "x" * 1_000
OPTIONS = ImportOptions(targets={"Name": "name.full", "ID": "external_id"}, match="external_id")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.xlsx"
    with xlsx.opened(path) as sheet:
        sheet.head(["Name", "ID", "Notes"])
        for number in range(1, ROWS + 1):
            sheet.put(number, 0, f"Person {number}")
            sheet.put(number, 1, str(number))
            sheet.put(number, 2, NOTES)
    return path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The processes that have taken a workbook apart."""
    found, popen = list["subprocess.Popen[bytes]"](), subprocess.Popen

    def start(command: list[str], **given: Any) -> "subprocess.Popen[bytes]":
        process = popen(command, **given)
        if "onebook.importing.workbook_process" in command:
            found.append(process)
        return process

    monkeypatch.setattr(subprocess, "Popen", start)
    yield found
    assert all(process.poll() is not None for process in found), "none is left"


def test_a_workbook_is_taken_apart_once(desk: Desk, path: Path, started: list["subprocess.Popen[bytes]"]) -> None:
    done = desk.rest(desk.engine.begin(desk.actor, Source.of_path(path), OPTIONS))
    assert (done.state, done.created) == ("done", ROWS)
    assert len(started) == 1


def test_a_plan_reads_on_too_and_what_is_applied_is_opened_again(
    desk: Desk, path: Path, started: list["subprocess.Popen[bytes]"]
) -> None:
    planned = desk.rest(desk.engine.begin(desk.actor, Source.of_path(path), OPTIONS, plan=True))
    assert (planned.state, planned.created, len(started)) == ("planned", ROWS, 1)
    assert desk.rest(desk.engine.apply(desk.actor, planned.id)).created == ROWS
    assert len(started) == 2


def test_it_is_closed_if_its_import_does_not_begin(
    desk: Desk, path: Path, started: list["subprocess.Popen[bytes]"]
) -> None:
    desk.rest(desk.begin("Name\nAda\n", key="one"))
    with pytest.raises(Conflict):
        desk.engine.begin(desk.actor, Source.of_path(path), OPTIONS, key="one")
    assert len(started) == 1


def test_it_is_opened_again_after_it_was_kept_for_long(
    desk: Desk, path: Path, started: list["subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_up = desk.engine._take_up
    monkeypatch.setattr(desk.engine, "_take_up", lambda *_, **__: None)
    made = desk.engine.begin(desk.actor, Source.of_path(path), OPTIONS)
    assert list(desk.engine._opened._kept) == [made.id]
    desk.engine._opened.sweep(float("inf"))
    assert not desk.engine._opened._kept
    assert [process.poll() is None for process in started] == [False], "it may have ended by itself before"
    take_up(desk.actor.account, made.id)
    assert desk.rest(made).created == ROWS
    assert len(started) == 2


def test_few_are_kept(path: Path, started: list["subprocess.Popen[bytes]"]) -> None:
    opened = Opened()
    for name in range(AT_MOST + 1):
        with ExitStack() as closing:
            file = closing.enter_context(open_file(Source.of_path(path), OPTIONS, None))
            opened.keep(str(name), file, closing)
    assert [process.poll() is None for process in started] == [True] * AT_MOST + [False]
    with ExitStack() as closing:
        assert opened.take(str(AT_MOST), closing) is None
        taken = opened.take("0", closing)
        assert taken is not None
        assert sum(block.count for block in taken.blocks(0)) == ROWS
    opened.close()


def test_one_that_takes_longer_than_a_call_may_is_recognised_by_its_import(
    desk: Desk, path: Path, started: list["subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.rest(desk.engine.begin(desk.actor, Source.of_path(path), OPTIONS))
    remembered = structs.replace(OPTIONS, targets=None)
    with monkeypatch.context() as hurried:
        hurried.setattr(imports_engine, "PROMPT", WorkbookLimits(wait_seconds=0.0))
        made = desk.engine.begin(desk.actor, Source.of_path(path), remembered)
    assert (made.headings, made.options.mapping_from, made.rows_total) == ((), None, None)
    done = desk.rest(made)
    assert (done.state, done.unchanged, done.options.mapping_from) == ("done", ROWS, "remembered")
    assert done.headings
    assert len(started) == 3, "opened once in vain, and once for headings and rows"


def test_a_text_that_takes_longer_is_recognised_by_its_import(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "people.csv").write_text("Name,Email\nAda,ada@example.com\n")
    monkeypatch.setattr(patience, "_SECONDS", 0.0)
    with monkeypatch.context() as hurried:
        hurried.setattr(imports_engine, "PROMPT", WorkbookLimits(wait_seconds=-1.0))
        made = desk.engine.begin(desk.actor, Source.of_path(tmp_path / "people.csv"), ImportOptions())
    assert (made.headings, made.options.mapping_from) == ((), None)
    done = desk.rest(made)
    assert (done.state, done.created, done.headings) == ("done", 1, ("Name", "Email"))


def test_a_look_that_takes_too_long_says_what_can_be_done(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_engine, "PROMPT", WorkbookLimits(wait_seconds=0.0))
    with pytest.raises(patience.TakesLong, match="can be planned and imported all the same"):
        desk.engine.preview(desk.actor, Source.of_path(path), ImportOptions())
    monkeypatch.undo()
    with pytest.raises(patience.TakesLong):
        desk.engine.preview(desk.actor, Source.of_path(path), ImportOptions(), seconds=-1.0)
    assert desk.engine.preview(desk.actor, Source.of_path(path), ImportOptions()).columns


def test_a_cancel_is_heard_while_it_is_opened(desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports_engine, "PROMPT", WorkbookLimits(wait_seconds=0.0))
    monkeypatch.setattr(workbook, "_HEED_SECONDS", 0.0)
    asked = list[bool]()

    def heed(passage: Passage, account: Account, claimed: Import) -> None:
        if not asked:
            asked.append(True)
            desk.engine.cancel(desk.actor, claimed.id)
        must_be_mine(passage, account, claimed)

    must_be_mine = Passage._must_be_mine
    monkeypatch.setattr(Passage, "_must_be_mine", heed)
    ended = desk.rest(desk.engine.begin(desk.actor, Source.of_path(path), OPTIONS))
    assert (ended.state, ended.created, asked) == ("cancelled", 0, [True])


def test_one_that_takes_too_long_for_its_import_too_fails_with_a_sentence(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_engine, "PROMPT", WorkbookLimits(wait_seconds=0.0))
    monkeypatch.setattr(imports_passage, "PATIENT", WorkbookLimits(wait_seconds=0.0))
    failed = desk.rest(desk.engine.begin(desk.actor, Source.of_path(path), OPTIONS))
    assert (failed.state, failed.code) == ("failed", "unreadable")
    assert "too much memory or time" in str(failed.message)
