"""The write-ahead log is written back beside the writer after long transactions, and within commits after others."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from onebook.store import writing_back
from onebook.store.base import Session
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import PAGES, connect
from onebook.store.writing_back import WritingBack
from tests.patience import wait_until
from tests.store.engines import SQLITE, sqlite_file
from tests.store.house import House, card


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(writing_back, "CHANGES", 1)
    SQLITE.create(tmp_path)
    store = SqliteStore(sqlite_file(tmp_path))
    house = House(store)
    yield house
    store.close()


def _long(house: House, name: str) -> None:
    def run(session: Session) -> None:
        session.contacts.insert([house.placement(card(name))])

    house.store.write(house.work(run)._replace(alone=True))


def _in_database(folder: Path, name: str) -> Callable[[], bool]:
    """Whether a name stands in the database itself, not only in its log."""
    return lambda: name.encode() in sqlite_file(folder).read_bytes()


def test_what_a_long_transaction_wrote_is_soon_in_the_database(house: House, tmp_path: Path) -> None:
    _long(house, "Zenobia")
    wait_until(_in_database(tmp_path, "Zenobia"))


def test_it_goes_on_when_that_has_failed_once(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(house.store, SqliteStore)
    beside, path, asked = house.store._writing_back, sqlite_file(tmp_path), list[apsw.Connection]()

    def opened() -> apsw.Connection:
        """A connection that is not to be used yet."""
        connection = connect(path, writes=True)

        def refuse(*_: object) -> int:
            asked.append(connection)
            return apsw.SQLITE_DENY

        connection.authorizer = refuse
        return connection

    monkeypatch.setattr(beside, "_connect", opened)
    _long(house, "Ada")
    wait_until(lambda: bool(asked))
    asked[0].authorizer = None
    _long(house, "Zenobia")
    wait_until(_in_database(tmp_path, "Zenobia"))


def test_other_commits_write_it_back_themselves(house: House, tmp_path: Path) -> None:
    _long(house, "Ada")
    house.insert_named("Bob")
    assert isinstance(house.store, SqliteStore)
    assert house.store._writing.connection.pragma("wal_autocheckpoint") == PAGES


def test_nothing_is_written_back_beside_those_who_write_too(house: House) -> None:
    assert isinstance(house.store, SqliteStore)
    house.store._writer.hurry.came(house.work(lambda session: None)._replace(alone=True))
    house.insert_named("Bob")
    _long(house, "Ada")
    assert house.store._writing_back._thread is None


def test_few_changes_are_not_worth_it(tmp_path: Path) -> None:
    SQLITE.create(tmp_path)
    path = sqlite_file(tmp_path)
    asked: list[bool] = []

    def opened() -> apsw.Connection:
        asked.append(True)
        return connect(path, writes=True)

    with closing(connect(path, writes=True)) as connection:
        beside = WritingBack(connection, opened)
        beside.is_long()
        beside.committed()
        beside.close()
    assert not asked
