"""Whose turn it is to write one SQLite file, among several processes.

SQLite lets waiting processes try again and again, so that one which writes chunk after chunk wins each time, and never
hears that another one waits. Here whoever wants to write takes the turn, a lock on a file beside the database, and
keeps it only until it is let in: the next in line is then sure to be next, and who is inside sees that somebody waits.

The turn is a courtesy, never a condition: where it cannot be had, writing goes on without it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import apsw

from onebook.store.sqlite_connection import WAIT_SECONDS

TRY_SECONDS: Final = 0.003  # between two tries: a thousandth of a processor for who waits
HURRY_SECONDS: Final = 3.0  # judgement: whoever waited so lately may come again soon
_PASSED_OVER_SECONDS: Final = 60.0  # a turn that somebody holds who stands still


class Turn:
    """The turn to write a database. Args: ``database``: its path."""

    def __init__(self, database: Path) -> None:
        self._taking, self._looking = _opened(database), _opened(database)
        self._last_wanted = -HURRY_SECONDS
        self._passed_over_until = 0.0

    def wanted(self) -> bool:
        """Whether another process waits, or has waited in the last seconds. Only for whoever writes just now."""
        now = time.monotonic()
        if _locked(self._looking):
            fcntl.flock(self._looking, fcntl.LOCK_UN)
        elif self._looking >= 0 and now > self._passed_over_until:
            self._last_wanted = now
        return now - self._last_wanted < HURRY_SECONDS

    def begin(self, connection: apsw.Connection) -> None:
        """Begin to write, in turn. Raises: apsw.BusyError, if others write for too long."""
        with self._taken():
            until = time.monotonic() + WAIT_SECONDS
            while not _begun(connection, last=time.monotonic() > until):
                time.sleep(TRY_SECONDS)

    @contextmanager
    def _taken(self) -> Iterator[None]:
        mine = self._waited_for()
        try:
            yield
        finally:
            if mine:
                fcntl.flock(self._taking, fcntl.LOCK_UN)

    def _waited_for(self) -> bool:
        """Take the turn; False if it cannot be had."""
        now = time.monotonic()
        while not _locked(self._taking):
            if self._taking < 0 or now < self._passed_over_until:
                return False
            if time.monotonic() > now + WAIT_SECONDS:
                self._passed_over_until = time.monotonic() + _PASSED_OVER_SECONDS
                return False
            time.sleep(TRY_SECONDS)
        return True

    def close(self) -> None:
        """Let go of the files."""
        for descriptor in {self._taking, self._looking} - {-1}:
            os.close(descriptor)
        self._taking = self._looking = -1


def _opened(database: Path) -> int:
    """A descriptor of the file of turns; -1 if there can be none."""
    with suppress(OSError):
        return os.open(database.with_name(f"{database.name}-turn"), os.O_RDWR | os.O_CREAT, 0o600)
    return -1


def _locked(descriptor: int) -> bool:
    with suppress(OSError, ValueError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _begun(connection: apsw.Connection, *, last: bool) -> bool:
    """Try to begin; False if somebody else writes. Args: ``last``: raise then too."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except apsw.BusyError:
        if last:
            raise
        return False
    return True
