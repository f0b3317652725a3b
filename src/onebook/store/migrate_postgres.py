"""Bring a PostgreSQL database to the newest schema, one process at a time."""

from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, exc, text
from sqlalchemy.pool import NullPool

from onebook.errors import InvalidInput
from onebook.store.migrate import NEWEST, LaterVersion, upgrade
from onebook.store.pool import connect, first_line

#: Of the lock under which processes migrate; any number that nobody else takes in this database.
_LOCK = 0x6F6E65626F6F6B
OLDEST_SERVER = 150_000


def migrate_postgres(url: str) -> None:
    """Run the migrations that the database lacks, in one transaction; a failure leaves it as it was.

    The lock is the transaction's own, so it works behind a pooler, and a process that dies lets it go.

    Raises: InvalidInput, with a sentence for the person who named it, if the database cannot be used.
    """
    engine = engine_of(url)
    try:
        if postgres_revision(url) == NEWEST:
            return
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _must_be_new_enough(connection)
            upgrade(connection)
    except LaterVersion as error:
        raise _unusable(str(error)) from error
    except exc.DBAPIError as error:
        raise _unusable(first_line(error.orig)) from error
    finally:
        engine.dispose()


def engine_of(url: str) -> Engine:
    """What moves rows in and out of a database."""
    return create_engine("postgresql+psycopg://", creator=lambda: _connected(url), poolclass=NullPool)


def postgres_revision(url: str) -> str | None:
    """The revision a database is at; None if it has none. Raises: InvalidInput if it cannot be reached."""
    with _connected(url) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else None


def _connected(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    try:
        connection = connect(url)
    except psycopg.OperationalError as error:
        raise _unusable(first_line(error)) from error
    except psycopg.ProgrammingError as error:  # it is no address of a database
        raise _unusable("its address cannot be read") from error
    connection.autocommit = False
    return connection


def _must_be_new_enough(connection: Connection) -> None:
    number, name = connection.execute(
        text("SELECT current_setting('server_version_num')::INTEGER, current_setting('server_version')")
    ).one()
    if number < OLDEST_SERVER:
        raise _unusable(f"it is version {name}, and must be {OLDEST_SERVER // 10_000} or newer")


def _unusable(why: str) -> InvalidInput:
    return InvalidInput.of("database", "unusable", f"The PostgreSQL database cannot be used: {why}.")
