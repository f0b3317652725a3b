"""A process that prepares batches of rows: reads frames from standard input, answers each on standard output.

A frame is four bytes of length, then MessagePack. The first one says how to read.
"""

import sys
from typing import BinaryIO

import msgspec
from msgspec import Struct

from onebook.operations.imports_prepare import Prepared, Wish, prepare
from onebook.operations.imports_reading import Batch, Reading, drafts_of

_encode = msgspec.msgpack.Encoder().encode
_LENGTH_BYTES = 4


class Task(Struct, frozen=True):
    """How all batches of a file are read and prepared."""

    reading: Reading
    wish: Wish


def work(task: Task, batch: Batch) -> Prepared:
    """Prepare one batch."""
    return prepare(drafts_of(batch, task.reading), task.wish, batch.next_index)


def send(stream: BinaryIO, body: bytes) -> None:
    """Write one frame."""
    stream.write(len(body).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read one frame; None at the end."""
    length = stream.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "big")
    body = stream.read(size)
    return body if len(body) == size else None


def main() -> None:
    """Work until standard input ends."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    first = receive(stdin)
    if first is None:
        return
    task = msgspec.msgpack.decode(first, type=Task)
    decoder = msgspec.msgpack.Decoder(Batch)
    while (frame := receive(stdin)) is not None:
        send(stdout, _encode(work(task, decoder.decode(frame))))


if __name__ == "__main__":
    main()
