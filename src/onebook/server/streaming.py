"""Sending a body while it is made: a piece is taken only when the one before has left, so that memory stays flat."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol, TypeVar

from onebook.dialects.base import Answer, Pieces

T = TypeVar("T")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class InThread(Protocol):
    """Runs a call in a thread."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result."""
        ...


async def stream(answer: Answer, pieces: Pieces, receive: Receive, send: Send, in_thread: InThread) -> None:
    """Send an answer whose body is `Pieces`; stop taking them when the client has gone.

    Raises: whatever taking a piece raised. The body is then left without its end, by which the server cuts the
    connection and the client knows that this is not all.
    """
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-type", answer.content_type.encode("latin-1")))
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        while not gone.done() and (piece := await in_thread(lambda: next(pieces.of, None))) is not None:
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        if not gone.done():
            await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        close = getattr(pieces.of, "close", None)
        if close is not None:
            await in_thread(close)


async def _gone(receive: Receive) -> None:
    """Ends when the client goes away; what else it sends is nothing to us."""
    while (await receive())["type"] != "http.disconnect":
        pass
