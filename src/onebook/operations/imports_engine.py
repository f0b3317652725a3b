"""The engine that imports files: takes them over, works on them beside whatever else happens, and takes back."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import structlog
from msgspec import structs

from onebook.errors import Conflict, OnebookError
from onebook.importing.reading import open_records
from onebook.importing.source import Source
from onebook.model.account import Account
from onebook.model.figure import Figure, gauge
from onebook.model.imports import AT_REST, Import, ImportOptions, State
from onebook.operations import address_books, imports_mappings, imports_mend
from onebook.operations.actor import Actor
from onebook.operations.imports_drafts import Draft, Drafts
from onebook.operations.imports_files import Files
from onebook.operations.imports_joining import join_all
from onebook.operations.imports_looking import Looking
from onebook.operations.imports_opened import Opened
from onebook.operations.imports_passage import Passage
from onebook.operations.imports_plan import must_be_unchanged
from onebook.operations.imports_preview import Preview, preview
from onebook.operations.imports_rates import RATES
from onebook.operations.imports_reading import open_file
from onebook.operations.imports_records import add, begin_again, new_values, seen
from onebook.operations.imports_run import SMALL_BYTES, headings_of
from onebook.operations.imports_spares import Spares
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


class Engine(Looking):
    """`imports_base.Imports` over a store and a folder for files.

    Args:
        hands: how many processes prepare rows for one import. at_once: how many imports run at a time.
        undo_days: how long the file of an import is kept after its end.
    """

    def __init__(self, store: Store, folder: Path, *, hands: int = 2, at_once: int = 2, undo_days: int = 30) -> None:
        super().__init__(store, Spool(folder), threading.Event())
        self.drafts = Drafts(folder / "drafts")
        self._files = Files(store, self._spool, self.drafts, undo_days * 86_400_000)
        self._opened = Opened()
        self._spares = Spares(hands)
        self._passage = Passage(store, self._spool, self._opened, self._spares, self._is_stopping)
        self._threads = ThreadPoolExecutor(at_once, "onebook-import")
        self._running: set[str] = set()
        self._again: dict[str, Account] = {}
        self._lock = threading.Lock()
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
        self._opened.close()
        self._spares.close()

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
                self._opened.sweep()
                self._spares.sweep()
                self._passage.beat()
            except OnebookError as error:
                log.warning("leases were not prolonged", error=type(error).__name__)

    @staticmethod
    def _clock() -> int:
        return time.time_ns() // 1_000_000

    def look(self) -> None:
        """Take up what nobody works on, and let go of files that are not needed any more."""
        for account in self._store.accounts():
            for one in self._store.read(account, lambda session: session.imports.under_way()):
                self._spool.settle(one.id)
                here = one.state == "undoing" or self._spool.has(one.id)
                if here or one.leased_until + LOST_MILLISECONDS < self._clock():
                    self._take_up(account, one.id)
        self.let_go()
        self._spool.sweep()
        self.drafts.sweep()

    def let_go(self) -> None:
        """Let go of files that were kept long enough, or may have somebody in them who was erased."""
        self._files.let_go(self._clock())

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
        if size >= SMALL_BYTES:
            self._spares.prepare()
        options = structs.replace(options, media_type=source.media_type, charset=source.charset)
        try:
            digest = self._spool.keep(import_id, source)
            asked = _digest(options)
            options, headings, rows = self._known(actor, import_id, name, options)
            made: Import = self._write(
                actor,
                lambda session: add(
                    session,
                    new_values(session, actor, import_id, options, plan=plan)
                    | {"key": key, "digest": f"{digest} {asked}", "name": name, "size": size}
                    | {"headings": headings, "rows_total": rows},
                ),
            )
        except BaseException:
            self._drop(import_id)
            raise
        if made.id != import_id:
            self._drop(import_id)
        else:
            self._spool.settle(import_id)
        return made

    def _drop(self, import_id: str) -> None:
        """Leave nothing of an import that was not written."""
        self._opened.drop(import_id)
        self._spool.drop(import_id)

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
        with ExitStack() as closing:
            file = closing.enter_context(open_file(source, options, actor.account.default_country, choose))
            known = file.options, file.headings, file.about_rows(source)
            if file.is_dear:
                self._opened.keep(import_id, file, closing)
            return known

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
            if not found.size:
                raise Conflict("plan", import_id, message="The file of this plan is not kept any more; send it again.")
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


def _digest(options: ImportOptions) -> str:
    return msgspec.json.encode(options).decode()
