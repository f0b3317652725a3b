"""The store on one SQLite file: write-ahead log, every commit flushed, one writer that commits together.

What is SQLite's own is here: transactions and savepoints, and the full-text index ``contacts_words``, which
takes its text from the contacts table and therefore must be told a row's very words before they change.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import repeat
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

import apsw
from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from onebook.errors import Unavailable
from onebook.model import fold
from onebook.model.account import Account, Key
from onebook.model.figure import Figure
from onebook.store import fences, sqlite_upkeep
from onebook.store.base import Outcome, Session, Work
from onebook.store.driver import Driver, Row, UniqueTaken
from onebook.store.loading import column_loads, loads
from onebook.store.rows import OTHERS_SECONDS, RowStore
from onebook.store.session import Remembered, RowSession
from onebook.store.sqlite_connection import AWAY, connect
from onebook.store.statement import Expanding, Statement
from onebook.store.tally import Tally
from onebook.store.turn import Turn
from onebook.store.writer import Writer
from onebook.store.writing_back import WritingBack

T = TypeVar("T")

CUT_MILLISECONDS = 1_000  # how long emptying the log may wait for readers
MERGED_PAGES = 500  # of the search index in one step of rewriting it; judgement: some 20 ms of the writer's time
_DIALECT = SQLiteDialect(paramstyle="named")
# SQLite looks each name up among all of a statement's: by their places, values are there at once.
_BY_PLACE = SQLiteDialect(paramstyle="qmark")


class SqliteDriver:
    """`Driver` over one connection."""

    dialect: Dialect = _DIALECT

    def __init__(self, connection: apsw.Connection) -> None:
        """Args: ``connection`` as `connect` opens it."""
        self.connection = connection
        # The search index writes a whole segment whenever a savepoint ends, so its entries wait for the commit:
        # (None to add or "delete", row id, text).
        self.words: list[tuple[str | None, int, str]] = []

    def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        text, places = statement.placed(_BY_PLACE)
        return self.connection.execute(text, tuple(map(values.__getitem__, places))).fetchall()

    def rows_of(self, expanding: Expanding, values: Iterable[Any], at: Mapping[str, Any]) -> list[Row]:
        return [row for one, some in expanding.batches(values) for row in self.rows(one, {**at, **some})]

    def run(self, statement: Statement, values: Mapping[str, Any]) -> int:
        text, places = statement.placed(_BY_PLACE)
        try:
            self.connection.execute(text, tuple(map(values.__getitem__, places)))
        except apsw.ConstraintError as error:
            raise UniqueTaken from error
        return self.connection.changes()

    def run_of(self, expanding: Expanding, values: Iterable[Any], at: Mapping[str, Any]) -> None:
        for one, some in expanding.batches(values):
            self.run(one, {**at, **some})

    def many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        if not values:
            return
        text, places = statement.placed(_BY_PLACE)
        try:
            # There are always two at the least: the account's id, and of what.
            self.connection.executemany(text, map(itemgetter(*places), values))
        except apsw.ConstraintError as error:
            raise UniqueTaken from error

    def many_columns(
        self, statement: Statement, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
    ) -> None:
        text, places = statement.placed(_BY_PLACE)
        values = (columns[place] if place in columns else repeat(fixed[place]) for place in places)
        try:
            self.connection.executemany(text, zip(*values, strict=False))  # what is repeated has no end
        except apsw.ConstraintError as error:
            raise UniqueTaken from error

    def load(self, statement: Statement, rows: Iterable[Row], fixed: Mapping[str, Any]) -> None:
        self._load(loads(statement, rows, fixed))

    def load_columns(
        self, statement: Statement, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
    ) -> None:
        self._load(column_loads(statement, columns, fixed))

    def _load(self, parts: Iterable[tuple[str, list[Any]]]) -> None:
        try:
            for text, values in parts:
                self.connection.execute(text, values)
        except apsw.ConstraintError as error:
            raise UniqueTaken from error

    def ask(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        if self.words and "contacts_words" in sql:
            self.index_words()
        return self.connection.execute(sql, values).fetchall()

    def add_words(self, entries: Iterable[tuple[int, int, str]], *, fresh: bool) -> None:
        if fresh:
            texts = [text for _, _, text in entries]
            # Row ids follow one another: we alone write, and these contacts were the last rows inserted.
            last = self.connection.last_insert_rowid()
            self.words += [(None, row_id, text) for row_id, text in enumerate(texts, last - len(texts) + 1)]
        else:
            self.words += [(None, self._row_id(account_id, number), text) for account_id, number, text in entries]

    def add_words_of(self, account_id: int, first: int, last: int) -> None:
        # By row ids, which follow one another as above: no row needs to be looked up by its number.
        end = self.connection.last_insert_rowid()
        self.connection.execute(
            "INSERT INTO contacts_words(rowid, search_text) SELECT row_id, search_text FROM contacts "
            "WHERE row_id BETWEEN ? AND ? AND +account_id = ? AND +number BETWEEN ? AND ?",
            (end - (last - first), end, account_id, first, last),
        )

    def remove_words_of(self, account_id: int, first: int, last: int) -> None:
        self.connection.execute(
            "INSERT INTO contacts_words(contacts_words, rowid, search_text) SELECT 'delete', row_id, search_text "
            "FROM contacts WHERE account_id = ? AND number BETWEEN ? AND ?",
            (account_id, first, last),
        )

    def add_words_at(self, account_id: int, numbers: Sequence[int]) -> None:
        self.connection.execute(
            "INSERT INTO contacts_words(rowid, search_text) SELECT row_id, search_text FROM contacts "
            "WHERE account_id = ? AND number IN (SELECT value FROM json_each(?))",
            (account_id, json.dumps(numbers)),
        )

    def remove_words_at(self, account_id: int, numbers: Sequence[int]) -> None:
        self.connection.execute(
            "INSERT INTO contacts_words(contacts_words, rowid, search_text) SELECT 'delete', row_id, search_text "
            "FROM contacts WHERE account_id = ? AND number IN (SELECT value FROM json_each(?))",
            (account_id, json.dumps(numbers)),
        )

    def remove_words(self, account_id: int, number: int, text: str) -> None:
        self.words.append(("delete", self._row_id(account_id, number), text))

    def forget_words(self) -> None:
        # A number in the file's header that is ours to use; like any row it is written with the transaction.
        self.connection.pragma("user_version", 1)

    def _row_id(self, account_id: int, number: int) -> int:
        found = self.connection.execute(
            "SELECT row_id FROM contacts WHERE account_id = ? AND number = ?", (account_id, number)
        )
        row_id: int = found.get
        return row_id

    def index_words(self) -> None:
        """Enter what waits in the search index, in its order."""
        if self.words:
            self.connection.executemany(
                "INSERT INTO contacts_words(contacts_words, rowid, search_text) VALUES (?, ?, ?)", self.words
            )
            self.words = []

    def asked(self, account_id: int, alternatives: Sequence[Sequence[str]]) -> str:
        return index_query(account_id, alternatives)

    def vocabulary(self, account_id: int, beginning: str, limit: int) -> list[str]:
        self.index_words()
        found = self.connection.execute(
            "SELECT term FROM contacts_vocabulary WHERE term >= ? AND term < ? LIMIT ?",
            (beginning, beginning + "\x7f", limit),
        )
        return [row[0] for row in found]


def index_query(account_id: int, alternatives: Sequence[Sequence[str]]) -> str:
    """A query of the search index: the account's token and any of the alternatives, by beginnings of words.

    Tokens hold only a-z and 0-9, so nothing of them can be an operator.

    >>> index_query(7, (("ada", "by"), ("lovelace",)))
    '§7 AND ((ada* AND by*) OR (lovelace*))'
    """
    parts = (" AND ".join(f"{token}*" for token in tokens) for tokens in alternatives)
    return f"{fold.account_token(account_id)} AND ({' OR '.join(f'({part})' for part in parts)})"


class Doors:
    """What secrets open, and small records, as one thread's connection saw them; what is not there is not kept."""

    def __init__(self) -> None:
        self.opened: dict[bytes, tuple[Account, Key]] = {}
        self.records: Remembered = {}
        self._changes = 0
        self._version: int | None = None
        self._until = 0.0

    def check(self, connection: apsw.Connection, changes: int) -> None:
        """Forget everything after a change.

        Args: ``changes`` counts those of what is remembered by this process, heeded at once; what other processes
            commit is asked for every `OTHERS_SECONDS`.
        """
        now = time.monotonic()
        if changes == self._changes and now < self._until:
            return
        version = connection.pragma("data_version")
        if changes != self._changes or version != self._version:
            self.opened, self.records = {}, {}
        self._changes, self._version, self._until = changes, version, now + OTHERS_SECONDS


class SqliteStore(RowStore):
    """`Store` on one file. Reads run in the caller's thread on its own connection; writes in the writer's."""

    #: Reading by key is but a few microseconds away.
    near = True

    def __init__(self, path: Path, *, clock: Callable[[], int] | None = None) -> None:
        """Args: ``path`` of the database, migrated; ``clock`` gives milliseconds since 1970."""
        super().__init__(clock)
        self._path = path
        self._threads = threading.local()
        # Weak: a connection is its thread's, and is closed with it.
        self._opened = WeakSet[apsw.Connection]()
        self._turn = Turn(path)
        self._writing = SqliteDriver(connect(path, writes=True))
        self._writing.connection.set_busy_timeout(0)  # the turn waits
        self._writing_back = WritingBack(self._writing.connection, partial(connect, path, writes=True))
        self._tally = Tally()
        self._remembered_changes = 0
        self._writer = Writer(self._begin, self._commit, self._rollback, self._run, self._run_alone)

    # --- reading ---

    def _reader(self) -> SqliteDriver:
        return self._here()[0]

    def _here(self) -> tuple[SqliteDriver, Doors]:
        """This thread's connection, and what it remembers that is still so."""
        here: tuple[SqliteDriver, Doors] | None = getattr(self._threads, "here", None)
        if here is None:
            connection = connect(self._path, writes=False)
            self._opened.add(connection)
            here = self._threads.here = (SqliteDriver(connection), Doors())
        driver, doors = here
        doors.check(driver.connection, self._remembered_changes)
        return here

    def remembers(self, secret_hash: bytes) -> bool:
        return True

    def opened_by(self, secret_hash: bytes) -> tuple[Account, Key] | None:
        driver, doors = self._here()
        known = doors.opened.get(secret_hash)
        if known is None and (known := self._look_up(driver, secret_hash)) is not None:
            doors.opened[secret_hash] = known
        return known

    @contextmanager
    def snapshot(self) -> Iterator[Driver]:
        driver = self._reader()
        try:
            driver.connection.execute("BEGIN")
            try:
                yield driver
            finally:
                driver.connection.execute("COMMIT")
        except AWAY as error:
            raise Unavailable from error

    def peek(self, account: Account, run: Callable[[Session], T]) -> T:
        try:
            driver, doors = self._here()
            return run(RowSession(driver, account, Tally(), now=self._now(), remembered=doors.records))
        except AWAY as error:
            raise Unavailable from error

    # --- writing ---

    def _begin(self) -> None:
        self._turn.begin(self._writing.connection)
        fences.must_take_writes(self._writing.connection.execute(fences.ASKED).fetchone())

    def _commit(self) -> None:
        self._tally.write(self._writing)
        self._writing.index_words()
        self._writing.connection.execute("COMMIT")
        self._writing_back.committed()
        self._remembered_changes += self._tally.remembered_changed
        self._tally.remembered_changed = False

    def _rollback(self) -> None:
        self._tally = Tally()
        self._writing.words = []
        with suppress(apsw.Error):
            self._writing.connection.execute("ROLLBACK")

    def _session(self, work: Work) -> RowSession:
        return RowSession(
            self._writing, work.account, self._tally, now=self._now(), actor=work.actor, dialect=work.dialect
        )

    def _run_alone(self, work: Work) -> Outcome:
        """Run a work that has the transaction to itself: a savepoint would keep a copy of each page it changes."""
        if not self.hurried():  # whoever else writes must not wait for a disk that is busy with both
            self._writing_back.is_long()
        try:
            return Outcome(work.run(self._session(work)), None)
        except BaseException as error:  # noqa: BLE001 - the error is the outcome, whatever it is
            return Outcome(None, _translated(error))

    def _run(self, work: Work) -> Outcome:
        """Run one work in a savepoint of the shared transaction, so that its failure takes only itself back."""
        connection = self._writing.connection
        counted, waiting = self._tally.snapshot(), self._writing.words.copy()
        connection.execute("SAVEPOINT work")
        try:
            value = work.run(self._session(work))
        except BaseException as error:  # noqa: BLE001 - the error is the outcome, whatever it is
            connection.execute("ROLLBACK TO work")
            connection.execute("RELEASE work")
            self._tally.go_back(counted)
            self._writing.words = waiting
            return Outcome(None, _translated(error))
        connection.execute("RELEASE work")
        return Outcome(value, None)

    def submit(self, work: Work, done: Callable[[Outcome], None]) -> None:
        self._writer.submit(work, done)

    def hurried(self) -> bool:
        return self._writer.hurry.is_on() or self._turn.wanted()

    def lock(self, driver: Driver, account_id: int) -> None:
        """Nobody else can write anything."""

    @contextmanager
    def transaction(self) -> Iterator[tuple[Driver, Tally]]:
        """Between those that works share."""
        with self._writer.paused():
            try:
                self._begin()
                yield self._writing, self._tally
                self._commit()
            except AWAY as error:
                self._rollback()
                raise Unavailable from error
            except BaseException:
                self._rollback()
                raise

    def sweep(self, *, answers_before: int, generations_before: int) -> int:
        gone = super().sweep(answers_before=answers_before, generations_before=generations_before)
        self._rewrite_words()
        return gone

    def _rewrite_words(self) -> None:
        """After an erasure, merge the parts of the search index, and empty the log: they hold what was removed."""
        connection = self._writing.connection
        if self._reader().connection.pragma("user_version") != 1:
            return
        going_on = True
        while going_on:
            with self.transaction():
                before = connection.total_changes()
                connection.execute(
                    "INSERT INTO contacts_words(contacts_words, rank) VALUES ('merge', ?)", (-MERGED_PAGES,)
                )
                # The index's own sign that there was nothing left to merge.
                going_on = connection.total_changes() - before > 1
        if self._cut_log():
            with self.transaction():
                connection.pragma("user_version", 0)

    def _cut_log(self) -> bool:
        """Empty the write-ahead log; False if a reader is in the way, and the next sweep is to try again."""
        with closing(connect(self._path, writes=True)) as connection:
            connection.set_busy_timeout(CUT_MILLISECONDS)
            with suppress(apsw.BusyError):
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                return True
        return False

    def probe(self) -> None:
        try:
            self.account_named("")
            self._path.stat()  # a file that was taken away goes on to be written to, for nobody
            with self.transaction():
                found = self._writing.connection.pragma("user_version")
                self._writing.connection.pragma("user_version", found)
        except (apsw.Error, OSError) as error:
            raise Unavailable from error

    def figures(self) -> list[Figure]:
        return self._writer.figures()

    def faults(self) -> list[str]:
        with closing(connect(self._path, writes=True)) as connection:
            return sqlite_upkeep.faults_of(connection)

    def rebuild_search(self) -> None:
        with self.transaction():
            sqlite_upkeep.rebuild_words(self._writing.connection)

    def close(self) -> None:
        self._writer.close()
        self._writing_back.close()
        self._turn.close()
        self._writing.connection.close()
        for connection in list(self._opened):
            connection.close()


def _translated(error: BaseException) -> BaseException:
    """A fault of the file (full disk, locked too long) is the store being away; anything else stays what it is."""
    return Unavailable() if isinstance(error, AWAY) else error
