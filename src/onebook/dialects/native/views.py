"""Contacts with all that stands around them, fetched for a whole page at once."""

from collections.abc import Sequence

from onebook.dialects.native.cards import View
from onebook.model.contact import Contact
from onebook.model.label import LabelKind
from onebook.operations import contacts, groups, opt_outs
from onebook.operations.actor import Actor
from onebook.store.base import Session


def shown(session: Session, actor: Actor, found: Sequence[Contact]) -> list[View]:
    """The contacts in their order; a bound key sees only those members that are in its book."""
    numbers = [contact.number for contact in found]
    labels = session.labels.of_contacts(numbers)
    organizations = contacts.organizations_of(session, found)
    members = groups.members(session, found, seen_by=actor)
    marked = opt_outs.marked_contacts(session, found)
    return [
        View(
            contact=contact,
            organization=organizations.get(contact.organization or 0),
            labels=_by_kind(labels.get(contact.number, [])),
            members=members.get(contact.number, []),
            opt_out=contact.number in marked,
        )
        for contact in found
    ]


def _by_kind(labels: list[tuple[LabelKind, str]]) -> dict[LabelKind, list[str]]:
    by_kind: dict[LabelKind, list[str]] = {"list": [], "tag": []}
    for kind, name in labels:
        by_kind[kind].append(name)
    return by_kind
