"""Opt-outs of numbers and mail addresses: set, looked up, and taken back by the person's own word.

Source:   docs/dialects/native.md, "Opt-outs"
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from onebook.dialects.base import Answer, Field, Out, Request, Route, schema_of, write_fields
from onebook.dialects.native.answers import TEXT, TIME, gone, one, paged
from onebook.dialects.native.cards import LONGEST_PHONE
from onebook.dialects.native.reading import (
    CURSOR,
    LIMIT,
    USUAL,
    Mail,
    Number,
    Said,
    body_schema,
    cursor_of,
    place_of,
    read_body,
    read_query,
)
from onebook.errors import InvalidInput
from onebook.model import email, phone
from onebook.model.moment import rfc3339
from onebook.model.opt_out import Channel, OptOut
from onebook.operations import opt_outs
from onebook.operations.actor import Actor
from onebook.store.base import Session

BODY: Final = (
    Field("phone", Said(longest=LONGEST_PHONE), to="opt_out", note="A telephone number in any spelling."),
    Field("email", Mail(), to="opt_out", note="A mail address. Exactly one of the two is needed."),
    Field("source", Said(), to="opt_out.source", note="Who or what says so; `native` if it is not given."),
)
CLEAR: Final = (
    Field("phone", Number(), note="A telephone number in any spelling."),
    Field("email", Said(), note="A mail address. Exactly one of the two is needed."),
)
QUERY: Final = (
    Field("phone", Number(), note="Only the mark of this number."),
    Field("email", Said(), note="Only the mark of this address."),
    LIMIT,
    CURSOR,
)
MARK: Final[tuple[Out[OptOut], ...]] = (
    Out("channel", lambda mark: mark.channel, {**TEXT, "enum": ["phone", "email"]}, "opt_out.channel"),
    Out("key", lambda mark: mark.key, TEXT, "opt_out.key"),
    Out("source", lambda mark: mark.source, TEXT, "opt_out.source"),
    Out("created_at", lambda mark: rfc3339(mark.created_at), TIME, "opt_out.created_at"),
)


class Mark(Struct, frozen=True):
    """A number or mail address to be marked or cleared."""

    channel: Channel
    key: str
    source: str = "native"


class Listing(Struct, frozen=True):
    """Which marks are wanted: one of a number or address, or a page of all of them."""

    one: Mark | None
    limit: int
    after: tuple[str, str] | None


class Marks(Struct, frozen=True):
    """A page of marks and the cursor of the next one."""

    marks: list[OptOut]
    next_cursor: str | None


def _mark(given: Mapping[str, Any], country: str | None) -> Mark:
    """What was read as a mark. Raises: InvalidInput unless it names exactly one usable number or address."""
    if ("phone" in given) is ("email" in given):
        raise InvalidInput.of("phone", "required", "Exactly one of phone and email is needed.")
    source = given.get("source", "native")
    if "email" in given:
        return Mark("email", email.key_of(given["email"]), source)
    key = phone.key_of(phone.read(given["phone"], country))
    if not any(character.isdigit() for character in key):
        raise InvalidInput.of("phone", "not_a_phone", "phone must be a telephone number.")
    return Mark("phone", key, source)


def read_mark(request: Request) -> Mark:
    """A body of POST /opt-outs."""
    return _mark(read_body(request, BODY), request.country(None))


def read_clear(request: Request) -> Mark:
    """The query of DELETE /opt-outs."""
    return _mark(read_query(request, CLEAR), request.country(None))


def read_listing(request: Request) -> Listing:
    """The query of GET /opt-outs."""
    given = read_query(request, QUERY)
    one = _mark(given, request.country(None)) if given.keys() & {"phone", "email"} else None
    after = place_of(given["cursor"], "mark", tuple[str, str]) if "cursor" in given else None
    return Listing(one, given.get("limit", USUAL), after)


def act_list(session: Session, actor: Actor, listing: Listing) -> Marks:
    """A page of marks, which only a key for the whole account may read; or the one that is wanted if it is set."""
    if listing.one is not None:
        return Marks(session.all(OptOut, channel=listing.one.channel, key=listing.one.key), None)
    actor.must_see(0)
    marks = opt_outs.page(session, listing.limit + 1, listing.after)
    if len(marks) <= listing.limit:
        return Marks(marks, None)
    last = marks[listing.limit - 1]
    return Marks(marks[: listing.limit], cursor_of("mark", last.channel, last.key))


def act_mark(session: Session, _actor: Actor, mark: Mark) -> OptOut:
    """Set the mark; set already, it stays as it is."""
    return opt_outs.mark(session, mark.channel, mark.key, mark.source)


def act_clear(session: Session, actor: Actor, mark: Mark) -> None:
    """Take the mark away, which only a key for the whole account may."""
    actor.must_see(0)
    opt_outs.clear(session, mark.channel, mark.key)


def write_list(_request: Request, page: Marks) -> Answer:
    """A page of marks."""
    shown = [write_fields(MARK, mark) for mark in page.marks]
    return Answer(200, {"opt_outs": shown, "next_cursor": page.next_cursor})


_TAGS: Final = ("Opt-outs",)

ROUTES: Final = (
    Route(
        "GET", "/opt-outs", "listOptOuts", "List the opt-outs",
        read_listing, act_list, write_list,
        access="read", writes=False, query=QUERY, answers={200: paged("opt_outs", MARK)}, tags=_TAGS,
    ),
    Route(
        "POST", "/opt-outs", "createOptOut", "Mark a number or mail address as opted out",
        read_mark, act_mark, one(MARK, 201),
        body=body_schema(BODY), answers={201: schema_of(MARK)}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/opt-outs", "deleteOptOut", "Take a mark away because the person said so",
        read_clear, act_clear, gone,
        query=CLEAR, answers={204: None}, tags=_TAGS,
    ),
)  # fmt: skip
