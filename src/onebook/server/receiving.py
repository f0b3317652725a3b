"""The body of a request: bounded in size, whole or not at all; a file that is sent goes to disk while it comes.

Who sends a file holds no thread while he is slow: the event loop gathers a megabyte, and a thread writes it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final, Protocol, TypeVar

from onebook.dialects.base import Limits, Request
from onebook.errors import InvalidInput, LimitExceeded
from onebook.operations.imports_spool import Landed, Landing
from onebook.server.wire import ClientGone, Wire

T = TypeVar("T")

BLOCK_BYTES: Final = 1 << 20


class InThread(Protocol):
    """Runs a call in a thread."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """The call's result."""
        ...


async def in_memory(request: Request, wire: Wire, limit: int) -> bytes:
    """The whole body.

    Raises: LimitExceeded("body") as soon as it is known to be too long; InvalidInput if it is compressed, or if the
    client went away before its end.
    """
    _must_fit(request, limit)
    if request.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        raise InvalidInput.of("body", "encoded", "The body must not be compressed: send it without Content-Encoding.")
    return b"".join([part async for part in _parts(wire, limit)])


async def land(request: Request, wire: Wire, landing: Landing, limits: Limits, in_thread: InThread) -> Landed:
    """The body as a file; of one that does not come whole nothing stays.

    Raises: LimitExceeded("body"); InvalidInput if it is cut short or comes too slowly; Unavailable if the disk is full.
    """
    try:
        _must_fit(request, limits.import_bytes)
        async with asyncio.timeout(limits.import_seconds):
            await _fill(landing, _parts(wire, limits.import_bytes), in_thread)
        return await in_thread(landing.landed)
    except TimeoutError:
        await in_thread(landing.drop)
        raise InvalidInput.of("body", "too_slow", "The body took too long to come.") from None
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


def _must_fit(request: Request, limit: int) -> None:
    """Raises: LimitExceeded("body") if the client says that the body will be longer."""
    if int(request.headers.get("content-length", "0")) > limit:
        raise LimitExceeded("body", limit, "bytes")


async def _parts(wire: Wire, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes. Raises: LimitExceeded("body"); InvalidInput if its end does not come."""
    size = 0
    try:
        async for part in wire:
            size += len(part)
            if size > limit:
                raise LimitExceeded("body", limit, "bytes")
            yield part
    except ClientGone:
        raise InvalidInput.of("body", "cut_short", "The body was cut short.") from None
