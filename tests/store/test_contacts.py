"""Writing contacts: numbers, uids, versions, what is unique, and what a deletion leaves."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from onebook.errors import Conflict
from onebook.model.contact import Address
from onebook.model.label import Label, Member
from onebook.store.base import Condition, Store
from tests.store.engines import Clock
from tests.store.house import House, card

CLUB = 71


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


# --- new ones ---


def test_numbers_follow_one_another_from_one(house: House) -> None:
    first, second = house.insert_named("Ada", "Bob")
    (third,) = house.insert_named("Eve")
    assert [first.number, second.number, third.number] == [1, 2, 3]


def test_each_account_counts_for_itself(house: House) -> None:
    house.insert_named("Ada", "Bob")
    assert House(house.store, "next door").insert_named("Eve")[0].number == 1


def test_uids_are_of_version_seven_and_in_the_order_of_numbers(house: House) -> None:
    uids = [contact.uid for contact in house.insert_named(*"abcdefgh")] + [house.insert_named("i")[0].uid]
    assert all(UUID(uid).version == 7 and uid == str(UUID(uid)) for uid in uids)
    assert uids == sorted(set(uids))


def test_what_is_written_is_read(house: House, clock: Clock) -> None:
    said = card(
        "Ada Lovelace", given="Ada", family="Lovelace", phones=["06 12 34 56 78", "garbage"],
        emails=["Ada@Example.org"],
        addresses=(Address(type="home", city="Łódź", text="in Łódź"),), notes="likes\nengines", organization="Acme",
        locations=("somewhere",), custom={"a": [1, {"b": None}], "ключ": "значение", "x": 2**53 + 1, "f": 1e300},
    )  # fmt: skip
    (made,) = house.insert(house.placement(said, kind="group", external_id="e 1", organization=7))
    assert (made.version, made.created_at, made.updated_at) == (1, clock.now, clock.now)
    assert (made.book, made.kind, made.external_id, made.organization) == (house.book, "group", "e 1", 7)
    assert made.card == said
    assert house.read(lambda session: session.contacts.by_uid(made.uid)) == made
    assert house.read(lambda session: session.contacts.by_numbers([made.number])) == {made.number: made}


def test_by_numbers_gives_those_that_exist_whatever_their_number(house: House) -> None:
    house.insert(*(house.placement(card(str(n))) for n in range(700)))
    found = house.read(lambda session: session.contacts.by_numbers([0, *range(1, 701), 701, 2**53]))
    assert sorted(found) == list(range(1, 701))
    assert house.read(lambda session: session.contacts.by_numbers([])) == {}


def test_inserting_nobody_is_nothing(house: House) -> None:
    assert house.insert() == []
    assert house.insert_named("Ada")[0].number == 1


def test_nobody_is_found_in_another_account(house: House) -> None:
    (ada,) = house.insert_named("Ada")
    stranger = House(house.store, "stranger")
    assert stranger.read(lambda session: session.contacts.by_uid(ada.uid)) is None
    assert stranger.read(lambda session: session.contacts.by_numbers([ada.number])) == {}


# --- external ids ---


def test_external_id_is_taken_in_its_book_only(house: House) -> None:
    (ada,) = house.insert(house.placement(card("Ada"), external_id="e"))
    with pytest.raises(Conflict) as taken:
        house.insert(house.placement(card("Bob")), house.placement(card("Eve"), external_id="e"))
    assert (taken.value.kind, taken.value.key, taken.value.existing, taken.value.index) == (
        "external_id",
        "e",
        ada.number,
        1,
    )
    assert house.find() == ["Ada"]
    (other,) = house.insert(house.placement(card("Eve"), external_id="e", book=house.new_book("Friends")))
    assert other.number == 2, "a refused work keeps no numbers"


def test_external_id_twice_in_one_insert_is_a_conflict_at_the_second(house: House) -> None:
    twice = [house.placement(card(name), external_id="e") for name in ("Ada", "Bob")]
    with pytest.raises(Conflict) as taken:
        house.insert(*twice)
    assert taken.value.index == 1
    assert house.find() == []


def test_external_id_of_a_deleted_contact_is_free(house: House) -> None:
    (ada,) = house.insert(house.placement(card("Ada"), external_id="e"))
    house.write(lambda session: session.contacts.delete([ada]))
    (again,) = house.insert(house.placement(card("Ada"), external_id="e"))
    assert again.number == 2
    assert again.uid != ada.uid


def test_taking_anothers_external_id_by_an_update_is_a_conflict(house: House) -> None:
    ada, bob = house.insert(house.placement(card("Ada"), external_id="e"), house.placement(card("Bob")))
    with pytest.raises(Conflict) as taken:
        house.write(lambda session: session.contacts.update(bob, replace(bob, external_id="e")))
    assert (taken.value.kind, taken.value.existing) == ("external_id", ada.number)
    kept = house.update(ada, card("Ada B"))
    assert kept.external_id == "e", "its own is not in its way"


# --- changed ones ---


def test_update_gives_the_next_version_and_the_time(house: House, clock: Clock) -> None:
    (ada,) = house.insert_named("Ada")
    clock.move_on(5)
    new = house.update(ada, card("Ada B", notes="n"))
    assert (new.version, new.created_at, new.updated_at) == (2, clock.now - 5, clock.now)
    assert house.read(lambda session: session.contacts.by_uid(ada.uid)) == new


def test_update_moves_what_a_contact_is_found_by(house: House) -> None:
    (ada,) = house.insert(
        house.placement(card("Ada", phones=["0612345678"], emails=["ada@example.org"], custom={"level": "gold"}))
    )
    new = card("Bea", phones=["0687654321"], emails=["bea@example.org"])
    house.update(ada, new)
    for field, old, now in (
        ("phone", "+33612345678", "+33687654321"),
        ("primary_phone", "+33612345678", "+33687654321"),
        ("email", "ada@example.org", "bea@example.org"),
        ("words", (("ada",),), (("bea",),)),
        ("sort_key", "ada", "bea"),
    ):
        assert house.find(Condition(field, "eq", old)) == [], field
        assert house.find(Condition(field, "eq", now)) == ["Bea"], field
    assert house.find(Condition("custom", "eq", ("level", "gold"))) == []


def test_only_the_primary_mark_moving_is_seen_by_look_ups(house: House) -> None:
    (ada,) = house.insert(house.placement(card("Ada", phones=["0612345678", "0687654321"])))
    first, second = ada.card.phones
    swapped = replace(ada.card, phones=(replace(first, primary=False), replace(second, primary=True)))
    house.update(ada, swapped)
    assert house.find(Condition("primary_phone", "eq", "+33687654321")) == ["Ada"]
    assert house.find(Condition("primary_phone", "eq", "+33612345678")) == []


def test_equal_entries_of_one_contact_are_no_conflict(house: House) -> None:
    twice = card("Ada", phones=["0612345678", "+33 6 12 34 56 78"], emails=["a@example.org", "A@example.org"])
    house.insert(house.placement(twice))
    assert house.find(Condition("phone", "eq", "+33612345678")) == ["Ada"]
    assert house.find(Condition("primary_phone", "eq", "+33612345678")) == ["Ada"]


# --- gone ones ---


def test_deletion_leaves_nothing_that_names_the_contact(house: House) -> None:
    whole = card(
        "Ada",
        phones=["0612345678"],
        emails=["ada@example.org"],
        locations=("home",),
        addresses=(Address(city="Paris"),),
    )
    ada, bob, group = house.insert(
        house.placement(whole), house.placement(card("Bob")), house.placement(card("All"), kind="group")
    )
    house.set_members(group.number, Member(ada.number), Member(bob.number))
    house.add(Label(CLUB, "list", "club", 0))
    house.write(lambda session: session.labels.attach([CLUB], [ada.number, bob.number]))
    house.write(lambda session: session.contacts.delete([ada]))
    assert house.read(lambda session: session.contacts.by_uid(ada.uid)) is None
    assert house.read(lambda session: session.groups.members([group.number])) == {group.number: [Member(bob.number)]}
    assert house.read(lambda session: session.labels.sizes("list")) == {CLUB: 1}
    assert house.read(lambda session: session.labels.of_contacts([ada.number])) == {}
    for field, value in (("phone", "+33612345678"), ("email", "ada@example.org"), ("location", "home")):
        assert house.find(Condition(field, "eq", value)) == []
    assert house.find(Condition("words", "eq", (("ada",),))) == []


def test_a_deleted_group_lets_its_members_go(house: House) -> None:
    ada, group = house.insert(house.placement(card("Ada")), house.placement(card("All"), kind="group"))
    house.set_members(group.number, Member(ada.number))
    house.write(lambda session: session.contacts.delete([group]))
    assert house.find() == ["Ada"]
    assert house.read(lambda session: session.groups.places_of([ada.number])) == {}


def test_numbers_of_deleted_contacts_are_not_used_again(house: House) -> None:
    made = house.insert_named("Ada", "Bob")
    house.write(lambda session: session.contacts.delete(made))
    assert house.insert_named("Eve")[0].number == 3


# --- groups and labels ---


def test_members_keep_their_order_and_mark(house: House) -> None:
    numbers = [contact.number for contact in house.insert_named(*"abc")]
    (group,) = house.insert(house.placement(card("All"), kind="group"))
    wanted = [Member(numbers[2]), Member(numbers[0], primary=True), Member(numbers[1])]
    house.set_members(group.number, Member(numbers[0]))
    house.set_members(group.number, *wanted)
    assert house.read(lambda session: session.groups.members([group.number, numbers[0]])) == {group.number: wanted}
    assert house.read(lambda session: session.groups.of_contacts([numbers[1]])) == {numbers[1]: [group.number]}
    house.set_members(group.number)
    assert house.read(lambda session: session.groups.members([group.number])) == {}


def test_labels_are_attached_once_and_detached(house: House) -> None:
    ada, bob = (contact.number for contact in house.insert_named("Ada", "Bob"))
    house.add(Label(71, "list", "club", 0), Label(72, "tag", "vip", 0), Label(73, "list", "also", 0))
    house.write(lambda session: session.labels.attach([71, 72, 73], [ada, bob]))
    house.write(lambda session: session.labels.attach([71], [ada, ada]))
    of_ada = [("list", "also"), ("list", "club"), ("tag", "vip")]
    assert house.read(lambda session: session.labels.of_contacts([ada, bob, 99])) == {ada: of_ada, bob: of_ada}
    assert house.read(lambda session: session.labels.numbered("list", ["club", "vip", "no"])) == {"club": 71}
    house.write(lambda session: session.labels.detach([71], [ada]))
    house.write(lambda session: session.labels.detach_all("list", [bob]))
    assert house.read(lambda session: session.labels.of_contacts([ada, bob])) == {
        ada: [("list", "also"), ("tag", "vip")],
        bob: [("tag", "vip")],
    }
    assert house.read(lambda session: session.labels.sizes("list")) == {73: 1}
    house.write(lambda session: session.labels.clear(72))
    assert house.read(lambda session: session.labels.sizes("tag")) == {}
