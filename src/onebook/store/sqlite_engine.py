"""SQLAlchemy's engine over our connections to an SQLite file, for what is no work of a store: migrations and moves.

SQLAlchemy wants a driver as DB-API 2.0 has it, and that of the standard library would be a second SQLite in the process
(see `sqlite_connection`). Source: PEP 249.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import apsw
from sqlalchemy import Engine, Pool, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from onebook.store.driver import Row
from onebook.store.sqlite_connection import AWAY


class Cursor:
    """A cursor of DB-API. Args: ``connection`` that it is of."""

    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        # Once a statement has ended, and one without rows ends at once, nobody can be asked for its columns any more.
        self._cursor.exec_trace = self._begun
        self.description: Sequence[tuple[Any, ...]] | None = None
        self.rowcount = -1

    def _begun(self, cursor: apsw.Cursor, _statement: str, _values: object) -> bool:
        self.description = cursor.description or None
        return True

    @property
    def lastrowid(self) -> int:
        """The row id of the row inserted last."""
        return self._connection.last_insert_rowid()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run a statement."""
        self._cursor.execute(statement, values)
        self.rowcount = -1 if self.description else self._connection.changes()

    def executemany(self, statement: str, many: Iterable[Sequence[Any]]) -> None:
        """Run a statement with each of many values."""
        before = self._connection.total_changes()
        self._cursor.executemany(statement, many)
        self.rowcount = self._connection.total_changes() - before

    def fetchone(self) -> Row | None:
        """The next row; None if there is none."""
        row: Row | None = self._cursor.fetchone()
        return row

    def fetchmany(self, size: int = arraysize) -> list[Row]:
        """The next rows, so many at most."""
        return list(islice(self._cursor, size))

    def fetchall(self) -> list[Row]:
        """All rows that are left."""
        return self._cursor.fetchall()

    def close(self) -> None:
        """Let go of the statement."""
        self._cursor.close(force=True)


class Connection:
    """A connection of DB-API that begins no transaction by itself. Args: ``driver_connection``: closed with it."""

    def __init__(self, driver_connection: apsw.Connection) -> None:
        self.driver_connection = driver_connection

    def cursor(self) -> Cursor:
        """A cursor."""
        return Cursor(self.driver_connection)

    def commit(self) -> None:
        """End the transaction, if there is one."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Take the transaction back, if there is one."""
        self._end("ROLLBACK")

    def _end(self, statement: str) -> None:
        if self.driver_connection.in_transaction:
            self.driver_connection.execute(statement)

    def close(self) -> None:
        """Close it."""
        self.driver_connection.close()


class DbApi:
    """What SQLAlchemy asks of a driver's module."""

    paramstyle: Final = "qmark"
    Error: Final = apsw.Error
    Binary: Final = bytes
    sqlite_version_info: Final = tuple(map(int, apsw.sqlite_lib_version().split(".")))


class Dialect(SQLiteDialect):
    """SQLite through `Connection`."""

    driver = "onebook"
    default_paramstyle = DbApi.paramstyle
    supports_statement_cache = True
    #: What SQLAlchemy calls the driver's errors.
    dbapi_exception_translation_map = MappingProxyType(
        {"ConstraintError": "IntegrityError", **{error.__name__: "OperationalError" for error in AWAY}}
    )

    @classmethod
    def import_dbapi(cls) -> Any:
        return DbApi

    def get_driver_connection(self, connection: Any) -> apsw.Connection:
        """What a `Connection` of DB-API is over."""
        driver_connection: apsw.Connection = connection.driver_connection
        return driver_connection

    def _get_server_version_info(self, _connection: object) -> tuple[int, ...]:
        return DbApi.sqlite_version_info


registry.register("sqlite.onebook", __name__, Dialect.__name__)


def engine_of(connect: Callable[[], apsw.Connection], pool: type[Pool]) -> Engine:
    """An engine. Its transactions have to be begun, in a way that fits, by whoever listens to "begin".

    Args: ``connect`` opens a connection. ``pool``: what becomes of it afterwards.
    """
    return create_engine("sqlite+onebook://", creator=lambda: Connection(connect()), poolclass=pool)
