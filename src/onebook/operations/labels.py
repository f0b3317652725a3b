"""Lists and tags: made when first named, attached and detached; deleting one leaves its contacts."""

from collections.abc import Iterable

from onebook.errors import Conflict, InvalidInput, NotFound, NotPermitted
from onebook.model.label import Label, LabelKind
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session


def named(session: Session, kind: LabelKind, name: str) -> Label:
    """Raises: NotFound("list") or NotFound("tag")."""
    label = session.get(Label, kind=kind, name=name)
    if label is None:
        raise NotFound(kind, name)
    return label


def get(session: Session, kind: LabelKind, number: int) -> Label:
    """Raises: NotFound("list") or NotFound("tag")."""
    label = session.get(Label, kind=kind, number=number)
    if label is None:
        raise NotFound(kind, number)
    return label


def must_hold_only_seen(session: Session, actor: Actor, label: Label) -> None:
    """Before a label is emptied or removed. Raises: NotPermitted if a contact outside the key's book is on it."""
    on_it = (Condition("label", "eq", label.number),)
    if actor.sees and session.contacts.count(on_it) > session.contacts.count((*actor.sees, *on_it)):
        raise NotPermitted("change this, as contacts of another address book are on it")


def create(session: Session, actor: Actor, kind: LabelKind, name: str) -> Label:
    """Make a list or tag. Raises: InvalidInput for a blank name; Conflict(kind, name) if there is one already."""
    actor.must_be_allowed("write")
    if not name.strip():
        raise InvalidInput.of("name", "required", f"A {kind} needs a name.")
    existing = session.get(Label, kind=kind, name=name)
    if existing is not None:
        raise Conflict(kind, name, existing.number)
    label = Label(session.next_serial(), kind, name, session.now)
    session.add(label)
    session.log(kind, "created", label.number)
    return label


def numbers_of(session: Session, actor: Actor, kind: LabelKind, names: Iterable[str]) -> list[int]:
    """Numbers of the labels of these names; those that do not exist are made."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return []
    there = session.labels.numbered(kind, wanted)
    return [there.get(name) or create(session, actor, kind, name).number for name in wanted]


def attach(session: Session, labels: Iterable[int], contacts: Iterable[int]) -> None:
    """Put contacts on lists or tags."""
    _log(session, there := list(contacts), done := list(labels))
    session.labels.attach(done, there)


def detach(session: Session, labels: Iterable[int], contacts: Iterable[int]) -> None:
    """Take contacts off lists or tags."""
    _log(session, there := list(contacts), done := list(labels))
    session.labels.detach(done, there)


def detach_all(session: Session, kind: LabelKind, contacts: Iterable[int]) -> None:
    """Take contacts off all their lists, or off all their tags."""
    there = list(contacts)
    had = session.labels.of_contacts(there)
    bearing = [contact for contact in there if any(of == kind for of, _ in had.get(contact, ()))]
    _log(session, bearing, [0])
    session.labels.detach_all(kind, bearing)


def replace(session: Session, actor: Actor, kind: LabelKind, contact: int, names: Iterable[str]) -> None:
    """Leave a contact on exactly the lists, or with exactly the tags, of these names; new ones are made."""
    wanted = dict.fromkeys(names)
    had = {name for of, name in session.labels.of_contacts([contact]).get(contact, []) if of == kind}
    detach(session, session.labels.numbered(kind, had - wanted.keys()).values(), [contact])
    attach(session, numbers_of(session, actor, kind, (name for name in wanted if name not in had)), [contact])


def clear(session: Session, actor: Actor, label: Label) -> None:
    """Take all contacts off a label; it stays. Raises: NotPermitted, see `must_hold_only_seen`."""
    must_hold_only_seen(session, actor, label)
    bearing = session.labels.bearing(label.number)
    session.labels.clear(label.number)
    session.log(label.kind, "updated", label.number, before={"label": label, "contacts": bearing})


def delete(session: Session, actor: Actor, label: Label) -> None:
    """Remove a label; its contacts stay. Raises: NotPermitted, see `must_hold_only_seen`."""
    must_hold_only_seen(session, actor, label)
    bearing = session.labels.bearing(label.number)
    session.labels.clear(label.number)
    session.remove(Label, number=label.number)
    session.log(label.kind, "deleted", label.number, before={"label": label, "contacts": bearing})


def rename(session: Session, actor: Actor, label: Label, name: str) -> Label:
    """Raises: InvalidInput for a blank name; Conflict if it is taken; NotPermitted, see `must_hold_only_seen`."""
    must_hold_only_seen(session, actor, label)
    if not name.strip():
        raise InvalidInput.of("name", "required", f"A {label.kind} needs a name.")
    session.change(Label, {"number": label.number}, name=name)
    session.log(label.kind, "updated", label.number, before={"label": label})
    return get(session, label.kind, label.number)


def _log(session: Session, contacts: list[int], labels: list[int]) -> None:
    """One entry a contact, with the labels it had: what takes it back."""
    if not labels or not contacts:
        return
    had = session.labels.of_contacts(contacts)
    for contact in contacts:
        session.log("contact", "labelled", contact, before={"labels": had.get(contact, [])})
