"""Several processes write one file in turn: whoever waits is next, and is seen to wait."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onebook.store import turn
from onebook.store.base import Session, Work
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import plain
from onebook.store.turn import Turn
from tests.store.engines import SQLITE, sqlite_file
from tests.store.house import House


@pytest.fixture
def path(tmp_path: Path) -> Path:
    SQLITE.create(tmp_path)
    return sqlite_file(tmp_path)


@pytest.fixture
def stores(path: Path) -> Iterator[tuple[SqliteStore, SqliteStore]]:
    opened = SqliteStore(path), SqliteStore(path)
    yield opened
    for store in opened:
        store.close()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(3_000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("this took too long")


def test_whoever_waits_is_seen_and_is_next(stores: tuple[SqliteStore, SqliteStore]) -> None:
    ours, others = stores
    house = House(ours)
    thread = threading.Thread(target=lambda: other_house.insert_named("Other"))

    def long(_: Session) -> None:
        thread.start()
        until(ours._turn.wanted)  # `hurried` would also tell of our own short works

    other_house = House(others, "another")
    hurried_before = ours._turn.wanted()
    ours.write(Work(house.account, "", "", long, alone=True))
    there = ours.write(Work(other_house.account, "", "", lambda session: session.contacts.count(()), alone=True))
    thread.join()
    assert (hurried_before, there) == (False, 1), "the other's contact was written in between"


def test_a_turn_that_somebody_keeps_is_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "WAIT_SECONDS", 0.1)
    stuck, ours = Turn(path), Turn(path)
    with stuck._taken(), plain(path, writes=True) as connection:
        assert ours.wanted()
        for _ in range(3):
            ours.begin(connection)
            connection.execute("ROLLBACK")
        monkeypatch.setattr(turn, "HURRY_SECONDS", 0.0)
        assert not ours.wanted()
    for one in (stuck, ours):
        one.close()


def test_a_folder_without_room_for_turns_is_written_all_the_same(path: Path) -> None:
    path.with_name(f"{path.name}-turn").mkdir()
    store = SqliteStore(path)
    assert House(store).insert_named("Ada")[0].number == 1
    assert not store._turn.wanted()
    store.close()
