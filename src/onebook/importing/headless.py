"""Tables without headings: what their columns are called, and which of them hold names, as far as cells tell."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_LETTERS: Final = 26
# Begins with a letter and has no digits, nor signs of addresses, times and lists: ``O'Brien, Pat``, ``J.-P. Dupont``.
_NAME: Final = re.compile(r"[^\W\d_][^\d@/:;_=<>|+#]*")
# Judgement: a name has no more words, and most cells of its column are such; what is the same for half of them is not.
_MOST_WORDS: Final = 5
_MOST_CELLS: Final = 0.8
_MANY_CELLS: Final = 0.5


def letters(width: int) -> tuple[str, ...]:
    """Headings for a table without any, as a spreadsheet calls its columns.

    >>> letters(28)[-3:]
    ('Z', 'AA', 'AB')
    """

    def name(column: int) -> str:
        rest, letter = divmod(column, _LETTERS)
        return (name(rest - 1) if rest else "") + chr(ord("A") + letter)

    return tuple(map(name, range(width)))


def names_among(columns: Iterable[int], samples: Sequence[Sequence[str]]) -> dict[int, str]:
    """The columns in which names stand, with their targets: the first of whole names, or a pair of their parts.

    >>> names_among([0, 2], [["Ada Byron", "+1 650 555 0134", "Paris"], ["Bob Berg", "+1 650 555 0135", "Rome"]])
    {0: 'name.full'}
    >>> names_among([0, 1], [["Ada", "Byron"], ["Bob", "Berg"]])
    {0: 'name.given', 1: 'name.family'}

    Args:
        columns: positions of those that may. samples: cells of the first rows.
    """
    cells = {column: [row[column].strip() for row in samples if row[column].strip()] for column in columns}
    named = [column for column in cells if _are_names(cells[column])]
    single = {column for column in named if _share(" " not in cell for cell in cells[column]) > _MANY_CELLS}
    for column in named:
        if column not in single:
            return {column: "name.full"}
        if column + 1 in single:
            return {column: "name.given", column + 1: "name.family"}
    return dict.fromkeys(named[:1], "name.full")


def _are_names(cells: Sequence[str]) -> bool:
    if len(set(cells)) <= len(cells) * _MANY_CELLS:
        return False
    return (
        _share(len(cell.split()) <= _MOST_WORDS and _NAME.fullmatch(cell) is not None for cell in cells) > _MOST_CELLS
    )


def _share(of: Iterable[bool]) -> float:
    found = list(of)
    return sum(found) / len(found)
