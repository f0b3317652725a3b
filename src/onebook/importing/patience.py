"""Waiting while a file is read: whoever waits has a word once a second, and need not wait any longer."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from onebook.errors import InvalidInput

T = TypeVar("T")
#: Says whether to go on, by raising if not.
Heed = Callable[[], None]

_SECONDS: Final = 1.0
_MESSAGE: Final = (
    "Looking into this file takes too long. It can be planned and imported all the same, in the background; its "
    "columns are then recognised by themselves."
)


class TakesLong(InvalidInput):
    """Nobody may wait any longer for what a file says, which may be readable with more time."""


def takes_long(field: str) -> InvalidInput:
    """What to tell those who have waited. Args: ``field``: the caller's name of the file."""
    return TakesLong.of(field, "takes_long", _MESSAGE)


def until(seconds: float, field: str) -> Heed:
    """A heed that raises `TakesLong` after so many seconds."""
    end = time.monotonic() + seconds

    def heed() -> None:
        if time.monotonic() > end:
            raise takes_long(field)

    return heed


def heeded(pieces: Iterable[T], heed: Heed) -> Iterator[T]:
    """The same pieces of a file, with a call of ``heed`` between them once a second."""
    called = time.monotonic()
    for piece in pieces:
        if time.monotonic() - called >= _SECONDS:
            heed()
            called = time.monotonic()
        yield piece
