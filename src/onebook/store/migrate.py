"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, text

from onebook.store.sqlite import connect


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest_revision() -> str:
    """The revision that this version of onebook works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError
    return head


def migrate_sqlite(path: Path) -> None:
    """Create the file if it is not there, and run the migrations that it lacks, in one transaction."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine("sqlite://", creator=lambda: connect(path, writes=True))
    # The driver opens no transaction by itself; this one keeps a second process out until we are done.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    config = _config()
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def sqlite_revision(path: Path) -> str | None:
    """The revision a database is at; None if it has none."""
    engine = create_engine("sqlite://", creator=lambda: connect(path, writes=False))
    try:
        with engine.connect() as connection:
            there = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).scalar()
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if there else None
            return None if found is None else str(found)
    finally:
        engine.dispose()
