"""What contacts and accounts have in common in an answer: ids, times, and the fields that not all have."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeVar

from msgspec import Struct

from onebook.dialects.alloy.times import SCHEMA as TIME
from onebook.dialects.base import Out, Schema, schema_of, write_fields
from onebook.model.moment import rfc3339

TEXT: Final[Schema] = {"type": "string"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
UUID: Final[Schema] = {"type": "string", "format": "uuid"}


class Record(Protocol):
    """A stored contact or organization."""

    @property
    def number(self) -> int:
        """Its number in the account."""

    @property
    def uid(self) -> str:
        """Its UUID."""

    @property
    def created_at(self) -> int:
        """Milliseconds since 1970."""

    @property
    def updated_at(self) -> int:
        """Milliseconds since 1970."""


R = TypeVar("R", bound=Record)


class Seen(Struct, Generic[R], frozen=True):
    """A record as it is to be shown.

    Args:
        account: what a contact shows as its account: a stored one's id, or a text.
        custom: the custom fields.
    """

    what: R
    custom: dict[str, Any]
    account: str | None = None


REMOTE_ID: Out[Seen[Any]] = Out("remoteId", lambda seen: str(seen.what.number), TEXT, "number")

# The book is the remote application: what happens in the one happens in the other at the same time.
GIVEN: tuple[Out[Seen[Any]], ...] = (
    Out("lastActivityAt", lambda _: None, TEXT_OR_NULL),
    Out("id", attrgetter("what.uid"), UUID, "uid"),
    Out("remoteCreatedAt", lambda seen: rfc3339(seen.what.created_at), TIME, "created_at"),
    Out("remoteUpdatedAt", lambda seen: rfc3339(seen.what.updated_at), TIME, "updated_at"),
    Out("remoteDeleted", lambda _: False, {"type": "boolean"}),
    Out("createdAt", lambda seen: rfc3339(seen.what.created_at), TIME, "created_at"),
    Out("updatedAt", lambda seen: rfc3339(seen.what.updated_at), TIME, "updated_at"),
)
OLDER: tuple[Out[Seen[Any]], ...] = (
    Out("createdTimestamp", lambda seen: rfc3339(seen.what.created_at), TIME, "created_at"),
    Out("updatedTimestamp", lambda seen: rfc3339(seen.what.updated_at), TIME, "updated_at"),
)
REMOTE_FIELDS: Out[Seen[Any]] = Out("remoteFields", attrgetter("custom"), {"type": "object"}, "custom")


def write_seen(table: Sequence[Out[Seen[R]]], seen: Seen[R], *, older: bool) -> dict[str, Any]:
    """A record by its table, with the older names of the times if the client expects them."""
    written = write_fields((*table, *OLDER) if older else table, seen)
    if seen.custom:
        written[REMOTE_FIELDS.name] = seen.custom
    return written


def seen_schema(table: Sequence[Out[Any]]) -> Schema:
    """The JSON Schema of `write_seen`."""
    schema = schema_of(table)
    schema["properties"] |= {out.name: out.schema for out in (*OLDER, REMOTE_FIELDS)}
    return schema
