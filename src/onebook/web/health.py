"""Whether the process lives, and whether its store can be read and written."""

import threading
import time
from typing import Final

from onebook.errors import OnebookError
from onebook.store.base import Store

# A probe flushes to the disk: however many ask, there are no more of them.
LOOK_SECONDS: Final = 1.0


class Readiness:
    """Asks the store, at most once a second; whoever comes meanwhile waits for that answer or gets the last one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._until = 0.0
        self._ready = False

    def __call__(self) -> bool:
        """Whether the store can be read and written."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._ready = self._probe()
                self._until = time.monotonic() + LOOK_SECONDS
            return self._ready

    def _probe(self) -> bool:
        try:
            self._store.probe()
        except OnebookError:
            return False
        return True
