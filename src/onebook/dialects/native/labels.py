"""Lists and tags, which differ in name only, and who is on them.

Source:   docs/dialects/native.md, "Lists and tags"
"""

from typing import Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Act, Field, Out, Read, Request, Route, schema_of
from onebook.dialects.native.answers import INTEGER, TEXT, TIME, every, gone, one, under
from onebook.dialects.native.reading import Said, body_schema, nothing, path_number, read_body
from onebook.errors import InvalidInput, Issue
from onebook.model.label import Label, LabelKind
from onebook.model.moment import rfc3339
from onebook.operations import contacts, labels
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session

_UIDS: Final = strict.Array(Said(), most=10_000)
NAME: Final = (Field("name", Said(), need=True, to="label.name", note="Unique; letter case counts."),)
MOVES: Final = (
    Field("add", _UIDS, to="lists", note="Uids of contacts to put on it."),
    Field("remove", _UIDS, to="lists", note="Uids of contacts to take off it."),
)


class Sized(Struct, frozen=True):
    """A label, and how many of the contacts that the key sees are on it."""

    label: Label
    contacts: int


class Rename(Struct, frozen=True):
    """A label's number and its new name."""

    number: int
    name: str


class Moves(Struct, frozen=True):
    """A label's number, and the uids of who comes and who goes."""

    number: int
    add: tuple[str, ...]
    remove: tuple[str, ...]


LABEL: Final[tuple[Out[Sized], ...]] = (
    Out("number", lambda sized: sized.label.number, INTEGER),
    Out("name", lambda sized: sized.label.name, TEXT, "label.name"),
    Out("contacts", lambda sized: sized.contacts, INTEGER),
    Out("created_at", lambda sized: rfc3339(sized.label.created_at), TIME),
)


def read_create(request: Request) -> str:
    """A body with a name."""
    return str(read_body(request, NAME)["name"])


def read_moves(kind: LabelKind) -> Read:
    """Reader of the body of POST …/contacts."""

    def read(request: Request) -> Moves:
        given = read_body(request, MOVES)
        return Moves(path_number(request, kind), *(tuple(map(str.lower, given.get(f.name, ()))) for f in MOVES))

    return read


def read_one(kind: LabelKind) -> Read:
    """Reader of a path with a number."""

    def read(request: Request) -> int:
        nothing(request)
        return path_number(request, kind)

    return read


def read_rename(kind: LabelKind) -> Read:
    """Reader of a path with a number and a body with a name."""
    return lambda request: Rename(path_number(request, kind), read_create(request))


def act_all(kind: LabelKind) -> Act:
    """Every label of a kind."""

    def act(session: Session, actor: Actor, _nothing: None) -> list[Sized]:
        sizes = session.labels.sizes(kind) if actor.key.book is None else None
        return [
            Sized(label, _size(session, actor, label) if sizes is None else sizes.get(label.number, 0))
            for label in session.all(Label, kind=kind)
        ]

    return act


def _size(session: Session, actor: Actor, label: Label) -> int:
    return contacts.count(session, actor, (Condition("label", "eq", label.number),))


def act_create(kind: LabelKind) -> Act:
    """Make a label."""
    return lambda session, actor, name: Sized(labels.create(session, actor, kind, name), 0)


def act_read(kind: LabelKind) -> Act:
    """One label."""

    def act(session: Session, actor: Actor, number: int) -> Sized:
        label = labels.get(session, kind, number)
        return Sized(label, _size(session, actor, label))

    return act


def act_rename(kind: LabelKind) -> Act:
    """Give a label another name."""

    def act(session: Session, actor: Actor, rename: Rename) -> Sized:
        label = labels.rename(session, actor, labels.get(session, kind, rename.number), rename.name)
        return Sized(label, _size(session, actor, label))

    return act


def act_delete(kind: LabelKind) -> Act:
    """Remove a label; its contacts stay."""

    def act(session: Session, actor: Actor, number: int) -> None:
        labels.delete(session, actor, labels.get(session, kind, number))

    return act


def act_move(kind: LabelKind) -> Act:
    """Put contacts on a label and take others off it, all or none."""

    def act(session: Session, actor: Actor, moves: Moves) -> Sized:
        label = labels.get(session, kind, moves.number)
        issues: list[Issue] = []
        coming = _numbers(session, actor, "add", moves.add, issues)
        leaving = _numbers(session, actor, "remove", moves.remove, issues)
        if issues:
            raise InvalidInput(issues)
        labels.detach(session, [label.number], leaving)
        labels.attach(session, [label.number], coming)
        return Sized(label, _size(session, actor, label))

    return act


def _numbers(session: Session, actor: Actor, field: str, uids: tuple[str, ...], issues: list[Issue]) -> list[int]:
    numbers: list[int] = []
    for position, uid in enumerate(uids):
        contact = session.contacts.by_uid(uid)
        if contact is None or actor.key.book not in (None, contact.book):
            issues.append(Issue(f"{field}[{position}]", "unknown", "There is no contact with this uid.", position))
        else:
            numbers.append(contact.number)
    return numbers


def _routes(kind: LabelKind) -> tuple[Route, ...]:
    plural, noun = f"{kind}s", kind.capitalize()
    tags, shown = ("Lists and tags",), {200: schema_of(LABEL)}
    return (
        Route(
            "GET", f"/{plural}", f"list{noun}s", f"List the {plural}",
            nothing, act_all(kind), every(plural, LABEL),
            access="read", writes=False, answers={200: under(plural, LABEL)}, tags=tags,
        ),
        Route(
            "POST", f"/{plural}", f"create{noun}", f"Make a {kind}",
            read_create, act_create(kind), one(LABEL, 201),
            body=body_schema(NAME), answers={201: schema_of(LABEL)}, tags=tags,
        ),
        Route(
            "GET", f"/{plural}/{{number}}", f"read{noun}", f"Read a {kind}",
            read_one(kind), act_read(kind), one(LABEL),
            access="read", writes=False, answers=shown, tags=tags,
        ),
        Route(
            "PATCH", f"/{plural}/{{number}}", f"rename{noun}", f"Give a {kind} another name",
            read_rename(kind), act_rename(kind), one(LABEL),
            body=body_schema(NAME), answers=shown, tags=tags,
        ),
        Route(
            "DELETE", f"/{plural}/{{number}}", f"delete{noun}", f"Delete a {kind}; its contacts stay",
            read_one(kind), act_delete(kind), gone,
            answers={204: None}, tags=tags,
        ),
        Route(
            "POST", f"/{plural}/{{number}}/contacts", f"move{noun}Contacts",
            f"Put contacts on a {kind}, or take them off",
            read_moves(kind), act_move(kind), one(LABEL),
            body=body_schema(MOVES), answers=shown, tags=tags,
        ),
    )  # fmt: skip


ROUTES: Final = (*_routes("list"), *_routes("tag"))
