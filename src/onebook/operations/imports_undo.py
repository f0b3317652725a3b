"""Taking an import back: the change log is walked from its end, so that who edited a contact since is known in time."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import structs

from onebook.errors import Conflict
from onebook.model.account import Account
from onebook.model.book import Book
from onebook.model.change import Change, contact_kept
from onebook.model.contact import Contact
from onebook.model.imports import Import
from onebook.operations.imports_memory import Memory
from onebook.operations.imports_run import Stopped, chunk_seconds, must_be_mine, without_collecting
from onebook.store.base import Session, Store, Work

_PAGE: Final = 500
_LOG_PAGE: Final = 1_000
_KEPT_AT_MOST: Final = 100_000
_REMOVED_AT_A_TIME: Final = 2_000  # judgement: a tenth of a second; who waits to write waits for no more

Ended = Callable[[], bool]  # whether a chunk is long enough


class Undoing:
    """Takes one import back, chunk by chunk; its checkpoint is the log entry that comes next (``next_index``)."""

    def __init__(self, store: Store, account: Account, imported: Import, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._account = account
        self._import = imported
        self._stopping = stopping
        self._others = Memory()  # contacts that anybody else has edited after the entries that come next
        self._back = _Back()
        # Imports whose entries are no edits of others: this one, and those that were taken back before it.
        self._own: set[str | None] = set()
        self._looked_up_to = 0  # entries of the log up to here are in ``_others``
        self._removed_up_to: dict[int, int] = {}  # of an entry that was not done in one chunk: the number that is next

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
            self._own = {now.id, *(one.id for one in session.all(Import, state="undone"))}
            return run(session, now)

        with without_collecting():
            chunk = Work(self._account, self._import.actor, self._import.dialect, work, alone=True)
            done: bool = self._store.write(chunk)
        return done

    # --- contacts created and changed ---

    def _chunk(self, session: Session, now: Import) -> bool:
        """Take some entries back; False once all are."""
        began = time.monotonic()
        # The log's end as the undo began, beyond which only its own entries and those of others come.
        next_seq = now.next_index or session.last_seq() + 1
        self._look(session, next_seq)
        kept = set(now.kept)

        def ended() -> bool:
            return time.monotonic() - began >= chunk_seconds(self._store)

        page = session.bulk.changes_before(next_seq, now.first_seq, _PAGE)
        while page and not ended():
            for change in page:
                done = self._take_back(session, now, change, ended)
                next_seq = change.seq if done else change.seq + 1
                if not done or ended():
                    break
            page = session.bulk.changes_before(next_seq, now.first_seq, _PAGE)
        kept |= self._back.finish(session)
        values: dict[str, Any] = {"next_index": next_seq, "kept": tuple(sorted(kept)[:_KEPT_AT_MOST])}
        if not page:
            values |= {"state": "undone", "ended_at": session.now}
            session.bulk.remove_parts(now.id)
        session.change(Import, {"id": now.id}, updated_at=session.now, **values)
        return bool(page)

    def _look(self, session: Session, next_seq: int) -> None:
        """Learn of edits by others behind the entry that comes next."""
        after = self._looked_up_to or next_seq - 1
        while page := session.changes(after, _LOG_PAGE):
            for change in page:
                self._note(change)
            after = page[-1].seq
        self._looked_up_to = after

    def _note(self, change: Change) -> None:
        if change.noun == "contact" and change.import_id not in self._own:
            self._others.meet(change.first, change.last)

    def _take_back(self, session: Session, now: Import, change: Change, ended: Ended) -> bool:
        """Take one entry back; False if a part of it is left for the next chunk."""
        self._note(change)
        if change.import_id != now.id or change.noun != "contact":
            return True
        if change.verb == "created":
            return self._remove(session, change, ended)
        before: dict[str, Any] = change.before if isinstance(change.before, dict) else {}
        if before and self._others.has_met(change.first):
            self._back.kept.add(change.first)
            return True
        self._back.joined += [(group, change.first) for group in before.get("joined", ())]
        if "labelled" in before:
            session.labels.detach(before["labelled"], [change.first])
        if "contact" in before:
            self._back.restore(session, contact_kept(before["contact"]))
        return True

    def _remove(self, session: Session, change: Change, ended: Ended) -> bool:
        """Remove a range of created contacts but for those that others have edited; False if some are left."""
        self._back.write(session)
        edited = self._others.met_between(change.first, change.last)
        begin = self._removed_up_to.pop(change.seq, change.first)
        for first, last in _ranges(begin, change.last, edited):
            session.bulk.remove(first, last)
            if last < change.last and ended():
                self._removed_up_to[change.seq] = last + 1
                return False
        self._back.kept |= set(session.contacts.by_numbers(edited)) if edited else set()
        return True

    # --- overwrites ---

    def _flip_back(self, session: Session, now: Import) -> bool:
        kept: list[int] = []
        for book, generation, seq in replaced_by(session, now):
            edited = self._edited_since(session, book, seq)
            session.bulk.move(edited, generation)
            # Counted, not remembered: somebody in it may have been erased since.
            session.bulk.flip(book, generation, session.bulk.size(book, generation))
            kept += edited
        session.bulk.remove_parts(now.id)
        session.change(
            Import, {"id": now.id}, state="undone", ended_at=session.now, updated_at=session.now,
            kept=tuple(kept[:_KEPT_AT_MOST]),
        )  # fmt: skip
        return False

    def _edited_since(self, session: Session, book: int, seq: int) -> list[int]:
        """Contacts of the book that others have made or edited since the overwrite was shown."""
        numbers: set[int] = set()
        after = seq
        while page := session.changes(after, _LOG_PAGE):
            for change in page:
                if change.noun == "contact" and change.import_id not in self._own:
                    numbers.update(range(change.first, change.last + 1))
            after = page[-1].seq
        there = session.contacts.by_numbers(numbers)
        return sorted(number for number, contact in there.items() if contact.book == book)


def _ranges(first: int, last: int, without: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The numbers from ``first`` to ``last`` without some, as ranges that are not too large."""
    for number in (*without, last + 1):
        for begin in range(first, number, _REMOVED_AT_A_TIME):
            yield begin, min(begin + _REMOVED_AT_A_TIME, number) - 1
        first = max(first, number + 1)


def replaced_by(session: Session, now: Import) -> list[tuple[int, int, int]]:
    """Book, generation before, and place in the log, of each book that an overwrite replaced."""
    found: list[tuple[int, int, int]] = []
    before = session.last_seq() + 1
    while len(found) < len(now.seen):
        page = session.bulk.changes_before(before, now.first_seq, _LOG_PAGE)
        if not page:
            break
        found += [
            (change.first, change.before["generation"], change.seq)
            for change in page
            if change.noun == "book" and change.verb == "replaced" and change.import_id == now.id
        ]
        before = page[-1].seq
    return found


def must_be_newest(session: Session, now: Import) -> None:
    """Raises: Conflict if a book was replaced again since an overwrite, or what was there before is cleaned away."""
    for book, generation, _ in replaced_by(session, now):
        found = session.get(Book, number=book)
        current = now.generation if book == now.book else None
        gone = not session.contacts.has_generation(book, generation)
        if found is None or gone or (current is not None and found.generation != current):
            message = "The address book was replaced again since, or what was there before is no longer kept."
            raise Conflict("import", now.id, message=message)


class _Back:
    """What is taken back of contacts that were there before; many of them are written together.

    Attributes:
        joined: groups and contacts that joined them. kept: numbers of contacts that stay as they are.
    """

    def __init__(self) -> None:
        self.joined: list[tuple[int, int]] = []
        self.kept: set[int] = set()
        self._before: dict[int, Contact] = {}

    def restore(self, session: Session, before: Contact) -> None:
        """Have a contact get back what it had."""
        if before.number in self._before:  # changed twice: what it had at first comes after what it had then
            self.write(session)
        self._before[before.number] = before

    def write(self, session: Session) -> None:
        """Write what waits."""
        if self.joined:
            session.bulk.leave(self.joined)
            self.joined = []
        if self._before:
            waiting, self._before = self._before, {}
            self._restore(session, waiting)

    def _restore(self, session: Session, waiting: Mapping[int, Contact]) -> None:
        """Contacts that are gone stay so; an id that is somebody else's by now stays with them."""
        current = session.contacts.by_numbers(waiting)
        pairs = [(now, waiting[number]) for number, now in current.items()]
        session.bulk.update([pair for pair in pairs if pair[0].external_id == pair[1].external_id])
        for now, before in pairs:
            if now.external_id != before.external_id:
                self._give_back(session, now, before)

    def _give_back(self, session: Session, now: Contact, before: Contact) -> None:
        wanted = before.external_id
        place = (now.book, session.generation_of(now.book))
        holder = session.bulk.found("external_id", [wanted], *place).get(wanted) if wanted else None
        if holder in (None, now.number):
            session.contacts.update(now, before)
        else:
            session.contacts.update(now, structs.replace(before, external_id=now.external_id))
            self.kept.add(now.number)

    def finish(self, session: Session) -> set[int]:
        """At the end of a transaction: write what waits; gives who stayed as they were."""
        self.write(session)
        kept, self.kept = self.kept, set()
        return kept
