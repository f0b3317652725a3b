"""Address books.

Source:   docs/dialects/native.md, "Books"
"""

from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Field, Out, Request, Route, schema_of
from onebook.dialects.native.answers import INTEGER, TEXT, TEXTS, TIME, every, gone, one, under
from onebook.dialects.native.reading import Said, body_schema, nothing, path_number, read_body
from onebook.model.book import BOOK_KINDS, Book
from onebook.model.moment import rfc3339
from onebook.operations import address_books
from onebook.operations.actor import Actor
from onebook.store.base import Session

_WORDS: Final = strict.Array(Said(longest=100), most=100)
_KIND_NOTE: Final = f"{', '.join(BOOK_KINDS)}, or a word of your own. A new book's types are its kind's, if not given."

CHANGE: Final = (
    Field("name", Said(), to="book.name", note="Unique in the account."),
    Field("kind", Said(), to="book.kind", note=_KIND_NOTE),
    Field("phone_types", _WORDS, to="book.phone_types"),
    Field("email_types", _WORDS, to="book.email_types"),
    Field("mobile_type", Said(longest=100), to="book.mobile_type", note="The phone type that means a mobile."),
)
CREATE: Final = (CHANGE[0]._replace(need=True), *CHANGE[1:])
BOOK: Final[tuple[Out[Book], ...]] = (
    Out("number", lambda book: book.number, INTEGER, "book.number"),
    Out("name", lambda book: book.name, TEXT, "book.name"),
    Out("kind", lambda book: book.kind, TEXT, "book.kind"),
    Out("phone_types", lambda book: book.phone_types, TEXTS, "book.phone_types"),
    Out("email_types", lambda book: book.email_types, TEXTS, "book.email_types"),
    Out("mobile_type", lambda book: book.mobile_type, TEXT, "book.mobile_type"),
    Out("contacts", lambda book: book.contacts, INTEGER),
    Out("created_at", lambda book: rfc3339(book.created_at), TIME),
)


class Change(Struct, frozen=True):
    """A book and its new values."""

    number: int
    values: dict[str, Any]


def read_create(request: Request) -> dict[str, Any]:
    """A body of POST /books."""
    return read_body(request, CREATE)


def read_one(request: Request) -> int:
    """The number in the path."""
    nothing(request)
    return path_number(request, "address book")


def read_change(request: Request) -> Change:
    """A body of PATCH /books/{number}."""
    given = read_body(request, CHANGE)
    if "name" in given:
        given["name"] = given["name"].strip()
    return Change(path_number(request, "address book"), given)


def act_all(session: Session, actor: Actor, _nothing: None) -> list[Book]:
    """Every book that the key sees."""
    return address_books.seen(session, actor)


def act_create(session: Session, actor: Actor, values: dict[str, Any]) -> Book:
    """Make a book."""
    return address_books.create(session, actor, **values)


def act_change(session: Session, actor: Actor, change: Change) -> Book:
    """Set what is named."""
    return address_books.update(session, actor, change.number, **change.values)


_TAGS: Final = ("Books",)

ROUTES: Final = (
    Route(
        "GET", "/books", "listBooks", "List the address books",
        nothing, act_all, every("books", BOOK),
        access="read", writes=False, answers={200: under("books", BOOK)}, tags=_TAGS,
    ),
    Route(
        "POST", "/books", "createBook", "Make an address book",
        read_create, act_create, one(BOOK, 201),
        body=body_schema(CREATE), answers={201: schema_of(BOOK)}, tags=_TAGS,
    ),
    Route(
        "GET", "/books/{number}", "readBook", "Read an address book",
        read_one, address_books.get, one(BOOK),
        access="read", writes=False, quick=True, answers={200: schema_of(BOOK)}, tags=_TAGS,
    ),
    Route(
        "PATCH", "/books/{number}", "changeBook", "Change what is named of an address book",
        read_change, act_change, one(BOOK),
        body=body_schema(CHANGE), answers={200: schema_of(BOOK)}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/books/{number}", "deleteBook", "Delete an empty address book",
        read_one, address_books.delete, gone,
        answers={204: None}, tags=_TAGS,
    ),
)  # fmt: skip
