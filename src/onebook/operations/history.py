"""What happened to a contact, and which of it brought each value that it has now."""

from typing import Any, Final

from msgspec import Struct

from onebook.model import origin
from onebook.model.change import Change
from onebook.model.contact import Card, Contact
from onebook.model.converting import converting
from onebook.model.imports import Import
from onebook.model.origin import Place
from onebook.operations.actor import Actor
from onebook.store.base import Session

LONGEST: Final = 200  # judgement: of a contact's entries; older ones are in the log, and nobody scrolls so far


_card_of: Final = converting(Card)


class Event(Struct, frozen=True):
    """One thing that happened to a contact.

    Args:
        imported: the name of the file, if it came with an import; empty if that has none.
        changed: names of the parts of the card that it changed.
        labels: of lists and tags, what was there before; members: whether it was about a group's members.
    """

    change: Change
    imported: str | None = None
    changed: tuple[str, ...] = ()
    labels: tuple[str, ...] | None = None
    members: bool = False


class History(Struct, frozen=True):
    """Events, the newest first, and the event that brought each value of the card."""

    events: list[Event]
    origins: dict[Place, Event]


def of(session: Session, actor: Actor, contact: Contact) -> History:
    """The history of a contact, as far back as `LONGEST` entries. Raises: NotPermitted for a book not seen."""
    actor.must_see(contact.book)
    events: list[Event] = []
    steps: list[Card | None] = []
    of_step: list[Event] = []
    after = contact.card
    for change in session.history(contact.number, LONGEST):
        before = _card_before(change)
        event = _event(session, change, before, after)
        events.append(event)
        if before is not None or change.verb == "created":
            steps.append(before)
            of_step.append(event)
            after = before or after
    found = origin.origins(contact.card, steps)
    return History(events, {place: of_step[step] for place, step in found.items()})


def _card_before(change: Change) -> Card | None:
    before: dict[str, Any] = change.before if isinstance(change.before, dict) else {}
    return _card_of(before["contact"]["card"]) if before.get("contact") else None


def _event(session: Session, change: Change, before: Card | None, after: Card) -> Event:
    said: dict[str, Any] = change.before if isinstance(change.before, dict) else {}
    imported = session.get(Import, id=change.import_id) if change.import_id else None
    names = Card.__struct_fields__ if before is not None else ()
    return Event(
        change=change,
        imported=None if change.import_id is None else (imported.name or "" if imported else ""),
        changed=tuple(name for name in names if getattr(before, name) != getattr(after, name)),
        labels=tuple(name for _, name in said["labels"]) if change.verb == "labelled" and "labels" in said else None,
        members="members" in said and "contact" not in said,
    )
