"""Taking back what somebody has just done, by what the change log says was there before.

What others have changed since stays as they left it, and is counted.
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct, structs

from onebook.errors import InvalidInput, NotFound
from onebook.model.change import Change, contact_kept
from onebook.model.contact import Contact
from onebook.model.converting import converting
from onebook.model.label import Label, LabelKind, Member, Place
from onebook.operations import contacts, labels
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session

#: What one action of a person writes at most: contacts at once (`many.MOST`), and some entries for what they bear.
LONGEST: Final = 10_000
_END: Final = 2**53  # of a group: behind every place that is given out
_label_of: Final = converting(Label)
_member_of: Final = converting(Member)
_place_of: Final = converting(Place)


class Taken(Struct, frozen=True):
    """What was taken back. Args: ``kept``: how many stay, as others have changed them since or they are gone."""

    done: int
    kept: int


def take_back(session: Session, actor: Actor, first: int, last: int) -> Taken:
    """Take back the actor's own entries of the log from ``first`` to ``last``, the newest first.

    Raises: NotFound if there is none of the actor's; InvalidInput for too many; NotPermitted.
    """
    actor.must_be_allowed("write")
    actor.must_see(0)
    if last - first >= LONGEST:
        raise InvalidInput.of("last", "too_many", "So much cannot be taken back at once.")
    entries = [one for one in session.changes(first - 1, last - first + 1) if one.seq <= last]
    mine = [one for one in entries if one.actor == actor.key.id]
    if not mine:
        raise NotFound("change", first)
    about = {one.first for one in mine if one.noun == "contact"}
    since = {number for number in about if session.history(number, 1)[0].seq > last}
    done, kept = set[int](), set[int]()
    for entry in reversed(mine):
        if entry.noun in ("list", "tag"):
            _take_label_back(session, actor, entry)
        elif entry.noun == "contact":
            is_done = entry.first not in since and _take_contact_back(session, actor, entry)
            (done if is_done else kept).add(entry.first)
    return Taken(len(done - kept), len(kept))


def _take_contact_back(session: Session, actor: Actor, entry: Change) -> bool:
    """Whether it could be: it is there as the entry left it, and the log knows what was before."""
    before: dict[str, Any] = entry.before if isinstance(entry.before, dict) else {}
    contact = session.contacts.by_number(entry.first)
    if entry.first != entry.last:
        return False
    if entry.verb == "deleted":
        return contact is None and bool(before) and _restore(session, before)
    if contact is None:
        return False
    if entry.verb == "created":
        contacts.delete(session, actor, [contact])
    elif entry.verb == "labelled":
        _relabel(session, actor, contact.number, before.get("labels", []))
    elif "members" in before:
        _refill(session, contact.number, before["members"])
    elif "contact" in before:
        _bring_back(session, contact, contact_kept(before["contact"]))
    return True


def _restore(session: Session, before: dict[str, Any]) -> bool:
    """Write a deleted contact again, with its ties; without its external id if that is another's by now."""
    gone = contact_kept(before["contact"])
    session.contacts.restore(structs.replace(gone, external_id=_free(session, gone, None)))
    for place in before.get("groups", ()):
        _enter(session, gone.number, place)
    _attach(session, gone.number, before.get("labels", ()))
    _refill(session, gone.number, before.get("members", ()))
    return True


def _enter(session: Session, contact: int, kept: Any) -> None:
    """Put a contact into a group that held it. Args: ``kept``: a place; of an old entry of the log the group alone."""
    place = Place(kept, _END) if isinstance(kept, int) else _place_of(kept)
    if session.contacts.by_number(place.group) is None:
        return
    before = session.groups.members([place.group]).get(place.group, [])
    session.groups.enter(contact, place)
    session.log("contact", "updated", place.group, before={"members": before})


def _refill(session: Session, group: int, members: Sequence[Any]) -> None:
    wanted = [_member_of(one) if isinstance(one, dict) else one for one in members]
    there = session.contacts.by_numbers([one.contact for one in wanted])
    kept = list({one.contact: one for one in wanted if one.contact in there}.values())
    before = session.groups.members([group]).get(group, [])
    if kept != before:
        session.groups.set_members(group, kept)
        session.log("contact", "updated", group, before={"members": before})


def _attach(session: Session, contact: int, borne: Sequence[tuple[LabelKind, str]]) -> None:
    found = [session.get(Label, kind=kind, name=name) for kind, name in borne]
    labels.attach(session, [one.number for one in found if one is not None], [contact])


def _relabel(session: Session, actor: Actor, contact: int, borne: Sequence[tuple[LabelKind, str]]) -> None:
    kinds: tuple[LabelKind, ...] = ("list", "tag")
    for kind in kinds:
        labels.replace(session, actor, kind, contact, [name for of, name in borne if of == kind])


def _free(session: Session, was: Contact, otherwise: str | None) -> str | None:
    """The external id that a contact had, or the other one if it is somebody else's by now."""
    if was.external_id is None:
        return None
    test = (Condition("external_id", "eq", was.external_id), Condition("book", "eq", was.book))
    others = [one for one in session.contacts.page(test, limit=2) if one.number != was.number]
    return otherwise if others else was.external_id


def _bring_back(session: Session, contact: Contact, before: Contact) -> None:
    kept = structs.replace(before, external_id=_free(session, before, contact.external_id))
    session.contacts.update(contact, kept)


def _take_label_back(session: Session, actor: Actor, entry: Change) -> None:
    """A new label that nothing bears any more goes; a deleted, renamed or emptied one is as it was."""
    kind: LabelKind = "tag" if entry.noun == "tag" else "list"
    there = session.get(Label, number=entry.first)
    if entry.verb == "created":
        if there is not None and not session.labels.bearing(there.number):
            labels.delete(session, actor, there)
        return
    was = _label_of(entry.before["label"])
    if there is None:
        if session.get(Label, kind=kind, name=was.name) is not None:
            return
        session.add(was)
        session.log(kind, "created", was.number)
    elif there.name != was.name:
        labels.rename(session, actor, there, was.name)
    labels.attach(session, [was.number], session.contacts.by_numbers(entry.before.get("contacts", ())))
