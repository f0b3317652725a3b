"""Contacts as a file: those of a filter, in any of the formats, streamed.

Source:   docs/dialects/native.md, "Exports"; docs/exporting.md
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Answer, Field, Pieces, Reader, Request, Route
from onebook.dialects.native import filters
from onebook.dialects.native.reading import read_query
from onebook.operations import exports
from onebook.operations.actor import Actor
from onebook.store.base import Session, Where

FORMAT: Final = Field("format", strict.Choice(exports.FORMAT_NAMES), note="csv if it is not given.")
FILTERS: Final = tuple(field for field in filters.QUERY if field.name not in ("limit", "cursor"))
QUERY: Final = (FORMAT, *FILTERS)


class Wanted(Struct, frozen=True):
    """Which contacts are wanted, and in which format."""

    find: filters.Find
    format: str


class Chosen(Struct, frozen=True):
    """The filter of the contacts that are wanted, and the format."""

    where: Where
    format: str


class File(Struct, frozen=True):
    """A file on its way out."""

    format: str
    pieces: Iterator[bytes]


def read_export(request: Request) -> Wanted:
    """The query of GET /contacts/export."""
    given = read_query(request, QUERY)
    return Wanted(filters.find_of(request, given), given.pop("format", "csv"))


def act_choose(session: Session, actor: Actor, wanted: Wanted) -> Chosen:
    """The filter of the query. Raises: NotFound for an unknown book; NotPermitted for one that the key may not see."""
    return Chosen(where(session, actor, wanted.find), wanted.format)


def where(session: Session, actor: Actor, find: filters.Find) -> Where:
    """The filter, words among it. Raises: as `act_choose`."""
    tests = filters.where(session, actor, find)
    return tests if find.words is None else (*tests, *exports.having_words(find.words))


def begin(reader: Reader, chosen: Chosen) -> File:
    """Begin the file; what its format cannot hold is refused here, before anything is sent."""
    to = exports.format_of(chosen.format)
    return File(chosen.format, exports.export(reader.store, reader.actor, chosen.where, to))


def write_file(_request: Request, file: File) -> Answer:
    """The file, under a name."""
    to = exports.format_of(file.format)
    name = ("Content-Disposition", f'attachment; filename="contacts.{to.extension}"')
    return Answer(200, Pieces(file.pieces), (name,), to.media_type)


ROUTES: Final = (
    Route(
        "GET", "/contacts/export", "exportContacts", "Take contacts away as a file",
        read_export, act_choose, write_file,
        access="read", writes=False, then=begin, query=QUERY,
        files=tuple(dict.fromkeys(exports.format_of(name).media_type for name in exports.FORMAT_NAMES)),
        tags=("Contacts",),
    ),
)  # fmt: skip
