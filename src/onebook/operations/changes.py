"""Reading the change log: each reader goes on from a cursor, and gets contacts, never ranges."""

import base64
import binascii
from typing import Any

from msgspec import Struct

from onebook.errors import InvalidInput
from onebook.operations.actor import Actor
from onebook.store.base import Session


class SeenChange(Struct, frozen=True):
    """One thing that happened to one record.

    Args: ``contact`` is its uid; None for a contact that is gone, and for other nouns.
    """

    seq: int
    noun: str
    verb: str
    number: int
    contact: str | None
    at: int
    dialect: str
    before: Any


class ChangePage(Struct, frozen=True):
    """Changes in order, and the cursor to go on from; an empty page leaves the cursor where it was."""

    changes: list[SeenChange]
    cursor: str
    more: bool


def since(session: Session, actor: Actor, cursor: str | None, limit: int) -> ChangePage:
    """Up to ``limit`` changes after ``cursor`` (None: from the beginning).

    Raises: InvalidInput for a cursor that is not one of ours; NotPermitted for a key bound to one book.
    """
    actor.must_see(0)
    seq, inside = _read_cursor(cursor)
    # An entry that the cursor stands inside of is read again from its start.
    entries = session.changes(seq - 1 if inside else seq, limit + 1)
    seen: list[SeenChange] = []
    for entry in entries:
        start = entry.first + (inside if entry.seq == seq else 0)
        for number in range(start, entry.last + 1):
            if len(seen) == limit:
                return ChangePage(_with_uids(session, seen), _cursor(seq, inside), more=True)
            seen.append(
                SeenChange(entry.seq, entry.noun, entry.verb, number, None, entry.at, entry.dialect, entry.before)
            )
            seq, inside = entry.seq, (number - entry.first + 1 if number < entry.last else 0)
    return ChangePage(_with_uids(session, seen), _cursor(seq, inside), more=False)


def _with_uids(session: Session, seen: list[SeenChange]) -> list[SeenChange]:
    numbers = [change.number for change in seen if change.noun == "contact"]
    contacts = session.contacts.by_numbers(numbers) if numbers else {}
    return [
        SeenChange(c.seq, c.noun, c.verb, c.number, contacts[c.number].uid, c.at, c.dialect, c.before)
        if c.noun == "contact" and c.number in contacts
        else c
        for c in seen
    ]


def _cursor(seq: int, inside: int) -> str:
    return base64.urlsafe_b64encode(f"1.{seq}.{inside}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        version, seq, inside = (int(part) for part in text.split("."))
    except (binascii.Error, ValueError):
        version = seq = inside = -1
    if version != 1 or not (0 <= seq < 2**53 and 0 <= inside < 2**53):
        raise InvalidInput.of("since", "bad_cursor", "This is not a cursor that the service gave out.")
    return seq, inside
