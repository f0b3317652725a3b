"""Bytes of a file in pieces of a useful size."""

from collections.abc import Iterable, Iterator
from typing import Final

PIECE_BYTES: Final = 64 * 1024
# A format that writes elsewhere first gives an empty piece after so many contacts: whoever reads may stop it there.
REST_ROWS: Final = 500


def gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of at least `PIECE_BYTES`, but for the last one."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
