"""Bring a database to the newest schema.

Alembic is imported only when there is something to migrate: it takes longer to load than all else that serving needs.
"""

import sqlite3
from pathlib import Path

from onebook.store.sqlite import connect

#: The revision that this version of onebook works with: the newest in ``migrations/versions``.
NEWEST = "0002"
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate_sqlite(path: Path) -> None:
    """Create the file if it is not there, and run the migrations that it lacks, in one transaction."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if sqlite_revision(path) != NEWEST:
        _upgrade(path)


def sqlite_revision(path: Path) -> str | None:
    """The revision a database is at; None if it has none."""
    if not path.exists():
        return None
    connection = connect(path, writes=False)
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:  # no such table
        return None
    finally:
        connection.close()
    return str(found[0]) if found else None


def _upgrade(path: Path) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine, event  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine("sqlite://", creator=lambda: connect(path, writes=True))
    # The driver opens no transaction by itself; this one keeps a second process out until we are done.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
