"""Sending a body that is made piece by piece: gathered in a temporary file, then sent with its length.

What breaks while it is made is still an error of the dialect's own, and a transfer that is cut off shows by the length.
Sent piece by piece as it is made, a body that broke would look whole: RSGI ends both the same way.
"""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol, TypeVar

from onebook.dialects.base import Answer, Pieces
from onebook.server.asgi import Wire

T = TypeVar("T")

MEMORY_BYTES = 1024 * 1024  # a larger body is gathered on disk
PIECE_BYTES = 256 * 1024


class InThread(Protocol):
    """Runs a call in a thread."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result."""
        ...


async def gather(pieces: Pieces, in_thread: InThread) -> IO[bytes]:
    """The whole body in a file, at its beginning; the caller closes it. Raises: whatever making a piece raised."""
    return await in_thread(partial(_gathered, pieces))


def _gathered(pieces: Pieces) -> IO[bytes]:
    file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - the caller's, unless it breaks here
    try:
        file.writelines(pieces.of)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    finally:
        close = getattr(pieces.of, "close", None)
        if close is not None:
            close()
    return file


async def send_file(answer: Answer, file: IO[bytes], wire: Wire, in_thread: InThread) -> None:
    """Send a gathered body, no faster than the client takes it, and close the file."""
    with closing(file):
        length = file.seek(0, 2)
        file.seek(0)
        headers = [*answer.headers, ("content-type", answer.content_type), ("content-length", str(length))]
        transport = wire.response_stream(answer.status, headers)
        while piece := await in_thread(partial(file.read, PIECE_BYTES)):
            await transport.send_bytes(piece)
