"""Every field and operation of a `Condition`, over a cast of four; orders and pages."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from onebook.model import address
from onebook.model.contact import Address
from onebook.model.label import Label, Member
from onebook.model.opt_out import OptOut
from onebook.store.base import Condition, Op, Order, Store
from tests.store.engines import Clock, Engine
from tests.store.house import House, card

HOME = Address(line1="1 Rue de la Paix", city="Paris", postal_code="75002", country_code="FR")
FLAT = Address(line1="1 Rue de la Paix", line2="Flat 3", city="Paris", postal_code="75002", country_code="FR")
PLACE = "0190a6c2-0000-7000-8000-000000000001"
BOTH, ADA_S, EVE_S = "+33612345678", "+33612345679", "+33612345680"
CLUB, ALL_CLUBS = 71, (71, 72)
ACME = 55


@pytest.fixture(scope="module")
def house(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Ada, Bob, the group Eve and a nameless fourth, numbered 1 to 4 and a second apart; Bob is in another book."""
    folder, clock = tmp_path_factory.mktemp("cast"), Clock()
    engine.create(folder)
    store = engine.open(folder, clock)
    house = House(store)
    _let_in(house, clock)
    yield house
    store.close()


def _let_in(house: House, clock: Clock) -> None:
    friends = house.new_book("Friends")
    cast = (
        house.placement(
            card("Ada Lovelace", given="Ada", family="Lovelace", phones=[ADA_S, BOTH],
                 emails=["ada@example.org", "both@example.org"], addresses=(HOME,), locations=(PLACE,),
                 organization="Acme & Sons", custom={"level": "gold", "age": 36, "vip": True, "half": 0.5}),
            external_id="e-1",
        ),
        house.placement(
            card("Bob Stone", given="Bob", family="Stone", phones=[BOTH], emails=["Both@Example.org"],
                 addresses=(FLAT,), custom={"level": "Gold"}),
            book=friends, external_id="E-1", organization=ACME,
        ),
        house.placement(
            card("Ève 100%_sure", given="Ève", phones=[EVE_S], organization="ACME & SONS"), kind="group"
        ),
        house.placement(card(emails=["zoe@example.org"], custom={"vip": False, "level": None}), external_id="e-3"),
    )  # fmt: skip
    for placement in cast:
        clock.move_on(1000)
        house.insert(placement)
    house.set_members(EVE, Member(BOB), Member(ADA, primary=True))
    house.add(Label(71, "list", "club", 0), Label(72, "list", "other", 0))
    house.add(OptOut(73, "phone", ADA_S, "STOP", 0), OptOut(74, "email", "zoe@example.org", "page", 0))
    house.write(lambda session: session.labels.attach([CLUB], [1, 3]))
    house.write(lambda session: session.labels.attach([72], [3]))


START = 1_767_225_600_000
ADA, BOB, EVE, ZOE = 1, 2, 3, 4
ALL = (ADA, BOB, EVE, ZOE)

CASES: tuple[tuple[str, Op, Any, tuple[int, ...]], ...] = (
    ("number", "eq", 2, (BOB,)),
    ("number", "ne", 2, (ADA, EVE, ZOE)),
    ("number", "in", (4, 2, 99), (BOB, ZOE)),
    ("number", "lt", 2, (ADA,)),
    ("number", "le", 2, (ADA, BOB)),
    ("number", "gt", 3, (ZOE,)),
    ("number", "ge", 3, (EVE, ZOE)),
    ("book", "eq", 2, (BOB,)),
    ("book", "ne", 2, (ADA, EVE, ZOE)),
    ("book", "in", (1, 2), ALL),
    ("book", "in", (1,), (ADA, EVE, ZOE)),
    ("book", "eq", 3, ()),
    ("kind", "eq", "group", (EVE,)),
    ("kind", "ne", "group", (ADA, BOB, ZOE)),
    ("external_id", "eq", "e-1", (ADA,)),
    ("external_id", "in", ("e-1", "E-1"), (ADA, BOB)),
    ("external_id", "ne", "e-1", (BOB, EVE, ZOE)),
    ("external_id", "eq", None, (EVE,)),
    ("external_id", "ne", None, (ADA, BOB, ZOE)),
    ("organization", "eq", ACME, (BOB,)),
    ("organization", "in", (ACME, 56), (BOB,)),
    ("organization", "ne", ACME, (ADA, EVE, ZOE)),
    ("organization", "eq", None, (ADA, EVE, ZOE)),
    ("given", "eq", "ADA", (ADA,)),
    ("given", "eq", "ève", (EVE,)),
    ("given", "ne", "ada", (BOB, EVE, ZOE)),
    ("given", "contains", "B", (BOB,)),
    ("given", "contains", "", (ADA, BOB, EVE)),
    ("given", "contains", "%", ()),
    ("family", "eq", "lovelace", (ADA,)),
    ("family", "contains", "O", (ADA, BOB)),
    ("family", "contains", "_", ()),
    ("family", "ne", "STONE", (ADA, EVE, ZOE)),
    ("family", "eq", None, (EVE, ZOE)),
    ("sort_key", "eq", "bob stone", (BOB,)),
    ("sort_key", "lt", "bob", (ADA,)),
    ("created_at", "ge", START + 3000, (EVE, ZOE)),
    ("created_at", "gt", START + 3000, (ZOE,)),
    ("created_at", "lt", START + 2000, (ADA,)),
    ("updated_at", "le", START + 2000, (ADA, BOB)),
    ("phone", "eq", BOTH, (ADA, BOB)),
    ("phone", "in", (EVE_S, BOTH), (ADA, BOB, EVE)),
    ("phone", "eq", "0612345678", ()),
    ("primary_phone", "eq", BOTH, (BOB,)),
    ("primary_phone", "in", (ADA_S, BOTH), (ADA, BOB)),
    ("email", "eq", "both@example.org", (ADA, BOB)),
    ("email", "in", ("zoe@example.org", "no@example.org"), (ZOE,)),
    ("address", "eq", address.address_id(FLAT), (BOB,)),
    ("building", "eq", address.building_hash(HOME), (ADA, BOB)),
    ("location", "eq", PLACE, (ADA,)),
    ("label", "eq", CLUB, (ADA, EVE)),
    ("label", "in", ALL_CLUBS, (ADA, EVE)),
    ("label", "eq", 72, (EVE,)),
    ("member_of", "eq", EVE, (ADA, BOB)),
    ("member_of", "in", (EVE, ADA), (ADA, BOB)),
    ("has_member", "eq", ADA, (EVE,)),
    ("has_member", "eq", EVE, ()),
    ("organization_named", "eq", ((), "acme & sons"), (ADA, EVE)),
    ("organization_named", "eq", ((ACME,), "acme & sons"), (ADA, BOB, EVE)),
    ("organization_named", "contains", ((), "CME & "), (ADA, EVE)),
    ("organization_named", "ne", ((ACME,), "acme & sons"), (ZOE,)),
    ("organization_named", "ne", ((), "nobody"), ALL),
    ("custom", "eq", ("level", "gold"), (ADA,)),
    ("custom", "eq", ("level", "Gold"), (BOB,)),
    ("custom", "eq", ("age", "36"), (ADA,)),
    ("custom", "eq", ("half", "0.5"), (ADA,)),
    ("custom", "eq", ("vip", "true"), (ADA,)),
    ("custom", "eq", ("vip", "false"), (ZOE,)),
    ("custom", "eq", ("le%", "gold"), ()),
    ("uid", "eq", "nobody's", ()),
    ("opted_out", "eq", True, (ADA, ZOE)),
    ("opted_out", "eq", False, (BOB, EVE)),
    ("words", "eq", (("ada",),), (ADA,)),
    ("words", "eq", (("lov", "ada"),), (ADA,)),
    ("words", "eq", (("lov", "bob"),), ()),
    ("words", "eq", (("lov",), ("bob",)), (ADA, BOB)),
    ("words", "eq", (("eve",),), (EVE,)),
    ("words", "eq", (("612345678",),), (ADA, BOB)),
)


@pytest.mark.parametrize(("field", "op", "value", "numbers"), CASES, ids=lambda value: str(value)[:40])
def test_condition_finds_and_counts_exactly(
    house: House, field: str, op: Op, value: object, numbers: tuple[int, ...]
) -> None:
    condition = Condition(field, op, value)
    found = house.read(lambda session: session.contacts.page((condition,), limit=100))
    assert tuple(contact.number for contact in found) == numbers
    assert house.count(condition) == len(numbers)


def test_every_field_and_operation_is_tried() -> None:
    promised = Condition.__doc__ or ""
    fields = {field for field, *_ in CASES}
    assert {op for _, op, *_ in CASES} == set(get_args(Op))
    assert all(field in promised for field in fields)
    named = promised.split("compare:")[1]
    known = {
        *("number", "uid", "book", "kind", "external_id", "organization", "given", "family", "sort_key"),
        *("created_at", "updated_at", "phone", "email", "primary_phone", "address", "building", "location", "label"),
        *("member_of", "has_member", "organization_named", "opted_out", "custom", "words"),
    }
    assert fields == {field for field in known if field in named}


def test_all_conditions_of_a_filter_must_hold(house: House) -> None:
    assert house.find(Condition("phone", "eq", BOTH), Condition("book", "eq", 1)) == ["Ada Lovelace"]
    assert house.find(Condition("number", "gt", 1), Condition("number", "lt", 3)) == ["Bob Stone"]


def test_uid_is_compared_exactly(house: House) -> None:
    uid = house.read(lambda session: session.contacts.by_numbers([2])[2].uid)
    assert house.find(Condition("uid", "eq", uid)) == ["Bob Stone"]
    assert house.find(Condition("uid", "in", (uid, "x"))) == ["Bob Stone"]


def test_an_empty_list_of_values_finds_nobody(house: House) -> None:
    for field in ("number", "book", "phone", "label", "member_of"):
        assert house.find(Condition(field, "in", ())) == []
        assert house.count(Condition(field, "in", ())) == 0


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        (Order("number"), (1, 2, 3, 4)),
        (Order("number", descending=True), (4, 3, 2, 1)),
        # The nameless fourth is called by its mail address.
        (Order("name"), (1, 2, 3, 4)),
        (Order("name", descending=True), (4, 3, 2, 1)),
        (Order("created_at", descending=True), (4, 3, 2, 1)),
        (Order("updated_at"), (1, 2, 3, 4)),
    ],
)
def test_order(house: House, order: Order, numbers: tuple[int, ...]) -> None:
    assert numbers_of(house, order) == list(numbers)


def numbers_of(house: House, order: Order) -> list[int]:
    found = house.read(lambda session: session.contacts.page((), order=order, limit=100))
    return [contact.number for contact in found]


def test_order_by_mail_is_that_of_the_primary_address(house: House) -> None:
    having = Condition("number", "in", (1, 2, 4))
    by_mail = Order("email", descending=True)
    assert house.find(having, order=by_mail) == [None, "Bob Stone", "Ada Lovelace"]


def test_ties_go_by_number_in_the_same_direction(store: Store) -> None:
    house = House(store)
    made = house.insert_named("Twin", "Twin", "Twin")
    numbers = [contact.number for contact in made]
    assert numbers_of(house, Order("name")) == numbers
    for by in ("name", "email", "created_at", "updated_at"):
        assert numbers_of(house, Order(by, descending=True)) == numbers[::-1]


@pytest.mark.parametrize("order", [Order(), Order("name"), Order("created_at", descending=True)])
def test_pages_hold_everybody_once(house: House, order: Order) -> None:
    pages = [house.find(order=order, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 1, 0]
    assert [name for page in pages for name in page] == house.find(order=order)


def test_nothing_of_a_value_reaches_the_sql(house: House) -> None:
    for text in ("' OR 1=1 --", '"', "\\", "%", "_", ":account_id", "a\nb"):
        for field in ("uid", "external_id", "given", "phone", "email"):
            assert house.find(Condition(field, "eq", text)) == []
        assert house.find(Condition("custom", "eq", (text, text))) == []
        assert house.find(Condition("organization_named", "contains", ((), text + "!"))) == []


def test_another_account_finds_nobody(house: House) -> None:
    stranger = House(house.store, "stranger")
    for field, op, value, _ in CASES:
        assert stranger.find(Condition(field, op, value)) == [], (field, op, value)
        assert stranger.count(Condition(field, op, value)) == 0, (field, op, value)
