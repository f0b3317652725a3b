"""What of the book is looked at, as it stands in the address: words, filters, order, columns, and where to go on."""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from onebook.model import fold
from onebook.model.contact import Contact
from onebook.operations import search
from onebook.store.base import Condition, Order, Where
from onebook.web.visit import Values

#: Sortings: only those that the store has an index for.
ORDERS: Final[dict[str, Order]] = {
    "name": Order("name"),
    "name-down": Order("name", descending=True),
    "new": Order("number", descending=True),
    "old": Order("number"),
    "changed": Order("updated_at", descending=True),
}
COLUMNS: Final = ("phone", "email", "organization", "lists", "tags", "book", "external_id", "changed")
USUAL_COLUMNS: Final = ("phone", "email", "organization", "tags")
_KINDS: Final = {
    "group": Condition("group", "eq", value=True),
    "individual": Condition("kind", "eq", "individual"),
}
_LONGEST_NUMBER: Final = 15


def _numbered(field: str, text: str) -> Condition | None:
    known = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return Condition(field, "eq", int(text)) if known else None


def _since(text: str) -> Condition | None:
    try:
        begins = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        return None
    return Condition("updated_at", "ge", round(begins.timestamp() * 1000))


#: Name of a filter → what makes its condition of the text in the address; None for a text that says nothing.
FILTERS: Final[dict[str, Callable[[str], Condition | None]]] = {
    "book": lambda text: _numbered("book", text),
    "kind": _KINDS.get,
    "list": lambda text: _numbered("label", text),
    "tag": lambda text: _numbered("label", text),
    "group": lambda text: _numbered("member_of", text),
    "opt_out": lambda text: Condition("opted_out", "eq", text == "yes") if text in ("yes", "no") else None,
    "since": _since,
}


class Look(Struct, frozen=True):
    """What is looked at.

    Args:
        q: words, all of which must be had. chosen: filter name → text. order: one of `ORDERS`.
        after: the place of the last contact of the page before, or empty.
    """

    q: str
    chosen: dict[str, str]
    order: str
    columns: tuple[str, ...]
    after: str = ""

    @property
    def where(self) -> Where:
        """The filter; without the place."""
        found = tuple(test for name, text in self.chosen.items() if (test := FILTERS[name](text)) is not None)
        words = search.words_of(self.q)
        if words:
            return (*found, Condition("words", "eq", (words,)))
        return found

    @property
    def beyond(self) -> Where:
        """The condition of the page that goes on at the place."""
        order = ORDERS[self.order]
        op: Any = "lt" if order.descending else "gt"
        try:
            key, number = msgspec.json.decode(base64.urlsafe_b64decode(self.after + "=="), type=tuple[str | int, int])
        except (binascii.Error, ValueError):
            return ()
        if order.by == "number":
            return (Condition("number", op, number),)
        return (Condition("after_name" if order.by == "name" else "after_update", op, (key, number)),)

    def place(self, contact: Contact) -> str:
        """Where the page after this contact begins."""
        key = fold.sort_key(contact.card) if ORDERS[self.order].by == "name" else contact.updated_at
        return base64.urlsafe_b64encode(msgspec.json.encode((key, contact.number))).decode().rstrip("=")

    def query(self, **other: str) -> str:
        """The query part of the address, without what is as usual."""
        said = {"q": self.q, **self.chosen}
        if self.order != "name":
            said["order"] = self.order
        if self.columns != USUAL_COLUMNS:
            said["columns"] = " ".join(self.columns) or "none"
        said |= other
        return urlencode({name: value for name, value in said.items() if value})


def look_of(values: Values, kept: str = "") -> Look:
    """What an address, or a form, asks to look at; what nobody could have chosen is passed over.

    Args: ``kept``: the columns if it does not say them, with full stops between them.
    """
    chosen = {name: values[name] for name in FILTERS if values[name] and FILTERS[name](values[name]) is not None}
    asked = values["columns"] if len(values.all("columns")) < 2 else " ".join(values.all("columns"))  # noqa: PLR2004
    asked = asked or kept.replace(".", " ")
    columns = tuple(name for name in COLUMNS if name in asked.split()) if asked else USUAL_COLUMNS
    order = values["order"] if values["order"] in ORDERS else "name"
    return Look(values["q"].strip()[:1000], chosen, order, columns, values["after"])
