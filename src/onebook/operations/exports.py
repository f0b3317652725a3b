"""Exports: contacts of a filter as a file, read page by page by their numbers and given on piece by piece.

Each page is one consistent look at the store; an export as a whole is not: what changes while it runs is in it or not,
but no contact is in it twice, and none that was there all the time is missing.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from onebook.exporting.formats import FORMATS, Format
from onebook.model import email, phone, sheet
from onebook.model.contact import Contact
from onebook.model.exported import Exported, Place, Standing
from onebook.model.label import LabelKind
from onebook.operations import contacts, groups, search
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Store, Where

PAGE_CONTACTS: Final = 500  # judgement: some 20 ms of reading, some MB of memory
FORMAT_NAMES: Final = tuple(FORMATS)

Labels = dict[int, list[tuple[LabelKind, str]]]


def format_of(name: str) -> Format:
    """The format of this name, one of `FORMAT_NAMES`."""
    return FORMATS[name]


def export(store: Store, actor: Actor, where: Where, to: Format) -> Iterator[bytes]:
    """The bytes of a file of the contacts that the key sees and that fulfil ``where``, in the order of creation.

    A sheet's columns stand in its first line, so for sheets the contacts are read twice: here, and when the pieces
    are taken.

    Returns: pieces; empty ones, while a format must be whole before it can be given, are no end.

    Raises: InvalidInput if the format cannot hold a contact, or not so many.
    """
    layout = _surveyed(store, actor, where, to) if to.surveyed else sheet.Layout()
    return to.write(every(store, actor, where), layout)


def _surveyed(store: Store, actor: Actor, where: Where, to: Format) -> sheet.Layout:
    survey, count = sheet.Survey(), 0
    for row in every(store, actor, where):
        survey.see(row.contact.card)
        to.must_hold(row)
        count += 1
    to.must_have_room(count)
    return survey.layout


def every(store: Store, actor: Actor, where: Where) -> Iterator[Exported]:
    """The contacts with all that stands around them; a page of them in memory at a time."""
    after = 0
    while True:
        page = store.read(actor.account, _Page(actor, where, after).read)
        yield from page
        if len(page) < PAGE_CONTACTS:
            return
        after = page[-1].contact.number


class _Page:
    """One look at the store: the contacts after a number."""

    def __init__(self, actor: Actor, where: Where, after: int) -> None:
        self._actor = actor
        self._where = (*where, Condition("number", "gt", after))

    def read(self, session: Session) -> list[Exported]:
        """The page."""
        found = contacts.find(session, self._actor, self._where, limit=PAGE_CONTACTS)
        labels = session.labels.of_contacts([contact.number for contact in found])
        organizations = contacts.organizations_of(session, found)
        members = groups.members(session, found, seen_by=self._actor)
        places = self._places(session, found)
        marked = _marked(session, found)
        return [
            Exported(
                contact=contact,
                organization=tied.name if (tied := organizations.get(contact.organization or 0)) else _text_of(contact),
                organization_uid=tied.uid if tied else None,
                lists=_names(labels, contact, "list"),
                tags=_names(labels, contact, "tag"),
                groups=tuple(place.group for place in places.get(contact.number, ())),
                members=tuple(Place(m.contact.uid, m.primary) for m in members.get(contact.number, ())),
                opted_out=tuple(key for key in _keys(contact) if key in marked),
                places=places.get(contact.number, ()),
            )
            for contact in found
        ]

    def _places(self, session: Session, found: Sequence[Contact]) -> dict[int, tuple[Standing, ...]]:
        """Where each contact stands in the groups that hold it, of those groups that the key sees."""
        held = session.groups.places_of([contact.number for contact in found])
        there = session.contacts.by_numbers({place.group for places in held.values() for place in places})
        book = self._actor.key.book
        named = {
            number: group.card.full
            for number, group in there.items()
            if group.card.full and group.kind == "group" and book in (None, group.book)
        }
        return {
            number: tuple(
                Standing(named[place.group], place.position, place.primary) for place in places if place.group in named
            )
            for number, places in held.items()
        }


def _text_of(contact: Contact) -> str | None:
    return contact.card.organization


def _names(labels: Labels, contact: Contact, kind: LabelKind) -> tuple[str, ...]:
    return tuple(name for of, name in labels.get(contact.number, ()) if of == kind)


def _keys(contact: Contact) -> list[str]:
    """The phone and mail keys of a contact, in their order."""
    return [
        *(phone.key_of(entry) for entry in contact.card.phones),
        *(email.key_of(entry.address) for entry in contact.card.emails),
    ]


def _marked(session: Session, found: Sequence[Contact]) -> set[str]:
    """Those phone and mail keys of a page that have opted out. No phone key has an at sign between two letters."""
    phones = {phone.key_of(entry) for contact in found for entry in contact.card.phones}
    emails = {email.key_of(entry.address) for contact in found for entry in contact.card.emails}
    return session.opted_out("phone", phones) | session.opted_out("email", emails)


def having_words(text: str) -> Where:
    """The filter for contacts that have any of the words, exactly or as a beginning; no misspelt ones."""
    words = search.words_of(text)
    return (Condition("words", "eq", tuple((word,) for word in words)),) if words else (Condition("number", "lt", 0),)
