"""The way of an import from waiting to its end, whoever takes it up and however often it is interrupted."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
from msgspec import structs

from onebook.errors import InvalidInput, LimitExceeded, NotFound, OnebookError, Unavailable
from onebook.importing.archive import PATIENT
from onebook.importing.source import Source
from onebook.model.account import Account
from onebook.model.imports import Import, ImportOptions, State
from onebook.operations import imports_mappings
from onebook.operations.imports_ahead import AHEAD
from onebook.operations.imports_fetching import Fetching
from onebook.operations.imports_hands import HandLost
from onebook.operations.imports_joining import join_all
from onebook.operations.imports_opened import Opened
from onebook.operations.imports_plan import Planning, must_be_as_planned
from onebook.operations.imports_records import without_address
from onebook.operations.imports_run import LEASE_MILLISECONDS, Run, Stopped, blocks_of, must_be_mine
from onebook.operations.imports_spares import Spares
from onebook.operations.imports_spool import Spool
from onebook.operations.imports_undo import Undoing
from onebook.store.base import Session, Store, Work

log = structlog.get_logger("onebook.imports")

_TRIES: Final = 5
#: What is wrong with the file itself: trying again would change nothing.
_OF_THE_FILE: Final = (InvalidInput, LimitExceeded, NotFound)


class Faulty(OnebookError):
    """A fault of our own, again and again."""

    def __init__(self) -> None:
        super().__init__("Something went wrong inside the service.")


class Passage:
    """Brings imports to their end.

    Args:
        opened: files that are open already. spares: processes that prepare rows. fetching: fetches files.
        stopping: whether to leave the rest to whoever comes next.
    """

    def __init__(
        self,
        store: Store,
        spool: Spool,
        opened: Opened,
        spares: Spares,
        fetching: Fetching,
        stopping: Callable[[], bool],
    ) -> None:
        self._store = store
        self._spool = spool
        self._opened = opened
        self._spares = spares
        self._fetching = fetching
        self._stopping = stopping
        self._held: dict[str, tuple[Account, Import]] = {}

    def beat(self) -> None:
        """Say of all imports in hand that somebody works on them: a process that stands still says nothing."""
        for account, held in list(self._held.values()):
            # Alone: a short work would tell the import itself that others are in a hurry.
            self._store.write(Work(account, "", "worker", partial(_prolong, held), alone=True))

    def go(self, account: Account, import_id: str, *, locked: bool = True) -> None:
        """Claim an import and do what its state asks for, until it is at rest.

        Args: ``locked``: nobody else on this machine holds it; else only one whose lease has run out is taken.
        """
        try:
            self._go(account, import_id, self._do, locked=locked)
        finally:
            self._held.pop(import_id, None)

    def fetch(self, account: Account, import_id: str) -> None:
        """Claim an import whose file is not here yet, and fetch it."""
        try:
            self._go(account, import_id, self._fetch, locked=False)
        finally:
            self._held.pop(import_id, None)

    def _go(self, account: Account, import_id: str, do: Callable[[Account, Import], None], *, locked: bool) -> None:
        for attempt in range(_TRIES):
            claimed = self._claim(account, import_id, locked=locked)
            if claimed is None:
                return
            self._held[import_id] = (account, claimed)
            locked = True  # by the lease
            try:
                do(account, claimed)
            except Stopped:
                self._end_if_asked(account, claimed)
            except _OF_THE_FILE as error:
                self._fail(account, claimed, error)
                continue  # what was made of a file that is to leave nothing is now taken back
            except Exception as error:  # noqa: BLE001 - tried again, but not for ever: the file may bring a fault about
                if isinstance(error, OnebookError) and not isinstance(error, (Unavailable, HandLost)):
                    self._fail(account, claimed, error)
                    return
                log.warning("import interrupted", id=import_id, error=type(error).__name__)
                # A store that is away is no fault of the import: whoever looks next goes on with it.
                if attempt == _TRIES - 1 and not isinstance(error, Unavailable):
                    self._fail(account, claimed, error if isinstance(error, HandLost) else Faulty())
                time.sleep(0.1 * 2**attempt)
                continue
            return

    def _write(self, account: Account, imported: Import, run: Callable[[Session], object]) -> None:
        self._store.write(Work(account, imported.actor, imported.dialect, run))

    def _claim(self, account: Account, import_id: str, *, locked: bool) -> Import | None:
        """The import with a fence of our own; None if there is nothing to do, or somebody else does it."""

        def run(session: Session) -> Import | None:
            found = session.get(Import, id=import_id)
            if found is None or found.state not in ("planning", "waiting", "running", "undoing"):
                return None
            if not locked and found.leased_until > session.now:
                return None
            values: dict[str, object] = {}
            if found.state == "waiting":
                values["state"] = "running"
                if found.options.overwrite:
                    values["generation"] = session.contacts.new_generation(found.book)
            leased = session.now + LEASE_MILLISECONDS
            session.change(Import, {"id": import_id}, epoch=found.epoch + 1, leased_until=leased, **values)
            return session.get(Import, id=import_id)

        claimed: Import | None = self._store.write(Work(account, "", "worker", run, opens=True))
        return claimed

    def _do(self, account: Account, claimed: Import) -> None:
        if claimed.state == "undoing":
            Undoing(self._store, account, claimed, self._stopping).run()
            return
        if claimed.cancel_asked or claimed.options.address is not None:  # whose file comes first
            raise Stopped
        heed = partial(self._must_be_mine, account, claimed)
        source = self._spool.source(claimed.id, claimed.name)
        if claimed.options.mapping_from is None:
            claimed = self._recognised(account, claimed, source, heed)
        with blocks_of(source, claimed, account, self._spares, self._opened, heed) as (blocks, headings):
            if claimed.state == "planning":
                Planning(self._store, account, claimed, self._stopping).run(blocks, headings)
                return
            Run(self._store, account, claimed, self._stopping, must_be_as_planned).write_all(blocks, headings)
        self._finish(account, claimed)

    def _must_be_mine(self, account: Account, claimed: Import) -> None:
        if self._stopping():
            raise Stopped
        self._store.read(account, lambda session: must_be_mine(session, claimed))

    def _fetch(self, account: Account, claimed: Import) -> None:
        """Bring the file of an import here."""
        if claimed.cancel_asked:
            raise Stopped
        if claimed.options.address is None:
            return
        heed = partial(self._must_be_mine, account, claimed)
        tell = partial(AHEAD.arriving, claimed.id)
        try:
            source = self._fetching(claimed.options.address, self._spool, heed, tell)
            self._spool.keep(claimed.id, source)
            said = {"media_type": source.media_type, "charset": source.charset}
            options = structs.replace(claimed.options, address=None, **said)
            # Nobody holds it now: whoever imports it need not wait.
            self._noted(account, claimed, options=options, name=source.name, size=source.size, leased_until=0)
            self._spool.settle(claimed.id)
        finally:
            AHEAD.forget(claimed.id)

    def _recognised(self, account: Account, claimed: Import, source: Source, heed: Callable[[], None]) -> Import:
        """The import of a file that took too long to open for whoever sent it, once its headings are known."""

        def chosen(headings: tuple[str, ...]) -> ImportOptions:
            return self._store.read(
                account,
                lambda session: imports_mappings.resolved(session, claimed.book, headings, claimed.options),
            )

        known = self._opened.look(claimed.id, source, claimed.options, None, chosen, PATIENT, heed)
        return self._noted(account, claimed, options=known.options, headings=known.headings, rows_total=known.rows)

    def _noted(self, account: Account, claimed: Import, **values: object) -> Import:
        """The import with what is known of its file. Raises: Stopped if it is not ours any more."""

        def run(session: Session) -> Import:
            must_be_mine(session, claimed)
            session.change(Import, {"id": claimed.id}, **values)
            return must_be_mine(session, claimed)

        noted: Import = self._store.write(Work(account, claimed.actor, claimed.dialect, run))
        return noted

    # --- endings ---

    def _end_if_asked(self, account: Account, claimed: Import) -> None:
        def run(session: Session) -> None:
            now = session.get(Import, id=claimed.id)
            if now is None or now.epoch != claimed.epoch or now.state != claimed.state:
                return
            if now.cancel_asked:
                self._end(session, now, "cancelled")
                self._drop_generation(session, now)
            else:
                session.change(Import, {"id": now.id}, leased_until=0)  # whoever comes next need not wait

        self._write(account, claimed, run)

    @staticmethod
    def _end(session: Session, imported: Import, state: State, **values: object) -> None:
        now = session.now
        session.change(
            Import, {"id": imported.id}, state=state, cancel_asked=False, ended_at=now, updated_at=now,
            options=without_address(imported), **values,
        )  # fmt: skip

    def _fail(self, account: Account, claimed: Import, error: OnebookError) -> None:
        code = error.issues[0].code if isinstance(error, InvalidInput) and error.issues else type(error).__name__

        def run(session: Session) -> None:
            now = session.get(Import, id=claimed.id)
            if now is None or now.epoch != claimed.epoch:
                return
            if now.options.whole and now.created and not now.options.overwrite and now.state == "running":
                why = {"code": code, "message": str(error), "updated_at": session.now}
                session.change(Import, {"id": now.id}, state="undoing", next_index=0, **why)
                return
            self._end(session, now, "failed", code=code, message=str(error))
            self._drop_generation(session, now)

        self._write(account, claimed, run)

    @staticmethod
    def _drop_generation(session: Session, imported: Import) -> None:
        """What an overwrite has staged is seen by nobody: the sweep may take it away."""
        if imported.options.overwrite:
            session.contacts.abandon(imported.book, imported.generation)

    def _finish(self, account: Account, claimed: Import) -> None:
        """After the last row: who waits for a group joins it, an overwrite is shown, and the import is done."""
        join_all(self._store, account, claimed)
        # Counted by a reader, since nobody else writes into it: the writer is to be held for a moment only.
        place = (claimed.book, claimed.generation)
        overwrites = claimed.options.overwrite
        staged = self._store.read(account, lambda session: session.contacts.staged(*place)) if overwrites else None

        def run(session: Session) -> None:
            now = must_be_mine(session, claimed)
            session.import_id = now.id
            if staged is not None:
                _must_have_rows(now)
                others = [book for book in now.seen if book != now.book]
                session.contacts.publish(now.book, now.generation, staged, emptied=others)
            imports_mappings.remember(session, now)
            self._end(session, now, "done", rows_total=now.counts.rows)

        self._write(account, claimed, run)


def _prolong(held: Import, session: Session) -> None:
    """Prolong a lease, if it is still this one."""
    values = {"leased_until": session.now + LEASE_MILLISECONDS}
    session.change(Import, {"id": held.id, "epoch": held.epoch}, **values)


def _must_have_rows(imported: Import) -> None:
    """Raises: InvalidInput if all would be deleted for nothing."""
    if not imported.created:
        raise InvalidInput.of(imported.options.field, "no_row", "The file has no good row, so nothing was deleted.")
