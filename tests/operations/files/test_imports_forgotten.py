"""Imports that are forgotten, files that nobody owns, and files with too many rows."""

import os
import time
from pathlib import Path

import pytest

from onebook.errors import Conflict, InvalidInput, NotFound
from onebook.operations import imports_engine, imports_spool

from .conftest import Desk
from .test_imports_engine import PEOPLE


def spool(desk: Desk) -> Path:
    return desk.folder / "spool"


def files(desk: Desk) -> list[str]:
    return sorted(path.name for path in spool(desk).iterdir() if path.suffix != ".lock")


def test_a_forgotten_import_leaves_its_contacts_and_nothing_else(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    before = desk.hash()
    assert files(desk) == [done.id]
    desk.engine.forget(desk.actor, done.id)
    assert (desk.hash(), files(desk), desk.engine.recent(desk.actor)) == (before, [], [])
    for call in (desk.engine.find, desk.engine.undo, desk.engine.forget):
        with pytest.raises(NotFound):
            call(desk.actor, done.id)


def test_its_key_is_free_again(desk: Desk) -> None:
    first = desk.rest(desk.begin(PEOPLE, key="once"))
    desk.engine.forget(desk.actor, first.id)
    assert desk.begin("ID,Name\n9,Fay\n", key="once").id != first.id


def test_an_import_that_is_not_at_rest_is_not_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.engine, "_take_up", lambda *_, **__: None)
    waiting = desk.begin(PEOPLE)
    with pytest.raises(Conflict):
        desk.engine.forget(desk.actor, waiting.id)
    assert files(desk) == [waiting.id]


def test_a_file_whose_import_was_never_written_is_swept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed while it takes a file over leaves the file."""

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(imports_engine, "add", killed)
        patched.setattr(imports_spool.Spool, "drop", lambda *_: None)
        with pytest.raises(SystemExit):
            desk.begin(PEOPLE)
    (left,) = files(desk)
    desk.engine.look()
    assert files(desk) == [left], "it may still be on its way"
    old = time.time() - imports_spool.ORPHAN_SECONDS - 1
    os.utime(spool(desk) / left, (old, old))
    desk.engine.look()
    assert files(desk) == []


def test_a_file_whose_import_was_written_is_never_swept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed just after it wrote the import leaves a file that looks like an orphan."""
    with monkeypatch.context() as patched:
        patched.setattr(imports_spool.Spool, "settle", lambda *_: None)
        patched.setattr(desk.engine, "_take_up", lambda *_, **__: None)
        made = desk.begin(PEOPLE)
    (left,) = files(desk)
    os.utime(spool(desk) / left, (0, 0))
    desk.engine.look()
    done = desk.rest(made)
    assert (done.state, done.created, files(desk)) == ("done", 3, [made.id])


@pytest.mark.parametrize("plan", [False, True], ids=["import", "plan"])
def test_a_file_with_too_many_rows_fails_with_a_sentence(desk: Desk, *, plan: bool) -> None:
    failed = desk.run(PEOPLE, max_rows=2, plan=plan)
    assert (failed.state, failed.message) == ("failed", "The file is over the limit of 2 rows.")
    assert desk.contacts() == []


def test_a_file_that_says_nothing_leaves_no_file(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.begin("")
    assert files(desk) == []
