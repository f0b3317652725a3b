"""Sending a body while it is made: a piece is taken only when the one before has left, so that memory stays flat.

granian keeps whatever a streamed response is given, however slow the client is, and ends a response that broke as if
it were whole. A file it reads only as fast as the client takes it. So the body goes through a named pipe, which granian
sends as a file; and a body that cannot be ended is told by cutting the connection.
"""

import asyncio
import errno
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Protocol, TypeVar

from onebook.dialects.base import Answer, Pieces
from onebook.server.asgi import Wire

T = TypeVar("T")

# granian opens the pipe in a thread of its own: soon, unless the client has gone before.
OPEN_SECONDS: Final = 10.0
_OPEN_STEP_SECONDS: Final = 0.002
#: How long a body may still take once the server stops.
GRACE_SECONDS: Final = 3.0


class InThread(Protocol):
    """Runs a call in a thread."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result."""
        ...


async def stream(
    answer: Answer,
    pieces: Pieces,
    wire: Wire,
    client: str,
    in_thread: InThread,
    ending: asyncio.Event | None = None,
) -> None:
    """Send an answer whose body is `Pieces`; stop taking them when the client has gone.

    Args: ``client``: host and port at the other end of the connection. ``ending``: set once the server stops: a body
        that does not end soon after is cut off.

    Raises: whatever taking a piece raised. The connection is then cut, by which the client knows that this is not all.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="onebook-") as folder:
            path = str(Path(folder) / "body")
            os.mkfifo(path, 0o600)
            wire.response_file(answer.status, [*answer.headers, ("content-type", answer.content_type)], path)
            # A pipe that breaks says that the client has gone.
            with suppress(BrokenPipeError):
                async with _opened(path) as pipe, _ended_soon_after(ending):
                    await _fill(pipe, pieces, client, in_thread)
    finally:
        close = getattr(pieces.of, "close", None)
        if close is not None:
            await in_thread(close)


@asynccontextmanager
async def _ended_soon_after(ending: asyncio.Event | None) -> AsyncIterator[None]:
    """Cancel what is within some seconds after the server has begun to stop: its client may never take the rest."""
    loop, bound = asyncio.get_running_loop(), asyncio.timeout(None)

    async def bound_it() -> None:
        if ending is not None:
            await ending.wait()
            bound.reschedule(loop.time() + GRACE_SECONDS)

    try:
        async with bound:
            waiting = asyncio.create_task(bound_it())
            try:
                yield
            finally:
                waiting.cancel()
    except TimeoutError:
        if not bound.expired():
            raise


async def _fill(pipe: int, pieces: Pieces, client: str, in_thread: InThread) -> None:
    try:
        while (piece := await in_thread(lambda: next(pieces.of, None))) is not None:
            await _put(pipe, piece)
    except BrokenPipeError:
        raise
    except BaseException:
        # While the pipe is open the connection is this client's and nobody else's.
        _cut(client)
        raise


@asynccontextmanager
async def _opened(path: str) -> AsyncIterator[int]:
    """The end of a named pipe that is written to, as soon as the other end is open.

    Raises: BrokenPipeError if nobody opens that.
    """
    pipe = await _reader_there(path)
    try:
        yield pipe
    finally:
        os.close(pipe)


async def _reader_there(path: str) -> int:
    deadline = asyncio.get_running_loop().time() + OPEN_SECONDS
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        if asyncio.get_running_loop().time() > deadline:
            raise BrokenPipeError
        await asyncio.sleep(_OPEN_STEP_SECONDS)


async def _put(pipe: int, piece: bytes) -> None:
    """Write all of a piece, waiting whenever the pipe is full. Raises: BrokenPipeError once nobody reads."""
    rest = memoryview(piece)
    while rest:
        try:
            rest = rest[os.write(pipe, rest) :]
        except BlockingIOError:
            await _room(pipe)


async def _room(pipe: int) -> None:
    """Return when the pipe can be written to, or is broken."""
    loop = asyncio.get_running_loop()
    room = loop.create_future()
    loop.add_writer(pipe, lambda: None if room.done() else room.set_result(None))
    try:
        await room
    finally:
        loop.remove_writer(pipe)


def _cut(client: str) -> None:
    """Close a client's connection. granian has no word for that, so it is looked for among our open files."""
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - names are what is asked
        with suppress(OSError, ValueError):
            number = int(name)
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                with socket.socket(fileno=os.dup(number)) as connection:
                    host, port, *_ = connection.getpeername()
                    if client in (f"{host}:{port}", f"[{host}]:{port}"):
                        connection.shutdown(socket.SHUT_RDWR)
