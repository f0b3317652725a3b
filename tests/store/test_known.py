"""Small records that a read may remember: never older than what this process wrote, soon as new as what others did."""

import time
from pathlib import Path

import pytest

from onebook.model.book import Book
from onebook.store.base import Session, Store
from onebook.store.rows import OTHERS_SECONDS
from tests.store.engines import Engine
from tests.store.house import House


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def known_name(store: Store, house: House) -> str | None:
    def run(session: Session) -> str | None:
        book = session.known(Book, number=house.book)
        return book.name if book else None

    return store.peek(house.account, run)


def rename(house: House, name: str) -> None:
    house.write(lambda session: session.change(Book, {"number": house.book}, name=name))


def test_what_this_process_writes_is_known_at_once(house: House) -> None:
    assert known_name(house.store, house) == "Contacts"
    for name in ("Friends", "Guests"):
        rename(house, name)
        assert known_name(house.store, house) == name
    house.write(lambda session: session.remove(Book, number=house.book))
    assert known_name(house.store, house) is None


def test_what_fails_is_never_known(house: House) -> None:
    assert known_name(house.store, house) == "Contacts"

    def stumbles(session: Session) -> None:
        session.change(Book, {"number": house.book}, name="Friends")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        house.write(stumbles)
    assert known_name(house.store, house) == "Contacts"


def test_what_another_process_writes_is_known_soon(house: House, engine: Engine, folder: Path) -> None:
    other = engine.open(folder, None)
    try:
        assert known_name(other, house) == "Contacts"
        rename(house, "Friends")
        time.sleep(OTHERS_SECONDS * 1.5)
        assert known_name(other, house) == "Friends"
    finally:
        other.close()


def test_within_a_writing_work_it_is_what_the_work_wrote(house: House) -> None:
    def run(session: Session) -> str | None:
        session.change(Book, {"number": house.book}, name="Friends")
        book = session.known(Book, number=house.book)
        return book.name if book else None

    assert known_name(house.store, house) == "Contacts"
    assert house.write(run) == "Friends"


def test_one_account_never_knows_what_another_has(house: House) -> None:
    neighbour = House(house.store, "neighbour")
    assert neighbour.book == house.book
    rename(neighbour, "Theirs")
    assert (known_name(house.store, house), known_name(house.store, neighbour)) == ("Contacts", "Theirs")
