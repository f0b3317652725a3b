"""Starlette's side of the house: an ASGI request (ASGI 3.0, HTTP 2.4) made of an RSGI one."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Scope(Protocol):
    """What granian tells of a request; the path is decoded, header names are in lower case."""

    method: str
    path: str
    query_string: str
    scheme: str
    client: str
    http_version: str
    headers: Any


class Transport(Protocol):
    """A response that is sent in pieces."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a piece, once the one before has gone."""


class Wire(Protocol):
    """granian's side of one request: the body to be read, and the response to be sent, once."""

    async def __call__(self) -> bytes:
        """The whole body."""
        ...

    def __aiter__(self) -> Any:
        """The body in pieces."""

    async def client_disconnect(self) -> None:
        """Return when the client goes away."""

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        """Send no body."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send a body."""

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        """Send a file, no faster than the client takes it."""

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Transport:
        """Begin a response whose body comes in pieces."""
        ...


class Bridge:
    """One RSGI request as the three things that an ASGI application takes."""

    def __init__(self, scope: Scope, wire: Wire, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Args: ``headers`` that every answer bears."""
        self._more = headers
        host, _, port = scope.client.rpartition(":")
        self.scope: Message = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": scope.http_version,
            "method": scope.method,
            "scheme": scope.scheme,
            "path": scope.path,
            "raw_path": scope.path.encode(),
            "query_string": scope.query_string.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in scope.headers.items()],
            "client": (host, int(port)) if port.isdecimal() else None,
            "server": None,
        }
        self._wire = wire
        self._read = False
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._transport: Transport | None = None

    async def receive(self) -> Message:
        """The body at once; after it, nothing until the client goes away."""
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": await self._wire(), "more_body": False}
        await self._wire.client_disconnect()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """A response's head, or a piece of its body."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            self._headers += self._more
            return
        body: bytes = message.get("body", b"")
        if self._transport is None and not message.get("more_body"):
            self._wire.response_bytes(self._status, self._headers, body)
            return
        if self._transport is None:
            self._transport = self._wire.response_stream(self._status, self._headers)
        if body:
            await self._transport.send_bytes(body)
