"""Migrations of PostgreSQL databases: from each earlier schema with data in it, one that fails, and an old server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, NullPool, insert, inspect, select

from onebook.errors import InvalidInput
from onebook.operations import accounts, integrity
from onebook.store import migrate, migrate_postgres, schema, sqlite_engine
from onebook.store.migrate_postgres import engine_of, postgres_revision
from onebook.store.postgres import PostgresStore
from onebook.store.sqlite_connection import connect
from tests.store import postgres_server
from tests.store.earlier import FAILING, REVISIONS, with_one_that_fails
from tests.store.engines import ENGINES, POSTGRES

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(POSTGRES not in ENGINES, reason="ONEBOOK_TEST_ENGINES leaves PostgreSQL out"),
]
Rows = dict[str, list[Any]]


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database."""
    fresh = postgres_server.server().new()
    yield fresh
    postgres_server.server().drop(fresh)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = engine_of(url)
    yield opened
    opened.dispose()


def reflected(engine: Engine) -> MetaData:
    """The tables that are there."""
    found = MetaData()
    found.reflect(engine)
    found.remove(found.tables["alembic_version"])
    return found


def fill(engine: Engine, newest: Path) -> MetaData:
    """Copy what the tables that are there can hold; gives these tables."""
    there = reflected(engine)
    source = sqlite_engine.engine_of(lambda: connect(newest, writes=False), NullPool)
    with source.connect() as old, engine.begin() as new:
        for name, table in there.tables.items():
            columns = [schema.metadata.tables[name].c[column.name] for column in table.columns]
            if values := [dict(row) for row in old.execute(select(*columns)).mappings()]:
                new.execute(insert(table), values)
    source.dispose()
    return there


def rows(engine: Engine, tables: MetaData) -> Rows:
    """All rows of these tables, in order."""
    with engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(select(*table.columns))), key=repr)
            for name, table in tables.tables.items()
        }


def must_work(url: str) -> None:
    """Fails unless all that is stored agrees and an account can be made."""
    store = PostgresStore(url)
    try:
        assert list(integrity.check(store)) == []
        accounts.create(store, "another@example.org")
    finally:
        store.close()


# Those between are begun from on SQLite.
@pytest.mark.parametrize("revision", [REVISIONS[0], REVISIONS[-2]])
def test_what_an_earlier_version_stored_comes_forward(revision: str, url: str, engine: Engine, newest: Path) -> None:
    with engine.begin() as connection:
        migrate.upgrade(connection, revision)
    earlier = fill(engine, newest)
    before = rows(engine, earlier)
    assert sum(map(len, before.values())) > 20
    migrate_postgres.migrate_postgres(url)
    assert postgres_revision(url) == migrate.NEWEST
    assert rows(engine, earlier) == before
    must_work(url)


def test_a_migration_that_fails_leaves_the_version_before_able_to_start(
    url: str, engine: Engine, newest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate_postgres.migrate_postgres(url)
    tables = fill(engine, newest)
    before = rows(engine, tables)
    with monkeypatch.context() as later:
        later.setattr(migrate, "MIGRATIONS", with_one_that_fails(tmp_path))
        later.setattr(migrate_postgres, "NEWEST", FAILING)
        with pytest.raises(RuntimeError, match="this migration fails"):
            migrate_postgres.migrate_postgres(url)
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == set(tables.tables)
    assert rows(engine, tables) == before
    migrate_postgres.migrate_postgres(url)
    must_work(url)


def test_a_server_that_is_too_old_is_refused_and_left_as_it_was(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate_postgres, "OLDEST_SERVER", 990_000)
    with pytest.raises(InvalidInput, match=r"it is version \d+.+, and must be 99 or newer"):
        migrate_postgres.migrate_postgres(url)
    assert inspect(engine).get_table_names() == []
