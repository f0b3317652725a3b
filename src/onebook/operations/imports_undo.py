"""Taking an import back: the change log is walked from its end, so that who edited a contact since is known in time."""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import structs

from onebook.errors import Conflict
from onebook.model.account import Account
from onebook.model.book import Book
from onebook.model.change import Change
from onebook.model.contact import Contact
from onebook.model.imports import Import
from onebook.operations.imports_memory import Memory
from onebook.operations.imports_run import CHUNK_SECONDS, CHUNK_SECONDS_ALONE, Stopped, must_be_mine
from onebook.store.base import Session, Store, Work

_PAGE: Final = 50
_LOG_PAGE: Final = 1_000
_KEPT_AT_MOST: Final = 100_000


class Undoing:
    """Takes one import back, chunk by chunk; its checkpoint is the log entry that comes next (``next_index``)."""

    def __init__(self, store: Store, account: Account, imported: Import, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._account = account
        self._import = imported
        self._stopping = stopping
        self._others = Memory()  # contacts that anybody else has edited after the entries that come next
        self._looked_up_to = 0  # entries of the log up to here are in ``_others``

    def run(self) -> None:
        """Take everything back. Raises: Stopped."""
        if self._import.options.overwrite:
            self._write(self._flip_back)
            return
        going_on = True
        while going_on:
            if self._stopping():
                raise Stopped
            going_on = self._write(self._chunk)

    def _write(self, run: Callable[[Session, Import], bool]) -> bool:
        def work(session: Session) -> bool:
            now = must_be_mine(session, self._import)
            session.import_id = now.id
            return run(session, now)

        done: bool = self._store.write(Work(self._account, self._import.actor, self._import.dialect, work, alone=True))
        return done

    # --- contacts created and changed ---

    def _chunk(self, session: Session, now: Import) -> bool:
        """Take some entries back; False once all are."""
        began = time.monotonic()
        # The log's end as the undo began, beyond which only its own entries and those of others come.
        next_seq = now.next_index or session.last_seq() + 1
        self._look(session, now, next_seq)
        kept = set(now.kept)
        limit = CHUNK_SECONDS if self._store.hurried() else CHUNK_SECONDS_ALONE
        page = session.bulk.changes_before(next_seq, now.first_seq, _PAGE)
        while page and time.monotonic() - began < limit:
            for change in page:
                next_seq = change.seq
                kept |= self._take_back(session, now, change)
                if time.monotonic() - began >= limit:
                    break
            page = session.bulk.changes_before(next_seq, now.first_seq, _PAGE)
        values: dict[str, Any] = {"next_index": next_seq, "kept": tuple(sorted(kept)[:_KEPT_AT_MOST])}
        if not page:
            values |= {"state": "undone", "ended_at": session.now}
            session.bulk.remove_parts(now.id)
        session.change(Import, {"id": now.id}, updated_at=session.now, **values)
        return bool(page)

    def _look(self, session: Session, now: Import, next_seq: int) -> None:
        """Learn of edits by others behind the entry that comes next."""
        after = self._looked_up_to or next_seq - 1
        while page := session.changes(after, _LOG_PAGE):
            for change in page:
                self._note(now, change)
            after = page[-1].seq
        self._looked_up_to = after

    def _note(self, now: Import, change: Change) -> None:
        if change.noun == "contact" and change.import_id != now.id:
            self._others.meet(change.first, change.last)

    def _take_back(self, session: Session, now: Import, change: Change) -> set[int]:
        """Take one entry back; gives the numbers of contacts that stay as they are."""
        self._note(now, change)
        if change.import_id != now.id or change.noun != "contact":
            return set()
        if change.verb == "created":
            return self._remove(session, change)
        before: dict[str, Any] = change.before if isinstance(change.before, dict) else {}
        if before and self._others.has_met(change.first):
            return {change.first}
        if "joined" in before:
            session.bulk.leave([(group, change.first) for group in before["joined"]])
        if "labelled" in before:
            session.labels.detach(before["labelled"], [change.first])
        if "contact" in before:
            return _restore(session, msgspec.convert(before["contact"], Contact))
        return set()

    def _remove(self, session: Session, change: Change) -> set[int]:
        """Remove a range of created contacts but for those that others have edited."""
        edited = [number for number in range(change.first, change.last + 1) if self._others.has_met(number)]
        first = change.first
        for number in (*edited, change.last + 1):
            if first < number:
                session.bulk.remove(first, number - 1)
            first = number + 1
        return set(session.contacts.by_numbers(edited)) if edited else set()

    # --- overwrites ---

    def _flip_back(self, session: Session, now: Import) -> bool:
        kept: list[int] = []
        for book, generation, contacts, seq in replaced_by(session, now):
            edited = self._edited_since(session, now, book, seq)
            session.bulk.move(edited, generation)
            session.bulk.flip(book, generation, contacts + len(edited))
            kept += edited
        session.bulk.remove_parts(now.id)
        session.change(
            Import, {"id": now.id}, state="undone", ended_at=session.now, updated_at=session.now,
            kept=tuple(kept[:_KEPT_AT_MOST]),
        )  # fmt: skip
        return False

    @staticmethod
    def _edited_since(session: Session, now: Import, book: int, seq: int) -> list[int]:
        """Contacts of the book that others have made or edited since the overwrite was shown."""
        numbers: set[int] = set()
        after = seq
        while page := session.changes(after, _LOG_PAGE):
            for change in page:
                if change.noun == "contact" and change.import_id != now.id:
                    numbers.update(range(change.first, change.last + 1))
            after = page[-1].seq
        there = session.contacts.by_numbers(numbers)
        return sorted(number for number, contact in there.items() if contact.book == book)


def replaced_by(session: Session, now: Import) -> list[tuple[int, int, int, int]]:
    """Book, generation and number of contacts before, and place in the log, of each book that an overwrite replaced."""
    found: list[tuple[int, int, int, int]] = []
    before = session.last_seq() + 1
    while len(found) < len(now.seen):
        page = session.bulk.changes_before(before, now.first_seq, _LOG_PAGE)
        if not page:
            break
        found += [
            (change.first, change.before["generation"], change.before["contacts"], change.seq)
            for change in page
            if change.noun == "book" and change.verb == "replaced" and change.import_id == now.id
        ]
        before = page[-1].seq
    return found


def must_be_newest(session: Session, now: Import) -> None:
    """Raises: Conflict if a book was replaced again since an overwrite, or what was there before is cleaned away."""
    for book, generation, _, _ in replaced_by(session, now):
        found = session.get(Book, number=book)
        current = now.generation if book == now.book else None
        gone = not session.contacts.has_generation(book, generation)
        if found is None or gone or (current is not None and found.generation != current):
            message = "The address book was replaced again since, or what was there before is no longer kept."
            raise Conflict("import", now.id, message=message)


def _restore(session: Session, before: Contact) -> set[int]:
    """Give a contact back what it had; gives its number if it is gone, or its id is somebody else's by now."""
    current = session.contacts.by_numbers([before.number]).get(before.number)
    if current is None:
        return set()
    wanted = before.external_id
    place = (current.book, session.generation_of(current.book))
    holder = session.bulk.found("external_id", [wanted], *place).get(wanted) if wanted else None
    if holder in (None, current.number):
        session.contacts.update(current, before)
        return set()
    session.contacts.update(current, structs.replace(before, external_id=current.external_id))
    return {current.number}
