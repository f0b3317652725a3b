"""Contacts by telephone number: the match key ``phone``, for callers whose only id is the number.

The contact of a number is the individual that has it as its primary one; of several it is the oldest. A group is
never found, nor a contact by a second number.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from onebook.model import merge, name, phone
from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch, Phone
from onebook.operations import address_books, contacts
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Where

# Few sizes of a list of keys, so that few statements are made; a shorter one is filled up with its last key.
_SLICES: Final = (1, 10, 100, 500)
_ALL: Final = 2**31 - 1


class Entry(Struct, frozen=True):
    """A number, and what to write of the contact that has it.

    Args:
        key: the key of ``phone``. phone: stored only for a new contact, as the number of a known one found it.
    """

    key: str
    phone: Phone
    patch: ContactPatch


def find(session: Session, actor: Actor, keys: Iterable[str], *, within: Where = ()) -> dict[str, list[Contact]]:
    """The contacts of each key that the key of ``actor`` sees and that fulfil ``within``, oldest first."""
    found: dict[str, list[Contact]] = {}
    rest = list(dict.fromkeys(keys))
    while rest:
        some, rest = rest[: _SLICES[-1]], rest[_SLICES[-1] :]
        size = next(size for size in _SLICES if size >= len(some))
        some += [some[-1]] * (size - len(some))
        where = (Condition("primary_phone", "in", some), Condition("kind", "eq", "individual"), *within)
        for contact in contacts.find(session, actor, where, limit=_ALL):
            found.setdefault(_key_of(contact), []).append(contact)
    return found


def _key_of(contact: Contact) -> str:
    primary = name.primary_phone(contact.card)
    return phone.key_of(primary) if primary is not None else ""


def upsert(
    session: Session, actor: Actor, entries: Sequence[Entry], there: Mapping[str, list[Contact]], *, overwrite: bool
) -> list[Contact]:
    """Create the contacts of new numbers, in the default book, and change those of known ones.

    The same key again is worked off in order. A change that changes nothing is not written.

    Args:
        there: what `find` gave for the keys, in this transaction and for this actor.
        overwrite: whether a known contact is changed; if not, the first entry of a new one stays too.

    Returns:
        the contact of each key, once.
    """
    known: dict[str, Contact] = {}
    new: dict[str, Card] = {}
    for entry in entries:
        if entry.key in there:
            contact = known.get(entry.key) or there[entry.key][0]
            known[entry.key] = _changed(session, contact, entry.patch) if overwrite else contact
        elif entry.key not in new:
            new[entry.key] = merge.apply(Card(phones=(entry.phone,)), entry.patch)
        elif overwrite:
            new[entry.key] = merge.apply(new[entry.key], entry.patch)
    return [*known.values(), *_created(session, actor, new.values())]


def _changed(session: Session, contact: Contact, patch: ContactPatch) -> Contact:
    card = merge.apply(contact.card, patch)
    return contact if card == contact.card else session.contacts.update(contact, replace(contact, card=card))


def _created(session: Session, actor: Actor, cards: Iterable[Card]) -> list[Contact]:
    book = address_books.default(session, actor).number
    return contacts.create(session, actor, [contacts.Placed(ContactDraft(card), book) for card in cards])
