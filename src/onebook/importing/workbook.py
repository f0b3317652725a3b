"""Workbooks (xlsx, xlsb, xls, ods) as rows: the first visible sheet, read by a process of its own.

That process may run out of memory or time, or die: what remains here is a refusal with a sentence for a person.
"""

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO

import msgspec

from onebook.errors import InvalidInput, Issue
from onebook.importing.archive import Refusal, WorkbookLimits
from onebook.importing.patience import Heed, TakesLong
from onebook.importing.record import Stretch
from onebook.importing.source import Source

# The newest frames of the process stay far below; more is not from a process in its right mind.
_FRAME_BYTES = 64 << 20
_READ_BYTES = 1 << 20
_HEED_SECONDS = 1.0
_REFUSALS: dict[Refusal, str] = {
    "password": "The workbook is protected with a password; save it without one.",
    "damaged": "The workbook is damaged or cut short; save it again, or save the sheet as CSV.",
    "foreign": "The file is a zip archive, but not a workbook.",
    "no_sheet": "The workbook has no sheet that can be seen, or none of the name that was asked for.",
    "too_large": "The workbook unpacks to more than can be read; save the sheet as CSV.",
    "too_costly": "Reading the workbook takes too much memory or time; save the sheet as CSV.",
    "long_cell": "The workbook has a cell of more than 131,072 characters; shorten it.",
}


class _Frame(msgspec.Struct, frozen=True, array_like=True):
    """`workbook_process.Frame`, without loading the reader of workbooks into this process."""

    first: int = 0
    last: int = 0
    rows: bytes = b""
    ended: bool = False
    refusal: Refusal | None = None


_DECODER = msgspec.msgpack.Decoder(_Frame)


def stretches(
    source: Source,
    limits: WorkbookLimits,
    *,
    field: str,
    sheet: str | None = None,
    heed: Heed = lambda: None,
) -> Generator[Stretch, None, None]:
    """The rows of one sheet that are not blank, streamed, many at a time.

    Args:
        source: the workbook. limits: what reading it may cost. field: the caller's name of the file.
        sheet: its name; None for the first one that a person sees. heed: called once a second while rows are awaited;
            what it raises ends the reading.

    Raises:
        TakesLong: if it takes longer than one may wait. InvalidInput: if it cannot be read, for whatever else.
    """
    costly = Issue(field, "unreadable", _REFUSALS["too_costly"])
    with _standard_input(source) as file, _started(file, limits, sheet) as process:
        try:
            for frame in _frames(process, limits, heed):
                if frame.rows:
                    yield Stretch(frame.first, frame.last, frame.rows)
                if frame.refusal:
                    raise InvalidInput.of(field, "unreadable", _REFUSALS[frame.refusal])
                if frame.ended:
                    return
        except TimeoutError:
            raise TakesLong([costly]) from None
        raise InvalidInput([costly])


@contextlib.contextmanager
def _standard_input(source: Source) -> Iterator[IO[bytes]]:
    """The workbook as a file that a process can be given."""
    if isinstance(source.content, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(source.content)
            file.flush()
            yield file
    elif isinstance(source.content, Path):
        with source.content.open("rb") as file:
            yield file
    else:
        yield source.content


@contextlib.contextmanager
def _started(file: IO[bytes], limits: WorkbookLimits, sheet: str | None) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, which does not outlive the reading.

    It gets no environment but the way to our modules: secrets of the server are none of its business.
    """
    said = [msgspec.json.encode(word).decode() for word in (limits, sheet)]
    command = [sys.executable, "-P", "-m", "onebook.importing.workbook_process", *said]
    process = subprocess.Popen(  # noqa: S603 -- our own program; the one word of a stranger's is JSON, and no option
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _frames(process: "subprocess.Popen[bytes]", limits: WorkbookLimits, heed: Heed) -> Iterator[_Frame]:
    """What the process says, until it ends. Raises: TimeoutError if it has kept us waiting for too long."""
    buffer = bytearray()
    for data in _pieces(process, limits.wait_seconds, heed):
        buffer += data
        while len(buffer) >= 4:  # noqa: PLR2004 -- the length of a length
            size = int.from_bytes(buffer[:4], "big")
            if size > _FRAME_BYTES:
                return
            if len(buffer) < 4 + size:
                break
            with memoryview(buffer) as view, view[4 : 4 + size] as body:
                frame = _DECODER.decode(body)
            del buffer[: 4 + size]
            yield frame


def _pieces(process: "subprocess.Popen[bytes]", wait_seconds: float, heed: Heed) -> Iterator[bytes]:
    """Bytes as they come. Only our waiting counts: while the caller works, the process rests.

    Raises: TimeoutError.
    """
    if process.stdout is None:
        return
    descriptor = process.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    while wait_seconds > 0:
        began = time.monotonic()
        ready = poll.poll(min(wait_seconds, _HEED_SECONDS) * 1000)
        wait_seconds -= time.monotonic() - began
        if not ready:
            heed()
            continue
        data = os.read(descriptor, _READ_BYTES)
        if not data:
            return
        yield data
    raise TimeoutError
