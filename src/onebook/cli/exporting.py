"""Writing a book, or all of an account, to a file."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from onebook.errors import NotFound
from onebook.operations import accounts, address_books, exports
from onebook.operations.actor import Actor
from onebook.store.base import Session, Store, Where


def chosen_format(name: str | None, output: Path | None) -> str:
    """The format that is named, else the one that the file's name ends with, else CSV."""
    if name is not None or output is None:
        return name or "csv"
    endings = {exports.format_of(known).extension: known for known in reversed(exports.FORMAT_NAMES)}
    return endings.get(output.suffix.removeprefix(".").lower(), "csv")


def export(store: Store, account: str, book: str | None, format_name: str, output: Path | None) -> None:
    """Write the contacts to ``output``, or to standard output.

    Raises: NotFound for an unknown account or book; InvalidInput for what the format cannot hold.
    """
    actor = accounts.owner(accounts.named(store, account))
    where = store.read(actor.account, lambda session: _where(session, actor, book))
    pieces = exports.export(store, actor, where, exports.format_of(format_name))
    if output is None:
        _write(pieces, sys.stdout.buffer)
        return
    with _whole(output) as file:
        _write(pieces, file)


def _where(session: Session, actor: Actor, name: str | None) -> Where:
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
    """A file that is there when it is whole, readable by its owner alone: it holds people's data."""
    part = output.with_name(f"{output.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
