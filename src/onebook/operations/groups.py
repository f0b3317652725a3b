"""Groups: contacts that hold other contacts, in order, some of them primary; never in a circle."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from onebook.errors import InvalidInput, NotFound
from onebook.model.contact import Contact
from onebook.model.label import Member
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session

Rearrangement = Literal["up", "down", "primary", "out"]


class Membership(Struct, frozen=True):
    """A member as readers see it."""

    contact: Contact
    primary: bool


def set_members(
    session: Session, actor: Actor, group: Contact, members: Sequence[tuple[str, bool]], *, field: str = "members"
) -> None:
    """Replace a group's members by ``(uid, primary)``; a uid named twice counts once.

    Members that the key does not see stay, behind the others: whoever replaces what was shown was not shown them.

    Raises: InvalidInput for ``field`` with the code ``not_a_group``, ``unknown_member`` or ``cycle``.
    """
    if group.kind != "group":
        if members:
            raise InvalidInput.of(field, "not_a_group", "Only a group can have members.")
        return
    numbers: dict[int, bool] = {}
    for uid, primary in members:
        contact = session.contacts.by_uid(uid)
        if contact is None or (actor.key.book not in (None, contact.book)):
            raise InvalidInput.of(field, "unknown_member", "A member of the group is not a known contact.")
        numbers[contact.number] = numbers.get(contact.number, False) or primary
    if _reaches(session, numbers, group.number):
        raise InvalidInput.of(field, "cycle", "A group cannot hold itself, neither directly nor through other groups.")
    before = session.groups.members([group.number]).get(group.number, [])
    after = [Member(number, primary) for number, primary in numbers.items()]
    after += _unseen(session, actor, before)
    if after != before:
        session.groups.set_members(group.number, after)
        session.log("contact", "updated", group.number, before={"members": before})


def _unseen(session: Session, actor: Actor, members: Sequence[Member]) -> list[Member]:
    """Those of the members that are in other books than the one that the key is bound to."""
    if actor.key.book is None:
        return []
    contacts = session.contacts.by_numbers([member.contact for member in members])
    return [one for one in members if one.contact in contacts and contacts[one.contact].book != actor.key.book]


def add(session: Session, actor: Actor, group: Contact, uids: Iterable[str]) -> None:
    """Put contacts into a group, behind those who are in it. Raises: as `set_members`."""
    there = [(m.contact.uid, m.primary) for m in members(session, [group], seen_by=actor).get(group.number, [])]
    set_members(session, actor, group, [*there, *((uid, False) for uid in uids)])


def rearrange(session: Session, actor: Actor, group: Contact, uid: str, how: Rearrangement) -> None:
    """Move one member up or down, change whether it is a primary one, or take it out. Raises: NotFound("member")."""
    there = [(m.contact.uid, m.primary) for m in members(session, [group], seen_by=actor).get(group.number, [])]
    at = next((at for at, (one, _) in enumerate(there) if one == uid), None)
    if at is None:
        raise NotFound("member", uid)
    one, primary = there.pop(at)
    if how == "primary":
        there.insert(at, (one, not primary))
    elif how != "out":
        there.insert(max(at - 1, 0) if how == "up" else at + 1, (one, primary))
    set_members(session, actor, group, there)


def _reaches(session: Session, start: Iterable[int], goal: int) -> bool:
    """Whether following members from ``start`` arrives at ``goal``."""
    frontier, seen = set(start), set[int]()
    while frontier:
        if goal in frontier:
            return True
        seen |= frontier
        frontier = {m.contact for ms in session.groups.members(frontier).values() for m in ms} - seen
    return False


def members(
    session: Session, groups: Iterable[Contact], *, seen_by: Actor | None = None
) -> dict[int, list[Membership]]:
    """The members of each group, by the group's number, in order; contacts that are gone are left out.

    Args:
        seen_by: whose key then decides which members are shown.
    """
    numbers = [group.number for group in groups if group.kind == "group"]
    if not numbers:
        return {}
    found = session.groups.members(numbers)
    contacts = session.contacts.by_numbers({m.contact for ms in found.values() for m in ms}) if found else {}
    book = seen_by.key.book if seen_by else None
    if book is not None:
        contacts = {number: contact for number, contact in contacts.items() if contact.book == book}
    return {
        group: [Membership(contacts[m.contact], m.primary) for m in ms if m.contact in contacts]
        for group, ms in found.items()
    }


def first_members(session: Session, group: Contact, limit: int) -> tuple[list[Membership], int]:
    """The first members of a group, in order, and how many there are in all."""
    every = session.groups.members([group.number]).get(group.number, [])
    contacts = session.contacts.by_numbers([one.contact for one in every[:limit]])
    return [Membership(contacts[one.contact], one.primary) for one in every[:limit] if one.contact in contacts], len(
        every
    )


def groups_holding(session: Session, actor: Actor, contact: Contact) -> list[Contact]:
    """The groups that hold a contact directly."""
    return session.contacts.page((*actor.sees, Condition("has_member", "eq", contact.number)), limit=1000)
