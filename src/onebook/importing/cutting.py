"""Where a text can be cut so that its pieces may be read apart, each beginning with a record of a known number.

Only what is surely regular is cut: every quotation mark opens a cell, closes one, or is doubled within one. Then a
line end outside of quotation marks, and no other, ends a record. All else is for reading record by record.
"""

import re
from functools import cache
from typing import NamedTuple

from onebook.importing.delimited import LINES_OF_RECORD, Dialect
from onebook.importing.record import CELL_CHARACTERS

# Stands for each of two doubled quotation marks, so that places stay the same; a text that has it is left alone.
_FILLER = "\x01"


class Cut(NamedTuple):
    """Where the last whole record of a text ends, and how many records there are up to it."""

    end: int
    records: int


def cut(text: str, dialect: Dialect) -> Cut | None:
    """Find the end of the last whole record.

    Args:
        text: begins with a record; its lines end with LF. dialect: of its lines.

    Returns:
        None if the text is not regular, or so unusual that only reading it record by record tells.
    """
    if _FILLER in text or not _has_short_lines(text):
        return None
    if dialect.quote not in text:
        return Cut(text.rfind("\n") + 1, text.count("\n"))
    twice = dialect.quote * 2
    parts = text.replace(twice, _FILLER * 2).split(dialect.quote)
    if not _regular(parts, dialect):
        return None
    records = sum(part.count("\n") for part in parts[::2])
    within = text.count("\n") - records
    if within and (_longest(parts) > CELL_CHARACTERS or _most_lines(parts, within) > LINES_OF_RECORD):
        return None
    return Cut(_last_end(parts), records)


def _has_short_lines(text: str) -> bool:
    """Whether no line is longer than a cell may be: then each half of such a length would have a line end."""
    half = CELL_CHARACTERS // 2
    ends = all(text.find("\n", start, start + half) >= 0 for start in range(0, len(text) - half + 1, half))
    return ends or max(map(len, text.split("\n"))) <= CELL_CHARACTERS


def _regular(parts: list[str], dialect: Dialect) -> bool:
    """Whether each stretch outside of quotation marks begins where a cell ends, and ends where a cell begins."""
    first, *outside = parts[::2]
    last = outside.pop() if len(parts) % 2 and outside else ""
    # Few of them differ: in a file that quotes every cell they are delimiters and line ends.
    before = {"\n" + first, *outside}
    behind = {last, *outside} - {""}
    beginnings = (dialect.delimiter, "\n")
    stray = _stray(dialect.delimiter)
    return (
        all(part.startswith(beginnings) for part in behind)
        and all(_bare(part, dialect).endswith(beginnings) for part in before)
        and not any(_FILLER in part and stray.search(part) for part in before | behind)
    )


def _bare(part: str, dialect: Dialect) -> str:
    """A stretch without doubled quotation marks with which the next cell begins, and blanks that are skipped."""
    part = part.rstrip(_FILLER)
    return part.rstrip(" ") if dialect.skip else part


@cache
def _stray(delimiter: str) -> re.Pattern[str]:
    """Finds doubled quotation marks outside of quotation marks that are no empty cell, nor begin one."""
    edge = rf"[{re.escape(delimiter)}\n{_FILLER}]"
    return re.compile(rf"(?<!{edge}){_FILLER}|{_FILLER}(?!{edge}|\Z)")


def _longest(parts: list[str]) -> int:
    return max(map(len, parts[1::2]))


def _most_lines(parts: list[str], within: int) -> int:
    """The lines of the longest record; not counted one by one where all line ends within cells are too few."""
    if within < LINES_OF_RECORD:
        return 1
    most, lines = 1, 1
    for place, part in enumerate(parts):
        if place % 2:
            lines += part.count("\n")
            most = max(most, lines)
        elif "\n" in part:
            lines = 1
    return most


def _last_end(parts: list[str]) -> int:
    """The place behind the last line end outside of quotation marks; 0 if there is none."""
    end = sum(map(len, parts)) + len(parts) - 1
    for place in range(len(parts) - 1, -1, -1):
        start = end - len(parts[place])
        found = parts[place].rfind("\n") if place % 2 == 0 else -1
        if found >= 0:
            return start + found + 1
        end = start - 1
    return 0
