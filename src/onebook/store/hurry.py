"""Whether a long work is to make way for others that want to write."""

import time
from collections.abc import Callable
from math import inf
from typing import Final

from onebook.store.base import Work

_SECONDS: Final = 3.0  # judgement: whoever wrote so lately may write again soon
#: Long works with no more than this between them belong to one another, as an import's chunks do.
_ROW_SECONDS: Final = 10.0


class Hurry:
    """Hears of works as they come.

    Short works that came before the first of a row of long ones do not count, nor do those before one that opens such
    a row: most prepared it, as when an import is entered and claimed.

    Args: ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_short = self._last_long = -inf

    def came(self, work: Work) -> None:
        """Hear of a work."""
        if work.opens:
            self._last_short = -inf
            return
        if not work.alone:
            self.note()
            return
        now = self._clock()
        if now - self._last_long > _ROW_SECONDS:
            self._last_short = -inf
        self._last_long = now

    def note(self) -> None:
        """Hear of a short work, ours or another process's."""
        self._last_short = self._clock()

    def is_on(self) -> bool:
        """Whether short works came lately."""
        return self._clock() - self._last_short < _SECONDS
