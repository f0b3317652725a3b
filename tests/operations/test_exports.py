"""Exports: every contact that the key sees and the filter lets through, once, with what stands around it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from onebook.errors import InvalidInput
from onebook.model.contact import Card, Contact, ContactDraft, Kind
from onebook.model.label import Member
from onebook.operations import accounts, exports, labels, opt_outs, organizations
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Placement, Session, Store, Where
from tests.store.engines import SQLITE, Clock, sqlite_file
from tests.store.engines import clock as clock
from tests.store.engines import engine as engine
from tests.store.engines import folder as folder
from tests.store.engines import store as store
from tests.store.house import House, card

CHUNK = 2_000
# Exports all contacts in each format, and prints by how many KiB its memory grew beyond that of a first page.
# The database's own cache, which is bounded, is kept small. What the system calls a process's greatest memory would
# count what the process that started it once had.
MEASURE = """
import json, re, sys
from pathlib import Path
from onebook.operations import accounts, exports
from onebook.store import sqlite_connection
from onebook.store.base import Condition
from onebook.store.sqlite import SqliteStore
sqlite_connection.CACHE_KIBIBYTES = 1024
store = SqliteStore(Path(sys.argv[1]))
actor = accounts.owner(accounts.named(store, sys.argv[2]))
def own_kib():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
def greatest_kib(where, name):
    return max(own_kib() for piece in exports.export(store, actor, where, exports.format_of(name)))
def grown_kib(name):
    first = greatest_kib((Condition("number", "le", 2_000),), name)
    return greatest_kib((), name) - first
print(json.dumps({name: grown_kib(name) for name in exports.FORMAT_NAMES}))
"""


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def owner(house: House) -> Actor:
    return accounts.owner(house.account)


def bound(house: House, book: int) -> Actor:
    actor = owner(house)
    return replace(actor, key=replace(actor.key, book=book))


def stored(house: House, cards: Sequence[Card], book: int | None = None, kind: Kind = "individual") -> list[Contact]:
    places = [Placement(ContactDraft(one, kind), book or house.book) for one in cards]
    return house.write(lambda session: session.contacts.insert(places))


def lines(house: House, actor: Actor | None = None, where: Where = ()) -> list[dict[str, Any]]:
    pieces = exports.export(house.store, actor or owner(house), where, exports.format_of("jsonl"))
    return [json.loads(line) for line in b"".join(pieces).splitlines()]


def names(found: Sequence[dict[str, Any]]) -> list[str | None]:
    return [one["name"]["full"] for one in found]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_203])
def test_every_contact_is_there_once_in_the_order_of_creation(house: House, count: int) -> None:
    stored(house, [card(f"Person {at}") for at in range(count)])
    assert names(lines(house)) == [f"Person {at}" for at in range(count)]


def test_contacts_that_come_and_go_meanwhile_move_no_other(house: House) -> None:
    there = stored(house, [card(f"Person {at}") for at in range(1_200)])
    rows = exports.every(house.store, owner(house), ())
    seen = [next(rows).contact.number]
    house.write(lambda session: session.contacts.delete([there[0], there[1_100]]))
    [late] = stored(house, [card("Late")])
    seen += [row.contact.number for row in rows]
    assert seen == [one.number for one in there if one != there[1_100]] + [late.number]


def test_a_filter_holds_on_every_page(house: House) -> None:
    stored(house, [card(f"Person {at}", phones=["0612345678"] if at % 3 == 0 else []) for at in range(1_600)])
    found = lines(house, where=(Condition("phone", "eq", "+33612345678"),))
    assert names(found) == [f"Person {at}" for at in range(0, 1_600, 3)]


def test_words_find_every_contact_that_has_any_of_them(house: House) -> None:
    stored(house, [card(name) for name in ("Ada Byron", "Grace Hopper", "Bryony Reed", "Alan Turing")])
    assert names(lines(house, where=exports.having_words("byr turing"))) == ["Ada Byron", "Alan Turing"]
    assert names(lines(house, where=exports.having_words(" ! "))) == []


def test_a_bound_key_takes_away_only_what_it_sees(house: House) -> None:
    other = house.new_book("Other")
    [ada] = stored(house, [card("Ada")])
    [club] = stored(house, [card("Club")], other, "group")
    [team] = stored(house, [card("Team")], house.book, "group")
    [bea] = stored(house, [card("Bea")], other)

    def join(session: Session) -> None:
        session.groups.set_members(club.number, [Member(ada.number)])
        session.groups.set_members(team.number, [Member(ada.number, primary=True), Member(bea.number)])

    house.write(join)
    found = {one["name"]["full"]: one for one in lines(house, bound(house, house.book))}
    assert set(found) == {"Ada", "Team"}
    assert found["Ada"]["groups"] == ["Team"]
    assert found["Team"]["members"] == [{"uid": ada.uid, "primary": True}]


def test_what_stands_around_a_contact_goes_with_it(house: House) -> None:
    [ada, bea] = stored(house, [card("Ada", phones=["0612345678"], emails=["Ada@example.org"]), card("Bea")])
    [club] = stored(house, [card("Club")], kind="group")
    actor = owner(house)

    def surround(session: Session) -> None:
        guild = organizations.create(session, actor, "Guild", {})
        session.contacts.update(ada, replace(ada, organization=guild.number))
        labels.replace(session, actor, "list", ada.number, ["friends", "news"])
        labels.replace(session, actor, "tag", ada.number, ["vip"])
        session.groups.set_members(club.number, [Member(bea.number), Member(ada.number, primary=True)])
        opt_outs.mark(session, "phone", "+33612345678", "test")

    house.write(surround)
    first, second, third = lines(house)
    assert (first["organization"], first["lists"], first["tags"]) == ("Guild", ["friends", "news"], ["vip"])
    assert (first["groups"], first["opt_out"], first["opted_out"]) == (["Club"], True, ["+33612345678"])
    assert (second["groups"], second["opt_out"], second["organization"]) == (["Club"], False, None)
    assert third["members"] == [{"uid": bea.uid, "primary": False}, {"uid": ada.uid, "primary": True}]


def test_nothing_is_sent_of_what_a_format_cannot_hold(house: House) -> None:
    stored(house, [card("Ada"), card("Long", notes="x" * 40_000)])
    with pytest.raises(InvalidInput, match="JSON Lines"):
        exports.export(house.store, owner(house), (), exports.format_of("xlsx"))
    assert len(lines(house)) == 2


def test_a_contact_that_changed_between_the_two_readings_is_still_whole(house: House) -> None:
    [ada] = stored(house, [card("Ada", phones=["0612345678"])])
    pieces = exports.export(house.store, owner(house), (), exports.format_of("csv"))
    grown = card("Ada", phones=["0612345678", "0612345679"], custom={"new": "field"})
    house.write(lambda session: session.contacts.update(ada, replace(ada, card=grown)))
    text = b"".join(pieces).decode()
    assert "+33612345679" in text
    assert '""custom"":{""new"":""field""}' in text


def test_memory_does_not_grow_with_the_number_of_contacts(tmp_path: Path) -> None:
    """Notes alone are five times as much as an export may grow by."""
    SQLITE.create(tmp_path)
    opened = SQLITE.open(tmp_path, Clock())
    house = House(opened)
    for start in range(0, 10_000, CHUNK):
        stored(house, [card(f"Person {at}", notes="x" * 2_000) for at in range(start, start + CHUNK)])
    opened.close()
    command = [sys.executable, "-c", MEASURE, str(sqlite_file(tmp_path)), house.account.name]
    grown_kib = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=600).stdout)
    assert list(grown_kib) == list(exports.FORMAT_NAMES)
    assert max(grown_kib.values()) < 4 * 1024, grown_kib
