"""Contacts of onebook's own files, who know where they stood in their groups: they wait until the last row has come.

They wait among those who wait for a group by its name, under texts that no cell can be, as cells are trimmed: a line
end and a sign, then the place, by which the store orders them, whether it is a primary one, and the group's name.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from onebook.model.exported import Standing
from onebook.operations.imports_groups import LONGEST_CELL, parts

_SIGN: Final = "\n@"
_DIGITS: Final = 10
_LAST: Final = 10**_DIGITS - 1


class Wanted(NamedTuple):
    """A contact's way into a group: the group's name, and whether as a primary member."""

    group: str
    contact: int
    primary: bool


def taken_apart(cell: str, places: Sequence[Standing]) -> tuple[list[Standing], list[str]]:
    """Of the groups that a cell names, the places in those where places are known, and the names of the others.

    >>> taken_apart("Board; Choir", [Standing("Choir", 3), Standing("Left", 1)])
    ([Standing(group='Choir', position=3, primary=False)], ['Board'])
    """
    by_name = {place.group.strip(): place for place in places if len(place.group) <= LONGEST_CELL}
    names = (cell.strip(),) if cell.strip() in by_name else parts(cell)
    return [by_name[name] for name in names if name in by_name], [name for name in names if name not in by_name]


def tie(place: Standing, contact: int) -> tuple[str, int]:
    """What waits in the store for a contact's place."""
    position = min(max(place.position, 0), _LAST)
    return f"{_SIGN}{position:0{_DIGITS}d} {place.primary:d}{place.group.strip()}", contact


def is_tie(name: str) -> bool:
    """Whether what waits is one of these."""
    return name.startswith(_SIGN)


def wanted(waiting: Iterable[tuple[str, int]]) -> list[Wanted]:
    """What those of these who wait want, in the order of their places."""
    texts = [(name.partition(" ")[2], contact) for name, contact in waiting if is_tie(name)]
    return [Wanted(text[1:], contact, text[:1] == "1") for text, contact in texts]
