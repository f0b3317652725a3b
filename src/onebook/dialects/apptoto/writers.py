"""3 Writers: contacts and books become Apptoto's answers, always with 200."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from onebook.dialects.apptoto.tables import BOOK_OUT, CONTACT_OUT, Shown
from onebook.dialects.base import Answer, Out, Request, Schema, schema_of, write_fields
from onebook.model.book import Book

OK: Final = 200


def _enveloped(name: str, table: Sequence[Out[Any]]) -> Mapping[int, Schema]:
    properties = {name: {"type": "array", "items": schema_of(table)}}
    return {OK: {"type": "object", "properties": properties, "required": [name]}}


CONTACTS: Final = _enveloped("contacts", CONTACT_OUT)
CONTACT: Final[Mapping[int, Schema]] = {OK: schema_of(CONTACT_OUT)}
BOOKS: Final = _enveloped("address_books", BOOK_OUT)


def write_contacts(_request: Request, shown: Sequence[Shown]) -> Answer:
    """Contacts in the envelope."""
    return Answer(OK, {"contacts": [write_fields(CONTACT_OUT, one) for one in shown]})


def write_contact(_request: Request, shown: Shown) -> Answer:
    """One contact, bare."""
    return Answer(OK, write_fields(CONTACT_OUT, shown))


def write_books(_request: Request, books: Sequence[Book]) -> Answer:
    """Address books in the envelope."""
    return Answer(OK, {"address_books": [write_fields(BOOK_OUT, book) for book in books]})
