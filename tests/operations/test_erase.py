"""Erasing is more than deleting: nothing of the person is left in any row of any table.

The person's words are such that no other row has them by chance. What may stay are the opt-outs, which the person
wanted, and that something happened, when, and by whom.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from onebook.model.change import Change
from onebook.model.contact import Address, Card, Contact, ContactDraft, ContactPatch, CustomChange, Email, Phone
from onebook.operations import contacts, groups, labels, opt_outs
from onebook.operations.actor import Actor
from onebook.store.base import Session
from tests.operations.desk import Desk
from tests.store.engines import Engine

WORDS = (
    *("xanthippe", "quuxley", "zyzzyva", "vexillology", "qwertzy", "jabberwock"),
    *("33698765432", "0698765432", "4711-0815"),
)
ADA = Card(
    full="Xanthippe Quuxley",
    given="Xanthippe",
    family="Quuxley",
    phones=(Phone("0698765432", "+33698765432", primary=True),),
    emails=(Email("zyzzyva@example.org", primary=True),),
    addresses=(Address(line1="1 Qwertzy Road", text="1 Qwertzy Road"),),
    notes="studies vexillology",
    organization="Jabberwock Ltd",
    custom={"hobby": "vexillology", "nested": [{"deep": "jabberwock"}]},
)


@pytest.fixture
def ada(desk: Desk) -> Contact:
    """A contact with a long history, beside others with none."""
    for name in ("Before", "Bob"):
        desk.create(name)
    made = desk.create(ADA, external_id="4711-0815")
    group = desk.create("All", kind="group")
    desk.write(lambda session, actor: groups.set_members(session, actor, group, [(made.uid, True)]))
    lists = desk.write(lambda session, actor: labels.numbers_of(session, actor, "list", ["club"]))
    desk.write(lambda session, _: labels.attach(session, lists, [made.number]))
    for patch in (
        ContactPatch(notes="the jabberwock", custom=CustomChange({"hobby": "quuxley"})),
        ContactPatch(external_id=None, addresses=(), organization=None),
        ContactPatch(emails=(), external_id="4711-0815"),
    ):
        made = desk.update(made, patch)
    desk.create("After")
    return made


def left(engine: Engine, folder: Path, words: Sequence[str] = WORDS) -> list[tuple[str, str, str]]:
    """Table, column and word of whatever still says one of the words."""
    found = []
    for table, column, value in engine.cells(folder):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        found += [(table, column, word) for word in words if word in text.lower()]
    return found


def erase(desk: Desk, contact: Contact) -> None:
    desk.write(lambda session, actor: contacts.erase(session, actor, contact))


def test_the_person_is_there_before(engine: Engine, folder: Path, ada: Contact) -> None:
    assert {word for _, _, word in left(engine, folder)} == set(WORDS)


def test_nothing_is_left(engine: Engine, folder: Path, desk: Desk, ada: Contact) -> None:
    erase(desk, ada)
    # The blocks of the search index are rewritten by the housekeeping that follows.
    assert [place for place in left(engine, folder) if place[0] != "contacts_words_data"] == []
    desk.store.sweep(answers_before=0, generations_before=0)
    assert left(engine, folder) == []


def test_deleting_alone_leaves_what_takes_it_back(engine: Engine, folder: Path, desk: Desk, ada: Contact) -> None:
    desk.delete(ada)
    assert {table for table, _, _ in left(engine, folder)} >= {"changes"}


def test_nor_in_stored_answers(engine: Engine, folder: Path, desk: Desk) -> None:
    def create(name: str, key: str) -> Contact:
        def run(session: Session, actor: Actor) -> Contact:
            (made,) = contacts.create(session, actor, [contacts.Placed(ContactDraft(Card(full=name)), 1)])
            session.keep_answer(key, b"hash", 201, "application/json", name.encode())
            return made

        return desk.write(run)

    create("Before", "a")
    ada = create("Xanthippe Quuxley", "b")
    create("After", "c")
    erase(desk, ada)
    desk.store.sweep(answers_before=0, generations_before=0)
    assert left(engine, folder) == []
    kept = desk.read(lambda session, _: [session.answer(key) for key in "abc"])
    assert [answer and answer[3] for answer in kept] == [b"Before", b"{}", b"After"]


def test_others_keep_what_they_have(desk: Desk, ada: Contact) -> None:
    before = desk.read(lambda session, actor: contacts.find(session, actor, (), limit=99))
    erase(desk, ada)
    after = desk.read(lambda session, actor: contacts.find(session, actor, (), limit=99))
    assert after == [contact for contact in before if contact.number != ada.number]


def test_that_it_happened_stays(desk: Desk, ada: Contact) -> None:
    def log() -> list[Change]:
        return desk.read(lambda session, _: session.changes(0, 1000))

    before = log()
    erase(desk, ada)
    after = log()
    assert [(c.seq, c.noun, c.verb, c.first, c.last, c.at, c.actor) for c in after[:-1]] == [
        (c.seq, c.noun, c.verb, c.first, c.last, c.at, c.actor) for c in before
    ]
    assert (after[-1].verb, after[-1].first, after[-1].before) == ("erased", ada.number, None)


def test_who_comes_again_is_erased_again(engine: Engine, folder: Path, desk: Desk, ada: Contact) -> None:
    erase(desk, ada)
    again = desk.create(ADA, external_id="4711-0815")
    assert desk.read(lambda session, actor: contacts.get(session, actor, again.uid)).card == ADA
    erase(desk, again)
    desk.store.sweep(answers_before=0, generations_before=0)
    assert left(engine, folder) == []


def test_the_opt_out_that_the_person_wanted_stays(engine: Engine, folder: Path, desk: Desk, ada: Contact) -> None:
    desk.write(lambda session, _: opt_outs.mark(session, "phone", "+33698765432", "STOP"))
    erase(desk, ada)
    desk.store.sweep(answers_before=0, generations_before=0)
    assert {table for table, _, _ in left(engine, folder)} == {"opt_outs"}
