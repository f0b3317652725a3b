"""The search index: words by their beginnings, of one account, and only of what is there."""

from pathlib import Path

import pytest

from onebook.model.contact import Address
from onebook.store.base import BY_NUMBER, Condition, Store
from onebook.store.sqlite import _DIALECT
from onebook.store.sqlite_connection import plain
from onebook.store.where import counting, paging
from tests.store.engines import SQLITE, sqlite_file
from tests.store.house import House, card


@pytest.fixture
def house(store: Store) -> House:
    house = House(store)
    house.insert(
        house.placement(card("Ada Lovelace", emails=["ada@example.org"], addresses=(Address(city="Łódź"),))),
        house.placement(card("Bob O'Stone", phones=["0612345678"], notes="ada"), external_id="crm-77"),
        house.placement(card("北京 Adam", custom={"level": "gold"}, organization="Stone & Co")),
    )
    return house


def found(house: House, *words: str) -> list[str | None]:
    return house.find(Condition("words", "eq", (words,)))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("ada",), ["Ada Lovelace", "北京 Adam"]),
        (("adam",), ["北京 Adam"]),
        (("a", "love"), ["Ada Lovelace"]),
        (("lodz",), ["Ada Lovelace"]),
        (("stone",), ["Bob O'Stone", "北京 Adam"]),
        (("33612",), ["Bob O'Stone"]),
        (("612345678",), ["Bob O'Stone"]),
        (("crm", "77"), ["Bob O'Stone"]),
        (("bei",), ["北京 Adam"]),
        (("gold",), ["北京 Adam"]),
        (("dam",), []),
        (("and",), []),
        (("or",), ["Ada Lovelace"]),  # of example.org
        (("near",), []),
    ],
)
def test_words(house: House, words: tuple[str, ...], names: list[str]) -> None:
    assert found(house, *words) == names


def test_any_alternative_is_enough(house: House) -> None:
    assert house.find(Condition("words", "eq", (("love",), ("bob", "stone"), ("nobody",)))) == [
        "Ada Lovelace",
        "Bob O'Stone",
    ]
    assert house.count(Condition("words", "eq", (("love",), ("bob",)))) == 2


def test_words_beside_other_conditions(house: House) -> None:
    assert house.find(Condition("words", "eq", (("stone",),)), Condition("number", "gt", 2)) == ["北京 Adam"]


def test_the_same_words_in_another_account(house: House) -> None:
    other = House(house.store, "next door")
    other.insert_named("Ada Next-Door")
    assert found(other, "ada") == ["Ada Next-Door"]
    assert found(house, "next") == []


@pytest.mark.parametrize("number", [1, 2])
def test_no_word_finds_everybody(house: House, number: int) -> None:
    """How the index tells accounts apart is no word that anybody could search for."""
    for word in (f"a{number}", f"a{number}z", f"{number}", f"{number}z", "z"):
        assert found(house, word) == [], word


def test_vocabulary_is_of_words_in_use(house: House) -> None:
    words = house.read(lambda session: session.contacts.vocabulary("ad", 100))
    assert words == ["ada", "adam"]
    assert house.read(lambda session: session.contacts.vocabulary("ad", 1)) == ["ada"]
    assert house.read(lambda session: session.contacts.vocabulary("xx", 100)) == []


def test_vocabulary_forgets_the_words_of_the_gone(house: House) -> None:
    everybody = house.read(lambda session: session.contacts.page((), limit=9))
    house.write(lambda session: session.contacts.delete(everybody))
    assert house.read(lambda session: session.contacts.vocabulary("ad", 100)) == []


def test_a_work_finds_by_words_what_it_wrote_itself(house: House) -> None:
    made = house.write(
        lambda session: (
            session.contacts.insert([house.placement(card("Zoe"))]),
            session.contacts.page((Condition("words", "eq", (("zoe",),)),), limit=5),
        )
    )
    assert made[0] == made[1]


def test_a_text_of_many_words_is_indexed_up_to_its_bound(house: House) -> None:
    many = " ".join(f"w{n}" for n in range(5000))
    house.insert(house.placement(card(f"Long {many}")))
    assert len(found(house, "w10")) == 1
    assert found(house, "w4999") == []


@pytest.mark.parametrize("counted", [False, True], ids=["a page", "a count"])
def test_sqlite_begins_a_search_at_the_index(tmp_path: Path, counted: bool) -> None:
    SQLITE.create(tmp_path)
    where = (Condition("book", "eq", 1), Condition("words", "eq", "§1 AND ada*"))
    sql, _ = counting(where, _DIALECT) if counted else paging(where, BY_NUMBER, _DIALECT)
    with plain(sqlite_file(tmp_path), writes=True) as connection:
        values = {"account_id": 1, "w0": 1, "w1": "§1 AND ada*", "limit": 5, "offset": 0}
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any("SEARCH contacts USING INTEGER PRIMARY KEY" in step for step in plan), plan
