"""The small nouns: written, found, changed and removed; and the accounts and keys of the installation."""

from functools import partial

import msgspec
import pytest
from msgspec import Struct

from onebook.errors import Conflict
from onebook.model.account import Credential, Key, Subscription, User
from onebook.model.book import Book
from onebook.model.contact import Address
from onebook.model.imports import Import, ImportOptions
from onebook.model.label import Label
from onebook.model.opt_out import OptOut
from onebook.model.place import Location, Organization
from onebook.store import records
from onebook.store.base import Session, Store
from tests.store.engines import Clock
from tests.store.house import House

RECORDS: tuple[tuple[Struct, dict[str, object], dict[str, object]], ...] = (
    (Book(9, "Työ", "own", ("a", "b"), (), "a", 1, 0, 5), {"number": 9}, {"name": "Work", "phone_types": ("c",)}),
    (Label(9, "list", "club", 5), {"number": 9}, {"name": "Club"}),
    (Location(9, "u-9", "Home", Address(city="Łódź"), "addr_1", "b", 5), {"uid": "u-9"}, {"address": Address()}),
    (OptOut(9, "phone", "+33612345678", "STOP", 5), {"channel": "phone", "key": "+33612345678"}, {"source": "page"}),
    (Organization(9, "u-9", "Acme", "acme", {"a": [1]}, 5, 5), {"number": 9}, {"fields": {"b": None}}),
    (Credential("c" * 24, "local", 1, None, None, {"app": "x"}, 5, 5), {"id": "c" * 24}, {"user": "u", "secret": "s"}),
    (User("d" * 24, "joe", None, 5, 5), {"id": "d" * 24}, {"full_name": "Joe"}),
    (Subscription("e" * 24, "https://x", ("a", "b"), enabled=True, created_at=5), {"id": "e" * 24}, {"enabled": False}),
    (Key("f" * 24, "read", 1, enabled=True, expires_at=7, created_at=5), {"id": "f" * 24}, {"enabled": False}),
)  # fmt: skip
NAMES = [type(record).__name__ for record, *_ in RECORDS]


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


@pytest.mark.parametrize(("record", "key", "values"), RECORDS, ids=NAMES)
def test_written_found_changed_removed(
    house: House, record: Struct, key: dict[str, object], values: dict[str, object]
) -> None:
    noun = type(record)
    house.add(record)
    assert house.read(lambda session: session.get(noun, **key)) == record
    assert record in house.read(lambda session: session.all(noun))
    assert house.write(lambda session: session.change(noun, key, **values)) == 1
    changed = house.read(lambda session: session.get(noun, **key))
    assert {name: getattr(changed, name) for name in values} == values
    assert house.write(lambda session: session.remove(noun, **key)) == 1
    assert house.read(lambda session: session.get(noun, **key)) is None
    assert house.write(lambda session: session.remove(noun, **key)) == 0
    assert house.write(lambda session: session.change(noun, key, **values)) == 0


def test_reading_makes_no_decoders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that made the same one at the same time have ended the process."""
    monkeypatch.delattr(msgspec.json, "Decoder")
    values = {"options": "{}", "seen": "[1]", "headings": "[]", "samples": "[]", "kept": "[]"}
    read = records.from_row(Import, tuple(values.get(name) for name in Import.__struct_fields__))
    assert (read.options, read.seen) == (ImportOptions(), (1,))


@pytest.mark.parametrize(("record", "key", "values"), RECORDS, ids=NAMES)
def test_nobody_else_sees_or_changes_it(
    house: House, record: Struct, key: dict[str, object], values: dict[str, object]
) -> None:
    noun = type(record)
    house.add(record)
    stranger = House(house.store, "stranger")
    assert stranger.read(lambda session: session.get(noun, **key)) is None
    assert stranger.write(lambda session: session.change(noun, key, **values)) == 0
    assert stranger.write(lambda session: session.remove(noun, **key)) == 0
    assert house.read(lambda session: session.get(noun, **key)) == record
    stranger.add(record)
    assert stranger.read(lambda session: session.get(noun, **key)) == record


@pytest.mark.parametrize(("record", "key", "values"), RECORDS, ids=NAMES)
def test_written_twice_is_a_conflict(
    house: House, record: Struct, key: dict[str, object], values: dict[str, object]
) -> None:
    house.add(record)
    with pytest.raises(Conflict):
        house.add(record)


def test_names_that_are_unique(house: House) -> None:
    house.add(Label(8, "list", "club", 0), User("a" * 24, "joe", None, 0, 0))
    house.add(Label(9, "tag", "club", 0))
    for taken in (Label(10, "list", "club", 0), User("b" * 24, "joe", None, 0, 0)):
        with pytest.raises(Conflict):
            house.add(taken)
    with pytest.raises(Conflict) as conflict:
        house.new_book("Contacts")
    assert (conflict.value.kind, conflict.value.key) == ("book", "Contacts")


def test_a_name_changed_to_a_taken_one_is_a_conflict(house: House) -> None:
    house.new_book("Friends")
    with pytest.raises(Conflict) as conflict:
        house.write(lambda session: session.change(Book, {"number": house.book}, name="Friends"))
    assert (conflict.value.kind, conflict.value.key) == ("book", "Friends")


def test_serials_are_never_given_twice_even_after_a_failure(house: House) -> None:
    def fail(session: Session) -> None:
        session.next_serial()
        raise ZeroDivisionError

    first = house.write(lambda session: [session.next_serial(), session.next_serial()])
    with pytest.raises(ZeroDivisionError):
        house.write(fail)
    second = house.write(lambda session: session.next_serial())
    assert [*first, second] == [2, 3, 4], "the first book has 1"


def test_new_uids_rise_within_a_work_and_after_it(house: House) -> None:
    first = house.write(lambda session: [session.new_uid() for _ in range(3)])
    later = house.write(lambda session: session.new_uid())
    assert [*first, later] == sorted({*first, later})


# --- accounts ---


def test_an_account_is_found_by_name(store: Store, clock: Clock) -> None:
    house = House(store, "Ådas hus")
    assert store.account_named("Ådas hus") == house.account
    assert (house.account.name, house.account.login, house.account.created_at) == ("Ådas hus", "Ådas hus", clock.now)
    assert store.account_named("ådas hus") is None
    assert store.accounts() == [house.account]


@pytest.mark.parametrize(("name", "login"), [("house", "other"), ("other", "house")])
def test_name_and_login_of_an_account_are_unique(store: Store, name: str, login: str) -> None:
    house = House(store, "house")
    with pytest.raises(Conflict) as conflict:
        store.create_account(name, login, lambda session: session.next_serial())
    assert conflict.value.kind == "account"
    assert store.accounts() == [house.account]


def test_an_account_whose_furnishing_fails_is_not_made(store: Store) -> None:
    def fail(session: Session) -> None:
        session.add(Label(1, "list", "x", 0))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.create_account("house", "house", fail)
    assert store.accounts() == []
    assert House(store).read(lambda session: session.all(Label)) == []


def test_the_country_of_an_account_changes(store: Store) -> None:
    house, other = House(store), House(store, "other")
    house.write(lambda session: session.set_default_country("FR"))
    assert [account.default_country for account in store.accounts()] == ["FR", None]
    assert store.account_named("other") == other.account


# --- keys ---


def test_a_key_opens_its_account_until_it_is_removed(house: House) -> None:
    key = Key("f" * 24, "write", None, enabled=True, expires_at=None, created_at=5)
    house.write(lambda session: session.add_key(key, b"hash"))
    assert house.store.opened_by(b"hash") == (house.account, key)
    assert house.store.opened_by(b"other") is None
    house.write(lambda session: session.change(Key, {"id": key.id}, enabled=False))
    found = house.store.opened_by(b"hash")
    assert found is not None
    assert not found[1].enabled
    House(house.store, "stranger").write(lambda session: session.remove_key(key.id))
    assert house.store.opened_by(b"hash") is not None, "another account cannot remove it"
    house.write(lambda session: session.remove_key(key.id))
    assert house.store.opened_by(b"hash") is None
    assert house.read(lambda session: session.get(Key, id=key.id)) is None


def test_a_key_changed_is_seen_at_once_by_every_thread(house: House) -> None:
    key = Key("f" * 24, "write", None, enabled=True, expires_at=None, created_at=5)
    house.write(lambda session: session.add_key(key, b"hash"))
    for enabled in (False, True, False):
        house.write(partial(_switch, enabled))
        found = house.store.opened_by(b"hash")
        assert found is not None
        assert found[1].enabled is enabled


def _switch(enabled: bool, session: Session) -> None:
    session.change(Key, {"id": "f" * 24}, enabled=enabled)


def test_an_account_changed_is_seen_at_once_by_those_who_open_it(house: House) -> None:
    key = Key("f" * 24, "write", None, enabled=True, expires_at=None, created_at=5)
    house.write(lambda session: session.add_key(key, b"hash"))
    assert house.store.opened_by(b"hash") is not None
    house.write(lambda session: session.set_default_country("FR"))
    found = house.store.opened_by(b"hash")
    assert found is not None
    assert found[0].default_country == "FR"


def test_two_keys_cannot_have_one_secret(house: House) -> None:
    first = Key("f" * 24, "write", None, enabled=True, expires_at=None, created_at=5)
    house.write(lambda session: session.add_key(first, b"hash"))
    second = Key("e" * 24, "write", None, enabled=True, expires_at=None, created_at=5)
    with pytest.raises(Exception, match=r".*"):
        house.write(lambda session: session.add_key(second, b"hash"))
    assert house.read(lambda session: session.all(Key)) == [first]
