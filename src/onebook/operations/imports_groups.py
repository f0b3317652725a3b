"""Which contacts of a file go into which groups.

A row names groups in a cell: the whole cell is the name of one, else its parts between commas and semicolons are.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from onebook.model import fold
from onebook.model.contact import Card
from onebook.store.base import Session

_BETWEEN_NAMES = re.compile("[,;]")
#: A longer one is looked up part by part: no index could hold it.
LONGEST_CELL = 500
# Beyond this many names the oldest are looked up again.
_REMEMBERED = 50_000
# So many changes by others are looked through for the groups that they concern.
_MOST_CHANGES = 1_000


def parts(cell: str) -> tuple[str, ...]:
    """The names in a cell, each once."""
    return tuple(dict.fromkeys(part for part in map(str.strip, _BETWEEN_NAMES.split(cell)) if part))


def waiting(cell: str) -> tuple[str, ...]:
    """Under what a contact waits for the groups of a cell: all of it, unless no index could hold it."""
    return (cell,) if len(cell) <= LONGEST_CELL else parts(cell)


def key_of(name: str) -> str:
    """By which a group is found: letter case and accents make no difference."""
    return fold.sort_key(Card(full=name))


class Groups:
    """The groups that an import has met, by name."""

    def __init__(self, find: Callable[[Sequence[str]], dict[str, int]]) -> None:
        """Args: ``find`` gives numbers of stored groups by `key_of` their names."""
        self._find = find
        self._known: dict[str, int] = {}

    def look_up(self, cells: Iterable[str]) -> None:
        """Find all that these cells may mean, together."""
        names = {name for cell in cells for name in (cell.strip(), *parts(cell))} - self._known.keys()
        if not names:
            return
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        keys = {name: key_of(name) for name in names}
        found = self._find(sorted(set(keys.values())))
        self._known |= {name: found[key] for name, key in keys.items() if key in found}

    def know(self, name: str, number: int) -> None:
        """Remember a group that was just made."""
        self._known[name] = number

    def named(self, cell: str) -> tuple[list[int], list[str]]:
        """The groups of a cell, and names that nobody bears yet; after `look_up`."""
        whole = self._known.get(cell.strip())
        if whole is not None:
            return [whole], []
        names = parts(cell)
        known = [self._known[name] for name in names if name in self._known]
        return list(dict.fromkeys(known)), [name for name in names if name not in self._known]


class Ends:
    """Where the members of groups end, known from one transaction to the next while nobody else changes the group."""

    def __init__(self) -> None:
        self._of: dict[int, int] = {}
        self._seq = 0

    def now(self, session: Session) -> dict[int, int]:
        """Place of the last member of each group of which it is known, in this transaction; for `Bulk.join`."""
        if self._of and session.last_seq() != self._seq:
            changes = session.changes(self._seq, _MOST_CHANGES)
            if len(changes) == _MOST_CHANGES:
                self._of.clear()
            touched = [(change.first, change.last) for change in changes if change.noun == "contact"]
            for group in list(self._of):
                if any(first <= group <= last for first, last in touched):
                    del self._of[group]
        return self._of

    def keep(self, session: Session) -> None:
        """At the end of the transaction: up to here nobody else has changed any."""
        self._seq = session.last_seq()
