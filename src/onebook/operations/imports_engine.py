"""The engine that imports files: takes them over, works on them beside whatever else happens, and takes back."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import structlog
from msgspec import structs

from onebook.errors import Conflict, NotFound, OnebookError
from onebook.importing.reading import open_records
from onebook.importing.source import Source
from onebook.model.account import Account
from onebook.model.figure import Figure, gauge
from onebook.model.imports import AT_REST, Import, ImportIssue, ImportOptions, IssueKind, OriginalRow, Progress, State
from onebook.operations import address_books, imports_mappings, imports_mend
from onebook.operations.actor import Actor
from onebook.operations.imports_drafts import Draft, Drafts
from onebook.operations.imports_joining import join_all
from onebook.operations.imports_passage import Passage
from onebook.operations.imports_plan import must_be_unchanged
from onebook.operations.imports_preview import Preview, preview
from onebook.operations.imports_rates import RATES
from onebook.operations.imports_reading import open_file
from onebook.operations.imports_run import SMALL_BYTES, headings_of
from onebook.operations.imports_spool import Landing, Spool
from onebook.operations.imports_undo import must_be_newest
from onebook.store.base import Session, Store, Work

log = structlog.get_logger("onebook.imports")

LOOK_SECONDS = 5.0  # how often imports are looked for whose runner has died, and leases prolonged
LOST_MILLISECONDS = 3_600_000  # an import without its file here may be another machine's, but not for so long
_WAIT_SECONDS = 0.05
_TIES_AT_A_TIME = 2_000
_CARRIED_SECONDS = 900.0  # judgement: longer than any client waits that has not given up
_KINDS = 200


class Engine:
    """`imports_base.Imports` over a store and a folder for files.

    Args:
        hands: how many processes prepare rows for one import. at_once: how many imports run at a time.
        undo_days: how long the file of an import is kept after its end.
    """

    def __init__(self, store: Store, folder: Path, *, hands: int = 2, at_once: int = 2, undo_days: int = 30) -> None:
        self._undo_milliseconds = undo_days * 86_400_000
        self._store = store
        self._spool = Spool(folder)
        self.drafts = Drafts(folder / "drafts")
        self._passage = Passage(store, self._spool, hands, self._is_stopping)
        self._threads = ThreadPoolExecutor(at_once, "onebook-import")
        self._running: set[str] = set()
        self._again: dict[str, Account] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._looking = threading.Thread(target=self._look, name="onebook-imports", daemon=True)
        self._beating = threading.Thread(target=self._beat, name="onebook-leases", daemon=True)
        self._beating.start()

    def _is_stopping(self) -> bool:
        return self._stop.is_set()

    def figures(self) -> list[Figure]:
        """How many imports this process runs, and how many rows it has imported."""
        running = len(self._running)
        return [gauge("onebook_imports_running", "Imports that this process works on.", running), *RATES.figures()]

    # --- working by itself ---

    def start(self) -> None:
        """Go on with imports that were interrupted, now and whenever a runner elsewhere has died."""
        self._looking.start()

    def halt(self) -> None:
        """Let nobody wait any more, and begin nothing new: `stop` will follow."""
        self._stop.set()

    def stop(self) -> None:
        """Stop after the running chunks; whoever starts next goes on from there."""
        self._stop.set()
        for thread in (self._looking, self._beating):
            if thread.is_alive():
                thread.join()
        self._threads.shutdown(cancel_futures=True)

    def _look(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except OnebookError as error:
                log.warning("looking for imports failed", error=type(error).__name__)
            self._stop.wait(LOOK_SECONDS)

    def _beat(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self._passage.beat()
            except OnebookError as error:
                log.warning("leases were not prolonged", error=type(error).__name__)

    @staticmethod
    def _clock() -> int:
        return time.time_ns() // 1_000_000

    def look(self) -> None:
        """Take up what nobody works on, and let go of files that are not needed any more."""
        for account in self._store.accounts():
            for one in self._store.read(account, lambda session: session.all(Import)):
                if one.state not in AT_REST:
                    self._spool.settle(one.id)
                    here = one.state == "undoing" or self._spool.has(one.id)
                    if here or one.leased_until + LOST_MILLISECONDS < self._clock():
                        self._take_up(account, one.id)
        self.let_go()
        self._spool.sweep()
        self.drafts.sweep()

    def let_go(self) -> None:
        """Let go of the files of imports that were kept long enough, or have somebody in them who was erased."""
        old = self._clock() - self._undo_milliseconds
        for account in self._store.accounts():
            for one in self._store.read(account, lambda session: session.all(Import)):
                over = one.state in AT_REST and (one.size == 0 or (one.ended_at or old) < old)
                if over and self._spool.has(one.id):
                    self._let_go(account, one.id)

    def _let_go(self, account: Account, import_id: str) -> None:
        """Forget the file of an import, and what was remembered for going on with it."""
        self._store.write(Work(account, "", "worker", lambda session: session.bulk.remove_parts(import_id)))
        self._spool.drop(import_id)

    def _take_up(self, account: Account, import_id: str) -> None:
        with self._lock:
            if self._stop.is_set():
                return
            if import_id in self._running:  # perhaps only just still: what is asked for now may come too late for it
                self._again[import_id] = account
                return
            self._running.add(import_id)
        self._threads.submit(self._run, account, import_id)

    def _run(self, account: Account, import_id: str) -> None:
        try:
            with self._spool.claimed(import_id) as mine:
                # Without the file here the lock says nothing: the import may be on its way on another machine.
                self._passage.go(account, import_id, locked=mine and self._spool.has(import_id))
        except Exception as error:  # noqa: BLE001 - the next look takes it up again
            log.warning("import interrupted", id=import_id, error=type(error).__name__)
        finally:
            with self._lock:
                self._running.discard(import_id)
                again = self._again.pop(import_id, None)
            if again is not None:
                self._take_up(again, import_id)

    # --- taking over ---

    def landing(self) -> Landing:
        """A place where a file comes in piece by piece, to be given to `begin` without being copied."""
        return self._spool.landing()

    def begin(
        self, actor: Actor, source: Source, options: ImportOptions, *, key: str | None = None, plan: bool = False
    ) -> Import:
        """As `Imports.begin`."""
        import_id = self._write(actor, lambda session: session.new_uid())
        made = self._kept(actor, import_id, source, options, key=key, plan=plan)
        if made.id == import_id:
            self._take_up(actor.account, import_id)
        return made

    def carry_out(self, actor: Actor, source: Source, options: ImportOptions, *, key: str | None = None) -> Import:
        """As `Imports.carry_out`."""
        import_id = self._write(actor, lambda session: session.new_uid())
        small = source.size < SMALL_BYTES
        if small:  # in this thread, which would only wait, perhaps behind others of millions of rows
            with self._lock:
                self._running.add(import_id)
        try:
            made = self._kept(actor, import_id, source, options, key=key, plan=False)
        except BaseException:
            self._running.discard(import_id)
            raise
        if small and made.id == import_id:
            self._run(actor.account, import_id)
        else:
            self._running.discard(import_id)
            self._take_up(actor.account, made.id)  # also one that was sent before, if whoever ran it is gone
        return self.wait(actor, made.id, seconds=_CARRIED_SECONDS)

    def _kept(
        self, actor: Actor, import_id: str, source: Source, options: ImportOptions, *, key: str | None, plan: bool
    ) -> Import:
        """Keep a file and its import; the earlier one, which has another id, if it was sent with this key before."""
        actor.must_be_allowed("write")
        name, size = source.name, source.size
        options = structs.replace(options, media_type=source.media_type, charset=source.charset)
        try:
            digest = self._spool.keep(import_id, source)
            asked = _digest(options)
            options, headings, rows = self._known(actor, import_id, name, options)
            made: Import = self._write(
                actor,
                lambda session: _add(
                    session,
                    _new(session, actor, import_id, options, plan=plan)
                    | {"key": key, "digest": f"{digest} {asked}", "name": name, "size": size}
                    | {"headings": headings, "rows_total": rows},
                ),
            )
        except BaseException:
            self._spool.drop(import_id)
            raise
        if made.id != import_id:
            self._spool.drop(import_id)
        else:
            self._spool.settle(import_id)
        return made

    def preview(self, actor: Actor, source: Source, options: ImportOptions) -> Preview:
        """As `Imports.preview`."""
        actor.must_be_allowed("write")
        with source:
            return preview(source, options, partial(self._chosen, actor, options))

    def again(self, actor: Actor, import_id: str) -> Draft:
        """The file of an import once more as a draft, with what was chosen for it. Raises: NotFound once it is gone."""
        found = self.find(actor, import_id)
        source = self._spool.source(import_id, found.name)
        options = structs.replace(found.options, book=found.book, mapping_from=None)
        return self.drafts.take(actor, source, options=options)

    def _known(
        self, actor: Actor, import_id: str, name: str | None, options: ImportOptions
    ) -> tuple[ImportOptions, tuple[str, ...], int | None]:
        """The options with the mapping that holds, the headings of a file, and about how many rows it has."""
        source = self._spool.source(import_id, name)
        choose = partial(self._chosen, actor, options)
        with open_file(source, options, actor.account.default_country, choose) as file:
            return file.options, file.headings, file.about_rows(source)

    def _chosen(self, actor: Actor, options: ImportOptions, headings: tuple[str, ...]) -> ImportOptions:
        def run(session: Session) -> ImportOptions:
            number = options.book or address_books.default(session, actor).number
            return imports_mappings.resolved(session, number, headings, options)

        return self._store.read(actor.account, run)

    def _write(self, actor: Actor, run: Callable[[Session], Any], *, alone: bool = False) -> Any:
        return self._store.write(Work(actor.account, actor.key.id, actor.dialect, run, alone=alone))

    def _changed(
        self,
        actor: Actor,
        import_id: str,
        states: Iterable[State],
        why: str,
        check: Callable[[Session, Import], None] = lambda *_: None,
        **values: object,
    ) -> Import:
        """Change an import that is in one of these states. Raises: Conflict with a sentence if it is in another."""

        def run(session: Session) -> Import:
            found = seen(session, actor, import_id)
            if found.state not in states:
                raise Conflict("import", import_id, found.state, message=why)
            check(session, found)
            session.change(Import, {"id": import_id}, updated_at=session.now, **values)
            return seen(session, actor, import_id)

        changed: Import = self._write(actor, run)
        return changed

    def apply(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.apply`."""

        def run(session: Session) -> Import:
            found = seen(session, actor, import_id)
            if found.state != "planned":
                raise Conflict("plan", import_id, found.state, message="This is no plan, or it was applied already.")
            must_be_unchanged(session, found)
            begin_again(session, actor, found)
            return seen(session, actor, import_id)

        actor.must_be_allowed("write")
        begun: Import = self._write(actor, run)
        self._take_up(actor.account, import_id)
        return begun

    def mend(self, actor: Actor, import_id: str, source: Source) -> Import:
        """As `Imports.mend`."""
        actor.must_be_allowed("write")
        found = self.find(actor, import_id)
        original = self._spool.source(import_id, found.name)
        with source, open_file(original, found.options, actor.account.default_country) as file:
            plan, headings = file.plan, headings_of(file)
            with open_records(source) as records:
                for batch in imports_mend.batches(records, import_id, records.headings):
                    self._write(
                        actor,
                        partial(imports_mend.write, import_id=import_id, records=batch, plan=plan, headings=headings),
                        alone=True,
                    )
        mended = self._store.read(
            actor.account, lambda session: imports_mend.current(session, seen(session, actor, import_id))
        )
        join_all(self._store, actor.account, mended)
        return mended

    def cancel(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.cancel`."""
        actor.must_be_allowed("write")
        states: tuple[State, ...] = ("planning", "waiting", "running")
        why = "The import is not running."
        asked = self._changed(actor, import_id, states, why, cancel_asked=True)
        self._take_up(actor.account, import_id)
        return asked

    def undo(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.undo`."""
        actor.must_be_allowed("write")
        states: tuple[State, ...] = ("done", "failed", "cancelled")
        why = "Only an import that has ended, and was not undone yet, can be undone."
        begun = {"state": "undoing", "next_index": 0, "ended_at": None, "leased_until": 0}  # at rest it is nobody's
        asked = self._changed(actor, import_id, states, why, must_be_newest, **begun)
        self._take_up(actor.account, import_id)
        return asked

    def forget(
        self, actor: Actor, import_id: str, finish: Callable[[Callable[[Session], Any]], Any] | None = None
    ) -> None:
        """As `Imports.forget`. Args: ``finish``: runs the last transaction; the engine itself if None."""
        actor.must_be_allowed("write")
        why = "An import can be forgotten once it is at rest; cancel it first."
        # Without a size it is one whose file goes, should this end here.
        self._changed(actor, import_id, AT_REST, why, size=0)
        self._spool.drop(import_id)

        def run(session: Session) -> None:
            if seen(session, actor, import_id).state not in AT_REST:
                raise Conflict("import", import_id, message=why)
            session.bulk.remove_issues(import_id)
            session.bulk.remove_parts(import_id)
            while ties := session.bulk.ties(import_id, _TIES_AT_A_TIME):
                session.bulk.untie(import_id, ties)
            session.remove(Import, id=import_id)

        (finish or partial(self._write, actor))(run)

    # --- looking ---

    def find(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.find`."""
        return self._store.read(actor.account, lambda session: seen(session, actor, import_id))

    def recent(self, actor: Actor, *, limit: int = 100) -> list[Import]:
        """As `Imports.recent`."""
        found = self._store.read(actor.account, lambda session: session.all(Import))
        return [one for one in reversed(found) if actor.key.book in (None, one.book)][:limit]

    def progress(self, actor: Actor, import_id: str) -> Progress:
        """As `Imports.progress`."""
        return progress_of(self.find(actor, import_id))

    def wait(self, actor: Actor, import_id: str, *, seconds: float) -> Import:
        """As `Imports.wait`."""
        until = time.monotonic() + seconds
        while (found := self.find(actor, import_id)).state not in AT_REST and time.monotonic() < until:
            if self._stop.wait(_WAIT_SECONDS):
                break
        return found

    def issues(self, actor: Actor, import_id: str, *, after: int = -1, limit: int = 1000) -> list[ImportIssue]:
        """As `Imports.issues`."""
        self.find(actor, import_id)
        return self._store.read(actor.account, lambda session: session.bulk.issues(import_id, after, limit))

    def issue_kinds(self, actor: Actor, import_id: str) -> list[IssueKind]:
        """As `Imports.issue_kinds`."""
        self.find(actor, import_id)
        return self._store.read(actor.account, lambda session: session.bulk.issue_kinds(import_id, _KINDS))

    def rows_of(self, actor: Actor, import_id: str, indexes: Iterable[int]) -> Iterator[OriginalRow]:
        """As `Imports.rows_of`."""
        found = self.find(actor, import_id)
        source = self._spool.source(import_id, found.name)
        wanted = iter(indexes)
        index = next(wanted, None)
        with open_file(source, found.options, actor.account.default_country) as file:
            for row in file.rows():
                while index is not None and index < row.index:
                    index = next(wanted, None)
                if index is None:
                    return
                if index == row.index:
                    yield row


def _digest(options: ImportOptions) -> str:
    return msgspec.json.encode(options).decode()


def seen(session: Session, actor: Actor, import_id: str) -> Import:
    """Raises: NotFound("import") if there is none, or it is for a book that the key does not see."""
    found = session.get(Import, id=import_id)
    if found is None or actor.key.book not in (None, found.book):
        raise NotFound("import", import_id)
    return found


def _new(session: Session, actor: Actor, import_id: str, options: ImportOptions, *, plan: bool) -> dict[str, Any]:
    """The values of a new import, but for those of its file."""
    book = (
        address_books.default(session, actor)
        if options.book is None
        else address_books.get(session, actor, options.book)
    )
    looks_at = address_books.seen(session, actor) if options.all_books else [book] if options.overwrite else []
    return {
        "id": import_id,
        "state": "planning" if plan else "waiting",
        "book": book.number,
        "generation": book.generation,
        "seen": tuple(one.number for one in looks_at),
        # As it is now, so that a plan stays true.
        "options": structs.replace(options, country=options.country or session.account.default_country),
        **dict.fromkeys(("created", "updated", "unchanged", "refused", "skipped", "next_index", "epoch"), 0),
        **dict.fromkeys(("leased_until", "active_milliseconds"), 0),
        **dict.fromkeys(("code", "message", "ended_at")),
        **dict.fromkeys(("first_seq", "read_seq"), session.last_seq()),
        "samples": (),
        "kept": (),
        "actor": actor.key.id,
        "dialect": actor.dialect,
        "cancel_asked": False,
        "created_at": session.now,
        "updated_at": session.now,
    }


def _add(session: Session, values: dict[str, Any]) -> Import:
    """Keep a new import; gives the earlier one if the same file was sent with the same key."""
    made = Import(**values)
    earlier = session.get(Import, key=made.key) if made.key is not None else None
    if earlier is not None:
        if earlier.digest != made.digest:
            message = "The idempotency key was used for another file, or with other options."
            raise Conflict("import", made.key, earlier.id, message=message)
        return earlier
    if made.state == "waiting":
        must_be_alone(session, made)
    session.add(made)
    return made


def must_be_alone(session: Session, made: Import) -> None:
    """Raises: Conflict while another import replaces one of the same books."""
    for other in session.all(Import):
        works = other.state in ("waiting", "running", "undoing") and other.id != made.id
        both = works and made.options.overwrite and other.options.overwrite
        if both and set(other.seen) & set(made.seen):
            message = "Another overwrite of the address book is on its way; wait for it, or cancel it."
            raise Conflict("import", made.id, other.id, message=message)


def begin_again(session: Session, actor: Actor, planned: Import) -> None:
    """Make a plan an import that waits for its runner, with nothing of the plan's own counts."""
    must_be_alone(session, planned)
    session.bulk.remove_issues(planned.id)
    zero = dict.fromkeys(("created", "updated", "unchanged", "refused", "skipped", "next_index"), 0)
    at = {"first_seq": session.last_seq(), "actor": actor.key.id, "dialect": actor.dialect}
    session.change(
        Import, {"id": planned.id}, state="waiting", active_milliseconds=0, updated_at=session.now, ended_at=None,
        leased_until=0, samples=(), **zero, **at,
    )  # fmt: skip


def progress_of(imported: Import) -> Progress:
    """How far an import is."""
    counts, seconds = imported.counts, imported.active_milliseconds / 1000
    speed = counts.rows / seconds if seconds else 0.0
    # What was told by the beginning of the file may turn out to be too few.
    total = None if imported.rows_total is None else max(imported.rows_total, counts.rows)
    left = None
    if imported.state in AT_REST:
        left = 0.0
    elif imported.state != "undoing" and total is not None and speed:
        left = (total - counts.rows) / speed
    return Progress(
        imported.id, imported.state, counts, counts.rows, total, speed, left, imported.code, imported.message
    )
