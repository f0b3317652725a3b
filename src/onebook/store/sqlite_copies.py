"""Copies of a database on SQLite: taken while it is written, and put in the place of one that nobody uses."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, StaticPool

from onebook.errors import Conflict, InvalidInput
from onebook.store.migrate import MIGRATIONS, NEWEST, sqlite_revision
from onebook.store.sqlite import SqliteStore, connect
from onebook.store.turn import Turn

_BESIDE = ("-wal", "-shm", "-journal", "-turn")


class SqliteCopies:
    """Takes and puts back copies of the database at ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, copy: Path) -> None:
        """Copy the database in one state while others write.

        Args: ``copy``: a file that is not there yet; it is made for its owner only.

        Raises: InvalidInput if there is no database, or the copy cannot be written.
        """
        if not self._path.is_file():
            raise InvalidInput.of("database", "missing", f"There is no database {self._path}.")
        try:
            copy.touch(mode=0o600, exist_ok=False)
            with closing(connect(self._path, writes=False)) as source, closing(sqlite3.connect(copy)) as target:
                # In one step: a copy in several begins anew whenever somebody writes between them.
                source.backup(target, pages=-1)
                # One file, that can be taken anywhere.
                target.execute("PRAGMA journal_mode=DELETE")
        except (OSError, sqlite3.DatabaseError) as error:
            raise InvalidInput.of("file", "unusable", f"The copy {copy} cannot be written: {error}.") from error

    @contextmanager
    def opened(self, copy: Path) -> Iterator[SqliteStore]:
        """A copy of this version's schema as a store; it is one file again afterwards."""
        store = SqliteStore(copy)
        try:
            yield store
        finally:
            store.close()
            with closing(sqlite3.connect(copy)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")

    def revision(self, copy: Path) -> str:
        """The schema's revision of a copy. Raises: InvalidInput if it is none of ours, or of a later version."""
        try:
            with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.DatabaseError, TypeError) as error:
            raise InvalidInput.of("file", "no_backup", f"{copy} is no backup of onebook.") from error
        if not any((MIGRATIONS / "versions").glob(f"{revision}_*.py")):
            raise InvalidInput.of("file", "later", f"A later version of onebook has made {copy}.")
        return str(revision)

    def is_current(self, copy: Path) -> bool:
        """Whether a copy has this version's schema."""
        return self.revision(copy) == NEWEST

    def discard(self, copy: Path) -> None:
        """Remove a copy and what lies beside it."""
        for name in (copy.name, *(copy.name + more for more in _BESIDE)):
            with suppress(FileNotFoundError):
                copy.with_name(name).unlink()

    def is_empty(self) -> bool:
        """Whether the database has no account, or is not there at all."""
        if sqlite_revision(self._path) is None:
            return True
        with closing(connect(self._path, writes=False)) as connection:
            return connection.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is None

    def put_back(self, copy: Path) -> None:
        """Make the database what a copy is, wholly or not at all.

        Raises: Conflict if somebody has it open; InvalidInput if the copy is none of ours.
        """
        self.revision(copy)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        address = f"{copy.absolute().as_uri()}?mode=ro"
        with self.exclusive() as target, closing(sqlite3.connect(address, uri=True)) as source:
            source.backup(target, pages=-1)

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """The database for oneself alone. Raises: Conflict if somebody has it open."""
        with closing(sqlite3.connect(self._path, timeout=0.5, isolation_level=None)) as connection:
            try:
                # Leaving the write-ahead log needs the file for oneself; it then stays so until it is closed.
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                message = "The database is in use: stop the servers and workers that have it open."
                raise Conflict("database", str(self._path), message=message) from error
            yield connection

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """What moves rows in and out of the database, which is nobody else's meanwhile. Raises: as `exclusive`."""
        with self.exclusive() as connection:
            engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
            # The driver opens no transaction by itself, and would flush every row.
            event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN"))
            yield engine


@contextmanager
def shared_engine(path: Path, *, writes: bool) -> Iterator[Engine]:
    """What reads from a database, or writes to it in turn with its servers, while they go on."""
    engine = create_engine("sqlite://", creator=lambda: connect(path, writes=writes), poolclass=NullPool)
    with closing(Turn(path)) as turn:

        def begin(begun: Connection) -> None:
            driver = begun.connection.driver_connection
            if writes and isinstance(driver, sqlite3.Connection):
                turn.begin(driver)
            else:
                begun.exec_driver_sql("BEGIN")

        event.listen(engine, "begin", begin)
        yield engine
        engine.dispose()


def rebuild_words(engine: Engine) -> bool:
    """Make the search index anew from the contacts, where it is a table of its own; whether it is."""
    if engine.dialect.name != "sqlite":
        return False
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO contacts_words(contacts_words) VALUES ('rebuild')")
    return True
