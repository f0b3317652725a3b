"""Bring a database to the newest schema.

Alembic is imported only when there is something to migrate: it takes longer to load than all else that serving needs.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from onebook.errors import InvalidInput
from onebook.store.sqlite_connection import connect

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The revision that this version of onebook works with: the newest in ``migrations/versions``.
NEWEST = "0009"
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate_sqlite(path: Path) -> None:
    """Create the file if it is not there, and run the migrations that it lacks, in one transaction.

    Raises: InvalidInput, with a sentence for the person who named it, if the file cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # For its owner only: it is full of people's data. What SQLite puts beside it bears the same marks.
        path.touch(mode=0o600)
        if sqlite_revision(path) != NEWEST:
            _upgrade(path)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except apsw.Error as error:
        raise _unusable(path, str(error)) from error


def _unusable(path: Path, why: str) -> InvalidInput:
    return InvalidInput.of("database", "unusable", f"The database {path} cannot be used: {why}.")


def sqlite_revision(path: Path) -> str | None:
    """The revision a database is at; None if it has none."""
    if not path.exists():
        return None
    connection = connect(path, writes=False)
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except apsw.SQLError:  # no such table
        return None
    finally:
        connection.close()
    return str(found[0]) if found else None


def _upgrade(path: Path) -> None:
    from sqlalchemy import NullPool, event, exc  # noqa: PLC0415 - see the module's docstring

    from onebook.store.sqlite_engine import engine_of  # noqa: PLC0415 - the same

    engine = engine_of(lambda: connect(path, writes=True), NullPool)
    # The driver opens no transaction by itself; this one keeps a second process out until we are done.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except LaterVersion as error:
        raise _unusable(path, str(error)) from error
    except exc.DBAPIError as error:
        raise _unusable(path, str(error.orig)) from error
    finally:
        engine.dispose()


class LaterVersion(Exception):
    """The database is at a revision that this version does not know."""


def upgrade(connection: "Connection", to: str = "head") -> None:
    """Run the migrations that a database lacks, in the connection's transaction.

    Raises: LaterVersion.
    """
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:  # it knows no migration of this name
        raise LaterVersion("a later version of onebook has made it") from error
