"""The engines that a store runs on. A new one joins `ENGINES`, and all tests of the store run on it too."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import pytest

from onebook.store.base import Store
from onebook.store.migrate import migrate_sqlite
from onebook.store.sqlite import SqliteStore

Cells = Iterator[tuple[str, str, object]]


class Engine(NamedTuple):
    """One engine.

    Args:
        create: makes an empty database in a folder, migrated. open: opens it; the clock gives milliseconds.
        must_be_whole: fails if the engine finds the database or its search index damaged.
        cells: table, column and value of all that is stored in any row of any table.
    """

    name: str
    create: Callable[[Path], None]
    open: Callable[[Path, Callable[[], int]], Store]
    must_be_whole: Callable[[Path], None]
    cells: Callable[[Path], Cells]


@cache
def _empty_sqlite() -> bytes:
    """A migrated database without rows: migrating for every test would be most of its time."""
    path = Path(mkdtemp()) / "onebook.db"
    migrate_sqlite(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def sqlite_file(folder: Path) -> Path:
    return folder / "onebook.db"


def _create_sqlite(folder: Path) -> None:
    sqlite_file(folder).write_bytes(_empty_sqlite())


def _open_sqlite(folder: Path, clock: Callable[[], int]) -> Store:
    return SqliteStore(sqlite_file(folder), clock=clock)


def _sqlite_must_be_whole(folder: Path) -> None:
    """Ask SQLite, and have the index compared with the text of every contact."""
    with closing(sqlite3.connect(sqlite_file(folder))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO contacts_words(contacts_words, rank) VALUES ('integrity-check', 1)")


def _sqlite_cells(folder: Path) -> Cells:
    with closing(sqlite3.connect(sqlite_file(folder))) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            found = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name out of the database itself
            columns = [column[0] for column in found.description]
            for row in found:
                yield from ((table, column, value) for column, value in zip(columns, row, strict=True))


ENGINES = (Engine("sqlite", _create_sqlite, _open_sqlite, _sqlite_must_be_whole, _sqlite_cells),)


@pytest.fixture(params=ENGINES, scope="session", ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    chosen: Engine = request.param
    return chosen


@pytest.fixture
def folder(engine: Engine, tmp_path: Path) -> Path:
    """Where the database of this test is."""
    engine.create(tmp_path)
    return tmp_path


@pytest.fixture
def clock() -> "Clock":
    """The store's clock, which stands still until it is moved on."""
    return Clock()


@pytest.fixture
def store(engine: Engine, folder: Path, clock: "Clock") -> Iterator[Store]:
    """An empty store."""
    opened = engine.open(folder, clock)
    yield opened
    opened.close()


class Clock:
    """Milliseconds since 1970, moved on by hand."""

    def __init__(self) -> None:
        self.now = 1_767_225_600_000

    def __call__(self) -> int:
        return self.now

    def move_on(self, milliseconds: int) -> None:
        self.now += milliseconds
