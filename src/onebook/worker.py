"""Work beside the requests: keeping house in the store."""

import threading
import time

import structlog

from onebook.errors import OnebookError
from onebook.store.base import Store

log = structlog.get_logger("onebook.worker")

ROUND_SECONDS = 600.0


class Worker:
    """Sweeps old answers and replaced generations away, one round every ten minutes, until it is stopped."""

    def __init__(self, store: Store, *, answer_hours: int, undo_days: int) -> None:
        """Args: how long stored answers and replaced generations are kept."""
        self._store = store
        self._answer_milliseconds = max(answer_hours, 24) * 3_600_000
        self._undo_milliseconds = undo_days * 86_400_000
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="onebook-worker", daemon=True)

    def start(self) -> None:
        """Work in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round, then stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Work in this thread until `stop`."""
        while not self._stop.is_set():
            try:
                self.round(time.time_ns() // 1_000_000)
            except OnebookError as error:
                log.warning("sweep failed", error=type(error).__name__)
            self._stop.wait(ROUND_SECONDS)

    def round(self, now: int) -> int:
        """One round at a time in milliseconds; returns how many rows went."""
        gone = self._store.sweep(
            answers_before=now - self._answer_milliseconds, generations_before=now - self._undo_milliseconds
        )
        if gone:
            log.info("swept", rows=gone)
        return gone
