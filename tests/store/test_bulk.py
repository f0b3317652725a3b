"""Many contacts at a time say what one at a time would, and no look-up walks through a book."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from onebook.model.change import Change
from onebook.model.contact import Contact
from onebook.store import import_statements
from onebook.store.base import Condition, Store
from onebook.store.driver import UniqueTaken
from onebook.store.loading import ROWS_A_STATEMENT, loads
from onebook.store.migrate import migrate_sqlite
from onebook.store.statement import Expanding
from onebook.store.statements import PHONE_ADD
from tests.store.engines import rows_of
from tests.store.house import House, card

_BY_PLACE = SQLiteDialect(paramstyle="qmark")


@pytest.fixture
def house(store: Store) -> House:
    """An account with three contacts, of whom two have ids."""
    house = House(store)
    house.insert(
        house.placement(card("Ada Lovelace", phones=["+33612345678"], emails=["ada@example.com"]), external_id="a"),
        house.placement(card("Bo Diddley", phones=["+33612345679"]), external_id="b"),
        house.placement(card("Cy Twombly")),
    )
    return house


def _contacts(house: House) -> list[Contact]:
    return house.read(lambda session: session.contacts.page((), limit=100))


def _words(house: House, word: str) -> list[str | None]:
    return house.find(Condition("words", "eq", ((word,),)))


def _changed(old: Contact) -> Contact:
    said = card(f"{old.card.full} Anew", phones=["+33698765432"], emails=["new@example.com"])
    return replace(old, card=said)


def test_contacts_changed_together_are_those_changed_one_by_one(house: House) -> None:
    old = _contacts(house)
    house.write(lambda session: session.bulk.update([(one, _changed(one)) for one in old]))
    together = _contacts(house)
    other = House(house.store, "other")
    other.insert(*(other.placement(one.card, external_id=one.external_id) for one in old))
    for one in _contacts(other):
        other.update(one, _changed(one).card)
    alone = _contacts(other)
    assert [(one.card, one.external_id, one.version) for one in together] == [
        (one.card, one.external_id, one.version) for one in alone
    ]
    for field, key in (("phone", "+33698765432"), ("email", "new@example.com")):
        where = Condition(field, "eq", key)
        assert house.find(where) == other.find(where) == [one.card.full for one in together]
    assert house.find(Condition("phone", "eq", "+33612345678")) == []


def test_contacts_changed_together_are_found_by_their_new_words_alone(house: House) -> None:
    house.write(lambda session: session.bulk.update([(one, _changed(one)) for one in _contacts(house)]))
    assert _words(house, "anew") == ["Ada Lovelace Anew", "Bo Diddley Anew", "Cy Twombly Anew"]
    assert _words(house, "33612345678") == []


def test_the_log_tells_each_contact_that_was_changed_with_the_others(house: House) -> None:
    old = _contacts(house)
    house.write(lambda session: session.bulk.update([(one, _changed(one)) for one in old]))
    log: list[Change] = house.read(lambda session: session.changes(0, 100))
    assert [(entry.verb, entry.first) for entry in log[-3:]] == [("updated", one.number) for one in old]
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))


def test_an_id_can_go_from_one_changed_contact_to_the_next(house: House) -> None:
    ada, bo, _ = _contacts(house)
    house.write(
        lambda session: session.bulk.update([(ada, replace(ada, external_id="z")), (bo, replace(bo, external_id="a"))])
    )
    assert [one.external_id for one in _contacts(house)] == ["z", "a", None]


def test_rows_beyond_one_statement_are_all_loaded() -> None:
    rows = [(f"key {number}", number, False) for number in range(2 * ROWS_A_STATEMENT + 5)]
    with closing(apsw.Connection(":memory:")) as connection:
        connection.execute("CREATE TABLE contact_phones (account_id, key, contact, is_primary)")
        for text, values in loads(PHONE_ADD, rows, {"account_id": 7}):
            connection.execute(text, values)
        found = connection.execute("SELECT key, contact, is_primary FROM contact_phones WHERE account_id = 7")
        assert [(key, contact, bool(primary)) for key, contact, primary in found] == rows


def test_rows_are_refused_if_one_of_them_is_taken(house: House) -> None:
    with pytest.raises(UniqueTaken):
        house.write(lambda session: session.bulk.join([(1, 2), (1, 2)], {}))


_LOOKUPS = [name for name, value in vars(import_statements).items() if isinstance(value, Expanding)]

_SOUGHT = {
    "contacts": ("number=?", "external_id=?", "sort_key=?"),
    "contact_addresses": ("address_id=?",),
    "contact_locations": ("location=?",),
}


@pytest.mark.parametrize("name", _LOOKUPS)
@pytest.mark.parametrize("count", [1, 40, 512])
def test_no_lookup_walks_through_a_book(tmp_path: Path, name: str, count: int) -> None:
    migrate_sqlite(tmp_path / "onebook.db")
    expanding: Expanding = getattr(import_statements, name)
    statement, _ = next(iter(expanding.batches(range(count))))
    text, places = statement.placed(_BY_PLACE)
    plan = rows_of(tmp_path / "onebook.db", f"EXPLAIN QUERY PLAN {text}", [1] * len(places))
    searched = plan[0][3]
    assert searched.startswith("SEARCH")
    assert any(column in searched for column in _SOUGHT.get(searched.split()[1], ("key=?",))), searched
