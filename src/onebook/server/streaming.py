"""Sending a body while it is made: a piece is taken only when the one before has left, so that memory stays flat."""

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from onebook.dialects.base import Answer, Pieces
from onebook.server.wire import ClientGone, Wire

T = TypeVar("T")


class InThread(Protocol):
    """Runs a call in a thread."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result."""
        ...


async def stream(answer: Answer, pieces: Pieces, wire: Wire, in_thread: InThread) -> None:
    """Send an answer whose body is `Pieces`; stop taking them when the client has gone.

    Raises: whatever taking a piece raised. The connection is then cut, by which the client knows that this is not all.
    """
    try:
        transport = wire.response_stream(answer.status, [*answer.headers, ("content-type", answer.content_type)])
        with suppress(ClientGone):
            while (piece := await in_thread(lambda: next(pieces.of, None))) is not None:
                await transport.send_bytes(piece)
    except BaseException:
        wire.cut()
        raise
    finally:
        close = getattr(pieces.of, "close", None)
        if close is not None:
            await in_thread(close)
