"""The store on PostgreSQL 15 or newer: any number of processes write at once, each account's works one after another.

What is PostgreSQL's own is here: transactions, savepoints and COPY. Whoever writes for an account first locks its row
of counters, so that what a work reads stays true until it is committed, in whatever process it runs. Nothing outlives
a transaction on the server, so a pooler may give each transaction another connection.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from sqlalchemy import Dialect, Insert, Table, Update
from sqlalchemy.dialects import registry

from onebook.errors import InvalidInput, Unavailable
from onebook.model.account import Account, Key
from onebook.model.figure import Figure
from onebook.store import fences
from onebook.store import statements as sql
from onebook.store.base import Outcome, Session, Work
from onebook.store.copying import copied
from onebook.store.driver import Driver, Row, UniqueTaken
from onebook.store.lanes import Lanes, More
from onebook.store.pool import Connection, Pool, is_away
from onebook.store.rows import OTHERS_SECONDS, RowStore
from onebook.store.session import RowSession
from onebook.store.statement import Expanding, Statement, table_of
from onebook.store.tally import Counted, Tally

T = TypeVar("T")

LOCK_SECONDS = 10  # how long to wait for another process's transaction
STATEMENT_SECONDS = 60
LONG_STATEMENT_SECONDS = 900  # of a work that is alone
IDLE_SECONDS = 60  # a process that stands still in the middle of a transaction loses it after this
VOCABULARY_CONTACTS = 5_000  # judgement: of so many contacts the words are looked at, some 30 ms
_TRIES = 3  # of a work whose transaction the server took back because of another one
_TAKEN_BACK = (errors.SerializationFailure, errors.DeadlockDetected)
_DIALECT: Dialect = registry.load("postgresql.psycopg")(paramstyle="pyformat")
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '60s'"


def _begin(statement_seconds: int) -> bytes:
    text = (
        f"BEGIN; SET LOCAL statement_timeout = '{statement_seconds}s'; SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; "
        f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
    )
    return text.encode()


class PostgresDriver:
    """`Driver` over one connection of psycopg."""

    dialect: Dialect = _DIALECT

    def __init__(self, connection: Connection) -> None:
        """Args: ``connection`` that commits by itself but where a transaction was begun."""
        self.connection = connection

    def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        return self.ask(statement.sql(_DIALECT), values)

    def ask(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        try:
            return self.connection.execute(sql.encode(), values).fetchall()
        except (psycopg.DataError, UnicodeEncodeError) as error:
            harmless = {name: _findable(value) for name, value in values.items()}
            if (isinstance(error, psycopg.DataError) and error.sqlstate is not None) or harmless == values:
                raise
            return self.connection.execute(sql.encode(), harmless).fetchall()

    def rows_of(self, expanding: Expanding, values: Iterable[Any], at: Mapping[str, Any]) -> list[Row]:
        listed = list(dict.fromkeys(values))
        if len(listed) < 2:  # noqa: PLR2004 - one is looked up as ever
            return [row for one, some in expanding.batches(listed) for row in self.rows(one, {**at, **some})]
        of = "BIGINT" if isinstance(listed[0], int) else "TEXT"
        return self.ask(expanding.each(_DIALECT, of), {**at, "values": listed})

    def run(self, statement: Statement, values: Mapping[str, Any]) -> int:
        sql = statement.sql(_DIALECT).encode()
        with _text_is_storable():
            if isinstance(statement.element, Insert):
                # A refusal would take the whole transaction with it; so nothing is refused, but counted.
                if self.connection.execute(sql + b" ON CONFLICT DO NOTHING", values).rowcount == 0:
                    raise UniqueTaken
                return 1
            if isinstance(statement.element, Update) and _may_be_taken(statement.element.table, values):
                with self._savepoint():
                    return self.connection.execute(sql, values).rowcount
            return self.connection.execute(sql, values).rowcount

    def run_of(self, expanding: Expanding, values: Iterable[Any], at: Mapping[str, Any]) -> None:
        # One by one: see `Expanding.each`, for which there is no counterpart that deletes.
        statement, each = expanding.singly(values)
        self.many(statement, [{**at, **one} for one in each])

    def many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        if len(values) == 1:
            self.run(statement, values[0])
        elif values:
            with _text_is_storable(), self._savepoint(), self.connection.cursor() as cursor:
                cursor.executemany(statement.sql(_DIALECT).encode(), values)

    def many_columns(
        self, statement: Statement, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
    ) -> None:
        rows = zip(*columns.values(), strict=True)
        self.many(statement, [{**fixed, **dict(zip(columns, row, strict=True))} for row in rows])

    def load(self, statement: Statement, rows: Iterable[Row], fixed: Mapping[str, Any]) -> None:
        free = [name for name in table_of(statement).c.keys() if name not in fixed]  # noqa: SIM118 - by name
        columns = list(zip(*rows, strict=True))
        if columns:
            self.load_columns(statement, dict(zip(free, columns, strict=True)), fixed)

    def load_columns(
        self, statement: Statement, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
    ) -> None:
        table = table_of(statement)
        free = {name: values for name, values in columns.items() if name not in fixed}
        named = ", ".join(map(_DIALECT.identifier_preparer.quote, [*fixed, *free]))
        copy_in = f"COPY {table.name} ({named}) FROM STDIN".encode()
        try:
            with _text_is_storable():
                text = copied(table, free, fixed)
                with self.connection.cursor() as cursor, cursor.copy(copy_in) as copy:
                    copy.write(text)
        except errors.UniqueViolation as error:
            raise UniqueTaken from error

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Raises: UniqueTaken, with the transaction as it was, if something unique was taken."""
        self.connection.execute("SAVEPOINT statement")
        try:
            yield
        except errors.UniqueViolation as error:
            self.connection.execute("ROLLBACK TO statement")
            raise UniqueTaken from error
        finally:
            if not self.connection.closed:
                with suppress(errors.InFailedSqlTransaction):
                    self.connection.execute("RELEASE statement")

    # The text that is searched is a column, and its index the database's own.

    def add_words(self, entries: Iterable[tuple[int, int, str]], *, fresh: bool) -> None:
        pass

    def add_words_of(self, account_id: int, first: int, last: int) -> None:
        pass

    def remove_words_of(self, account_id: int, first: int, last: int) -> None:
        pass

    def add_words_at(self, account_id: int, numbers: Sequence[int]) -> None:
        pass

    def remove_words_at(self, account_id: int, numbers: Sequence[int]) -> None:
        pass

    def remove_words(self, account_id: int, number: int, text: str) -> None:
        pass

    def forget_words(self) -> None:
        pass

    def asked(self, account_id: int, alternatives: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(f"% {token}%" for token in tokens) for tokens in alternatives)

    def vocabulary(self, account_id: int, beginning: str, limit: int) -> list[str]:
        values = {"account_id": account_id, "like": f"% {beginning}%", "begins": f"{beginning}%", "limit": limit}
        return [str(row[0]) for row in self.ask(_VOCABULARY, {**values, "contacts": VOCABULARY_CONTACTS})]


_VOCABULARY = """
SELECT DISTINCT word COLLATE "C" FROM (
    SELECT search_text FROM contacts
    WHERE contacts.account_id = %(account_id)s::BIGINT AND search_text LIKE %(like)s::TEXT LIMIT %(contacts)s::INTEGER
) AS found, LATERAL unnest(string_to_array(found.search_text, ' ')) AS word
WHERE word LIKE %(begins)s::TEXT ORDER BY word COLLATE "C" LIMIT %(limit)s::INTEGER
"""


def _unique_columns(table: Table) -> frozenset[str]:
    """The columns in whatever is unique in a table, but for the account's."""
    found = {column.name for column in table.primary_key.columns}
    for unique in [*table.constraints, *(index for index in table.indexes if index.unique)]:
        if unique is not table.primary_key and hasattr(unique, "columns"):
            found |= {column.name for column in unique.columns}
    return frozenset(found - {"account_id"})


_UNIQUE: dict[str, frozenset[str]] = {}


def _may_be_taken(table: Any, values: Mapping[str, Any]) -> bool:
    """Whether an update with these values, whose conditions have other names, changes what must be unique."""
    unique = _UNIQUE.get(table.name)
    if unique is None:
        unique = _UNIQUE[table.name] = _unique_columns(table)
    return not unique.isdisjoint(values)


def _findable(value: Any) -> Any:
    """A text that PostgreSQL could not hold as one that it can and that nothing stored equals."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "\ufdd0").encode(errors="surrogatepass").decode(errors="replace")


@contextmanager
def _text_is_storable() -> Iterator[None]:
    """Raises: InvalidInput for text that PostgreSQL cannot hold; whoever reads input refuses it long before."""
    try:
        yield
    except UnicodeEncodeError:
        raise InvalidInput.of("text", "not_text", "A text holds half a character, which cannot be stored.") from None
    except psycopg.errors.ProgramLimitExceeded:
        message = "A text is too long to be looked up by; shorten it."
        raise InvalidInput.of("text", "too_long", message) from None
    except psycopg.DataError as error:
        if error.sqlstate is not None:
            raise
        raise InvalidInput.of("text", "not_text", "A text holds a NUL, which cannot be stored.") from None


class PostgresStore(RowStore):
    """`Store` on a PostgreSQL database. Reads run in the caller's thread; writes in threads of their own."""

    #: Whoever asks waits for a network.
    near = False

    def __init__(self, url: str, *, connections: int = 16, clock: Callable[[], int] | None = None) -> None:
        """Open nothing yet.

        Args:
            url: of the database, migrated. connections: how many this process may hold; a quarter of them write.
            clock: milliseconds since 1970.
        """
        super().__init__(clock)
        writers = max(1, connections // 4)
        self._writing = Pool(url, writers + 1)  # one more for what is no work: accounts, sweeps
        self._reading = Pool(url, max(2, connections - self._writing.size))
        self._pools = {"reading": self._reading, "writing": self._writing}
        self._lanes = Lanes(writers, self._run)
        self._opened: dict[bytes, tuple[float, tuple[Account, Key]]] = {}

    # --- reading ---

    def remembers(self, secret_hash: bytes) -> bool:
        known = self._opened.get(secret_hash)
        return known is not None and known[0] > time.monotonic()

    def opened_by(self, secret_hash: bytes) -> tuple[Account, Key] | None:
        known = self._opened.get(secret_hash)
        now = time.monotonic()
        if known is not None and known[0] > now:
            return known[1]
        with self._reading.connection() as connection:
            found = self._look_up(PostgresDriver(connection), secret_hash)
        if found is None:
            self._opened.pop(secret_hash, None)
        else:
            self._opened[secret_hash] = (now + OTHERS_SECONDS, found)
        return found

    @contextmanager
    def snapshot(self) -> Iterator[Driver]:
        with self._reading.connection() as connection:
            connection.execute(_READ)
            try:
                yield PostgresDriver(connection)
            finally:
                if not connection.closed:
                    connection.execute("ROLLBACK")

    def peek(self, account: Account, run: Callable[[Session], T]) -> T:
        with self._reading.connection() as connection:
            return run(RowSession(PostgresDriver(connection), account, Tally(), now=self._now()))

    # --- writing ---

    def submit(self, work: Work, done: Callable[[Outcome], None]) -> None:
        self._lanes.submit(work, done)

    def hurried(self) -> bool:
        return self._lanes.hurry.is_on()

    def lock(self, driver: Driver, account_id: int) -> None:
        driver.rows(sql.COUNTERS_LOCK, {"account_id": account_id})

    @contextmanager
    def transaction(self) -> Iterator[tuple[Driver, Tally]]:
        with self._writing.connection() as connection:
            turn = Turn(connection, self._now)
            try:
                connection.execute(_begin(LONG_STATEMENT_SECONDS))
                fences.must_take_writes(connection.execute(fences.ASKED.encode()).fetchone())
                yield turn.driver, turn.tally
                self._commit(turn)
            except BaseException:
                turn.roll_back()
                raise

    def _commit(self, turn: "Turn") -> None:
        turn.commit()
        if turn.tally.remembered_changed:
            self._opened = {}

    def _run(self, first: Work, more: More) -> Sequence[Outcome]:
        """Run works of one account in one transaction, the first without a savepoint: mostly there is no other."""
        outcomes: list[Outcome] = []
        with self._writing.connection() as connection:
            work: Work | None = first
            while work is not None:  # again only after a first work failed
                turn, outcome = self._first(connection, work)
                outcomes.append(outcome)
                if outcome.error is None:
                    try:
                        outcomes += turn.run_others(more)
                        began = time.monotonic()
                        self._commit(turn)
                    finally:
                        turn.roll_back()
                    took = time.monotonic() - began
                    self._lanes.count(begin_seconds=turn.begin_seconds, commit_seconds=took, works=len(outcomes))
                    return outcomes
                work = more()
        return outcomes

    def _first(self, connection: Connection, work: Work) -> tuple["Turn", Outcome]:
        """Begin a transaction with a work; one that failed is taken back."""
        tries = 0
        while True:
            tries += 1
            turn = Turn(connection, self._now)
            try:
                began = time.monotonic()
                if turn.begin(work):
                    self._lanes.hurry.note()
                turn.begin_seconds = time.monotonic() - began
                outcome = turn.run(work)
            except BaseException:
                turn.roll_back()
                raise
            if outcome.error is None:
                return turn, outcome
            turn.roll_back()
            if not _worth_another(outcome, tries):
                return turn, _translated(outcome)

    def probe(self) -> None:
        with self._writing.connection() as connection:
            # Numbers are given to transactions only where they may write.
            connection.execute("SELECT pg_current_xact_id()")
            fences.must_take_writes(connection.execute(fences.ASKED.encode()).fetchone())

    def faults(self) -> list[str]:
        """None: what PostgreSQL finds wrong with itself it says by refusing; `amcheck` looks further."""
        return []

    def rebuild_search(self) -> None:
        with self._writing.connection() as connection:
            connection.execute("REINDEX INDEX CONCURRENTLY contacts_by_words")

    def figures(self) -> list[Figure]:
        connections = [({"for": name}, float(pool.used)) for name, pool in self._pools.items()]
        sentence = "Connections to the database that are at work."
        return [*self._lanes.figures(), Figure("onebook_connections_used", sentence, "gauge", connections)]

    def close(self) -> None:
        self._lanes.close()
        self._reading.close()
        self._writing.close()


def _worth_another(outcome: Outcome, tries: int) -> bool:
    return tries < _TRIES and isinstance(outcome.error, _TAKEN_BACK)


def _translated(outcome: Outcome) -> Outcome:
    return Outcome(None, Unavailable()) if outcome.error is not None and is_away(outcome.error) else outcome


class Turn:
    """One transaction of one account."""

    def __init__(self, connection: Connection, now: Callable[[], int]) -> None:
        self.connection = connection
        self.driver = PostgresDriver(connection)
        self.tally = Tally()
        self.begin_seconds = 0.0
        self._found: Counted | None = None  # the account's counters as they were
        self._now = now

    def begin(self, work: Work) -> bool:
        """Begin, and lock the account's counters; whether another process held them.

        Raises: `psycopg.OperationalError` if it does so for too long.
        """
        account_id = int(work.account.id)
        locked = f"SELECT seq, contact, serial FROM counters WHERE counters.account_id = {account_id} FOR UPDATE"  # noqa: S608 - a number
        begin = _begin(LONG_STATEMENT_SECONDS if work.alone else STATEMENT_SECONDS)
        cursor = self.connection.execute(begin + f"; {fences.ASKED}; {locked} SKIP LOCKED".encode())
        while cursor.description is None:
            cursor.nextset()
        fences.must_take_writes(cursor.fetchone())
        cursor.nextset()
        found = cursor.fetchone()
        waited = found is None
        if waited:
            found = self.connection.execute(locked.encode()).fetchone()
        if found is not None:
            self._found = Counted(*found)
            self.tally.counters[account_id] = self._found
        return waited

    def run(self, work: Work) -> Outcome:
        """Run one work; never raises."""
        session = RowSession(
            self.driver, work.account, self.tally, now=self._now(), actor=work.actor, dialect=work.dialect
        )
        try:
            return Outcome(work.run(session), None)
        except BaseException as error:  # noqa: BLE001 - the error is the outcome, whatever it is
            return Outcome(None, error)

    def run_others(self, more: More) -> Iterator[Outcome]:
        """Run works in savepoints, so that the failure of one takes only itself back."""
        mark = b"SAVEPOINT work"
        while (work := more()) is not None:
            counted, remembered_changed = self.tally.snapshot(), self.tally.remembered_changed
            self.connection.execute(mark)
            mark = b"RELEASE work; SAVEPOINT work"
            tries, outcome = 1, self.run(work)
            while outcome.error is not None:
                self.connection.execute("ROLLBACK TO work")
                self.tally.go_back(counted)
                self.tally.remembered_changed = remembered_changed
                if not _worth_another(outcome, tries):
                    break
                tries, outcome = tries + 1, self.run(work)
            yield _translated(outcome)

    def commit(self) -> None:
        """Write what was counted, and commit: in one message, as these are on every work's way."""
        texts = [
            f"UPDATE counters SET seq = {last.seq:d}, contact = {last.contact:d}, serial = {last.serial:d} "  # noqa: S608 - numbers
            f"WHERE counters.account_id = {account_id:d}"
            for account_id, last in self.tally.counters.items()
            if last is not self._found and last != self._found
        ]
        texts += [
            f"UPDATE books SET contacts = contacts + {more:d} "  # noqa: S608 - numbers
            f"WHERE books.account_id = {account_id:d} AND books.number = {book:d}"
            for (account_id, book), more in self.tally.more.items()
            if more
        ]
        self.connection.execute("; ".join([*texts, "COMMIT"]).encode())

    def roll_back(self) -> None:
        """Take back what was not committed."""
        with suppress(psycopg.Error):
            if not self.connection.closed and self.connection.info.transaction_status:
                self.connection.execute("ROLLBACK")
