"""How often somebody may fail before they have to wait: counted in memory, by whatever name is given."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from onebook.errors import LimitExceeded

NAMES: Final = 10_000  # judgement: of the failures kept; the oldest name is forgotten first
WINDOW_SECONDS: Final = 15 * 60


class Throttle:
    """Refuses once a name has failed so often in a window of time; the window begins with the first failure."""

    def __init__(self, seconds: float = WINDOW_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        """Args: ``seconds``: length of the window. ``clock`` counts seconds."""
        self._seconds = seconds
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def must_be_free(self, names: Mapping[str, int]) -> None:
        """Args: ``names`` and how many failures each is allowed. Raises: LimitExceeded("attempts") for one over it."""
        now = self._clock()
        with self._lock:
            for name, allowed in names.items():
                failures, since = self._failed.get(name, (0, now))
                if failures >= allowed and now - since < self._seconds:
                    raise LimitExceeded("attempts", allowed, f"in {self._seconds / 60:.0f} minutes")

    def fail(self, *names: str) -> None:
        """Count a failure of each name."""
        now = self._clock()
        with self._lock:
            for name in names:
                failures, since = self._failed.get(name, (0, now))
                self._failed[name] = (failures + 1, since) if now - since < self._seconds else (1, now)
                self._failed.move_to_end(name)
            while len(self._failed) > NAMES:
                self._failed.popitem(last=False)

    def forgive(self, *names: str) -> None:
        """Forget the failures of these names."""
        with self._lock:
            for name in names:
                self._failed.pop(name, None)
