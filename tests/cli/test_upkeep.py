"""check, repair, backup and restore through the command line, beside a server that is written to."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from onebook.operations import accounts, contacts
from onebook.store.base import Session, Work
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import plain
from tests.cli.conftest import Run
from tests.harness import Account, Server
from tests.server import world
from tests.server.world import World

WELL = "0 faults"


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server over the command line's own database."""
    server = Server(tmp_path / "data")
    yield server
    server.stop()


@pytest.fixture
def busy(mortal: Server) -> Iterator[Account]:
    """An account with one of everything, which somebody writes to all the time."""
    account = mortal.new_account()
    World(mortal, account)
    stopped = threading.Event()

    def write() -> None:
        with account.client("/packagex/v1", headers={"PX-API-KEY": account.key}) as client:
            for number in range(10_000):
                if stopped.is_set():
                    return
                name = f"Person {number}"
                made = client.post("/contacts", json={"name": name, "phone": f"+1650{2000000 + number}"})
                assert made.status_code == 201, made.text

    writer = threading.Thread(target=write)
    writer.start()
    yield account
    stopped.set()
    writer.join()


def test_check_finds_nothing_while_a_server_is_written_to(busy: Account, onebook: Run) -> None:
    said = onebook("check")
    assert (said.status, said.out) == (0, f"1 accounts, {WELL}\n")


def test_a_backup_of_a_busy_server_is_whole_and_can_be_restored(busy: Account, onebook: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    said = onebook("backup", str(copy))
    assert (said.status, said.err) == (0, ""), said
    assert copy.stat().st_mode & 0o077 == 0, "it is full of people's data"
    assert [path.name for path in tmp_path.glob("copy.db?*")] == [], "it is one file"
    again = tmp_path / "elsewhere"
    assert onebook("restore", str(copy), "--data", str(again)).status == 0
    assert onebook("check", "--data", str(again)).out == f"1 accounts, {WELL}\n"
    with plain(copy, writes=True) as taken, plain(again / "onebook.db", writes=True) as restored:
        query = "SELECT number, card FROM contacts ORDER BY number"
        assert taken.execute(query).fetchall() == restored.execute(query).fetchall() != []


def test_restore_refuses_a_database_that_a_server_has_open(busy: Account, onebook: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    onebook("backup", str(copy))
    assert "has accounts" in onebook("restore", str(copy)).sentence
    assert "in use" in onebook("restore", str(copy), "--replace").sentence
    assert busy.native.get("/account").status_code == 200


def test_restore_replaces_when_told(onebook: Run, tmp_path: Path) -> None:
    onebook("account", "create", "before", "--json")
    copy = tmp_path / "copy.db"
    assert onebook("backup", str(copy)).status == 0
    onebook("account", "create", "after", "--json")
    assert onebook("restore", str(copy), "--replace").status == 0
    assert "1 accounts" in onebook("check").out
    assert "no backup" in onebook("restore", __file__, "--replace").sentence
    assert "no file" in onebook("restore", "nowhere").sentence
    assert "already" in onebook("backup", str(copy)).sentence


SPOILINGS = {
    "counter": "UPDATE counters SET contact = 0",
    "book": "UPDATE books SET contacts = contacts + 1",
    "phone": "DELETE FROM contact_phones",
    "primary": "UPDATE contact_emails SET is_primary = NOT is_primary",
    "email": "INSERT INTO contact_emails SELECT account_id, 'x@example.org', number, 1 FROM contacts LIMIT 1",
    "address": "UPDATE contact_addresses SET building = 'x'",
    "place": "DELETE FROM contact_locations",
    "derived": "UPDATE contacts SET sort_key = 'x'",
    "search text": "UPDATE contacts SET search_text = search_text || ' more'",
    "member": "UPDATE group_members SET contact = 999",
    "label": "UPDATE label_members SET label = label + 900",
    "mapping": "INSERT INTO remembered_mappings SELECT account_id, 999, 'a', '{}', 1 FROM counters",
    "directory": "DELETE FROM keys",
    "session": "INSERT INTO sign_ins VALUES (x'00', 'nobody', 'a browser', 1, 1)",
    "membership": "INSERT INTO memberships SELECT account_id, 'nobody', 'owner', 1 FROM counters",
    "invitation": "INSERT INTO invitations VALUES (x'00', 'password', 0, 'owner', NULL, 'nobody', 1, 1)",
    "generation": "UPDATE contacts SET generation = 9 WHERE number = 2",
    "ghost word": "INSERT INTO contacts_words(rowid, search_text) VALUES (1, 'ghost')",
    "lost words": (
        "INSERT INTO contacts_words(contacts_words, rowid, search_text) "
        "SELECT 'delete', row_id, search_text FROM contacts"
    ),
}
BEYOND_MENDING = {
    "log": "DELETE FROM changes WHERE seq = 2",
    "organization": "UPDATE contacts SET organization = 999",
    "book of contact": "UPDATE contacts SET book = 999",
}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with one of everything."""
    return world.furnished(tmp_path_factory.mktemp("furnished")).read_bytes()


def spoiled(tmp_path: Path, furnished: bytes, spoiling: str) -> None:
    path = tmp_path / "data" / "onebook.db"
    path.parent.mkdir()
    path.write_bytes(furnished)
    with plain(path, writes=True) as connection:
        connection.execute(spoiling)
        assert connection.changes()


@pytest.mark.parametrize("spoiling", SPOILINGS.values(), ids=SPOILINGS)
def test_check_finds_what_repair_mends(spoiling: str, furnished: bytes, onebook: Run, tmp_path: Path) -> None:
    spoiled(tmp_path, furnished, spoiling)
    found = onebook("check")
    assert found.status == 1
    assert WELL not in found.out
    assert "cannot be" not in found.out
    mended = onebook("repair")
    assert (mended.status, mended.out) == (0, f"1 accounts, {WELL}\n")
    assert onebook("check").status == 0


@pytest.mark.parametrize("spoiling", BEYOND_MENDING.values(), ids=BEYOND_MENDING)
def test_repair_tells_what_it_cannot_mend(spoiling: str, furnished: bytes, onebook: Run, tmp_path: Path) -> None:
    spoiled(tmp_path, furnished, spoiling)
    left = onebook("repair")
    assert left.status == 1
    assert "cannot be mended" in left.out


def test_what_is_mended_is_found_again(furnished: bytes, onebook: Run, tmp_path: Path) -> None:
    spoiled(tmp_path, furnished, "UPDATE contacts SET search_text = 'nothing', sort_key = 'nothing'")
    onebook("repair")
    store = SqliteStore(tmp_path / "data" / "onebook.db")
    try:
        (account,) = store.accounts()
        actor = accounts.owner(account)

        def rename(session: Session) -> None:
            found = contacts.get(session, actor, session.contacts.page((), limit=1)[0].uid)
            session.contacts.delete([found])

        store.write(Work(account, "", "test", rename))
    finally:
        store.close()
    assert onebook("check").status == 0


def test_a_faulty_database_gives_no_backup(furnished: bytes, onebook: Run, tmp_path: Path) -> None:
    spoiled(tmp_path, furnished, "DELETE FROM contact_phones")
    said = onebook("backup", str(tmp_path / "copy.db"))
    assert said.status == 1
    assert "not kept" in said.out
    assert list(tmp_path.glob("copy.db*")) == []
