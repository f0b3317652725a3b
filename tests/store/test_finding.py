"""In a large account SQLite is led to a page by several ways; each gives the page that the plain one gives."""

import itertools
import random

import pytest

from onebook.model.label import Label, Member
from onebook.model.opt_out import OptOut
from onebook.store import finding
from onebook.store.base import Condition, Order, Session, Store, Where
from tests.store.engines import SQLITE, Engine
from tests.store.house import House, card

CONTACTS = 60
NAMES = ("Ada Stone", "Bob Stone", "Cleo Adam", "Dora Works", "Ada Works")
ORDERS = tuple(
    Order(by, descending)
    for by in ("name", "number", "updated_at", "created_at")
    for descending in (False, True)
)  # fmt: skip
SETS = {
    "words": Condition("words", "eq", (("ada",),)),
    "two words": Condition("words", "eq", (("st", "bob"), ("adam",))),
    "label": Condition("label", "eq", 900),
    "small label": Condition("label", "eq", 901),
    "group": Condition("member_of", "eq", 1),
    "book": Condition("book", "eq", 2),
    "opted out": Condition("opted_out", "eq", value=True),
    "since": Condition("updated_at", "ge", 1),
    "never": Condition("updated_at", "ge", 2**52),
    "groups": Condition("group", "eq", value=True),
}
NOT_OPTED_OUT = Condition("opted_out", "eq", value=False)


@pytest.fixture
def engine() -> Engine:
    """The others find their ways by themselves."""
    return SQLITE


@pytest.fixture
def house(store: Store) -> House:
    """Sixty contacts in two books, one of them a group, with labels and opt-outs here and there."""
    house = House(store)
    other = house.new_book("Other")
    assert other == 2
    dice = random.Random(5)
    drafts = [
        house.placement(
            card(f"{dice.choice(NAMES)}", phones=[f"06123456{at:02}"], emails=[f"p{at}@example.org"]),
            kind="group" if at == 0 else "individual",
            book=2 if at % 3 else house.book,
        )
        for at in range(CONTACTS)
    ]
    house.insert(*drafts)
    house.write(lambda session: _tie(session, dice))
    return house


def _tie(session: Session, dice: random.Random) -> None:
    everybody = range(2, CONTACTS + 1)
    for number, size in ((900, 30), (901, 3)):
        session.add(Label(number, "tag", f"label {number}", 1))
        session.labels.attach([number], sorted(dice.sample(everybody, size)))
    session.groups.set_members(1, [Member(number) for number in sorted(dice.sample(everybody, 20))])
    for at in range(0, CONTACTS, 4):
        session.add(OptOut(at + 1, "phone", f"+336123456{at:02}", "test", 1))
    session.add(OptOut(999, "email", "p9@example.org", "test", 1))


def page(house: House, where: Where, order: Order, limit: int, offset: int) -> list[int]:
    found = house.read(lambda session: session.contacts.page(where, order=order, limit=limit, offset=offset))
    return [one.number for one in found]


def _filters() -> list[tuple[Condition, ...]]:
    pairs = itertools.chain(((one,) for one in SETS.values()), itertools.combinations(SETS.values(), 2))
    return [tuple(pair) for pair in pairs]


@pytest.mark.parametrize(
    ("few", "walks", "sorted_first"),
    [(5, (400,), 9), (5, (7, 20), 9), (5, (1,), 9), (5, (1,), 1), (500, (1,), 9)],
    ids=["walked", "walked twice", "sorted, the smallest first", "sorted, words first", "few"],
)
def test_each_way_leads_to_the_same_page(
    house: House, monkeypatch: pytest.MonkeyPatch, few: int, walks: tuple[int, ...], sorted_first: int
) -> None:
    asked = [
        (where, order, limit, offset)
        for where in _filters()
        for order, (limit, offset) in zip(itertools.cycle(ORDERS), ((4, 0), (4, 3), (100, 0)), strict=False)
    ]
    asked += [((*where, Condition("number", "gt", 20)), Order(), 5, 0) for where in _filters()[:10]]
    asked += [((*where, Condition("after_name", "lt", ("bob stone", 9))), ORDERS[1], 5, 0) for where in _filters()[:10]]
    asked += [((*where, NOT_OPTED_OUT), ORDERS[0], 5, 0) for where in _filters()[:10]]
    plain = [page(house, *one) for one in asked]
    monkeypatch.setattr(finding, "SMALL", 10)
    monkeypatch.setattr(finding, "FEW", few)
    monkeypatch.setattr(finding, "WALKS", walks)
    monkeypatch.setattr(finding, "SORTED_FIRST", sorted_first)
    assert any(plain)
    for one, wanted in zip(asked, plain, strict=True):
        assert page(house, *one) == wanted, one


def test_a_large_account_is_led(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SMALL", 10)
    led: list[Where] = []

    def numbers(_self: finding.Finder, where: Where, _order: Order) -> list[int]:
        led.append(where)
        return [3]

    monkeypatch.setattr(finding.Finder, "numbers", numbers)
    where = (SETS["label"],)
    found = page(house, where, ORDERS[0], 5, 0)
    assert (found, led) == ([3], [where])
    assert page(house, (), ORDERS[0], 5, 0) != [3]
