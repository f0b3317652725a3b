"""One request on a connection: its head, its body as it arrives, and the one response to it.

What the application sees of HTTP/1.1 (RFC 9112). The connection feeds a wire with the body, and carries away what the
wire writes; neither side waits for the other longer than the other can take.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Any, Final, Protocol

from msgspec import Struct

#: Of a body that nobody reads, this much is held before the client is made to wait.
HELD_BYTES: Final = 256 * 1024
_STATUS_LINES: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
BODILESS: Final = (204, 304)
ENDS: Final = ("connection", "close")
CHUNKED: Final = ("transfer-encoding", "chunked")
_LAST_CHUNK: Final = b"0\r\n\r\n"


class ClientGone(Exception):
    """The connection ended before the request did, or before its response."""


class Head(Struct):
    """What a request says before its body.

    Args:
        path: without the query, percent-decoded. client: host and port. http_version: ``1.1``, ``1.0``.
        headers: by name in lower case; the values of a repeated one are joined by ``", "``.
        keeps: whether the client means to send more on the connection.
        claims: what the application read in these header fields, by dialect; there again when a client repeats them.
    """

    method: str
    path: str
    query_string: str
    client: str
    http_version: str
    headers: dict[str, str]
    keeps: bool
    claims: dict[str, Any] = {}
    scheme: str = "http"


class Line(Protocol):
    """The connection, as a wire sees it."""

    @property
    def date(self) -> str:
        """The header line of now."""
        ...

    def write(self, data: bytes) -> None:
        """Send, as soon as the client takes it."""

    async def drained(self) -> None:
        """Return when the client has taken most of what was written. Raises: ClientGone."""

    def pause(self) -> None:
        """Take nothing from the client for now."""

    def resume(self) -> None:
        """Take again."""

    def cut(self) -> None:
        """End the connection at once, so that the client knows that the response is not whole."""


class Wire:
    """One request, to be answered once."""

    __slots__ = (
        "_arrived",
        "_continues",
        "_gone",
        "_held",
        "_is_gone",
        "_line",
        "_parts",
        "answered",
        "body_ended",
        "head",
        "is_chunked",
        "keeps",
    )

    def __init__(self, head: Head, line: Line) -> None:
        self.head = head
        self.keeps = head.keeps
        self.answered = False  # the response's head is out
        self.body_ended = False
        self._line = line
        self._parts: list[bytes] = []
        self._held = 0
        self._arrived: asyncio.Future[None] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._is_gone = False
        expected = head.headers.get("expect")
        # RFC 9110 10.1.1: of a client that speaks HTTP/1.0 it is passed over.
        self._continues = expected is not None and expected.lower() == "100-continue" and head.http_version != "1.0"
        self.is_chunked = False

    @property
    def has_body(self) -> bool:
        """Whether there is, or may yet be, anything to read."""
        return bool(self._parts) or not self.body_ended

    # --- the connection's side ---

    def feed(self, part: bytes) -> None:
        """A part of the body has arrived."""
        self._parts.append(part)
        self._held += len(part)
        if self._held > HELD_BYTES and self._arrived is None:
            self._line.pause()
        self._wake()

    def end_body(self) -> None:
        """The body is whole."""
        self.body_ended = True
        self._wake()

    def lose(self) -> None:
        """The client has gone."""
        self._is_gone = True
        self._wake()
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    def finish(self) -> None:
        """The application is done: end a response that came in pieces."""
        if self.is_chunked:
            self.is_chunked = False
            self._line.write(_LAST_CHUNK)

    # --- reading ---

    async def __call__(self) -> bytes:
        """The whole body. Raises: ClientGone if it is cut short."""
        while not self.body_ended:
            await self._more()
        parts, self._parts, self._held = self._parts, [], 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in pieces. Raises: ClientGone if it is cut short."""
        while True:
            while self._parts:
                parts, self._parts, self._held = self._parts, [], 0
                for part in parts:
                    yield part
            if self.body_ended:
                return
            await self._more()

    async def _more(self) -> None:
        """Wait for another part of the body, or its end."""
        if self._is_gone:
            raise ClientGone
        if self._continues and not self._parts:
            self._line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._continues = False
        self._arrived = asyncio.get_running_loop().create_future()
        self._line.resume()
        try:
            await self._arrived
        finally:
            self._arrived = None

    async def client_disconnect(self) -> None:
        """Return when the client goes away."""
        if not self._is_gone:
            self._gone = asyncio.get_running_loop().create_future()
            await self._gone

    # --- answering ---

    def response_empty(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        """Send a head with no body after it, as for HEAD and 204."""
        self._line.write(self._head(status, headers))

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        """Send a body, and its length; after HEAD only that."""
        head = self._head(status, headers, length=None if status in BODILESS else len(body))
        self._line.write(head if self.head.method == "HEAD" else head + body)

    def response_stream(self, status: int, headers: Sequence[tuple[str, str]]) -> "Transport":
        """Begin a response whose body comes in pieces; it ends when the application returns."""
        told = any(name == "content-length" for name, _ in headers)
        if not told and self.head.http_version == "1.0":
            self.keeps = False  # there the end of the connection is the end of the body
        self.is_chunked = not told and self.head.http_version != "1.0"
        self._line.write(self._head(status, [*headers, CHUNKED] if self.is_chunked else headers))
        return Transport(self._line, chunked=self.is_chunked)

    def cut(self) -> None:
        """Give a response up in its middle."""
        self.is_chunked = False
        self._line.cut()

    def _head(self, status: int, headers: Sequence[tuple[str, str]], length: int | None = None) -> bytes:
        # What is left of a body would be taken for the next request.
        ends = ENDS in headers
        self.keeps = self.keeps and self.body_ended and not ends
        text = (_STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n") + self._line.date
        for name, value in headers:
            text += f"{name}: {value}\r\n"
        lines = 2 + len(headers)
        if text.count("\n") != lines or text.count("\r") != lines:
            raise ValueError("A header must not hold a line break.")
        if length is not None:
            text += f"content-length: {length}\r\n"
        if not self.keeps and not ends:
            text += "connection: close\r\n"
        elif self.keeps and self.head.http_version == "1.0":
            text += "connection: keep-alive\r\n"
        self.answered = True
        return f"{text}\r\n".encode("latin-1")


class Transport:
    """A response that is sent in pieces."""

    def __init__(self, line: Line, *, chunked: bool) -> None:
        self._line = line
        self.is_chunked = chunked

    async def send_bytes(self, data: bytes) -> None:
        """Send a piece, and wait while the client has too much before it. Raises: ClientGone."""
        if data:
            self._line.write(b"%x\r\n%b\r\n" % (len(data), data) if self.is_chunked else data)
        await self._line.drained()
