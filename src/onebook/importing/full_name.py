"""A full name in a cell: taken apart, and told together with cells that hold some of its parts."""

from collections.abc import Sequence
from typing import Final

from onebook.model import name as names
from onebook.model.fold import tokens

Name = tuple[str | None, str | None, str | None]

# What stands behind a comma without being a given name: generations, degrees, and the forms of companies. Judgement:
# those that are also given names (Do, Ma) are not among them.
_SUFFIXES: Final = frozenset(
    (
        *("jr", "junior", "sr", "senior", "ii", "iii", "iv", "esq", "phd", "md", "dds", "rn", "cpa", "mba", "msc"),
        *("bsc", "llm", "jd", "dr", "prof", "inc", "incorporated", "llc", "llp", "lp", "ltd", "limited", "co", "corp"),
        *("corporation", "plc", "ptyltd", "gmbh", "mbh", "gmbh&cokg", "ag", "kg", "ohg", "ug", "gbr", "sa", "sas"),
        *("sarl", "srl", "sl", "spa", "bv", "nv", "aps"),
    )
)
_BETWEEN: Final = str.maketrans("", "", ". ")
_NOT_OF_PEOPLE: Final = frozenset("&+/@")
_BOTH: Final = 2


def listed(full: str) -> tuple[str | None, str | None]:
    """Given and family name of a full one, which may be written as in lists: the family name, a comma, the given one.

    >>> listed("Okafor, Ada"), listed("Ada Okafor, PhD"), listed("Smith, Jones & Partners")
    (('Ada', 'Okafor'), ('Ada', 'Okafor'), ('Smith, Jones &', 'Partners'))
    """
    pieces = [piece.strip() for piece in full.split(",")]
    while len(pieces) > 1 and (not pieces[-1] or pieces[-1].translate(_BETWEEN).casefold() in _SUFFIXES):
        pieces.pop()
    if len(pieces) == _BOTH and all(map(_is_of_people, pieces)):
        return pieces[1], pieces[0]
    return names.split(full if len(pieces) > 1 else pieces[0])


def _is_of_people(piece: str) -> bool:
    return any(map(str.isalpha, piece)) and not any(sign.isdigit() or sign in _NOT_OF_PEOPLE for sign in piece)


def completed(full: str, given: str, family: str, parts: Sequence[str]) -> Name:
    """A full name beside some of its parts: what the one lacks the others say.

    >>> completed("Ada Okafor", "", "", ("Dr.", "", "M.", "", ""))
    ('Dr. Ada M. Okafor', 'Ada', 'Okafor')
    >>> completed("Ada van der Berg", "Ada", "", ())
    ('Ada van der Berg', 'Ada', 'van der Berg')

    Args:
        full: not empty. given, family: empty where nothing says them.
        parts: prefix, given, middle, family, suffix; or none of them.

    Returns:
        full, given, family.
    """
    if not (given or family or any(parts)):
        return full, *listed(full)
    prefix, _, middle, _, suffix = parts or ("",) * 5
    bare = " ".join(_less_ending(_less(full.split(), prefix), suffix))
    first, last = listed(bare)
    rare = [part if _lacks(bare, part) else "" for part in (prefix, middle, suffix)]
    if any(_lacks(full, part) for part in rare):
        full = " ".join(filter(None, (rare[0], first, rare[1], last, rare[2])))
    if given or family:
        words = " ".join(filter(None, (first, last))).split()
        rest = _less(words, given)
        before, after = _less_ending(words, family), _less(rest, middle) if rest != words else words
        return full, given or _other(words, before), family or _other(words, after)
    return full, " ".join(_less_ending((first or "").split(), middle)) or None, last


def _other(words: list[str], rest: list[str]) -> str | None:
    return " ".join(rest) or None if rest != words else None


def _lacks(full: str, part: str) -> bool:
    return not set(tokens(part)) <= set(tokens(full))


def _less(words: list[str], part: str) -> list[str]:
    """The words without those of a part, if they begin with it; never none of them."""
    count = len(part.split())
    return words[count:] if count < len(words) and tokens(" ".join(words[:count])) == tokens(part) else words


def _less_ending(words: list[str], part: str) -> list[str]:
    """The words without those of a part, if they end with it; never none of them."""
    count = len(words) - len(part.split())
    return words[:count] if count > 0 and tokens(" ".join(words[count:])) == tokens(part) else words
