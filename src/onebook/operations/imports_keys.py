"""Keys as 64-bit fingerprints: a million of them in 16 megabytes, and no two alike in a million files."""

from array import array
from collections.abc import Iterable
from hashlib import blake2b

_EMPTY = 0
_FULL = 0.6


def fingerprint(field: str, key: str) -> int:
    """The fingerprint of a key of a kind; the same in every process. Never 0."""
    text = f"{field}\0{key}".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") or 1


class Fingerprints:
    """A set of fingerprints: open addressing in one array, as a set of Python's own takes eight times the memory."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._mask = 1023
        self._count = 0

    def add(self, fingerprints: Iterable[int]) -> None:
        """Put some in."""
        for one in fingerprints:
            if self._count > self._mask * _FULL:
                self._grow()
            self._put(one)

    def _put(self, one: int) -> None:
        slots, mask = self._slots, self._mask
        at = one & mask
        while slots[at] not in (_EMPTY, one):
            at = (at + 1) & mask
        if slots[at] == _EMPTY:
            slots[at] = one
            self._count += 1

    def _grow(self) -> None:
        old, size = self._slots, (self._mask + 1) * 2
        self._slots, self._mask, self._count = array("Q", bytes(8 * size)), size - 1, 0
        for one in old:
            if one != _EMPTY:
                self._put(one)

    def __contains__(self, one: int) -> bool:
        """Whether it is in."""
        slots, mask = self._slots, self._mask
        at = one & mask
        while slots[at] != _EMPTY:
            if slots[at] == one:
                return True
            at = (at + 1) & mask
        return False
