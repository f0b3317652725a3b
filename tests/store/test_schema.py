"""The rules that let a database be spread over several machines, and that the migrations make what the tables say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    NullPool,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    inspect,
)

from onebook.store import schema
from onebook.store.migrate import MIGRATIONS, NEWEST, migrate_sqlite, sqlite_revision
from onebook.store.sqlite_connection import connect
from onebook.store.sqlite_engine import engine_of
from tests.store.engines import rows_of

TABLES = list(schema.metadata.tables.values())
TENANT = [table for table in TABLES if table.info["kind"] == "tenant"]
# What SQLite has beside the tables: Alembic's mark, and the search index with its own tables.
SQLITE_ONLY = ("alembic_version", "contacts_words", "contacts_vocabulary")


def name_of(table: Table) -> str:
    return table.name


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "onebook.db"
    migrate_sqlite(path)
    return path


# --- the rules ---


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_every_table_has_a_kind(table: Table) -> None:
    assert table.info["kind"] in {"tenant", "reference", "directory", "local"}


def test_only_accounts_people_and_the_directory_are_not_of_one_account() -> None:
    people = {"people", "memberships", "sign_ins", "invitations"}
    assert {table.name for table in TABLES} - {table.name for table in TENANT} == {
        "accounts",
        "key_directory",
        "moves",
        *people,
    }


@pytest.mark.parametrize("table", TENANT, ids=name_of)
def test_account_id_comes_first_in_whatever_is_unique(table: Table) -> None:
    for columns in [list(table.primary_key.columns), *(list(unique.columns) for unique in _unique(table))]:
        assert columns[0].name == "account_id", columns


@pytest.mark.parametrize("table", TENANT, ids=name_of)
def test_account_id_comes_first_in_every_index(table: Table) -> None:
    for index in table.indexes:
        assert index.columns[0].name == "account_id", index.name


def _unique(table: Table) -> Iterator[UniqueConstraint | Index]:
    yield from (c for c in table.constraints if isinstance(c, UniqueConstraint))
    yield from (index for index in table.indexes if index.unique)


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_no_foreign_key_sets_null_and_each_goes_by_account(table: Table) -> None:
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint):
            assert (constraint.ondelete or "").upper() != "SET NULL"
            assert constraint.column_keys[0] == "account_id"


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_ids_and_times_come_from_us(table: Table) -> None:
    """No identity, no sequence, no default made by the database: nothing in SQL knows a clock or a die."""
    for column in table.columns:
        assert column.server_default is None
        assert column.identity is None
        assert column.default is None
        assert column.autoincrement in (False, "auto")


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_every_table_has_a_primary_key(table: Table) -> None:
    assert isinstance(table.primary_key, PrimaryKeyConstraint)
    assert len(table.primary_key.columns) >= 1


# --- the migrations ---


def test_migrations_make_what_the_tables_say(migrated: Path) -> None:
    engine = engine_of(lambda: connect(migrated, writes=False), NullPool)

    def ours(_object: Any, name: str | None, type_: str, *_: Any) -> bool:
        return not (type_ in ("table", "index") and (name or "").startswith(SQLITE_ONLY))

    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata)
    engine.dispose()
    # Contacts need a row id of their own on SQLite, which makes their primary key a unique constraint there.
    left = [str(difference) for difference in differences]
    allowed = ("Column('row_id'", "UniqueConstraint(Column('account_id', BIGINT(), table=<contacts>")
    assert [difference for difference in left if not any(word in difference for word in allowed)] == []


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_migrated_keys_are_those_of_the_tables(migrated: Path, table: Table) -> None:
    engine = engine_of(lambda: connect(migrated, writes=False), NullPool)
    found = inspect(engine)
    key = found.get_pk_constraint(table.name)["constrained_columns"]
    unique = [one["column_names"] for one in found.get_unique_constraints(table.name)]
    engine.dispose()
    wanted = [column.name for column in table.primary_key.columns]
    if table is schema.contacts:
        assert key == ["row_id"]
        assert wanted in unique
    else:
        assert key == wanted


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_look_up_tables_live_in_their_keys_tree(migrated: Path, table: Table) -> None:
    ((sql,),) = rows_of(migrated, "SELECT sql FROM sqlite_master WHERE name = ?", (table.name,))
    assert ("WITHOUT ROWID" in sql) is (table.dialect_options["sqlite"]["with_rowid"] is False)


def test_no_trigger_and_no_table_that_nobody_knows(migrated: Path) -> None:
    found = rows_of(migrated, "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    kinds = {kind for kind, _ in found}
    assert kinds <= {"table", "index"}
    tables = {name for kind, name in found if kind == "table" and not name.startswith(SQLITE_ONLY)}
    assert tables == set(schema.metadata.tables)


def test_migrating_again_changes_nothing(migrated: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    path.write_bytes(migrated.read_bytes())
    assert sqlite_revision(path) == NEWEST
    before = _schema_of(path)
    migrate_sqlite(path)
    assert _schema_of(path) == before
    assert sqlite_revision(path) == NEWEST


def test_the_newest_revision_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_a_file_without_tables_has_no_revision(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    assert sqlite_revision(path) is None
    path.touch()
    assert sqlite_revision(path) is None


def _schema_of(path: Path) -> list[tuple[str, str]]:
    return rows_of(path, "SELECT name, sql FROM sqlite_master ORDER BY name")
