"""A process that prepares blocks of rows: reads frames from standard input, answers each on standard output.

A frame is four bytes of length, then MessagePack. The first one says how to read.
"""

import gc
import os
import sys
from typing import IO

import msgspec
from msgspec import Struct

from onebook.importing.blocks import Block
from onebook.importing.draft import ReadPlan, read_block
from onebook.operations.imports_prepare import Prepared, Wish, prepare

_encode = msgspec.msgpack.Encoder().encode
_LENGTH_BYTES = 4
# A tenth of the weight of others where cores are short, and all of an idle one: measured in decision 0026.
_NICER = 10


class Task(Struct, frozen=True):
    """How all blocks of a file are read and prepared."""

    plan: ReadPlan
    wish: Wish


_read_task = msgspec.msgpack.Decoder(Task).decode
_read_block = msgspec.msgpack.Decoder(Block).decode


def work(task: Task, block: Block) -> Prepared:
    """Prepare one block."""
    return prepare(read_block(block, task.plan), task.wish, block.index + block.count)


def send(stream: IO[bytes], body: bytes) -> None:
    """Write one frame."""
    stream.write(len(body).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one frame; None at the end."""
    length = stream.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "big")
    body = stream.read(size)
    return body if len(body) == size else None


def main() -> None:
    """Work until standard input ends."""
    if hasattr(os, "nice"):  # the one writer, and whoever answers requests, are not to wait for a core because of us
        os.nice(_NICER)
    # What a block makes is gone with it; looking through it for cycles while it grows is a fifth of the work.
    gc.disable()
    gc.freeze()
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    first = receive(stdin)
    if first is None:
        return
    task = _read_task(first)
    while (frame := receive(stdin)) is not None:
        send(stdout, _encode(work(task, _read_block(frame))))
        gc.collect(0)  # errors that were caught hold the rows that they came from; what is older is to stay


if __name__ == "__main__":
    main()
