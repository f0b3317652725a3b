"""Listening: where connections come in, how long each may do nothing, and how all of them end."""

import asyncio
import time
from contextlib import suppress
from email.utils import formatdate
from typing import Final

from onebook.server.connection import Connection, Serve

BACKLOG: Final = 1024
_SWEEP_SECONDS: Final = 1.0


class Listener:
    """Serves HTTP/1.1 on one address.

    Args:
        serve: answers one request. grace_seconds: how long requests may go on after `close`.
    """

    def __init__(self, serve: Serve, host: str, port: int, *, grace_seconds: float = 20.0) -> None:
        self._serve = serve
        self._host = host
        self._port = port
        self._grace_seconds = grace_seconds
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self._sweeping: asyncio.Task[None] | None = None
        self.date = _date_line()
        self.is_closing = False

    async def open(self) -> None:
        """Take connections. Raises: OSError if one cannot listen there."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._serve, self, loop), self._host, self._port, backlog=BACKLOG
        )
        self._sweeping = loop.create_task(self._sweep())

    async def close(self) -> None:
        """Take no more, let what runs end, and cut what has not ended after the time of grace."""
        self.is_closing = True
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.wind_up()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._grace_seconds):
                await self._empty.wait()
        for connection in list(self._connections):
            connection.cut()
        if self._sweeping is not None:
            self._sweeping.cancel()

    def came(self, connection: Connection) -> None:
        """As `House.came`."""
        self._connections.add(connection)
        self._empty.clear()

    def went(self, connection: Connection) -> None:
        """As `House.went`."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    async def _sweep(self) -> None:
        """Once a second: the date, and an end to connections whose time is over."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self.date = _date_line()
            now = loop.time()
            for connection in [one for one in self._connections if one.is_overdue(now)]:
                connection.expire()


def _date_line() -> str:
    """RFC 9110 6.6.1: a server with a clock tells the time."""
    return f"date: {formatdate(time.time(), usegmt=True)}\r\n"
