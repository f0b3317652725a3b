"""`onebook move` between databases of every engine: all rows come, are compared, and a second run goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.harness import Server
from tests.server.world import World
from tests.store.engines import Engine

TABLES = ("accounts", "key_directory", "contacts", "contact_phones", "changes", "label_members", "counters")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped database with two accounts that have one of everything."""
    server = Server(tmp_path_factory.mktemp("furnished") / "data")
    for _ in range(2):
        World(server, server.new_account())
    assert server.stop() == 0
    return server.data / "onebook.db"


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows of some tables, without what is the engine's own."""
    with closing(sqlite3.connect(path)) as connection:
        found = {}
        for table in TABLES:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "row_id"]
            found[table] = sorted(connection.execute(f"SELECT {', '.join(names)} FROM {table}"), key=repr)  # noqa: S608
        return found


def test_there_and_back_again(onebook: Run, furnished: Path, engine: Engine, folder: Path, tmp_path: Path) -> None:
    there, back = engine.url(folder), f"sqlite:///{tmp_path / 'back.db'}"
    went = onebook("move", "--from", f"sqlite:///{furnished}", "--to", there)
    assert (went.status, went.err) == (0, ""), went
    assert went.out.endswith("2 accounts, 0 faults\n")
    assert onebook("move", "--from", there, "--to", back).status == 0
    assert rows(tmp_path / "back.db") == rows(furnished)
    assert all(rows(furnished).values())


def test_a_second_run_goes_on_and_mends_what_came_in_part(onebook: Run, furnished: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    move = ("move", "--from", f"sqlite:///{furnished}", "--to", f"sqlite:///{path}")
    assert onebook(*move).status == 0
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM contact_phones WHERE account_id = 1")
        connection.execute("DELETE FROM counters")
        connection.commit()
    assert onebook(*move).status == 0
    assert rows(path) == rows(furnished)


def test_a_database_in_use_is_not_moved(onebook: Run, furnished: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(furnished)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("SELECT count(*) FROM contacts").fetchone()
        said = onebook("move", "--from", f"sqlite:///{furnished}", "--to", f"sqlite:///{tmp_path / 'new.db'}")
    assert "in use" in said.sentence


def test_other_accounts_are_not_written_over(onebook: Run, furnished: Path, tmp_path: Path) -> None:
    taken = f"sqlite:///{tmp_path / 'taken.db'}"
    onebook("account", "create", "somebody", "--database", taken)
    assert "accounts of its own" in onebook("move", "--from", f"sqlite:///{furnished}", "--to", taken).sentence
    assert "same database" in onebook("move", "--from", taken, "--to", taken).sentence
