"""What is SQLite's own: settings of a connection, a file that is away, and an index that is never left behind."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from onebook.errors import Unavailable
from onebook.store import turn
from onebook.store.base import Session
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import connect, plain
from tests.patience import PATIENCE_SECONDS
from tests.store.engines import SQLITE as ENGINE
from tests.store.engines import sqlite_file
from tests.store.house import House, all_at_once, card


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ENGINE.create(tmp_path)
    return sqlite_file(tmp_path)


@pytest.fixture
def house(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(turn, "WAIT_SECONDS", 0.1)
    store = SqliteStore(path)
    yield House(store)
    store.close()


def test_what_is_acknowledged_is_flushed(path: Path) -> None:
    for writes in (True, False):
        with closing(connect(path, writes=writes)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"


def test_a_connection_ends_with_its_thread(house: House) -> None:
    def read() -> None:
        assert house.count() == 0

    read()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join(PATIENCE_SECONDS)
    # SQLite keeps a file that it could not close yet, as closing it would end the locks of others in this process.
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_a_reading_connection_cannot_write(path: Path) -> None:
    with closing(connect(path, writes=False)) as connection, pytest.raises(apsw.ReadOnlyError):
        connection.execute("DELETE FROM accounts")


def test_a_locked_file_is_the_store_being_away(house: House, path: Path) -> None:
    with plain(path, writes=True) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            house.insert_named("Ada")
        outcomes = all_at_once(house.store, [house.work(_insert(house, str(n))) for n in range(5)])
        assert [type(outcome.error) for outcome in outcomes] == [Unavailable] * 5
        for away in (_sweep, _new_account):
            with pytest.raises(Unavailable):
                away(house)
        other.execute("ROLLBACK")
    assert house.find() == []
    assert house.insert_named("Bob")[0].number == 1, "what was refused has taken no number"
    assert house.count() == 1


def _insert(house: House, name: str) -> Callable[[Session], None]:
    def run(session: Session) -> None:
        session.contacts.insert([house.placement(card(name))])

    return run


def _sweep(house: House) -> None:
    house.store.sweep(answers_before=0, generations_before=0)


def _new_account(house: House) -> None:
    House(house.store, "another")


def test_a_full_disk_is_the_store_being_away(house: House, path: Path) -> None:
    """A commit that the file has no room for leaves nothing of any work, and the writer goes on when there is room."""
    store = house.store
    assert isinstance(store, SqliteStore)
    pages = store._writing.connection.pragma("page_count")
    store._writing.connection.pragma("max_page_count", pages)
    big = card("Ada", notes="x" * 100_000)
    with pytest.raises(Unavailable):
        house.insert(house.placement(big))
    store._writing.connection.execute(f"PRAGMA max_page_count={pages + 10_000}")
    assert house.find() == []
    assert house.insert(house.placement(big))[0].number == 1
    ENGINE.must_be_whole(path.parent)


def test_the_check_of_the_index_finds_a_ghost(house: House, path: Path) -> None:
    """The check that other tests rely on is one that can fail."""
    house.insert_named("Ada")
    ENGINE.must_be_whole(path.parent)
    with plain(path, writes=True) as other:
        other.execute("UPDATE contacts SET search_text = 'somebody else'")
    with pytest.raises(apsw.Error):
        ENGINE.must_be_whole(path.parent)
