"""Taking an import back: the change log is walked from its end, so that who edited a contact since is known in time."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from onebook.errors import Conflict
from onebook.model.account import Account
from onebook.model.change import Change, contact_kept
from onebook.model.imports import Import
from onebook.operations import imports_flips
from onebook.operations.imports_back import Back
from onebook.operations.imports_edits import Edits
from onebook.operations.imports_run import Stopped, chunk_seconds, must_be_mine, without_collecting
from onebook.store.base import Session, Store, Work

_PAGE: Final = 500
_LOG_PAGE: Final = 1_000
_KEPT_AT_MOST: Final = 100_000
_REMOVED_AT_A_TIME: Final = 2_000  # judgement: a tenth of a second; who waits to write waits for no more
_ENDED: Final = ("done", "failed", "cancelled")

Ended = Callable[[], bool]  # whether a chunk is long enough


def begin(session: Session, found: Import) -> None:
    """Have an import wait for being taken back; one that has kept contacts may be so once more.

    Raises: Conflict with a sentence if it is in another state, or an overwrite has hidden or replaced what it wrote.
    """
    again = found.state == "undone" and bool(found.kept)
    if found.state not in _ENDED and not again:
        message = "Only an import that has ended, and of which something is left to take back, can be undone."
        raise Conflict("import", found.id, found.state, message=message)
    goes_on = again and found.read_seq > found.first_seq and len(found.kept) < _KEPT_AT_MOST
    if found.options.overwrite and not goes_on:
        imports_flips.must_be_newest(session, found)
    else:
        imports_flips.must_be_shown(session, found)
    values: dict[str, Any] = {} if goes_on else {"read_seq": found.first_seq, "kept": ()}
    at_rest = {"next_index": 0, "ended_at": None, "leased_until": 0}  # it is nobody's
    session.change(Import, {"id": found.id}, state="undoing", updated_at=session.now, **at_rest, **values)


class Undoing:
    """Takes one import back, chunk by chunk; its checkpoint is the log entry that comes next (``next_index``).

    Once more, it goes through the contacts that it has kept; interrupted, that begins anew.
    """

    def __init__(self, store: Store, account: Account, imported: Import, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._account = account
        self._import = imported
        self._stopping = stopping
        self._edits = Edits(imported)  # of the entries after the one that comes next
        self._back = Back()
        self._next_seq = 0
        self._looked_up_to = 0  # entries of the log up to here are in ``_edits``
        self._removed_up_to: dict[int, int] = {}  # of an entry that was not done in one chunk: the number that is next
        self._kept: set[int] = set()
        again = imported.next_index == 0 and imported.read_seq > imported.first_seq
        self._only = frozenset(imported.kept) if again else None  # all others are taken back

    def run(self) -> None:
        """Take everything back. Raises: Stopped; Conflict if the book was overwritten before it began."""
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

        with without_collecting():
            chunk = Work(self._account, self._import.actor, self._import.dialect, work, alone=True)
            done: bool = self._store.write(chunk)
        return done

    def _end(self, session: Session, kept: Iterable[int]) -> dict[str, Any]:
        """The values of an import that is taken back."""
        session.bulk.remove_parts(self._import.id)
        return {"state": "undone", "ended_at": session.now, "kept": tuple(sorted(kept)[:_KEPT_AT_MOST])}

    def _flip_back(self, session: Session, now: Import) -> bool:
        begun_at = imports_flips.begun_at(session, now)
        kept = (imports_flips.flip_back if self._only is None else imports_flips.clear)(session, now)
        values = self._end(session, kept)
        session.change(Import, {"id": now.id}, updated_at=session.now, read_seq=begun_at, **values)
        return False

    # --- contacts created and changed ---

    def _chunk(self, session: Session, now: Import) -> bool:
        """Take some entries back; False once all are."""
        began = time.monotonic()
        imports_flips.must_be_shown(session, now)
        # The log's end as the undo first began, beyond which only its own entries and those of others come.
        begun_at = imports_flips.begun_at(session, now)
        next_seq = self._next_seq or now.next_index or begun_at + 1
        self._edits.begin(session)
        self._look(session, next_seq)

        def ended() -> bool:
            return time.monotonic() - began >= chunk_seconds(self._store)

        page = session.bulk.changes_before(next_seq, now.first_seq, _PAGE)
        while page and not ended():
            self._edits.turn_to(session, page)
            for change in page:
                done = self._take_back(session, now, change, ended)
                next_seq = change.seq if done else change.seq + 1
                if not done or ended():
                    break
            page = session.bulk.changes_before(next_seq, now.first_seq, _PAGE)
        self._next_seq = next_seq
        self._kept |= self._back.finish(session)
        kept = self._kept.union(now.kept if self._only is None else ())
        values: dict[str, Any] = {"read_seq": begun_at}
        if not page:
            values |= self._end(session, kept)
        elif self._only is None:
            values |= {"next_index": next_seq, "kept": tuple(sorted(kept)[:_KEPT_AT_MOST])}
        session.change(Import, {"id": now.id}, updated_at=session.now, **values)
        return bool(page)

    def _look(self, session: Session, next_seq: int) -> None:
        """Learn of edits by others behind the entry that comes next."""
        after = self._looked_up_to or next_seq - 1
        while page := session.changes(after, _LOG_PAGE):
            self._edits.turn_to(session, page)
            for change in page:
                self._edits.note(change)
            after = page[-1].seq
        self._looked_up_to = after

    def _take_back(self, session: Session, now: Import, change: Change, ended: Ended) -> bool:
        """Take one entry back; False if a part of it is left for the next chunk."""
        if change.import_id != now.id:
            self._edits.note(change)
            return True
        if change.noun != "contact":
            return True
        if change.verb == "created":
            return self._remove(session, change, ended)
        before: dict[str, Any] = change.before if isinstance(change.before, dict) else {}
        groups = before.get("joined", ())
        if self._is_done(session, change.first, groups):
            return True
        if self._edits.has_met(change.first):
            self._back.kept.add(change.first)
            return True
        for group in groups:
            if self._edits.has_met(group):
                self._back.kept.add(group)
            else:
                self._back.joined.append((group, change.first))
        if "labelled" in before:
            session.labels.detach(before["labelled"], [change.first])
        if "contact" in before:
            self._back.restore(session, contact_kept(before["contact"]))
        return True

    def _is_done(self, session: Session, number: int, groups: Iterable[int]) -> bool:
        """Whether an earlier undoing has taken all of an entry back."""
        if self._only is None or number in self._only:
            return False
        left = self._only.intersection(groups)
        return not left or left.isdisjoint(session.groups.of_contacts([number]).get(number, ()))

    def _remove(self, session: Session, change: Change, ended: Ended) -> bool:
        """Remove a range of created contacts but for those that stay; False if some are left."""
        self._back.write(session)
        staying = self._edits.staying(change.first, change.last)
        begin = self._removed_up_to.pop(change.seq, change.first)
        for first, last in _ranges(begin, change.last, staying):
            session.bulk.remove(first, last)
            if last < change.last and ended():
                self._removed_up_to[change.seq] = last + 1
                return False
        self._back.kept |= set(staying)
        return True


def _ranges(first: int, last: int, without: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The numbers from ``first`` to ``last`` without some, as ranges that are not too large."""
    for number in (*without, last + 1):
        for begin in range(first, number, _REMOVED_AT_A_TIME):
            yield begin, min(begin + _REMOVED_AT_A_TIME, number) - 1
        first = max(first, number + 1)
