"""Imports as they are shown: with the uids of contacts that an undo left alone."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from onebook.model.imports import Import, Progress
from onebook.operations.actor import Actor
from onebook.operations.imports_ahead import AHEAD
from onebook.operations.imports_records import progress_of, seen
from onebook.store.base import Session

RECENT: Final = 100
KEPT_SHOWN: Final = 1_000


class View(Struct, frozen=True):
    """An import, how far it is, and the uids of the first contacts that its undoing left as they are."""

    imported: Import
    progress: Progress
    kept: tuple[str, ...]


def one(session: Session, actor: Actor, import_id: str) -> View:
    """Raises: NotFound("import")."""
    return _views(session, [seen(session, actor, import_id)])[0]


def progress(session: Session, actor: Actor, import_id: str) -> View:
    """How far an import is, without what its undoing has left alone. Raises: NotFound("import")."""
    found = AHEAD.shown(seen(session, actor, import_id))
    return View(found, progress_of(found), ())


def recent(session: Session, actor: Actor) -> list[View]:
    """The newest imports first, a hundred at most, of those that the key sees."""
    return _views(session, session.imports.newest(actor.key.book, RECENT))


def _views(session: Session, found: Sequence[Import]) -> list[View]:
    numbers = {number for one in found for number in one.kept[:KEPT_SHOWN]}
    there = session.contacts.by_numbers(numbers) if numbers else {}
    return [
        View(
            one,
            progress_of(one),
            tuple(there[number].uid for number in one.kept[:KEPT_SHOWN] if number in there),
        )
        for one in map(AHEAD.shown, found)
    ]
