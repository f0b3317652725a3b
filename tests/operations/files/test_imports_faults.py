"""Imports that are stopped, cancelled or killed: whoever comes next goes on exactly there."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from onebook.errors import NotFound
from onebook.operations import imports_reading, imports_run
from onebook.operations.imports_engine import Engine
from tests.patience import wait_until

from .conftest import Desk

ROOT = Path(__file__).parents[3]
MANY = "ID,Name,Email,Groups\n" + "".join(
    f"{number},Person {number},{f'p{number}@example.com' if number % 50 else 'nonsense'},Group {number % 7}\n"
    for number in range(12_000)
)


def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small blocks and chunks, so that there is time to come in between."""
    monkeypatch.setattr(imports_reading, "BLOCK_CHARACTERS", 4_000)
    monkeypatch.setattr(imports_run, "CHUNK_SECONDS_ALONE", 0.01)
    monkeypatch.setattr(imports_run, "CHUNK_SECONDS", 0.01)


@pytest.mark.parametrize("overwrite", [False, True], ids=["into the book", "overwrite"])
def test_killed_again_and_again_it_ends_as_if_undisturbed(overwrite: bool) -> None:
    flags = ["--overwrite"] if overwrite else []
    seed = str(random.randrange(1_000_000))
    subprocess.run(
        [sys.executable, "-m", "bench.import_faults", "--rows", "4000", "--kills", "2", "--seed", seed, *flags],
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        timeout=600,
    )


def test_stopped_between_chunks_another_engine_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small_steps(monkeypatch)
    made = desk.begin(MANY, match="external_id")
    wait_until(lambda: desk.engine.find(desk.actor, made.id).next_index > 0)
    desk.engine.stop()
    stopped = desk.engine.find(desk.actor, made.id)
    assert stopped.state == "running"
    assert stopped.counts.rows == stopped.next_index
    other = desk.reopened()
    other.engine.start()
    done = other.rest(made)
    other.engine.stop()
    other.store.close()
    assert (done.state, done.created, done.refused, done.counts.rows) == ("done", 11_760, 240, 12_000)
    assert len(desk.engine.issues(desk.actor, done.id)) == 240


def test_cancelled_it_stops_soon_and_can_be_undone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small_steps(monkeypatch)
    before = desk.hash()
    made = desk.begin(MANY)
    wait_until(lambda: desk.engine.find(desk.actor, made.id).next_index > 0)
    desk.engine.cancel(desk.actor, made.id)
    cancelled = desk.rest(made)
    assert cancelled.state == "cancelled"
    assert 0 < cancelled.counts.rows <= 12_000
    undone = desk.rest(desk.engine.undo(desk.actor, made.id))
    assert undone.state == "undone"
    assert desk.hash() == before


@pytest.mark.parametrize("plan", [False, True], ids=["an import", "a plan"])
def test_one_that_nobody_has_begun_is_cancelled_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, plan: bool
) -> None:
    monkeypatch.setattr(Engine, "_take_up", lambda *_, **__: None)  # as behind others, which have all the threads
    made = desk.begin("Name\nAda\n", plan=plan)
    assert desk.engine.cancel(desk.actor, made.id).state == "cancelled"


def test_a_file_is_kept_only_so_long(desk: Desk) -> None:
    done = desk.run("Name\nAda\n")
    desk.engine.look()
    assert [row.cells for row in desk.engine.rows_of(desk.actor, done.id, [0])] == [("Ada",)]
    time.sleep(0.01)
    Engine(desk.store, desk.folder / "spool", undo_days=0).look()
    with pytest.raises(NotFound):
        list(desk.engine.rows_of(desk.actor, done.id, [0]))


def test_a_cancelled_overwrite_leaves_the_book_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small_steps(monkeypatch)
    desk.run("Name\nAda\n")
    before = desk.hash()
    made = desk.begin(MANY, overwrite=True)
    desk.engine.cancel(desk.actor, made.id)
    assert desk.rest(made).state == "cancelled"
    assert desk.hash() == before
