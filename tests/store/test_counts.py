"""Counts: from counters where only books are named, and always what a reader would find."""

import pytest

from onebook.errors import Conflict
from onebook.model.book import Book
from onebook.store.base import Condition, Session, Store
from tests.store.house import House, card


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def test_counts_of_books_follow_every_write(house: House) -> None:
    friends = house.new_book("Friends")
    assert (house.count(), house.contacts_of(house.book)) == (0, 0)
    ada, _ = house.insert_named("Ada", "Bob")
    house.insert(house.placement(card("Eve"), book=friends))
    assert (house.count(), house.contacts_of(house.book), house.contacts_of(friends)) == (3, 2, 1)
    assert house.count(Condition("book", "eq", friends)) == 1
    assert house.count(Condition("book", "in", (house.book, friends))) == 3
    assert house.count(Condition("book", "in", (house.book,))) == 2
    assert house.count(Condition("book", "eq", 99)) == 0
    house.write(lambda session: session.contacts.delete([ada]))
    assert (house.count(), house.contacts_of(house.book)) == (2, 1)


def test_a_work_sees_what_it_has_counted_itself(house: House) -> None:
    def run(session: Session) -> tuple[int, int, int]:
        session.contacts.insert([house.placement(card("Ada")), house.placement(card("Bob"))])
        book = session.get(Book, number=house.book)
        assert book is not None
        found = session.all(Book)
        return session.contacts.count(()), book.contacts, found[0].contacts

    assert house.write(run) == (2, 2, 2)


def test_a_failed_work_leaves_the_counts(house: House) -> None:
    house.insert(house.placement(card("Ada"), external_id="e"))
    with pytest.raises(Conflict):
        house.insert(house.placement(card("Bob")), house.placement(card("Eve"), external_id="e"))
    assert (house.count(), house.contacts_of(house.book)) == (1, 1)


def test_counts_are_those_of_the_account(house: House) -> None:
    house.insert_named("Ada", "Bob")
    assert House(house.store, "next door").count() == 0


def test_counter_and_count_of_rows_agree(house: House) -> None:
    house.insert_named(*"abcdef")
    found = house.read(lambda session: session.contacts.page((), limit=3))
    house.write(lambda session: session.contacts.delete(found))
    # Any test beside that of the book makes the store count rows.
    assert house.count(Condition("number", "gt", 0)) == house.count() == 3
