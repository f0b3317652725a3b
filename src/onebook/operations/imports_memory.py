"""What an import remembers of the contacts that it has met, so that a second row for one of them is known for double.

Kept in parts beside the rows, a part a chunk, and read again after an interruption.
"""

from collections.abc import Iterable

import msgspec


class Memory:
    """Numbers of contacts that rows of the file have created, found or left as they were.

    One byte for each number up to the account's highest: ten megabytes for ten million contacts.
    """

    def __init__(self, parts: Iterable[bytes] = ()) -> None:
        """Args: ``parts``: as `part` gave them."""
        self._met = bytearray()
        self._new: list[tuple[int, int]] = []
        self.count = 0
        for part in parts:
            self.count += 1
            for first, last in msgspec.msgpack.decode(part, type=list[tuple[int, int]]):
                self._mark(first, last)

    def meet(self, first: int, last: int | None = None) -> None:
        """Remember a number, or a range."""
        last = first if last is None else last
        self._mark(first, last)
        if self._new and self._new[-1][1] + 1 == first:
            self._new[-1] = (self._new[-1][0], last)
        else:
            self._new.append((first, last))

    def _mark(self, first: int, last: int) -> None:
        if last >= len(self._met):
            self._met.extend(bytes(max(last + 1 - len(self._met), len(self._met) // 4)))
        self._met[first : last + 1] = b"\1" * (last + 1 - first)

    def has_met(self, number: int) -> bool:
        """Whether an earlier row meant this contact."""
        return number < len(self._met) and bool(self._met[number])

    def met_between(self, first: int, last: int) -> list[int]:
        """Those of a range of numbers that rows have meant, in order."""
        found, at = [], self._met.find(1, first, last + 1)
        while at >= 0:
            found.append(at)
            at = self._met.find(1, at + 1, last + 1)
        return found

    def part(self) -> bytes:
        """What is new since the last part."""
        new, self._new = self._new, []
        self.count += 1
        return msgspec.msgpack.encode(new)

    def ranges(self) -> list[tuple[int, int]]:
        """All that was met, as ranges of numbers."""
        found, at = [], self._met.find(1)
        while at >= 0:
            end = self._met.find(0, at)
            end = len(self._met) if end < 0 else end
            found.append((at, end - 1))
            at = self._met.find(1, end)
        return found
