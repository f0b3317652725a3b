"""Databases of every earlier schema come forward with what is in them; a migration that fails changes nothing."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy import NullPool, event

from onebook.operations import accounts, integrity
from onebook.store import migrate
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import connect, plain
from onebook.store.sqlite_engine import engine_of
from tests.patience import PATIENCE_SECONDS
from tests.store.earlier import FAILING, REVISIONS, with_one_that_fails


def tables(connection: apsw.Connection) -> dict[str, list[str]]:
    """The columns of each table of ours."""
    names = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    ours = [name for name in names if not name.startswith(("contacts_words", "contacts_vocabulary", "sqlite_"))]
    return {
        name: [str(row[1]) for row in connection.execute(f'PRAGMA table_info("{name}")')]
        for name in ours
        if name != "alembic_version"
    }


def rows(connection: apsw.Connection, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """All rows of these columns, in order."""
    return {
        table: sorted(connection.execute(f'SELECT {_list(names)} FROM "{table}"').fetchall(), key=repr)  # noqa: S608
        for table, names in columns.items()
    }


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def make(path: Path, revision: str) -> None:
    """An empty database of an earlier schema."""
    engine = engine_of(lambda: connect(path, writes=True), NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        migrate.upgrade(connection, revision)
    engine.dispose()


def fill(path: Path, newest: Path) -> dict[str, list[Any]]:
    """Copy what an earlier schema can hold; what was copied, and where from."""
    with plain(path, writes=True) as old:
        old.execute("ATTACH ? AS newest", (str(newest),))
        columns = tables(old)
        for table, names in columns.items():
            listed = _list(names)
            old.execute(f'INSERT INTO main."{table}" ({listed}) SELECT {listed} FROM newest."{table}"')  # noqa: S608
        old.execute("INSERT INTO contacts_words(contacts_words) VALUES ('rebuild')")
        return rows(old, columns)


@pytest.fixture(params=REVISIONS[:-1])
def earlier(request: pytest.FixtureRequest, tmp_path: Path, newest: Path) -> tuple[Path, dict[str, list[Any]]]:
    """A database of each earlier schema with data, and its rows."""
    path = tmp_path / "onebook.db"
    make(path, request.param)
    return path, fill(path, newest)


def test_the_newest_revision_is_what_the_code_works_with() -> None:
    assert REVISIONS[-1] == migrate.NEWEST


def test_what_an_earlier_version_stored_comes_forward(earlier: tuple[Path, dict[str, list[Any]]]) -> None:
    path, before = earlier
    assert sum(map(len, before.values())) > 20
    migrate.migrate_sqlite(path)
    assert migrate.sqlite_revision(path) == migrate.NEWEST
    with plain(path, writes=True) as connection:
        columns = tables(connection)
        kept = {table: names for table, names in columns.items() if table in before}
        assert kept.keys() == before.keys()
        width = {table: len(found[0]) for table, found in before.items() if found}
        after = rows(connection, {table: names[: width.get(table, len(names))] for table, names in kept.items()})
    assert after == before
    store = SqliteStore(path)
    try:
        assert list(integrity.check(store)) == []
        accounts.create(store, "another@example.org")
    finally:
        store.close()


def test_several_processes_may_start_at_once(tmp_path: Path, newest: Path) -> None:
    path = tmp_path / "onebook.db"
    make(path, REVISIONS[0])
    fill(path, newest)
    migrating = [sys.executable, "-m", "onebook", "migrate", "--data", str(tmp_path)]
    processes = [subprocess.Popen(migrating, stderr=subprocess.PIPE) for _ in range(3)]
    said = [process.communicate(timeout=PATIENCE_SECONDS)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert migrate.sqlite_revision(path) == migrate.NEWEST


def test_a_migration_that_fails_leaves_the_version_before_able_to_start(
    tmp_path: Path, newest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "onebook.db"
    shutil.copy(newest, path)
    with plain(path, writes=True) as connection:
        before = rows(connection, tables(connection))
    with monkeypatch.context() as later:
        later.setattr(migrate, "MIGRATIONS", with_one_that_fails(tmp_path))
        later.setattr(migrate, "NEWEST", FAILING)
        with pytest.raises(RuntimeError, match="this migration fails"):
            migrate.migrate_sqlite(path)
    with plain(path, writes=True) as connection:
        assert rows(connection, tables(connection)) == before
    migrate.migrate_sqlite(path)
    store = SqliteStore(path)
    try:
        assert list(integrity.check(store)) == []
    finally:
        store.close()
