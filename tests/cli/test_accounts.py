"""onebook account create, onebook key create: what scripts read."""

from pathlib import Path

import pytest

from onebook.errors import NotAuthenticated
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.store.sqlite import SqliteStore
from tests.cli.conftest import Run


def opened(data: Path, secret: str, login: str | None = None) -> Actor:
    """Who a key belongs to, asked as a server would."""
    store = SqliteStore(data / "onebook.db")
    try:
        return accounts.authenticate(store, accounts.claim_of(secret, login), "test", 0)
    finally:
        store.close()


def test_a_new_account_in_json(onebook: Run, tmp_path: Path) -> None:
    made = onebook("account", "create", "Ada's & Co", "--json").json
    assert list(made) == ["account", "login", "key", "credentialId"]
    assert made["account"] == made["login"] == "Ada's & Co"
    assert made["key"].startswith("ob_")
    assert len(made["key"]) >= 43
    assert len(made["credentialId"]) == 24
    actor = opened(tmp_path / "data", made["key"], made["login"])
    assert (actor.account.name, actor.key.scope, actor.key.book) == ("Ada's & Co", "admin", None)


def test_its_login_may_be_another(onebook: Run) -> None:
    made = onebook("account", "create", "Ada", "--login", "ada@example.org", "--json").json
    assert (made["account"], made["login"]) == ("Ada", "ada@example.org")


def test_for_people_it_is_the_same(onebook: Run) -> None:
    said = onebook("account", "create", "Ada")
    assert said.status == 0
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["account", "login", "key", "credentialId"]


def test_a_taken_name_or_login(onebook: Run) -> None:
    onebook("account", "create", "Ada")
    assert onebook("account", "create", "Ada", "--json").sentence == "This account is already in use."
    assert onebook("account", "create", "Bob", "--login", "Ada").sentence == "This account is already in use."


@pytest.mark.parametrize("name", ["", "  "])
def test_a_blank_name(onebook: Run, name: str) -> None:
    assert onebook("account", "create", name, "--json").sentence == "An account needs a name."


def test_more_keys(onebook: Run, tmp_path: Path) -> None:
    first = onebook("account", "create", "Ada", "--json").json
    for arguments, scope in ((("--scope", "read"), "read"), ((), "write")):
        made = onebook("key", "create", "--account", "Ada", *arguments, "--json").json
        assert list(made) == ["id", "login", "key", "scope"]
        assert (made["login"], made["scope"]) == (first["login"], scope)
        actor = opened(tmp_path / "data", made["key"])
        assert (actor.key.id, actor.key.scope, actor.key.book) == (made["id"], scope, None)


def test_a_key_for_one_book(onebook: Run, tmp_path: Path) -> None:
    onebook("account", "create", "Ada")
    made = onebook("key", "create", "--account", "Ada", "--book", "Contacts", "--scope", "admin", "--json").json
    assert opened(tmp_path / "data", made["key"]).key.book == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--account", "Bob"), "There is no such account."),
        (("--account", "Ada", "--book", "Friends"), "There is no such address book."),
        (("--account", "Ada", "--scope", "root"), "The scope is one of none, read, write, admin."),
    ],
)
def test_a_key_that_cannot_be(onebook: Run, arguments: tuple[str, ...], sentence: str) -> None:
    onebook("account", "create", "Ada")
    assert onebook("key", "create", *arguments, "--json").sentence == sentence


def test_accounts_are_listed(onebook: Run) -> None:
    assert onebook("account", "create", "Ada").status == 0
    onebook("account", "create", "Bob", "--login", "bob@example.org")
    found = onebook("account", "list", "--json").json
    assert [(one["account"], one["login"]) for one in found] == [("Ada", "Ada"), ("Bob", "bob@example.org")]
    heading, ada, bob = onebook("account", "list").out.splitlines()
    assert heading.split() == ["account", "login", "created"]
    assert (ada.split()[:2], bob.split()[:2]) == (["Ada", "Ada"], ["Bob", "bob@example.org"])


def test_keys_are_listed_and_switched(onebook: Run, tmp_path: Path) -> None:
    first = onebook("account", "create", "Ada", "--json").json
    made = onebook("key", "create", "--account", "Ada", "--book", "Contacts", "--scope", "read", "--json").json
    admin, bound = onebook("key", "list", "--account", "Ada", "--json").json
    assert [(one["scope"], one["book"], one["on"], one["expires"]) for one in (admin, bound)] == [
        ("admin", None, True, None),
        ("read", "Contacts", True, None),
    ]
    shown = onebook("key", "list", "--account", "Ada").out
    assert first["key"] not in shown
    assert made["key"] not in shown
    assert shown.splitlines()[2].split()[1:5] == ["read", "Contacts", "yes", "-"]
    assert onebook("key", "switch", made["id"], "--off", "--account", "Ada").status == 0
    assert [one["on"] for one in onebook("key", "list", "--account", "Ada", "--json").json] == [True, False]
    with pytest.raises(NotAuthenticated):
        opened(tmp_path / "data", made["key"])
    onebook("key", "switch", made["id"], "--on", "--account", "Ada")
    assert opened(tmp_path / "data", made["key"]).key.id == made["id"]


def test_a_key_that_is_not_there_is_not_switched(onebook: Run) -> None:
    onebook("account", "create", "Ada")
    assert onebook("key", "switch", "nobody", "--off", "--account", "Ada").sentence == "There is no such key."
    assert onebook("key", "list", "--account", "Bob").sentence == "There is no such account."


def test_the_database_may_be_named(onebook: Run, tmp_path: Path) -> None:
    onebook("account", "create", "Ada", "--database", f"sqlite:///{tmp_path}/other.db")
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "data").exists()
    onebook("account", "create", "Ada", "--data", str(tmp_path / "elsewhere"))
    assert (tmp_path / "elsewhere" / "onebook.db").exists()


def test_no_one_else_reads_the_database(onebook: Run, tmp_path: Path) -> None:
    """It holds people's data and is readable by its owner only, as the file with the demo key is."""
    onebook("account", "create", "Ada")
    for file in (tmp_path / "data").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
