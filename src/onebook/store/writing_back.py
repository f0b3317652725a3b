"""The write-ahead log of SQLite, written back into the database: within a commit, or after long ones beside the writer.

The log begins anew only if all of it was written back while nobody wrote. So once it is very long, a long transaction's
commit writes it back too, but finds most of it done.
"""

import threading
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Final

import apsw

from onebook.store.sqlite_connection import PAGES

#: What `PAGES` is, after a long transaction. Judgement: 256 MiB of disk, and one such commit in four or five.
PAGES_BESIDE: Final = 32_768
#: After how many rows changed by long transactions the log is written back beside the writer: after each of them while
#: they are as long as they may be.
CHANGES: Final = 16_384


class WritingBack:
    """Decides who writes the log back; has a thread from the first long transaction on.

    Args:
        writing: the connection that writes. connect: opens one more.
    """

    def __init__(self, writing: apsw.Connection, connect: Callable[[], apsw.Connection]) -> None:
        self._writing = writing
        self._connect = connect
        self._thread: threading.Thread | None = None
        self._wanted = threading.Event()
        self._closed = False
        self._is_long = False
        self._done_at = 0

    def is_long(self) -> None:
        """Say of the transaction that is under way that it is long."""
        self._is_long = True
        self._writing.wal_autocheckpoint(PAGES_BESIDE)

    def committed(self) -> None:
        """After a commit."""
        if not self._is_long:
            return
        self._is_long = False
        self._writing.wal_autocheckpoint(PAGES)
        if self._writing.total_changes() - self._done_at >= CHANGES:
            self._done_at = self._writing.total_changes()
            self._wanted.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._go, name="onebook-writing-back", daemon=True)
                self._thread.start()

    def _go(self) -> None:
        with closing(self._connect()) as connection:
            while self._wanted.wait() and not self._closed:
                self._wanted.clear()
                with suppress(apsw.Error):  # a full disk, say: the writer meets it too, and tells
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Stop."""
        self._closed = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
