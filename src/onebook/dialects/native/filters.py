"""The filters of GET /contacts, and its cursor.

Source:   docs/dialects/native.md, "Finding contacts"
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from onebook.dialects import strict
from onebook.dialects.base import Field, Request
from onebook.dialects.native.cards import KINDS
from onebook.dialects.native.reading import CURSOR, LIMIT, USUAL, Moment, Number, Said, place_of, read_query
from onebook.model import email, phone
from onebook.model.label import Label, LabelKind
from onebook.operations import address_books, organizations
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Where

QUERY: Final = (
    Field("book", strict.Digits(), note="Number of a book."),
    Field("kind", strict.Choice(KINDS)),
    Field("list", Said(), note="Name of a list."),
    Field("tag", Said(), note="Name of a tag."),
    Field("group", Said(), note="Uid of a group whose direct members are wanted."),
    Field("external_id", Said()),
    Field("phone", Number(), note="Any of its numbers, in any spelling that the account's country allows."),
    Field("email", Said(), note="Any of its mail addresses, in any letter case."),
    Field("organization", Said(longest=1000), note="Uid of an organization, or a name in any letter case."),
    Field("opt_out", strict.Choice(("true", "false")), note="Whether any number or address has opted out."),
    Field("changed_since", Moment(), note="Only contacts changed then or later."),
    Field("q", Said(longest=1000), note="Words; the best fitting contacts come first."),
    LIMIT,
    CURSOR,
)

BY_NUMBER: Final = "number"
BY_RANK: Final = "rank"


class Find(Struct, frozen=True):
    """Which contacts are wanted.

    Args:
        tests: filter name → value, as the store compares it.
        words: the search text, or None. after: number of the last contact of the page before; with words, its rank.
    """

    tests: Mapping[str, Any]
    words: str | None
    limit: int
    after: int


def read_find(request: Request) -> Find:
    """The query of GET /contacts."""
    return find_of(request, read_query(request, QUERY))


def find_of(request: Request, given: dict[str, Any]) -> Find:
    """What was read of a query by `QUERY`, or by a part of it; ``given`` is used up."""
    words, limit, cursor = given.pop("q", None), given.pop("limit", USUAL), given.pop("cursor", None)
    if "phone" in given:
        given["phone"] = phone.key_of(phone.read(given["phone"], request.country(None)))
    if "email" in given:
        given["email"] = email.key_of(given["email"])
    word = BY_RANK if words else BY_NUMBER
    after = place_of(cursor, word, tuple[Annotated[int, Meta(ge=0, le=strict.INT_MAX)]])[0] if cursor else 0
    return Find(given, words, limit, after)


def where(session: Session, actor: Actor, find: Find) -> Where:
    """The filter. Raises: NotFound for an unknown book; NotPermitted for one that the key may not see."""
    return tuple(condition for name, value in find.tests.items() for condition in TESTS[name](session, actor, value))


Test = Callable[[Session, Actor, Any], Where]


def _same(field: str) -> Test:
    return lambda _session, _actor, value: (Condition(field, "eq", value),)


def _book(session: Session, actor: Actor, number: int) -> Where:
    return (address_books.within(address_books.get(session, actor, number).number),)


def _label(kind: LabelKind) -> Test:
    def test(session: Session, _actor: Actor, name: str) -> Where:
        label = session.get(Label, kind=kind, name=name)
        return (Condition("label", "eq", label.number if label else 0),)

    return test


def _group(session: Session, actor: Actor, uid: str) -> Where:
    group = session.contacts.by_uid(uid.lower())
    seen = group is not None and actor.key.book in (None, group.book)
    return (Condition("member_of", "eq", group.number if group is not None and seen else 0),)


def _organization(session: Session, _actor: Actor, reference: str) -> Where:
    return (Condition("organization_named", "eq", (organizations.matching(session, reference), reference)),)


TESTS: Final[dict[str, Test]] = {
    "book": _book,
    "kind": _same("kind"),
    "list": _label("list"),
    "tag": _label("tag"),
    "group": _group,
    "external_id": _same("external_id"),
    "phone": _same("phone"),
    "email": _same("email"),
    "organization": _organization,
    "opt_out": lambda _session, _actor, value: (Condition("opted_out", "eq", value == "true"),),
    "changed_since": lambda _session, _actor, value: (Condition("updated_at", "ge", value),),
}
