"""What is PostgreSQL's own: the shape of its tables, a server that goes away, and many processes at once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from onebook.errors import InvalidInput, Unavailable
from onebook.store import import_statements, pool, postgres, schema, statements
from onebook.store.base import Condition, Session
from onebook.store.migrate import NEWEST
from onebook.store.migrate_postgres import migrate_postgres, postgres_revision
from onebook.store.postgres import PostgresStore
from onebook.store.session import RowSession
from onebook.store.statement import Expanding
from tests.patience import PATIENCE_SECONDS
from tests.store import postgres_server
from tests.store.engines import ENGINES, POSTGRES, postgres_url
from tests.store.house import House, all_at_once, card

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(POSTGRES not in ENGINES, reason="ONEBOOK_TEST_ENGINES leaves PostgreSQL out"),
]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    POSTGRES.create(tmp_path)
    yield postgres_url(tmp_path)
    POSTGRES.drop(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    opened = PostgresStore(url, connections=8)
    yield opened
    opened.close()


@pytest.fixture
def house(store: PostgresStore) -> House:
    return House(store)


# --- the tables ---


def test_every_text_is_ordered_by_bytes(url: str) -> None:
    """Else pages would come in another order than on SQLite, and one that depends on the machine."""
    with psycopg.connect(url) as connection:
        others = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') "
            "AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version'"
        ).fetchall()
    assert others == []


def test_migrations_make_what_the_tables_say(url: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))

    def ours(_object: object, name: str | None, type_: str, *_: object) -> bool:
        return name not in {"alembic_version", "contacts_by_words"}

    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata)
    engine.dispose()
    assert found == []


def test_many_processes_migrate_one_empty_database_at_once() -> None:
    server = postgres_server.server()
    fresh = server.new()
    failed: list[BaseException] = []

    def migrate() -> None:
        try:
            migrate_postgres(fresh)
        except BaseException as error:  # noqa: BLE001 - whatever it was, the test fails
            failed.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert failed == []
    assert postgres_revision(fresh) == NEWEST
    server.drop(fresh)


def test_a_later_version_of_the_tables_is_refused(url: str) -> None:
    fresh = postgres_server.server().new(migrated=True)
    with psycopg.connect(fresh, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InvalidInput, match="later version"):
        migrate_postgres(fresh)
    assert postgres_revision(fresh) == "9999"
    postgres_server.server().drop(fresh)


@pytest.mark.parametrize("wrong", ["postgresql://nobody@127.0.0.1:1/x", "postgresql://[", "postgresql://h/x?no=1"])
def test_an_address_that_leads_nowhere_is_said_in_one_sentence(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="PostgreSQL database cannot be used"):
        migrate_postgres(wrong)


# --- a database that goes away ---


def _cut(url: str) -> None:
    """End every other connection to the database, as a restart of the server does."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) {others}".encode())
        while connection.execute(f"SELECT count(*) {others}".encode()).fetchone() != (0,):
            assert time.monotonic() < until
            time.sleep(0.01)


def test_connections_that_were_cut_are_not_used_again(house: House, url: str) -> None:
    house.insert_named("Ada")
    assert house.find() == ["Ada"]
    _cut(url)
    assert house.find() == ["Ada"]
    _cut(url)
    assert house.insert_named("Bob")[0].number == 2


def test_cut_in_the_middle_nothing_is_kept_and_the_store_is_away(house: House, url: str) -> None:
    def run(session: Session) -> None:
        session.contacts.insert([house.placement(card("Ada"))])
        _cut(url)
        session.contacts.insert([house.placement(card("Bob"))])

    with pytest.raises(Unavailable):
        house.write(run)
    assert house.find() == []
    assert house.insert_named("Eve")[0].number == 1, "what was lost has taken no number"


def test_without_a_server_everything_is_away_at_once(tmp_path: Path) -> None:
    away = PostgresStore("postgresql://nobody@127.0.0.1:1/nothing")
    for call in (away.probe, away.accounts, lambda: away.opened_by(b"x"), lambda: House(away)):
        with pytest.raises(Unavailable):
            call()
    away.close()


def test_no_free_connection_is_the_store_being_away(
    house: House, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.1)
    held = [store._reading.connection() for _ in range(store._reading.size)]
    for one in held:
        one.__enter__()
    with pytest.raises(Unavailable):
        house.find()
    for one in held:
        one.__exit__(None, None, None)
    assert house.find() == []


@pytest.mark.parametrize("connections", [4, 5, 8, 16, 64])
def test_no_more_connections_are_held_than_are_set(connections: int) -> None:
    store = PostgresStore("postgresql:///nowhere", connections=connections)
    assert sum(pool.size for pool in store._pools.values()) == connections
    store.close()


def test_an_account_that_another_process_holds_too_long_is_away(
    house: House, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 1)
    other = House(house.store, "next door")
    with psycopg.connect(url) as holder:
        holder.execute("SELECT * FROM counters WHERE account_id = %s FOR UPDATE", (house.account.id,))
        outcomes = all_at_once(house.store, [house.work(lambda session: session.new_uid()) for _ in range(3)])
        assert [type(outcome.error) for outcome in outcomes] == [Unavailable] * 3
        assert other.insert_named("Bob")[0].number == 1, "nobody else waits for it"
    assert house.insert_named("Ada")[0].number == 1


def test_a_machine_of_a_cluster_that_is_away_is_so_for_its_accounts_only(house: House) -> None:
    """The coordinator, whose connection lives on, then says that another one failed."""
    other = House(house.store, "next door")

    def run(session: Session) -> None:
        assert isinstance(session, RowSession)
        session._driver.ask("DO $$ BEGIN RAISE 'machine 2 is away' USING ERRCODE = 'connection_failure'; END $$", {})

    for call in (house.write, house.read):
        with pytest.raises(Unavailable):
            call(run)
        assert other.find() == []
    assert other.insert_named("Bob")[0].number == 1
    assert house.find() == []


# --- many processes ---


def test_two_stores_write_the_same_account(house: House, url: str) -> None:
    """Of two processes' threads that race for external ids each is won once, and numbers have no gaps."""
    with closing(PostgresStore(url, connections=8)) as second:
        won: list[int] = []

        def race(store: PostgresStore) -> None:
            mine = House.__new__(House)
            mine.store, mine.account, mine.book = store, house.account, house.book
            for name in range(40):
                outcome = all_at_once(store, [mine.work(_insert(mine, str(name)))])[0]
                if outcome.error is None:
                    won.append(outcome.value)

        assert isinstance(house.store, PostgresStore)
        threads = [threading.Thread(target=race, args=(store,)) for store in (house.store, second) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    assert sorted(won) == list(range(1, 41))
    assert house.count() == house.contacts_of(house.book) == 40


def _insert(house: House, name: str) -> Callable[[Session], int]:
    def run(session: Session) -> int:
        return session.contacts.insert([house.placement(card(name), external_id=name)])[0].number

    return run


def test_a_store_hears_that_another_one_wants_to_write(house: House, url: str) -> None:
    assert isinstance(house.store, PostgresStore)
    holder = psycopg.connect(url)
    holder.execute("SELECT * FROM counters WHERE account_id = %s FOR UPDATE", (house.account.id,))
    threading.Timer(0.2, holder.close).start()
    house.store.write(house.work(lambda session: None)._replace(alone=True))
    assert house.store.hurried()


def test_search_goes_by_the_trigram_index(house: House, url: str) -> None:
    house.insert(*(house.placement(card(f"Person {number} Word{number}")) for number in range(3000)))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE contacts")
        connection.execute("SET enable_seqscan = off")  # to which so small a table tempts
        plan = connection.execute(
            "EXPLAIN SELECT number FROM contacts WHERE account_id = 1 AND search_text LIKE '% word17%'"
        ).fetchall()
    assert "contacts_by_words" in str(plan)
    assert house.count(Condition("words", "eq", (("word17",),))) == 1 + 10 + 100


@contextmanager
def _filled_and_unknown(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A book as a first import fills it, of which the planner knows nothing yet.

    It then takes each index on two columns for as good as any other.
    """
    with psycopg.connect(url) as connection:
        connection.execute("SET enable_seqscan = off")  # to which the tables that stay empty tempt
        connection.execute(
            "INSERT INTO contacts SELECT 1, n, 'u' || n, 1, 1, 'individual', 'C-' || lpad(n::TEXT, 8, '0'), NULL, "
            "NULL, NULL, 'k' || n, 1, 1, 1, repeat('c', 270), 'x' FROM generate_series(1, 35000) AS n"
        )
        yield connection
        connection.rollback()


def test_no_lookup_of_many_walks_through_a_book_of_which_nothing_is_known(url: str) -> None:
    dialect = postgres.PostgresDriver.dialect
    lookups = {name: value for name, value in vars(import_statements).items() if isinstance(value, Expanding)}
    removing = {name: lookups.pop(name) for name in list(lookups) if name.startswith("RANGE_WITHOUT_")}
    by_number = ("IN_PLACE", "BEFORE", "PLACES_OF")
    at = {"account_id": 1, "book": 1, "generation": 1}
    with _filled_and_unknown(url) as connection:
        walking = []
        for name, expanding in lookups.items():
            of, values = ("BIGINT", [1, 2]) if name in by_number else ("TEXT", ["a", "b"])
            asked = "EXPLAIN " + expanding.each(dialect, of)
            plan = connection.execute(asked.encode(), {**at, "values": values})
            sought = [line for (line,) in plan if "Index Cond" in line or "Recheck Cond" in line]
            walking += [] if any("one.value" in line for line in sought) else [name]
        for name, expanding in removing.items():
            statement, (one,) = expanding.singly(["a"])
            asked = f"EXPLAIN {statement.sql(dialect)}"
            plan = connection.execute(asked.encode(), {"account_id": 1, "first": 1, "last": 30_000, **one})
            sought = [line for (line,) in plan if "Index Cond" in line]
            walking += [] if any("'a'" in line and "contact" in line for line in sought) else [name]
    assert (len(lookups) > 3, len(removing)) == (True, 4)
    assert walking == []


def test_one_is_looked_up_by_its_own_key_in_a_book_of_which_nothing_is_known(url: str) -> None:
    asked = (
        (statements.NUMBERS_BY_EXTERNAL_ID, "contacts_by_external_id"),
        (statements.EXTERNAL_ID_HOLDER, "contacts_by_external_id"),
        (statements.CONTACT_BY_UID, "contacts_by_uid"),
        (statements.CONTACT_BY_NUMBER, "contacts_pkey"),
    )
    values = {"account_id": 1, "book": 1, "external_id": "C-00000017", "uid": "u17", "number": 17}
    with _filled_and_unknown(url) as connection:
        for statement, index in asked:
            sql = f"EXPLAIN {statement.sql(postgres.PostgresDriver.dialect)}"
            assert index in str(connection.execute(sql.encode(), values).fetchall()), sql
