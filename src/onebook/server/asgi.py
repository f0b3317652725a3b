"""Starlette's side of the house: a request as ASGI 3.0 (HTTP 2.4) has it."""

from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, Final

from onebook.server.wire import ClientGone, Head, Transport, Wire
from onebook.web.visit import SEND_PIECES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]
SendPieces = Callable[[Any], Awaitable[None]]

_READ: Final = object()


class Bridge:
    """One request as the three things that an ASGI application takes."""

    def __init__(
        self, head: Head, wire: Wire, send_pieces: SendPieces, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Make them.

        Args:
            send_pieces: sends a body that is made meanwhile; the shell finds it in the scope.
            headers: that every answer bears.
        """
        self._more = headers
        host, _, port = head.client.rpartition(":")
        self.scope: Message = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": head.http_version,
            "method": head.method,
            "scheme": head.scheme,
            "path": head.path,
            "raw_path": head.path.encode(),
            "query_string": head.query_string.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in head.headers.items()],
            "client": (host, int(port)) if port.isdecimal() else None,
            "server": None,
            SEND_PIECES: self._send_pieces,
        }
        self._wire = wire
        self._pieces: Any = None
        self._sender = send_pieces
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._transport: Transport | None = None

    async def receive(self) -> Message:
        """The body, piece by piece; after it, nothing until the client goes away."""
        if self._pieces is None:
            self._pieces = aiter(self._wire)
        elif self._pieces is _READ:
            await self._wire.client_disconnect()
            return {"type": "http.disconnect"}
        try:
            return {"type": "http.request", "body": await anext(self._pieces), "more_body": True}
        except StopAsyncIteration:
            self._pieces = _READ
            return {"type": "http.request", "body": b"", "more_body": False}
        except ClientGone:
            return {"type": "http.disconnect"}

    async def _send_pieces(self, answer: Any) -> None:
        await self._sender(answer)

    async def send(self, message: Message) -> None:
        """A response's head, or a piece of its body."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            self._headers += self._more
            return
        body: bytes = message.get("body", b"")
        if self.scope["method"] == "HEAD":
            if not self._wire.answered:
                self._wire.response_empty(self._status, self._headers)
            return
        if self._transport is None and not message.get("more_body"):
            headers = [header for header in self._headers if header[0] != "content-length"]
            self._wire.response_bytes(self._status, headers, body)
            return
        if self._transport is None:
            self._transport = self._wire.response_stream(self._status, self._headers)
        if body:
            await self._transport.send_bytes(body)
