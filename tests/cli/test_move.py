"""`onebook move` between databases of every engine: all rows come, are compared, and a second run goes on."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.fault_hands import Hands
from onebook.errors import Conflict
from onebook.store import citus, moving
from onebook.store.sqlite_connection import plain
from tests.cli.conftest import Run
from tests.harness import Server
from tests.patience import PATIENCE_SECONDS
from tests.server.world import World
from tests.store.engines import ENGINES, POSTGRES, Engine

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
    with plain(path, writes=True) as connection:
        found = {}
        for table in TABLES:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "row_id"]
            found[table] = sorted(connection.execute(f"SELECT {', '.join(names)} FROM {table}"), key=repr)  # noqa: S608
        return found


def a_copy(furnished: Path, tmp_path: Path) -> Path:
    """The furnished database once more: one that has moved does not serve any more."""
    return Path(shutil.copy(furnished, tmp_path / "old.db"))


def test_there_and_back_again(onebook: Run, furnished: Path, engine: Engine, folder: Path, tmp_path: Path) -> None:
    old, there, back = a_copy(furnished, tmp_path), engine.url(folder), f"sqlite:///{tmp_path / 'back.db'}"
    went = onebook("move", "--from", f"sqlite:///{old}", "--to", there)
    assert (went.status, went.err) == (0, ""), went
    assert went.out.endswith("2 accounts, 0 faults\n")
    assert onebook("move", "--from", there, "--to", back).status == 0
    assert rows(tmp_path / "back.db") == rows(furnished)
    assert all(rows(furnished).values())


@pytest.mark.postgres
@pytest.mark.skipif(POSTGRES not in ENGINES, reason="ONEBOOK_TEST_ENGINES leaves PostgreSQL out")
def test_a_cluster_is_told_how_it_is_moved(onebook: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    POSTGRES.create(tmp_path)
    monkeypatch.setattr(citus, "IS_CLUSTER", "SELECT 1")
    refused = onebook("move", "--from", POSTGRES.url(tmp_path), "--to", f"sqlite:///{tmp_path / 'new.db'}")
    POSTGRES.drop(tmp_path)
    assert refused.status == 2
    assert "pg_dump" in refused.err


def test_a_second_run_goes_on_and_mends_what_came_in_part(
    onebook: Run, furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.db"
    move = ("move", "--from", f"sqlite:///{a_copy(furnished, tmp_path)}", "--to", f"sqlite:///{path}")

    def interrupted(*_: object, **__: object) -> None:
        raise Conflict("move", None, message="Interrupted.")

    with monkeypatch.context() as patched:
        patched.setattr(moving, "_compared", interrupted)
        assert onebook(*move).status == 2
    with plain(path, writes=True) as connection:
        connection.execute("DELETE FROM contact_phones WHERE account_id = 1")
        connection.execute("UPDATE contacts SET given = 'Other' WHERE number = 1")
        connection.execute("DELETE FROM counters")
    assert onebook(*move).status == 0
    assert rows(path) == rows(furnished)


def test_what_has_moved_does_not_serve_until_the_move_is_given_up(
    onebook: Run, furnished: Path, tmp_path: Path
) -> None:
    old, new = a_copy(furnished, tmp_path), tmp_path / "new.db"
    move = ("move", "--from", f"sqlite:///{old}", "--to", f"sqlite:///{new}")
    assert onebook(*move).status == 0
    create = ("account", "create", "somebody", "--database", f"sqlite:///{old}")
    assert "has moved to another database" in onebook(*create).sentence
    assert "has moved already" in onebook(*move).sentence, "what the new one has taken since stays"
    assert onebook("move", "--from", f"sqlite:///{old}", "--give-up").status == 0
    assert onebook(*create).status == 0


def test_other_accounts_are_not_written_over(onebook: Run, furnished: Path, tmp_path: Path) -> None:
    taken, old = f"sqlite:///{tmp_path / 'taken.db'}", f"sqlite:///{a_copy(furnished, tmp_path)}"
    onebook("account", "create", "somebody", "--database", taken)
    assert "accounts of its own" in onebook("move", "--from", old, "--to", taken).sentence
    assert "same database" in onebook("move", "--from", taken, "--to", taken).sentence
    assert "--give-up" in onebook("move", "--from", old).sentence


@pytest.mark.parametrize(
    ("one", "other"), [(a, b) for a in ENGINES for b in ENGINES if a is not b or len(ENGINES) == 1]
)
def test_a_database_is_moved_while_it_is_written(onebook: Run, one: Engine, other: Engine, tmp_path: Path) -> None:
    """There and back: what was acknowledged has come; then the old server says that all has moved."""
    server, new = Server(tmp_path / "running", engine=one), tmp_path / "new"
    new.mkdir()
    other.create(new)
    try:
        account = server.new_account()
        hands = Hands(server, account, 3)
        wait_for(lambda: len(hands.ledger) > 20)
        went = onebook("move", "--from", one.url(server.data), "--to", other.url(new))
        hands.stop()
        assert went.status == 0, went
        statuses = {told.status for told in hands.written}
        assert statuses <= {0, 201, 503}, statuses
        assert 503 in statuses, "nobody writes to the old one any more"
        assert not [told for told in hands.written if told.strange], "who is refused is told when to come again"
        cards = [value for table, column, value in other.cells(new) if (table, column) == ("contacts", "card")]
        there = [json.loads(str(card))["full"] for card in cards]
        assert len(there) == len(set(there))
        assert hands.ledger <= set(there)
        answer = account.native.get("/contacts")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert "has moved" in answer.text
    finally:
        server.stop()
        other.drop(new)


def wait_for(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)
