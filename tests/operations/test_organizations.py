"""Organizations: found in several ways; one deleted stays on its contacts as text."""

import pytest

from onebook.errors import InvalidInput, NotFound, NotPermitted
from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch
from onebook.model.place import Organization
from onebook.operations import contacts, organizations
from onebook.store.base import Condition
from tests.operations.desk import Desk


@pytest.fixture
def acme(desk: Desk) -> Organization:
    return desk.write(lambda session, actor: organizations.create(session, actor, "Acme & Söhne", {"industry": "x"}))


def tied(desk: Desk, acme: Organization, name: str) -> Contact:
    return desk.update(desk.create(name), ContactPatch(organization=acme.number))


def referred(desk: Desk, reference: str) -> Organization | None:
    return desk.read(lambda session, _: organizations.referred(session, reference))


def test_found_by_uid_number_or_name(desk: Desk, acme: Organization) -> None:
    for reference in (acme.uid, str(acme.number), "Acme & Söhne", "ACME & SÖHNE"):
        assert referred(desk, reference) == acme
    for reference in ("", "acme", str(acme.number + 1), "9" * 400, "-1", "٣"):
        assert referred(desk, reference) is None
    assert desk.read(lambda session, _: organizations.matching(session, "söhne", part=True)) == [acme.number]
    assert desk.read(lambda session, _: organizations.matching(session, "söhne")) == []


def test_deleted_it_stays_on_its_contacts_as_text(desk: Desk, acme: Organization) -> None:
    ada, bob = tied(desk, acme, "Ada"), tied(desk, acme, "Bob")
    other = desk.create("Eve")
    desk.write(lambda session, actor: organizations.delete(session, actor, acme.uid))
    found = desk.read(lambda session, _: session.contacts.by_numbers([ada.number, bob.number, other.number]))
    assert [(found[c.number].organization, found[c.number].card.organization) for c in (ada, bob, other)] == [
        (None, "Acme & Söhne"),
        (None, "Acme & Söhne"),
        (None, None),
    ]
    assert [found[c.number].version for c in (ada, bob, other)] == [ada.version + 1, bob.version + 1, other.version]
    with pytest.raises(NotFound):
        desk.read(lambda session, _: organizations.get(session, acme.uid))
    named = Condition("organization_named", "eq", ((), "acme & söhne"))
    assert len(desk.read(lambda session, actor: contacts.find(session, actor, (named,), limit=9))) == 2


def test_deleted_with_more_contacts_than_fit_a_page(desk: Desk, acme: Organization) -> None:
    drafts = [ContactDraft(Card(full=f"No {number}"), organization=acme.number) for number in range(1203)]
    placed = [contacts.Placed(draft, 1) for draft in drafts]
    desk.write(lambda session, actor: contacts.create(session, actor, placed))
    desk.write(lambda session, actor: organizations.delete(session, actor, acme.uid))
    still = Condition("organization", "ne", None)
    assert desk.read(lambda session, actor: contacts.count(session, actor, (still,))) == 0


def test_renamed_its_contacts_show_the_new_name(desk: Desk, acme: Organization) -> None:
    ada = tied(desk, acme, "Ada")
    new = desk.write(lambda session, actor: organizations.update(session, actor, acme.uid, name="Emca"))
    shown = desk.read(lambda session, _: contacts.organizations_of(session, [ada]))
    assert shown == {acme.number: new}
    assert (new.name, new.name_key, new.fields) == ("Emca", "emca", {"industry": "x"})


def test_a_text_in_place_of_a_tie(desk: Desk, acme: Organization) -> None:
    ada = desk.update(tied(desk, acme, "Ada"), ContactPatch(organization="Elsewhere"))
    assert (ada.organization, ada.card.organization) == (None, "Elsewhere")
    ada = desk.update(ada, ContactPatch(organization=acme.number))
    assert (ada.organization, ada.card.organization) == (acme.number, None)


def test_a_name_is_needed(desk: Desk, acme: Organization) -> None:
    with pytest.raises(InvalidInput):
        desk.write(lambda session, actor: organizations.create(session, actor, " ", {}))
    with pytest.raises(InvalidInput):
        desk.write(lambda session, actor: organizations.update(session, actor, acme.uid, name=""))
    with pytest.raises(NotPermitted):
        desk.as_("read").write(lambda session, actor: organizations.create(session, actor, "Acme", {}))


def test_each_account_has_its_own(desk: Desk, acme: Organization) -> None:
    stranger = Desk(desk.store, "stranger")
    assert stranger.read(lambda session, _: organizations.all_(session)) == []
    for reference in (acme.uid, str(acme.number), acme.name):
        assert referred(stranger, reference) is None
    with pytest.raises(NotFound):
        stranger.write(lambda session, actor: organizations.delete(session, actor, acme.uid))
