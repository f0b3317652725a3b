"""Any sequence of works leaves what a simple model says, and a database that is whole.

The model is a dictionary of what a reader should see. Names come from few words, so that contacts share them, and
external ids from few letters, so that they collide.
"""

from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from onebook.errors import Conflict
from onebook.model.contact import Card, Contact
from onebook.store.base import Condition, Session
from tests.store.engines import SQLITE, Clock, Engine
from tests.store.house import House, card

WORDS = st.sampled_from(["ada", "Ada", "adam", "bob", "Łódź", "北京", "o'neil", "x" * 40])
CARDS = st.builds(
    lambda words, phones, emails, level: card(" ".join(words), phones=phones, emails=emails, custom={"level": level}),
    st.lists(WORDS, min_size=1, max_size=3),
    st.lists(st.sampled_from(["0612345678", "0612345679", "+1 650 253 0000", "12"]), max_size=2, unique=True),
    st.lists(st.sampled_from(["ada@example.org", "Bob@example.org"]), max_size=2, unique=True),
    st.sampled_from(["gold", "silver", 3, None]),
)
IDS = st.one_of(st.none(), st.sampled_from(["e1", "e2", "e3"]))
PICK = st.integers(0, 10_000)
ROOM = st.integers(0, 1)


class Failed(Exception):
    """What a work that is made to fail raises at its end."""


class Books(RuleBasedStateMachine):
    """One account with two books, written at random."""

    engine: Engine

    @initialize()
    def open(self) -> None:
        self.folder = Path(mkdtemp())
        self.engine.create(self.folder)
        self.clock = Clock()
        self.store = self.engine.open(self.folder, self.clock)
        self.house = House(self.store)
        self.books = (self.house.book, self.house.new_book("Friends"))
        self.there: dict[int, Contact] = {}
        self.staged: dict[int, list[Contact]] = {}
        self.of_book: dict[int, int] = {}
        self.next_number = count(1)

    def picked(self, pick: int) -> Contact:
        return self.there[sorted(self.there)[pick % len(self.there)]]

    def taken(self, book: int, external_id: str | None, but: int = 0) -> bool:
        return external_id is not None and any(
            c.external_id == external_id and c.book == book and c.number != but for c in self.there.values()
        )

    @rule(cards=st.lists(st.tuples(CARDS, IDS, ROOM), min_size=1, max_size=4))
    def insert(self, cards: list[tuple[Card, str | None, int]]) -> None:
        wanted = [
            self.house.placement(said, book=self.books[room], external_id=external_id)
            for said, external_id, room in cards
        ]
        keys = [(self.books[room], external_id) for _, external_id, room in cards if external_id is not None]
        clash = len(set(keys)) < len(keys) or any(self.taken(book, external_id) for book, external_id in keys)
        if clash:
            with pytest.raises(Conflict):
                self.house.insert(*wanted)
            return
        made = self.house.insert(*wanted)
        assert [contact.number for contact in made] == [next(self.next_number) for _ in made]
        self.there |= {contact.number: contact for contact in made}

    @precondition(lambda self: self.there)
    @rule(pick=PICK, said=CARDS, external_id=IDS)
    def update(self, pick: int, said: Card, external_id: str | None) -> None:
        old = self.picked(pick)
        new = replace(old, card=said, external_id=external_id)
        if self.taken(old.book, external_id, but=old.number):
            with pytest.raises(Conflict):
                self.house.write(lambda session: session.contacts.update(old, new))
            return
        kept = self.house.write(lambda session: session.contacts.update(old, new))
        assert kept == replace(new, version=old.version + 1, updated_at=kept.updated_at)
        self.there[old.number] = kept

    @precondition(lambda self: self.there)
    @rule(pick=PICK, erase=st.booleans())
    def delete(self, pick: int, *, erase: bool) -> None:
        gone = self.picked(pick)
        self.house.write(lambda session: session.contacts.delete([gone], verb="erased" if erase else "deleted"))
        del self.there[gone.number]

    @rule(said=CARDS, pick=PICK)
    def fail(self, said: Card, pick: int) -> None:
        """A work that does all of it and then fails leaves nothing."""

        def run(session: Session) -> None:
            session.contacts.insert([self.house.placement(said)])
            if self.there:
                old = self.picked(pick)
                kept = session.contacts.update(old, replace(old, card=said, external_id=None))
                session.contacts.delete([kept])
            raise Failed

        with pytest.raises(Failed):
            self.house.write(run)

    @rule(cards=st.lists(CARDS, max_size=3), room=ROOM)
    def stage(self, cards: list[Card], room: int) -> None:
        book = self.books[room]
        generation = self.house.write(lambda session: session.contacts.new_generation(book))
        made = self.house.stage(generation, *(self.house.placement(said, book=book) for said in cards))
        assert [contact.card for contact in made] == cards
        assert [contact.number for contact in made] == [next(self.next_number) for _ in made]
        self.staged[generation * 2 + room] = made

    @precondition(lambda self: self.staged)
    @rule(pick=PICK, both=st.booleans())
    def publish(self, pick: int, *, both: bool) -> None:
        key = sorted(self.staged)[pick % len(self.staged)]
        came = self.staged.pop(key)
        book, other = self.books[key % 2], self.books[1 - key % 2]
        assert self.house.publish(key // 2, book=book, emptied=[other] if both else []) == len(came)
        gone = {book, other} if both else {book}
        self.there = {number: contact for number, contact in self.there.items() if contact.book not in gone}
        self.there |= {contact.number: contact for contact in came}

    @precondition(lambda self: not self.staged)
    @rule()
    def sweep(self) -> None:
        self.clock.move_on(40 * 86_400_000)
        self.store.sweep(answers_before=self.clock.now, generations_before=self.clock.now)

    @invariant()
    def readers_see_what_the_model_says(self) -> None:
        if not hasattr(self, "there"):
            return
        found = self.house.read(lambda session: session.contacts.page((), limit=1000))
        assert found == [self.there[number] for number in sorted(self.there)]
        assert self.house.count() == len(found)
        for book in self.books:
            assert self.house.contacts_of(book) == sum(contact.book == book for contact in found)

    @precondition(lambda self: self.there)
    @rule(pick=PICK)
    def everybody_is_found_by_what_they_say(self, pick: int) -> None:
        contact = self.picked(pick)
        tests = [Condition("number", "eq", contact.number)]
        tests += [Condition("phone", "eq", entry.e164 or entry.raw) for entry in contact.card.phones]
        tests += [Condition("email", "eq", entry.address.casefold()) for entry in contact.card.emails]
        if "ada" in (contact.card.full or "").lower():
            tests.append(Condition("words", "eq", (("ada",),)))
        for test in tests:
            assert contact in self.found(test), test
            assert all(one.number in self.there for one in self.found(test)), test

    def found(self, test: Condition) -> list[Contact]:
        return self.house.read(lambda session: session.contacts.page((test,), limit=1000))

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        log = self.house.read(lambda session: session.changes(0, 10_000))
        self.store.close()
        assert [change.seq for change in log] == list(range(1, len(log) + 1))
        self.engine.must_be_whole(self.folder)
        rmtree(self.folder)


def test_any_sequence_of_works(engine: Engine) -> None:
    machine = type("Books", (Books,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15 if engine is SQLITE else 5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
