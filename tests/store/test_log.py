"""The change log: every write is in it, in order, with what was there before."""

from typing import Any

import pytest
from msgspec.structs import replace

from onebook.model.change import Change
from onebook.model.label import Label, Member
from onebook.store.base import Session, Store
from tests.store.engines import Clock
from tests.store.house import House, all_at_once, card


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def log_of(house: House, after: int = 0, limit: int = 1000) -> list[Change]:
    return house.read(lambda session: session.changes(after, limit))


def told(changes: list[Change]) -> list[tuple[str, str, int, int]]:
    return [(change.noun, change.verb, change.first, change.last) for change in changes]


def test_one_entry_a_write_in_order_and_without_gaps(house: House) -> None:
    ada, bob = house.insert_named("Ada", "Bob")
    house.update(ada, card("Ada B"))
    house.write(lambda session: session.contacts.delete([ada, bob]))
    log = log_of(house)
    assert [change.seq for change in log] == [1, 2, 3, 4]
    assert told(log) == [
        ("contact", "created", 1, 2),
        ("contact", "updated", 1, 1),
        ("contact", "deleted", 1, 1),
        ("contact", "deleted", 2, 2),
    ]


def test_entries_say_who_by_which_way_and_when(house: House, clock: Clock) -> None:
    clock.move_on(7)
    house.insert_named("Ada")
    (entry,) = log_of(house)
    assert (entry.actor, entry.dialect, entry.at, entry.import_id, entry.before) == (
        *("the key", "test"),
        *(clock.now, None, None),
    )


def test_what_was_there_before_a_change_and_a_deletion(house: House) -> None:
    ada, group = house.insert(
        house.placement(card("Ada", phones=["0612345678"])), house.placement(card("All"), kind="group")
    )
    house.set_members(group.number, Member(ada.number, primary=True))
    house.add(Label(71, "list", "club", 0))
    house.write(lambda session: session.labels.attach([71], [ada.number]))
    new = house.update(ada, card("Ada B"))
    house.write(lambda session: session.contacts.delete([new]))
    house.write(lambda session: session.contacts.delete([group]))
    changed, deleted, group_gone = (change.before for change in log_of(house, after=1))
    assert changed["contact"]["card"] == {"full": "Ada", "phones": [_phone("0612345678", "+33612345678")]}
    assert (changed["contact"]["uid"], changed["contact"]["version"]) == (ada.uid, 1)
    assert deleted["contact"]["card"] == {"full": "Ada B"}
    place = {"group": group.number, "position": 0, "primary": True}
    assert (deleted["groups"], deleted["labels"]) == ([place], [["list", "club"]])
    assert group_gone["members"] == [], "the only member had gone before"


def _phone(raw: str, e164: str) -> dict[str, Any]:
    return {"raw": raw, "e164": e164, "primary": True}


def test_pages_of_the_log(house: House) -> None:
    for name in "abcde":
        house.insert_named(name)
    assert [change.seq for change in log_of(house, after=1, limit=2)] == [2, 3]
    assert [change.seq for change in log_of(house, after=3, limit=9)] == [4, 5]
    assert log_of(house, after=5) == []


def test_each_account_has_its_own_log(house: House) -> None:
    house.insert_named("Ada")
    other = House(house.store, "next door")
    assert log_of(other) == []
    other.insert_named("Bob")
    assert [change.seq for change in log_of(other)] == [1]


def test_a_failed_work_leaves_no_gap(house: House) -> None:
    def fail(session: Session) -> None:
        session.contacts.insert([house.placement(card("Bob"))])
        session.log("book", "created", 9)
        raise ZeroDivisionError

    def succeed(session: Session) -> None:
        session.contacts.insert([house.placement(card("Ada"))])

    outcomes = all_at_once(house.store, [house.work(run) for run in (fail, succeed, fail, succeed, fail)])
    assert [outcome.error is None for outcome in outcomes] == [False, True, False, True, False]
    assert [(change.seq, change.first) for change in log_of(house)] == [(1, 1), (2, 2)]


def test_what_is_before_may_be_any_record(house: House) -> None:
    label = Label(71, "tag", "vip", 5)
    house.write(lambda session: session.log("tag", "deleted", 71, before=label))
    (entry,) = log_of(house)
    assert (entry.noun, entry.verb, entry.first, entry.before) == (
        *("tag", "deleted", 71),
        {"number": 71, "kind": "tag", "name": "vip", "created_at": 5},
    )
    house.write(lambda session: session.log("contact", "created", 3, 9))
    assert told(log_of(house))[-1] == ("contact", "created", 3, 9)


def test_forgetting_takes_what_was_before_and_the_answers(house: House) -> None:
    (ada,) = house.insert_named("Ada")

    def change(session: Session) -> None:
        session.contacts.update(ada, replace(ada, card=card("Ada B")))
        session.keep_answer("k", b"hash", 200, "application/json", b'{"name":"Ada B"}')

    house.write(change)
    house.write(lambda session: session.keep_answer("other", b"hash", 200, "application/json", b"{}"))
    house.write(lambda session: session.forget(ada))
    assert [change.before for change in log_of(house)] == [None, None]
    assert house.read(lambda session: session.answer("k")) == (b"hash", 200, "application/json", b"{}")


def test_forgetting_one_leaves_the_others(house: House) -> None:
    ada, bob = house.insert_named("Ada", "Bob")
    for contact in (ada, bob):
        house.update(contact, card("New"))
    house.write(lambda session: session.forget(ada))
    befores = [change.before for change in log_of(house, after=1)]
    assert befores[0] is None
    assert befores[1]["contact"]["card"] == {"full": "Bob"}
