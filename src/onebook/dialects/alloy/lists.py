"""Lists: the page that is asked for, bounds of time, and the answer around it."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, NamedTuple

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.alloy.seen import R, Seen
from onebook.dialects.alloy.times import INSTANT
from onebook.dialects.base import REFUSED, Converter, Field, Schema
from onebook.errors import Issue
from onebook.store.base import Op

PAGE_SIZE: Final = 50
PAGE_SIZE_MOST: Final = 100
PAGE_NUMBER_MOST: Final = 2**31 - 1  # times a page's size it is still an integer of 64 bits

# --- tables ---


class Filter(NamedTuple):
    """One parameter that narrows a list: its name, how it is read, what of a contact it tests, and how."""

    name: str
    type: Converter
    field: str
    op: Op
    note: str


BOUNDS = (
    Filter("remoteCreatedAtMin", INSTANT, "created_at", "ge", "Made in the CRM at this time or later."),
    Filter("remoteCreatedAtMax", INSTANT, "created_at", "le", "Made in the CRM at this time or earlier."),
    Filter("remoteUpdatedAtMin", INSTANT, "updated_at", "ge", "Changed in the CRM at this time or later."),
    Filter("remoteUpdatedAtMax", INSTANT, "updated_at", "le", "Last changed in the CRM at this time or earlier."),
    Filter("createdAtMin", INSTANT, "created_at", "ge", "Made here at this time or later."),
    Filter("createdAtMax", INSTANT, "created_at", "le", "Made here at this time or earlier."),
    Filter("updatedAtMin", INSTANT, "updated_at", "ge", "Changed here at this time or later."),
    Filter("updatedAtMax", INSTANT, "updated_at", "le", "Last changed here at this time or earlier."),
)


class _Cursor(Struct, frozen=True):
    """A cursor that an earlier page gave, as the number of the last element of that page."""

    @property
    def schema(self) -> Schema:
        """See `Converter`."""
        return {"type": "string", "maxLength": 28}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """See `Converter`."""
        try:
            after = re.fullmatch(rb"after:(\d{1,15})", urlsafe_b64decode(value.encode("ascii")))
        except ValueError:  # neither ASCII nor base 64
            after = None
        if after is None:
            issues.append(Issue(at, "unknown", f"{at} must be the nextCursor of an earlier page."))
            return REFUSED
        return int(after[1])


def cursor_after(number: int) -> str:
    """The cursor of the page that follows this element."""
    return urlsafe_b64encode(b"after:%d" % number).decode()


PAGING = (
    Field("pageNumber", strict.Digits(1, PAGE_NUMBER_MOST), note="The page, from 1."),
    Field("pageSize", strict.Digits(1), note="How many a page has: 50 unless told, 100 at most."),
    Field("cursor", _Cursor(), note="Continues after the page that gave it; pageNumber is then not read."),
)


def query_of(filters: Sequence[Filter]) -> tuple[Field, ...]:
    """The rows of a query's table."""
    return tuple(Field(filter_.name, filter_.type, note=filter_.note) for filter_ in filters)


# --- readers ---


class Window(Struct, frozen=True):
    """The part of a list that is asked for; ``after`` is the number of the element before it, if that is known."""

    number: int
    size: int
    after: int | None

    @property
    def offset(self) -> int:
        """How many elements are passed over."""
        return 0 if self.after is not None else (self.number - 1) * self.size


def window_of(query: dict[str, Any]) -> Window:
    """The window that a query, read by its table, asks for."""
    size = min(query.get("pageSize", PAGE_SIZE), PAGE_SIZE_MOST)
    return Window(query.get("pageNumber", 1), size, query.get("cursor"))


# --- writers ---


class Page(Struct, Generic[R], frozen=True):
    """What was found: the elements of the window and, if any follow, one more."""

    window: Window
    found: Sequence[Seen[R]]
    total: int


def write_page(name: str, page: Page[R], write: Callable[[Seen[R]], dict[str, Any]]) -> dict[str, Any]:
    """The body of a list; ``name`` is what its elements are called."""
    shown = page.found[: page.window.size]
    follows = len(page.found) > len(shown)
    return {
        name: [write(one) for one in shown],
        "pageNumber": page.window.number,
        "pageSize": page.window.size,
        "totalCount": page.total,
        "pageInfo": {"hasNext": follows, "nextCursor": cursor_after(shown[-1].what.number) if follows else None},
    }


def page_schema(name: str, element: Schema) -> Schema:
    """The JSON Schema of `write_page`."""
    whole: Schema = {"type": "integer", "minimum": 0}
    properties: Schema = {
        name: {"type": "array", "items": element},
        "pageNumber": whole,
        "pageSize": whole,
        "totalCount": whole,
        "pageInfo": {
            "type": "object",
            "properties": {"hasNext": {"type": "boolean"}, "nextCursor": {"type": ["string", "null"]}},
            "required": ["hasNext", "nextCursor"],
        },
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


COUNT: Final[Schema] = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
