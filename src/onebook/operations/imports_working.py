"""How an engine works by itself: imports run in threads of their own, and are taken up again when a runner has died."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import structlog

from onebook.errors import OnebookError
from onebook.model.account import Account
from onebook.model.figure import Figure, gauge
from onebook.operations.imports_drafts import Drafts
from onebook.operations.imports_fetching import FETCHING, Fetchers, Fetching
from onebook.operations.imports_files import Files
from onebook.operations.imports_looking import Looking
from onebook.operations.imports_opened import Opened
from onebook.operations.imports_passage import Passage
from onebook.operations.imports_rates import RATES
from onebook.operations.imports_spares import Spares
from onebook.operations.imports_spool import Spool
from onebook.store.base import Store

log = structlog.get_logger("onebook.imports")

LOOK_SECONDS = 5.0  # how often imports are looked for whose runner has died, and leases prolonged
LOST_MILLISECONDS = 3_600_000  # an import without its file here may be another machine's, but not for so long


class Working(Looking):
    """What an engine does by itself: it brings what it has taken over to its end, whatever else happens.

    Args:
        hands: how many processes prepare rows for one import. at_once: how many imports run at a time.
        undo_days: how long the file of an import is kept after its end.
        fetching: fetches files that are still out there.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        hands: int = 2,
        at_once: int = 2,
        undo_days: int = 30,
        fetching: Fetching = FETCHING,
    ) -> None:
        super().__init__(store, Spool(folder), threading.Event())
        self.drafts = Drafts(folder / "drafts")
        self._files = Files(store, self._spool, self.drafts, undo_days * 86_400_000)
        self._opened = Opened()
        self._spares = Spares(hands)
        self._passage = Passage(store, self._spool, self._opened, self._spares, fetching, self._is_stopping)
        self._threads = ThreadPoolExecutor(at_once, "onebook-import")
        self._fetchers = Fetchers()
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
        self._fetchers.stop()
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
                fetches = one.options.address is not None
                here = one.state == "undoing" or fetches or self._spool.has(one.id)
                if here or one.leased_until + LOST_MILLISECONDS < self._clock():
                    self._take_up(account, one.id, fetches=fetches)
        self.let_go()
        self._spool.sweep()
        self.drafts.sweep()

    def let_go(self) -> None:
        """Let go of files that were kept long enough, or may have somebody in them who was erased."""
        self._files.let_go(self._clock())

    def _take_up(self, account: Account, import_id: str, *, fetches: bool = False) -> None:
        """Have an import run. Args: ``fetches``: whether its file is still to be fetched, which comes before."""
        with self._lock:
            if self._stop.is_set():
                return
            if import_id in self._running:  # perhaps only just still: what is asked for now may come too late for it
                self._again[import_id] = account
                return
            self._running.add(import_id)
        if fetches:
            self._fetchers.submit(account.id, partial(self._fetch, account, import_id))
        else:
            self._threads.submit(self._run, account, import_id)

    def _fetch(self, account: Account, import_id: str) -> None:
        """Bring the file here; then the import is one like any."""
        try:
            with self._spool.claimed(import_id):
                self._passage.fetch(account, import_id)
        except Exception as error:  # noqa: BLE001 - the next look takes it up again
            log.warning("fetching interrupted", id=import_id, error=type(error).__name__)
        finally:
            with self._lock:
                self._running.discard(import_id)
                self._again.pop(import_id, None)
        self._take_up(account, import_id)

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
