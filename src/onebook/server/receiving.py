"""The body of a request: bounded in size, whole or not at all; a file that is sent goes to disk while it comes.

granian hands a body over as the client sends it, and no faster than it is taken. Who sends a file holds no thread while
he is slow: the event loop gathers a megabyte, and a thread writes it.
"""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from granian._granian import RSGIProtocolClosed as ProtocolClosed
from granian._granian import RSGIProtocolError as ProtocolError

from onebook.dialects.base import Limits, Request
from onebook.errors import InvalidInput, LimitExceeded, Unavailable
from onebook.operations.imports_spool import Landed, Landing
from onebook.server.asgi import Wire

T = TypeVar("T")

BODILESS: Final = ("GET", "HEAD")  # their rare bodies are read only if announced
BLOCK_BYTES: Final = 1 << 20
#: Judgement: who sends nothing for so long has gone, whatever the network says.
SILENT_SECONDS: Final = 60.0
_FULL_RETRY_SECONDS: Final = 60


class InThread(Protocol):
    """Runs a call in a thread."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result."""
        ...


def has_body(request: Request) -> bool:
    """Whether a body was announced."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def in_memory(request: Request, wire: Wire, limit: int) -> bytes:
    """The whole body.

    Raises: LimitExceeded("body") as soon as it is known to be too long; InvalidInput if the client went away before
    its end.
    """
    length = _length(request, limit)
    if length is None and request.method in BODILESS and "transfer-encoding" not in request.headers:
        return b""
    if length is not None:
        try:
            return await wire()
        except (ProtocolClosed, ProtocolError):
            raise _cut_short() from None
    return b"".join([part async for part in _parts(request, wire, None, limit)])


async def land(request: Request, wire: Wire, landing: Landing, limits: Limits, in_thread: InThread) -> Landed:
    """The body as a file; of one that does not come whole nothing stays.

    Raises: LimitExceeded("body"); InvalidInput if it is cut short or comes too slowly; Unavailable if the disk is full.
    """
    try:
        length = _length(request, limits.import_bytes)
        async with asyncio.timeout(limits.import_seconds):
            await _fill(landing, _parts(request, wire, length, limits.import_bytes), in_thread)
        return await in_thread(landing.landed)
    except TimeoutError:
        await in_thread(landing.drop)
        raise InvalidInput.of("body", "too_slow", "The body took too long to come.") from None
    except OSError as error:
        await in_thread(landing.drop)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(_FULL_RETRY_SECONDS) from error
        raise
    except BaseException:
        # Without waiting: it may be that this very task is being cancelled.
        landing.drop()
        raise


async def _fill(landing: Landing, parts: AsyncIterator[bytes], in_thread: InThread) -> None:
    gathered, size = list[bytes](), 0
    async for part in parts:
        gathered.append(part)
        size += len(part)
        if size >= BLOCK_BYTES:
            await in_thread(partial(landing.write, gathered))
            gathered, size = [], 0
    await in_thread(partial(landing.write, gathered))


def _length(request: Request, limit: int) -> int | None:
    """What the client says of the body's length. Raises: LimitExceeded("body") if that is too much."""
    said = request.headers.get("content-length", "")
    if not said.isdecimal():
        return None
    if int(said) > limit:
        raise LimitExceeded("body", limit, "bytes")
    return int(said)


async def _parts(request: Request, wire: Wire, length: int | None, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises: LimitExceeded("body"); InvalidInput if its end does not come, of which granian says nothing: where the
    reading breaks it gives an empty part, and then the empty part that also ends a whole body.
    """
    size, empty, source = 0, 0, aiter(wire)
    while (part := await _next(source)) is not None:
        size, empty = size + len(part), empty + (not part)
        if size > limit:
            raise LimitExceeded("body", limit, "bytes")
        yield part
    broken = empty > 1 if length is None and "transfer-encoding" in request.headers else length not in (None, size)
    if broken:
        raise _cut_short()


async def _next(source: Any) -> bytes | None:
    try:
        async with asyncio.timeout(SILENT_SECONDS):
            with suppress(StopAsyncIteration):
                part: bytes = await anext(source)
                return part
    except (ProtocolClosed, ProtocolError, TimeoutError):
        raise _cut_short() from None
    return None


def _cut_short() -> InvalidInput:
    return InvalidInput.of("body", "cut_short", "The body was cut short.")
