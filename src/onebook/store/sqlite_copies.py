"""Copies of a database on SQLite: taken while it is written, and put in the place of one that nobody uses."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw
from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.pool import NullPool, StaticPool

from onebook.errors import Conflict, InvalidInput
from onebook.store.migrate import MIGRATIONS, NEWEST, sqlite_revision
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import AWAY, connect, plain
from onebook.store.sqlite_engine import engine_of
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
            with closing(connect(self._path, writes=False)) as source, plain(copy, writes=True) as target:
                _copy(source, target)
                # One file, that can be taken anywhere.
                target.pragma("journal_mode", "DELETE")
        except (OSError, apsw.Error) as error:
            raise InvalidInput.of("file", "unusable", f"The copy {copy} cannot be written: {error}.") from error

    @contextmanager
    def opened(self, copy: Path) -> Iterator[SqliteStore]:
        """A copy of this version's schema as a store; it is one file again afterwards."""
        store = SqliteStore(copy)
        try:
            yield store
        finally:
            store.close()
            with plain(copy, writes=True) as connection:
                connection.pragma("journal_mode", "DELETE")

    def revision(self, copy: Path) -> str:
        """The schema's revision of a copy. Raises: InvalidInput if it is none of ours, or of a later version."""
        try:
            with plain(copy, writes=False) as connection:
                ((revision,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except (apsw.Error, ValueError) as error:
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
        with self.exclusive() as target, plain(copy, writes=False) as source:
            _copy(source, target)

    @contextmanager
    def exclusive(self) -> Iterator[apsw.Connection]:
        """The database for oneself alone. Raises: Conflict if somebody has it open."""
        with plain(self._path, writes=True) as connection:
            connection.set_busy_timeout(500)
            try:
                # Leaving the write-ahead log needs the file for oneself; it then stays so until it is closed.
                connection.pragma("locking_mode", "EXCLUSIVE")
                connection.pragma("journal_mode", "DELETE")
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("COMMIT")
            except AWAY as error:
                message = "The database is in use: stop the servers and workers that have it open."
                raise Conflict("database", str(self._path), message=message) from error
            yield connection

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """What moves rows in and out of the database, which is nobody else's meanwhile. Raises: as `exclusive`."""
        with self.exclusive() as connection:
            engine = engine_of(lambda: connection, StaticPool)
            # The driver opens no transaction by itself, and would flush every row.
            event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN"))
            yield engine


@contextmanager
def shared_engine(path: Path, *, writes: bool) -> Iterator[Engine]:
    """What reads from a database, or writes to it in turn with its servers, while they go on."""
    engine = engine_of(lambda: connect(path, writes=writes), NullPool)
    with closing(Turn(path)) as turn:

        def begin(begun: Connection) -> None:
            driver = begun.connection.driver_connection
            if writes and isinstance(driver, apsw.Connection):
                _begin(turn, driver)
            else:
                begun.exec_driver_sql("BEGIN")

        event.listen(engine, "begin", begin)
        yield engine
        engine.dispose()


def _begin(turn: Turn, connection: apsw.Connection) -> None:
    """Raises: OperationalError, as any statement of the engine, if others write for too long."""
    try:
        turn.begin(connection)
    except AWAY as error:
        raise exc.OperationalError("BEGIN IMMEDIATE", None, error) from error


def rebuild_words(engine: Engine) -> bool:
    """Make the search index anew from the contacts, where it is a table of its own; whether it is."""
    if engine.dialect.name != "sqlite":
        return False
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO contacts_words(contacts_words) VALUES ('rebuild')")
    return True


def _copy(source: apsw.Connection, target: apsw.Connection) -> None:
    """Copy a database in one step: a copy in several begins anew whenever somebody writes between them."""
    with target.backup("main", source, "main") as backup:
        backup.step()
