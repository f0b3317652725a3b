"""onebook config, migrate, erase; and how mistakes are told."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from onebook import __version__, bootstrap, settings
from onebook.model.contact import Card, ContactDraft
from onebook.operations import accounts, contacts
from onebook.store.base import Work
from onebook.store.migrate import NEWEST, migrate_sqlite, sqlite_revision
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_connection import plain
from tests.cli.conftest import Run
from tests.patience import PATIENCE_SECONDS

# --- config ---


def test_config_shows_every_setting_and_where_it_came_from(
    onebook: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "onebook.toml").write_text('batch = 7\nlog_level = "debug"\nport = 1\n')
    monkeypatch.setenv("ONEBOOK_PORT", "2")
    shown = onebook("config", "--json").json
    assert list(shown) == [setting.name for setting in settings.SETTINGS]
    assert shown["batch"] == {"value": 7, "source": "onebook.toml"}
    assert shown["port"] == {"value": 2, "source": "environment"}
    assert shown["nesting"] == {"value": 64, "source": "default"}
    people = onebook("config").out
    for setting in settings.SETTINGS:
        assert setting.variable in people
        assert setting.sentence in people


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("batch = 'many'", "batch must be a value of the kind int (elements)."),
        ("batch = 1.5", "batch must be a value of the kind int (elements)."),
        ("btach = 1", "There is no setting btach."),
        ("= = =", "onebook.toml is not a readable TOML file."),
    ],
)
def test_a_mistaken_file(onebook: Run, tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "onebook.toml").write_text(text)
    for command in (("config",), ("config", "--json"), ("migrate",), ("account", "create", "Ada")):
        assert onebook(*command).sentence == sentence


def test_a_mistaken_variable(onebook: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEBOOK_LOG_JSON", "perhaps")
    assert onebook("config").sentence == "log_json must be a value of the kind bool (flag)."


# --- migrate ---


def test_migrate_makes_the_database_and_may_be_repeated(onebook: Run, tmp_path: Path) -> None:
    for _ in range(2):
        said = onebook("migrate")
        assert (said.status, said.out, said.err) == (0, "", "")
    assert sqlite_revision(tmp_path / "data" / "onebook.db") == NEWEST


@pytest.mark.parametrize("url", ["postgresql://x/y", "onebook.db", "mysql://x"])
def test_a_database_that_is_none_of_ours(onebook: Run, url: str) -> None:
    assert onebook("migrate", "--database", url).sentence


def test_a_database_that_cannot_be(onebook: Run, tmp_path: Path) -> None:
    """A file where the folder should be; text where the database should be; a database of a later version."""
    (tmp_path / "file").write_text("x")
    assert "File exists" in onebook("migrate", "--data", str(tmp_path / "file")).sentence
    (tmp_path / "text.db").write_text("This is no database. " * 100)
    assert "not a database" in onebook("migrate", "--database", f"sqlite:///{tmp_path}/text.db").sentence
    later = tmp_path / "later.db"
    migrate_sqlite(later)
    with plain(later, writes=True) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "later version" in onebook("migrate", "--database", f"sqlite:///{later}").sentence
    with plain(later, writes=True) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


# --- erase ---


def test_erase(onebook: Run, tmp_path: Path) -> None:
    onebook("account", "create", "Ada")
    uids = _people(tmp_path / "data" / "onebook.db", "Xanthippe", "Bob")
    said = onebook("erase", uids[0], "--account", "Ada")
    assert (said.status, said.out, said.err) == (0, "", "")
    assert _names(tmp_path / "data" / "onebook.db") == ["Bob"]
    assert onebook("erase", uids[0], "--account", "Ada").sentence == "There is no such contact."
    assert onebook("erase", uids[1], "--account", "Nobody").sentence == "There is no such account."
    assert onebook("erase", "x", "--account", "Ada").sentence == "There is no such contact."


def _people(path: Path, *names: str) -> list[str]:
    store = SqliteStore(path)
    owner = accounts.named(store, "Ada")
    placed = [contacts.Placed(ContactDraft(Card(full=name)), 1) for name in names]
    work = Work(owner, "", "test", lambda session: contacts.create(session, accounts.owner(owner), placed))
    made = store.write(work)
    store.close()
    return [contact.uid for contact in made]


def _names(path: Path) -> list[str | None]:
    store = SqliteStore(path)
    owner = accounts.named(store, "Ada")
    found = store.read(owner, lambda session: session.contacts.page((), limit=10))
    store.close()
    return [contact.card.full for contact in found]


# --- mistakes of typing ---


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("account",),
        ("account", "create"),
        ("erase", "x"),
        ("serve", "--port", "x"),
        ("config", "--nope"),
    ],
)
def test_a_command_that_is_none(onebook: Run, arguments: tuple[str, ...]) -> None:
    said = onebook(*arguments)
    assert said.status == 2
    assert "Traceback" not in said.out + said.err


def test_help_names_the_version_and_every_command(onebook: Run) -> None:
    said = onebook("--help")
    assert said.status == 0
    for word in (__version__, "serve", "worker", "migrate", "config", "account", "key", "erase"):
        assert word in said.out


# --- as a process ---


def process(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ONEBOOK_DATA": str(cwd / "data"), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "onebook", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_the_command_itself(tmp_path: Path) -> None:
    failed = process("account", "create", " ", "--json", cwd=tmp_path)
    assert (failed.returncode, failed.stdout, failed.stderr) == (2, "", "onebook: An account needs a name.\n")


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        failed = process("serve", "--port", port, "--no-worker", cwd=tmp_path)
    assert failed.returncode == 2, failed.stderr
    assert "Traceback" not in failed.stderr
    assert port in failed.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("repair",),
        ("backup", "copy.db"),
        ("key", "create", "--account", "Ada"),
        ("person", "link", "Ada"),
        ("export", "--account", "Ada"),
        ("import", "people.csv", "--account", "Ada"),
        ("erase", "x", "--account", "Ada"),
        ("move", "--from", "sqlite:///data/onebook.db", "--to", "sqlite:///other.db"),
        ("move", "--from", "sqlite:///data/onebook.db", "--give-up"),
    ],
    ids=" ".join,
)
def test_a_mistyped_path_makes_no_database(onebook: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "people.csv").write_text("Name\nAda\n")
    before = sorted(tmp_path.iterdir())
    said = onebook(*command)
    assert said.status == 2
    assert said.sentence.startswith("There is no database ")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("0.0.0.0", "localhost"),  # noqa: S104 - nothing is bound
        ("::", "localhost"),
        ("::1", "[::1]"),
        ("a.example", "a.example"),
    ],
)
def test_a_link_leads_where_a_browser_can_go(host: str, shown: str) -> None:
    assert bootstrap.link_of(settings.load({"host": host, "port": 80}), "x") == f"http://{shown}:80/enter/x"
