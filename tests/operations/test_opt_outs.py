"""Opt-outs stand above every write: nothing but the person's own word clears one."""

from collections.abc import Callable

import pytest

from onebook.errors import NotFound
from onebook.model.contact import Card, Contact, ContactPatch, Email, Phone
from onebook.model.opt_out import OptOut
from onebook.operations import contacts, opt_outs
from onebook.store.base import Staged
from tests.operations.desk import Desk

NUMBER, MAIL = "+33612345678", "ada@example.org"
ADA = Card(
    full="Ada", phones=(Phone("0612345678", NUMBER, primary=True),), emails=(Email("Ada@Example.org", primary=True),)
)


@pytest.fixture
def ada(desk: Desk) -> Contact:
    """A contact whose number and address are marked."""
    made = desk.create(ADA, external_id="e")
    desk.write(lambda session, _: opt_outs.mark(session, "phone", NUMBER, "STOP"))
    desk.write(lambda session, _: opt_outs.mark(session, "email", MAIL, "page"))
    return made


def marks(desk: Desk) -> set[tuple[str, str, str]]:
    return {(m.channel, m.key, m.source) for m in desk.read(lambda session, _: session.all(OptOut))}


BOTH = {("phone", NUMBER, "STOP"), ("email", MAIL, "page")}


def _update(desk: Desk, ada: Contact) -> None:
    desk.update(ada, ContactPatch(phones=(), emails=(), full="Somebody else"))


def _delete(desk: Desk, ada: Contact) -> None:
    desk.delete(ada)


def _erase(desk: Desk, ada: Contact) -> None:
    desk.write(lambda session, actor: contacts.erase(session, actor, ada))


def _make_anew(desk: Desk, ada: Contact) -> None:
    desk.delete(ada)
    desk.create(ADA, external_id="e")


def _overwrite(desk: Desk, _: Contact) -> None:
    generation = desk.write(lambda session, _: session.contacts.new_generation(1))
    desk.write(lambda session, _: session.contacts.publish(1, generation, Staged(0, 0, 0)))


def _sweep(desk: Desk, _: Contact) -> None:
    desk.store.sweep(answers_before=2**52, generations_before=2**52)


@pytest.mark.parametrize("happens", [_update, _delete, _erase, _make_anew, _overwrite, _sweep])
def test_survives(desk: Desk, ada: Contact, happens: Callable[[Desk, Contact], None]) -> None:
    happens(desk, ada)
    assert marks(desk) == BOTH


def test_a_contact_is_marked_by_any_of_its_entries(desk: Desk, ada: Contact) -> None:
    def is_marked(contact: Contact) -> bool:
        return bool(desk.read(lambda session, _: opt_outs.marked_contacts(session, [contact])))

    assert is_marked(ada)
    assert is_marked(desk.update(ada, ContactPatch(phones=())))
    second = (Phone("0699999999", "+33699999999", primary=True), Phone("06 12 34 56 78", NUMBER))
    assert is_marked(desk.create(Card(phones=second)))
    assert not is_marked(desk.create(Card(phones=second[:1])))
    assert not is_marked(desk.create("Nobody"))


def test_marked_again_it_stays_as_it_was_first_set(desk: Desk, ada: Contact) -> None:
    again = desk.write(lambda session, _: opt_outs.mark(session, "phone", NUMBER, "somebody else"))
    assert again.source == "STOP"
    assert marks(desk) == BOTH


def test_cleared_by_the_persons_word(desk: Desk, ada: Contact) -> None:
    desk.write(lambda session, _: opt_outs.clear(session, "phone", NUMBER))
    assert marks(desk) == BOTH - {("phone", NUMBER, "STOP")}
    with pytest.raises(NotFound):
        desk.write(lambda session, _: opt_outs.clear(session, "phone", NUMBER))


def test_marks_are_the_accounts_own(desk: Desk, ada: Contact) -> None:
    stranger = Desk(desk.store, "stranger")
    assert marks(stranger) == set()
    assert stranger.read(lambda session, _: opt_outs.marked(session, "phone", [NUMBER])) == set()
    with pytest.raises(NotFound):
        stranger.write(lambda session, _: opt_outs.clear(session, "phone", NUMBER))


def test_those_of_many_that_are_marked(desk: Desk, ada: Contact) -> None:
    keys = [NUMBER, "+33699999999", MAIL]
    assert desk.read(lambda session, _: opt_outs.marked(session, "phone", keys)) == {NUMBER}
    assert desk.read(lambda session, _: opt_outs.marked(session, "email", keys)) == {MAIL}
