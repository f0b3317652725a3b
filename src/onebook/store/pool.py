"""A bounded set of connections to PostgreSQL, opened when first needed and looked at before each use."""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from onebook.errors import Unavailable

Connection = psycopg.Connection[tuple[Any, ...]]

WAIT_SECONDS = 10.0  # for a connection that others hold; then the caller hears that the store is away
CONNECT_SECONDS = 5


def connect(url: str) -> Connection:
    """Open a connection fit for a pooler that gives each transaction another server.

    Nothing is prepared on the server, and nothing is set but for one transaction. A peer that is gone without a word
    is noticed within half a minute.
    """
    return psycopg.connect(
        url,
        autocommit=True,
        prepare_threshold=None,
        connect_timeout=CONNECT_SECONDS,
        application_name="onebook",
        client_encoding="utf8",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=20_000,
    )


class Pool:
    """Connections for the threads of one process; the one given back last is taken first.

    Attributes: ``size``: how many at most.
    """

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._room = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False
        self.size = size
        self._used = 0

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection in no transaction.

        Raises: Unavailable if none is free in time, none can be opened, or the database goes away meanwhile.
        """
        if not self._room.acquire(timeout=WAIT_SECONDS):
            raise Unavailable
        self._count(1)
        try:
            with away_is_unavailable():
                connection = self._take() or connect(self._url)
                try:
                    yield connection
                finally:
                    self._give(connection)
        finally:
            self._count(-1)
            self._room.release()

    @property
    def used(self) -> int:
        """How many are at work now, or are being opened."""
        return self._used

    def _count(self, more: int) -> None:
        with self._lock:
            self._used += more

    def _take(self) -> Connection | None:
        """An idle connection that still lives, if there is one."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not _has_ended(connection):
                return connection
            connection.close()

    def _give(self, connection: Connection) -> None:
        """Keep a connection for the next one, unless it broke or was left in the middle of something."""
        fit = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
        with self._lock:
            if fit and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is idle, and whatever comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _has_ended(connection: Connection) -> bool:
    """Whether the server has said something to an idle connection: that it closes it, or that it has."""
    if connection.closed:
        return True
    poll = select.poll()  # select() itself knows no descriptor above 1023
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database cannot serve now: gone, full, too slow, or no longer the one to write.

    Whatever was asked may work a little later.
    """
    later = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)
    return isinstance(error, later)


def first_line(error: BaseException | None) -> str:
    """What the database or its driver says is wrong, for a sentence."""
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "it did not say why"


@contextmanager
def away_is_unavailable() -> Iterator[None]:
    """Raises: Unavailable in place of an error that `is_away`."""
    try:
        yield
    except psycopg.Error as error:
        if is_away(error):
            raise Unavailable from error
        raise
