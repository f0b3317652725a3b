"""One change for many contacts at once, each in one transaction: what can be taken back is told by its entries."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from onebook.errors import InvalidInput, LimitExceeded
from onebook.model.contact import Contact
from onebook.model.label import LabelKind
from onebook.operations import contacts, groups, labels
from onebook.operations.actor import Actor
from onebook.store.base import Session, Where

#: Judgement: what deleting takes about half a second for, in which nobody else can write.
MOST: Final = 2_000


class Done(Struct, frozen=True):
    """What was done: how many contacts, and the first and last entry of the log that tell of it."""

    contacts: int
    first: int
    last: int


def chosen(session: Session, actor: Actor, numbers: Iterable[int], where: Where | None) -> list[Contact]:
    """The contacts of these numbers that the key sees or, if there is a filter, all that fulfil it.

    Raises: InvalidInput if there is none; LimitExceeded("contacts") for more than `MOST`.
    """
    if where is not None:
        found = contacts.find(session, actor, where, limit=MOST + 1)
    else:
        there = session.contacts.by_numbers(numbers)
        found = [one for _, one in sorted(there.items()) if actor.key.book in (None, one.book)]
    if not found:
        raise InvalidInput.of("contacts", "none_chosen", "No contact is chosen.")
    if len(found) > MOST:
        raise LimitExceeded("contacts", MOST, "at once")
    return found


def _noted(session: Session, found: Sequence[Contact], run: Callable[[], object]) -> Done:
    first = session.last_seq() + 1
    run()
    return Done(len(found), first, session.last_seq())


def label(session: Session, actor: Actor, found: Sequence[Contact], kind: LabelKind, name: str) -> Done:
    """Put contacts on a list, or give them a tag; made if there is none of this name.

    Raises: InvalidInput for a blank name.
    """
    actor.must_be_allowed("write")
    name = name.strip()
    if not name:
        raise InvalidInput.of("name", "required", f"A {kind} needs a name.")

    def run() -> None:
        numbers = labels.numbers_of(session, actor, kind, [name])
        bearing = session.labels.of_contacts(one.number for one in found)
        labels.attach(
            session, numbers, [one.number for one in found if (kind, name) not in bearing.get(one.number, [])]
        )

    return _noted(session, found, run)


def unlabel(session: Session, actor: Actor, found: Sequence[Contact], kind: LabelKind, name: str) -> Done:
    """Take contacts off a list, or a tag from them. Raises: NotFound for a name that is none."""
    actor.must_be_allowed("write")
    there = labels.named(session, kind, name.strip())
    bearing = session.labels.of_contacts(one.number for one in found)
    wearing = [one.number for one in found if (kind, there.name) in bearing.get(one.number, [])]
    return _noted(session, found, lambda: labels.detach(session, [there.number], wearing))


def group(session: Session, actor: Actor, found: Sequence[Contact], uid: str) -> Done:
    """Put contacts into a group, behind those who are in it.

    Raises: NotFound for the group; InvalidInput if that would make a circle.
    """
    actor.must_be_allowed("write")
    into = contacts.get(session, actor, uid)
    return _noted(session, found, lambda: groups.add(session, actor, into, [one.uid for one in found]))


def delete(session: Session, actor: Actor, found: Sequence[Contact]) -> Done:
    """Delete contacts."""
    actor.must_be_allowed("write")
    return _noted(session, found, lambda: contacts.delete(session, actor, found))
