"""The log of changes, from a cursor on.

Source:   docs/dialects/native.md, "Changes"
"""

from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Answer, Field, Out, Request, Route, Schema, write_fields
from onebook.dialects.native.answers import FLAG, INTEGER, TEXT, TEXT_OR_NULL, TIME, array_of
from onebook.dialects.native.reading import LIMIT, USUAL, read_query
from onebook.model.moment import rfc3339
from onebook.operations import changes
from onebook.operations.actor import Actor
from onebook.operations.changes import ChangePage, SeenChange
from onebook.store.base import Session

QUERY: Final = (
    Field("since", strict.text(longest=255), note="`cursor` of the page before; none: from the beginning."),
    LIMIT,
)
CHANGE: Final[tuple[Out[SeenChange], ...]] = (
    Out("seq", lambda change: change.seq, INTEGER),
    Out("noun", lambda change: change.noun, TEXT),
    Out("verb", lambda change: change.verb, TEXT),
    Out("number", lambda change: change.number, INTEGER),
    Out("contact", lambda change: change.contact, TEXT_OR_NULL),
    Out("at", lambda change: rfc3339(change.at), TIME),
    Out("dialect", lambda change: change.dialect, TEXT),
    Out("before", lambda change: change.before, {}),
)
PAGE: Final[Schema] = {
    "type": "object",
    "properties": {"changes": array_of(CHANGE), "cursor": TEXT, "more": FLAG},
    "required": ["changes", "cursor", "more"],
}


class Reading(Struct, frozen=True):
    """Where to go on, and how far."""

    since: str | None
    limit: int


def read_changes(request: Request) -> Reading:
    """The query of GET /changes."""
    given: dict[str, Any] = read_query(request, QUERY)
    return Reading(given.get("since"), given.get("limit", USUAL))


def act_changes(session: Session, actor: Actor, reading: Reading) -> ChangePage:
    """A page of the log."""
    return changes.since(session, actor, reading.since, reading.limit)


def write_changes(_request: Request, page: ChangePage) -> Answer:
    """Changes in order, the cursor to go on from, and whether there is more already."""
    seen = [write_fields(CHANGE, change) for change in page.changes]
    return Answer(200, {"changes": seen, "cursor": page.cursor, "more": page.more})


ROUTES: Final = (
    Route(
        "GET", "/changes", "readChanges", "Read the log of changes from a cursor on",
        read_changes, act_changes, write_changes,
        access="read", writes=False, query=QUERY, answers={200: PAGE}, tags=("Changes",),
    ),
)  # fmt: skip
