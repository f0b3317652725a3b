"""Opt-outs: who does not want to be written to or called. Only these operations set or clear the mark."""

from collections.abc import Iterable

from onebook.errors import NotFound
from onebook.model import email, phone
from onebook.model.contact import Contact
from onebook.model.opt_out import Channel, OptOut
from onebook.store.base import Session


def mark(session: Session, channel: Channel, key: str, source: str) -> OptOut:
    """Set the mark; set already, it stays as it was first set."""
    there = session.get(OptOut, channel=channel, key=key)
    if there is not None:
        return there
    made = OptOut(session.next_serial(), channel, key, source, session.now)
    session.add(made)
    session.log("opt_out", "created", made.number)
    return made


def clear(session: Session, channel: Channel, key: str) -> None:
    """Take the mark away, because the person said so. Raises: NotFound("opt-out")."""
    there = session.get(OptOut, channel=channel, key=key)
    if there is None:
        raise NotFound("opt-out", key)
    session.remove(OptOut, channel=channel, key=key)
    session.log("opt_out", "deleted", there.number, before=there)


def marked(session: Session, channel: Channel, keys: Iterable[str]) -> set[str]:
    """Those of the keys that are marked."""
    return session.opted_out(channel, keys)


def is_marked(session: Session, contact: Contact) -> bool:
    """Whether any number or address of a contact is marked."""
    phones = (phone.key_of(entry) for entry in contact.card.phones)
    emails = (email.key_of(entry.address) for entry in contact.card.emails)
    return bool(marked(session, "phone", phones) or marked(session, "email", emails))
