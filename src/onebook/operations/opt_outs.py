"""Opt-outs: who does not want to be written to or called. Only these operations set or clear the mark."""

from collections.abc import Iterable, Sequence

from onebook.errors import InvalidInput, NotFound
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


def mark_all(session: Session, channel: Channel, keys: Iterable[str], source: str) -> None:
    """Set the marks that are not set."""
    wanted = set(keys)
    for key in sorted(wanted - session.opted_out(channel, wanted)) if wanted else ():
        mark(session, channel, key, source)


def clear(session: Session, channel: Channel, key: str) -> None:
    """Take the mark away, because the person said so. Raises: NotFound("opt-out")."""
    there = session.get(OptOut, channel=channel, key=key)
    if there is None:
        raise NotFound("opt-out", key)
    session.remove(OptOut, channel=channel, key=key)
    session.log("opt_out", "deleted", there.number, before=there)


def named(text: str, country: str | None) -> tuple[Channel, str]:
    """What a person means by a number or mail address that they typed: its channel and key.

    Args: ``country``: where numbers in national form are dialled, ISO 3166-1 alpha-2.

    Raises: InvalidInput("address") if it is neither.
    """
    if "@" in text and email.normalize(text.strip()) is not None:
        return "email", email.key_of(text)
    key = phone.key_of(phone.read(text.strip(), country))
    if "@" in text or not any(character.isdigit() for character in key):
        message = "Give a telephone number, or an e-mail address such as ada@example.com."
        raise InvalidInput.of("address", "no_address", message)
    return "phone", key


def marked(session: Session, channel: Channel, keys: Iterable[str]) -> set[str]:
    """Those of the keys that are marked."""
    return session.opted_out(channel, keys)


def marked_contacts(session: Session, contacts: Sequence[Contact]) -> set[int]:
    """Numbers of those contacts of which any number or address is marked."""
    phones = {c.number: [phone.key_of(entry) for entry in c.card.phones] for c in contacts}
    emails = {c.number: [email.key_of(entry.address) for entry in c.card.emails] for c in contacts}
    found: set[int] = set()
    channels: tuple[tuple[Channel, dict[int, list[str]]], ...] = (("phone", phones), ("email", emails))
    for channel, keys in channels:
        there = marked(session, channel, {key for of_one in keys.values() for key in of_one})
        found |= {number for number, of_one in keys.items() if not there.isdisjoint(of_one)}
    return found


def page(session: Session, limit: int, after: tuple[str, str] | None) -> list[OptOut]:
    """Up to ``limit`` marks in the order of channel and key, after the one with these."""
    return session.some(OptOut, limit, after=after or ())
