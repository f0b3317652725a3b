"""The engines that a store runs on. A new one joins `ENGINES`, and all tests of the store run on it too."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import apsw
import psycopg
import pytest
from psycopg.rows import dict_row

from onebook.store.base import Store
from onebook.store.migrate import migrate_sqlite
from onebook.store.postgres import PostgresStore
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import plain
from tests.store import cluster_rules, postgres_server

Cells = Iterator[tuple[str, str, object]]
Records = dict[str, list[dict[str, Any]]]


class Engine(NamedTuple):
    """One engine.

    Args:
        create: makes an empty database that belongs to a folder, migrated. drop: lets go of it.
        open: opens it; the clock gives milliseconds, else it is the system's. url: what names it to the command line.
        must_be_whole: fails if the engine finds the database or its search index damaged.
        cells: table, column and value of all that is stored in any row of any table.
        records: rows of tables whose column has a value, by the names of the columns.
    """

    name: str
    create: Callable[[Path], None]
    drop: Callable[[Path], None]
    url: Callable[[Path], str]
    open: Callable[[Path, Callable[[], int] | None], Store]
    must_be_whole: Callable[[Path], None]
    cells: Callable[[Path], Cells]
    records: Callable[[Path, Sequence[str], str, object], Records]


@cache
def _empty_sqlite() -> bytes:
    """A migrated database without rows: migrating for every test would be most of its time."""
    path = Path(mkdtemp()) / "onebook.db"
    migrate_sqlite(path)
    with plain(path, writes=True) as connection:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    return path.read_bytes()


def sqlite_file(folder: Path) -> Path:
    return folder / "onebook.db"


def rows_of(path: Path, query: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
    """What a query of an SQLite file gives."""
    with plain(path, writes=True) as connection:
        return connection.execute(query, values).fetchall()


def _create_sqlite(folder: Path) -> None:
    sqlite_file(folder).write_bytes(_empty_sqlite())


def _open_sqlite(folder: Path, clock: Callable[[], int] | None) -> Store:
    return SqliteStore(sqlite_file(folder), clock=clock)


def _sqlite_must_be_whole(folder: Path) -> None:
    """Ask SQLite, and have the index compared with the text of every contact."""
    with plain(sqlite_file(folder), writes=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO contacts_words(contacts_words, rank) VALUES ('integrity-check', 1)")


def _sqlite_cells(folder: Path) -> Cells:
    path = sqlite_file(folder)
    for (table,) in rows_of(path, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        for record in _records_of(path, f'SELECT * FROM "{table}"'):  # noqa: S608 - a name out of the database itself
            yield from ((table, column, value) for column, value in record.items())


def _sqlite_records(folder: Path, tables: Sequence[str], column: str, value: object) -> Records:
    asked = {table: f'SELECT * FROM {table} WHERE "{column}" = ?' for table in tables}  # noqa: S608 - ours
    return {table: _records_of(sqlite_file(folder), query, (value,)) for table, query in asked.items()}


def _records_of(path: Path, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows by the names of their columns."""
    with plain(path, writes=True) as connection:
        found = connection.execute(query, values)
        return [{name: value for (name, _), value in zip(found.get_description(), row, strict=True)} for row in found]


SQLITE = Engine(
    "sqlite",
    _create_sqlite,
    lambda folder: None,
    lambda folder: f"sqlite:///{sqlite_file(folder)}",
    _open_sqlite,
    _sqlite_must_be_whole,
    _sqlite_cells,
    _sqlite_records,
)


# Every statement that a test has a store issue keeps the rules of a cluster.
cluster_rules.watch()


def _create_postgres(folder: Path) -> None:
    (folder / "url").write_text(postgres_server.server().empty())


def _drop_postgres(folder: Path) -> None:
    postgres_server.server().give_back(postgres_url(folder))


def postgres_url(folder: Path) -> str:
    return (folder / "url").read_text()


def _open_postgres(folder: Path, clock: Callable[[], int] | None) -> Store:
    return PostgresStore(postgres_url(folder), clock=clock)


def _postgres_must_be_whole(folder: Path) -> None:
    """Nothing has to be compared: the index of the searched text is the database's own."""
    with psycopg.connect(postgres_url(folder)) as connection:
        assert connection.execute("SELECT count(*) FROM contacts WHERE search_text NOT LIKE '§%'").fetchone() == (0,)


def _postgres_cells(folder: Path) -> Cells:
    with psycopg.connect(postgres_url(folder)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            found = connection.execute(f'SELECT * FROM "{table}"'.encode())  # noqa: S608 - a name out of the database
            columns = [column.name for column in found.description or ()]
            for row in found:
                yield from ((table, column, value) for column, value in zip(columns, row, strict=True))


def _postgres_records(folder: Path, tables: Sequence[str], column: str, value: object) -> Records:
    with postgres_server.connection(postgres_url(folder)).cursor(row_factory=dict_row) as cursor:
        asked = {table: f'SELECT * FROM {table} WHERE "{column}" = %s'.encode() for table in tables}  # noqa: S608 - ours
        return {table: cursor.execute(query, (value,)).fetchall() for table, query in asked.items()}


POSTGRES = Engine(
    "postgres",
    _create_postgres,
    _drop_postgres,
    postgres_url,
    _open_postgres,
    _postgres_must_be_whole,
    _postgres_cells,
    _postgres_records,
)
BY_NAME = {engine.name: engine for engine in (SQLITE, POSTGRES)}
#: ``ONEBOOK_TEST_ENGINES`` names engines with commas between, for all tests; without it some run on SQLite alone.
CHOSEN = os.environ.get("ONEBOOK_TEST_ENGINES", "")
ENGINES = tuple(BY_NAME[name] for name in (CHOSEN or "sqlite,postgres").split(","))
EACH = tuple(pytest.param(engine, id=engine.name, marks=getattr(pytest.mark, engine.name)) for engine in ENGINES)


@pytest.fixture(params=EACH, scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    chosen: Engine = request.param
    return chosen


@pytest.fixture
def folder(engine: Engine, tmp_path: Path) -> Iterator[Path]:
    """Where the database of this test is."""
    engine.create(tmp_path)
    yield tmp_path
    engine.drop(tmp_path)


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
