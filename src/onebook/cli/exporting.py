"""Writing a book, or all of an account, to a file."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlencode

from onebook.dialects.base import Limits, Request
from onebook.dialects.native import exports as native
from onebook.dialects.native.filters import find_of
from onebook.dialects.native.reading import read_query
from onebook.errors import InvalidInput, NotFound
from onebook.operations import accounts, address_books, exports
from onebook.operations.actor import Actor
from onebook.store.base import Session, Store, Where


def chosen_format(name: str | None, output: Path | None) -> str:
    """The format that is named, else the one that the file's name ends with, else CSV."""
    if name is not None or output is None:
        return name or "csv"
    endings = {exports.format_of(known).extension: known for known in reversed(exports.FORMAT_NAMES)}
    return endings.get(output.suffix.removeprefix(".").lower(), "csv")


def export(
    store: Store, account: str, book: str | None, filters: Iterable[str], format_name: str, output: Path | None
) -> None:
    """Write the contacts to ``output``, or to standard output.

    Args: ``filters``: ``NAME=VALUE``, as in the query of ``GET /contacts/export``.

    Raises: NotFound for an unknown account or book; InvalidInput for an unknown filter, for what the format cannot
        hold, and for a file that cannot be written.
    """
    actor = accounts.owner(accounts.named(store, account))
    request = _asked(actor, filters)
    where = store.read(actor.account, lambda session: (*_within(session, actor, book), *_where(session, request)))
    pieces = exports.export(store, actor, where, exports.format_of(format_name))
    if output is None:
        _write(pieces, sys.stdout.buffer)
        return
    with _whole(output) as file:
        _write(pieces, file)


def _asked(actor: Actor, filters: Iterable[str]) -> Request:
    """The filters as a request, so that they are read as those of the API."""
    pairs = [text.partition("=") for text in filters]
    wrong = next((name for name, equals, _ in pairs if not equals), None)
    if wrong is not None:
        message = f"A filter is a name and a value, such as tag=vip; {wrong!r} is none."
        raise InvalidInput.of("filter", "wrong_type", message)
    query = urlencode([(name, value) for name, _, value in pairs])
    return Request("GET", "/contacts/export", query, {}, b"", Limits(), who=actor)


def _where(session: Session, request: Request) -> Where:
    return native.where(session, request.actor, find_of(request, read_query(request, native.FILTERS)))


def _within(session: Session, actor: Actor, name: str | None) -> Where:
    if name is None:
        return ()
    book = address_books.named(session, actor, name)
    if book is None:
        raise NotFound("address book", name)
    return (address_books.within(book.number),)


def _write(pieces: Iterable[bytes], file: BinaryIO) -> None:
    file.writelines(pieces)
    file.flush()


@contextmanager
def _whole(output: Path) -> Iterator[BinaryIO]:
    """A file that is there when it is whole."""
    part = output.with_name(f"{output.name}.part")
    try:
        with opened_to_write(part) as file:
            yield file
        part.replace(output)
    except OSError as error:
        raise InvalidInput.of("output", "unwritable", f"{output} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            part.unlink()


def opened_to_write(path: Path) -> BinaryIO:
    """A new or emptied file that its owner alone may read: it holds people's data."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
