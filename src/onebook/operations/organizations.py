"""Organizations: found by uid, number or name; contacts are tied to them or keep a name as text."""

from typing import Any

from msgspec import structs

from onebook.errors import InvalidInput, NotFound, NotPermitted
from onebook.model.place import Organization
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session

NUMBER_DIGITS = 16  # numbers stay below 2**53


def create(session: Session, actor: Actor, name: str, fields: dict[str, Any]) -> Organization:
    """Raises: InvalidInput for a blank name."""
    actor.must_be_allowed("write")
    if not name.strip():
        raise InvalidInput.of("name", "required", "An organization needs a name.")
    now = session.now
    made = Organization(session.next_serial(), session.new_uid(), name, name.casefold(), fields, now, now)
    session.add(made)
    session.log("organization", "created", made.number)
    return made


def get(session: Session, uid: str) -> Organization:
    """Raises: NotFound("organization")."""
    found = session.get(Organization, uid=uid)
    if found is None:
        raise NotFound("organization", uid)
    return found


def all_(session: Session) -> list[Organization]:
    """Every organization of the account, in the order of creation."""
    return session.all(Organization)


def referred(session: Session, reference: str) -> Organization | None:
    """What a reference means: a uid, else a number as text, else a name without regard to case; else None."""
    number = int(reference) if reference.isdecimal() and len(reference) < NUMBER_DIGITS else -1
    return (
        session.get(Organization, uid=reference)
        or session.get(Organization, number=number)
        or session.get(Organization, name_key=reference.casefold())
    )


def matching(session: Session, text: str, *, part: bool = False) -> list[int]:
    """Numbers of those whose uid or name is this text (or has it as a part), without regard to case."""
    wanted = text.casefold()
    if part:
        return [one.number for one in all_(session) if wanted in one.name_key or wanted in one.uid]
    found = [*session.all(Organization, uid=text), *session.all(Organization, name_key=wanted)]
    return sorted({one.number for one in found})


def update(
    session: Session, actor: Actor, uid: str, *, name: str | None = None, fields: dict[str, Any] | None = None
) -> Organization:
    """Set the name and replace the fields, where given.

    Raises: NotFound; InvalidInput for a blank name; NotPermitted if contacts of a book not seen are tied to it.
    """
    before = get(session, uid)
    _must_tie_only_seen(session, actor, before)
    if name is not None and not name.strip():
        raise InvalidInput.of("name", "required", "An organization needs a name.")
    new_name = before.name if name is None else name
    values = {
        "name": new_name,
        "name_key": new_name.casefold(),
        "fields": before.fields if fields is None else fields,
        "updated_at": session.now,
    }
    session.change(Organization, {"number": before.number}, **values)
    session.log("organization", "updated", before.number, before=before)
    return structs.replace(before, **values)


def delete(session: Session, actor: Actor, uid: str) -> None:
    """Remove it; its contacts keep its name as text. Raises: NotFound; NotPermitted as for `update`."""
    gone = get(session, uid)
    _must_tie_only_seen(session, actor, gone)
    tied = (Condition("organization", "eq", gone.number),)
    while page := session.contacts.page(tied, limit=500):
        for contact in page:
            card = structs.replace(contact.card, organization=gone.name)
            session.contacts.update(contact, structs.replace(contact, organization=None, card=card))
    session.remove(Organization, number=gone.number)
    session.log("organization", "deleted", gone.number, before=gone)


def _must_tie_only_seen(session: Session, actor: Actor, organization: Organization) -> None:
    tied = (Condition("organization", "eq", organization.number),)
    if actor.sees and session.contacts.count(tied) > session.contacts.count((*actor.sees, *tied)):
        raise NotPermitted("change this, as contacts of another address book belong to it")
