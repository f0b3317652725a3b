"""The rules that let the tables be spread over a Citus cluster, and the command that spreads them."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import psycopg
import pytest
from sqlalchemy import BigInteger, Integer, SmallInteger, Table, UniqueConstraint

from onebook.errors import InvalidInput
from onebook.store import citus, schema
from onebook.store.migrate_postgres import migrate_postgres
from tests.store import postgres_server
from tests.store.cluster_rules import faults
from tests.store.engines import ENGINES, POSTGRES, postgres_url

TABLES = list(schema.metadata.tables.values())
SPREAD_BY = {"tenant": "account_id", "directory": "secret_hash"}


def name_of(table: Table) -> str:
    return table.name


# --- the tables ---


@pytest.mark.parametrize("table", [t for t in TABLES if t.info["kind"] in SPREAD_BY], ids=name_of)
def test_what_is_unique_holds_the_column_that_rows_are_spread_by(table: Table) -> None:
    column = SPREAD_BY[table.info["kind"]]
    unique = [list(table.primary_key.columns)]
    unique += [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    unique += [list(index.columns) for index in table.indexes if index.unique]
    for columns in unique:
        assert column in {one.name for one in columns}, columns


@pytest.mark.parametrize("table", [t for t in TABLES if t.info["kind"] == "tenant"], ids=name_of)
def test_accounts_are_of_one_type_in_all_tables(table: Table) -> None:
    assert isinstance(table.c.account_id.type, BigInteger)
    assert not table.c.account_id.nullable


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_no_number_is_too_small_for_those_that_other_machines_give(table: Table) -> None:
    for column in table.columns:
        small = isinstance(column.type, Integer) and not isinstance(column.type, BigInteger)
        assert not small, column.name
        assert not isinstance(column.type, SmallInteger), column.name


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_foreign_keys_go_by_account_and_are_indexed(table: Table) -> None:
    leading = [[column.name for column in index.columns] for index in table.indexes]
    leading.append([column.name for column in table.primary_key.columns])
    for constraint in table.foreign_key_constraints:
        assert (constraint.ondelete or "").upper() not in {"SET NULL", "SET DEFAULT"}
        assert constraint.onupdate is None
        columns = list(constraint.column_keys)
        assert any(names[: len(columns)] == columns for names in leading), columns


# --- the statements ---


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("SELECT contacts.number FROM contacts WHERE contacts.number = 1", "without its account"),
        ("DELETE FROM labels WHERE labels.number = 1", "without its account"),
        ("INSERT INTO labels (number, name) VALUES (1, 'a')", "without its account"),
        ("COPY labels (number, name) FROM STDIN", "without its account"),
        (
            "SELECT 1 FROM contacts JOIN books ON books.number = contacts.book WHERE contacts.account_id = 1",
            "books without its account",
        ),
        ("UPDATE books SET created_at = now() WHERE books.account_id = 1", "the clock or a die"),
        (
            "INSERT INTO books (account_id) VALUES (1) ON CONFLICT DO UPDATE SET name = lower(excluded.name)",
            "a function in ON CONFLICT",
        ),
        ("SELECT 1 FROM key_directory JOIN keys ON keys.id = key_directory.key_id WHERE keys.account_id = 1", "joined"),
        ("LISTEN changes", "outlives"),
        ("SELECT pg_advisory_lock(1)", "outlives"),
        ("SET statement_timeout = 0", "outlives"),
        ("CREATE TEMP TABLE x (y int)", "outlives"),
        ("SELECT seq FROM counters FOR UPDATE SKIP LOCKED", "without its account"),
    ],
)
def test_the_check_finds_what_breaks_a_rule(sql: str, wrong: str) -> None:
    assert wrong in " ".join(faults(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN",
        "SET LOCAL statement_timeout = '60s'",
        "SELECT seq FROM counters WHERE counters.account_id = 7 FOR UPDATE SKIP LOCKED",
        "SELECT pg_advisory_xact_lock(1)",
        "COPY contacts (number, account_id) FROM STDIN",
        "SELECT accounts.id FROM accounts WHERE accounts.name = 'a'",
        "SELECT key_directory.account_id FROM key_directory WHERE key_directory.secret_hash = 'x'",
    ],
)
def test_the_check_lets_pass_what_breaks_none(sql: str) -> None:
    assert faults(sql) == []


# --- the command ---


def test_every_table_is_spread_in_an_order_that_works() -> None:
    statements = [citus.spreading(table) for table in citus.in_order()]
    assert len(statements) == len([table for table in TABLES if table.info["kind"] != "local"])
    kinds = [re.match(r"SELECT (\w+)\('(\w+)'", statement) for statement in statements]
    names = [found.groups() for found in kinds if found is not None]
    first = names.index(("create_distributed_table", "counters"))
    assert {call for call, _ in names[:first]} == {"create_reference_table"}
    assert {call for call, _ in names[first:]} == {"create_distributed_table"}
    beside = [statement for statement in statements if "colocate_with => 'counters'" in statement]
    assert len(beside) == len([table for table in TABLES if table.info["kind"] == "tenant"]) - 1


class FakeCluster:
    """No cluster: says what a coordinator would of these tables, and notes what it is told."""

    def __init__(self, *spread: str, left: Sequence[str] = (), letters: bool = True) -> None:
        self.spread, self.left, self.letters = list(spread), list(left), letters
        self.told: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""

    def transaction(self) -> Self:
        return self

    def execute(self, query: str | bytes) -> "FakeCluster":
        text = query.decode() if isinstance(query, bytes) else query
        answers: dict[str, Sequence[object]] = {
            citus.IS_CLUSTER: [1],
            citus.LETTERS_ARE_KNOWN: [1] if self.letters else [],
            citus.SPREAD: self.spread,
            citus.LEFT_BEHIND: self.left,
        }
        if text not in answers:
            self.told.append(text)
        self.rows: list[tuple[object]] = [(one,) for one in answers.get(text, [])]
        if made := re.match(r"SELECT create_\w+_table\('(\w+)'", text):
            assert made[1] not in self.spread, "a cluster refuses to spread a table twice"
            self.spread.append(made[1])
        return self

    def fetchone(self) -> tuple[object] | None:
        return self.rows[0] if self.rows else None

    def __iter__(self) -> Iterator[tuple[object]]:
        return iter(self.rows)


def test_what_is_spread_already_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster("accounts", "counters")
    monkeypatch.setattr(citus, "connect", lambda _url: cluster)
    done = citus.distribute("postgresql://cluster/x")
    assert set(done) == set(schema.metadata.tables) - {"accounts", "counters"}
    assert citus.distribute("postgresql://cluster/x") == []


def test_what_was_stored_before_is_known_everywhere_and_left_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster(*schema.metadata.tables, left=["people", "another_programs", "contacts"], letters=False)
    monkeypatch.setattr(citus, "connect", lambda _url: cluster)
    assert citus.distribute("postgresql://cluster/x") == []
    assert cluster.told == [
        *citus.LETTERS,
        "SELECT truncate_local_data_after_distributing_table('contacts')",
        "SELECT truncate_local_data_after_distributing_table('people')",
    ]


@pytest.mark.postgres
@pytest.mark.skipif(POSTGRES not in ENGINES, reason="ONEBOOK_TEST_ENGINES leaves PostgreSQL out")
def test_a_collation_that_is_made_anew_is_what_it_was(tmp_path: Path) -> None:
    POSTGRES.create(tmp_path)
    with psycopg.connect(postgres_url(tmp_path)) as connection:
        for statement in citus.LETTERS:
            connection.execute(statement)
        lowered = connection.execute("SELECT lower('ÉΣ' COLLATE onebook_letters)").fetchone()
        connection.rollback()
    assert lowered is not None
    assert lowered[0][0] == "é"
    POSTGRES.drop(tmp_path)


@pytest.mark.postgres
@pytest.mark.skipif(POSTGRES not in ENGINES, reason="ONEBOOK_TEST_ENGINES leaves PostgreSQL out")
def test_a_database_without_citus_is_told_so() -> None:
    fresh = postgres_server.server().new()
    with pytest.raises(InvalidInput, match="no extension citus"):
        citus.distribute(fresh)
    postgres_server.server().drop(fresh)


@pytest.mark.skipif("ONEBOOK_TEST_CITUS" not in os.environ, reason="ONEBOOK_TEST_CITUS names no cluster")
def test_a_real_cluster_takes_the_tables_twice() -> None:
    url = os.environ["ONEBOOK_TEST_CITUS"]
    migrate_postgres(url)
    citus.distribute(url)
    assert citus.distribute(url) == []
    with psycopg.connect(url) as connection:
        spread = {str(row[0]) for row in connection.execute(citus.SPREAD)}
    assert set(schema.metadata.tables) <= spread
