"""What the cells below a heading say: whether it holds, and what a column is of which the heading says nothing."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from onebook.importing.entries import Entry, read_emails, read_phones
from onebook.importing.faults import Faults
from onebook.importing.headless import names_among
from onebook.importing.lexicon import Heading, take_apart
from onebook.importing.mapping import entry_target
from onebook.importing.proposal import SURE, Column, as_custom, name_of
from onebook.model.fold import tokens

# Judgement: cells alone say less than a heading in words that are all known, which they make doubtful at most.
_BY_CELLS: Final = 0.7
_DOUBTED: Final = 0.4
_BEYOND_DOUBT: Final = 0.95
_MANY_CELLS: Final = 0.5
_FEW_CELLS: Final = 0.2
_FEWEST_DIGITS: Final = 5
_FAMILIES: Final = ("email", "phone")
# Where a dial code is often put: of no number, ``+44`` is no country and no prefix of a name either.
_NO_DIAL_CODES: Final = frozenset({"country", "address.country", "address.country_code", "name.prefix"})
_DIAL_CODE: Final = re.compile(r"(?:\+|00)?\d{1,4}(?:[ -]\d{1,4})?")
_DECIMAL: Final = re.compile(r"[+-]\d+[.,]\d+")
# Cells that answer whether there is a number or an address, or whether it may be used.
_ANSWERS: Final = frozenset(
    {
        *("", "yes", "no", "y", "n", "true", "false", "x", "on", "off", "0", "1", "opt in", "opt out"),
        *("ja", "nein", "oui", "non", "si"),
    }
)
_KINDS: Final = frozenset({"person", "group", "individual"})


def doubted(column: Column, cells: list[str]) -> Column:
    """Compare what a heading says with what stands below it."""
    if not cells:
        return column
    name = name_of(column.target)
    with_at = sum("@" in cell for cell in cells) / len(cells)
    with_digits = sum(_is_number(cell) for cell in cells) / len(cells)
    if (name == "email" and with_at < _FEW_CELLS) or (name == "phone" and with_digits < _FEW_CELLS):
        if column.confidence < _BEYOND_DOUBT or {" ".join(tokens(cell)) for cell in cells} <= _ANSWERS:
            return as_custom(column)
        return replace(column, confidence=round(column.confidence * _DOUBTED, 2))
    return column


def dial_codes_aside(columns: list[Column], cells: Sequence[list[str]]) -> list[Column]:
    """The columns, with those of dial codes as custom fields if there are no numbers that they could belong to."""
    if any(name_of(column.target) == "phone" for column in columns):
        return columns
    return [
        as_custom(column) if name_of(column.target) in _NO_DIAL_CODES and _are_dial_codes(some) else column
        for column, some in zip(columns, cells, strict=True)
    ]


def _are_dial_codes(cells: list[str]) -> bool:
    return sum(_DIAL_CODE.fullmatch(cell) is not None for cell in cells) > _MANY_CELLS * len(cells)


def guessed(columns: list[Column], cells: Sequence[list[str]], *, least: float = 1.0) -> list[Column]:
    """The columns, with those taken by their cells of which the headings say nothing else.

    Args:
        least: the share of the cells that must fit; a guess refuses the rows of those that do not.
    """
    sure = frozenset(name_of(column.target) for column in columns if column.confidence >= SURE)
    found = [_by_cells(column, some, sure, least) for column, some in zip(columns, cells, strict=True)]
    return [
        replace(column, target=target, confidence=_BY_CELLS) if target else column
        for column, target in zip(columns, found, strict=True)
    ]


def _by_cells(column: Column, cells: list[str], sure: frozenset[str], least: float) -> str | None:
    """The target of a column by its cells; None if they do not tell. Args: ``sure``: targets of other columns."""
    said = take_apart(column.heading)
    if column.confidence or not column.target or not cells or said.other:
        return None
    if tokens(column.heading) == ("type",) and {cell.lower() for cell in cells} <= _KINDS:
        return "kind"
    for family in _FAMILIES:
        if _may_be(said, family, beside=family in sure) and sum(map(_FITS[family], cells)) >= least * len(cells):
            return entry_target(family, said.number, list(said.types))
    return None


def _may_be(said: Heading, family: str, *, beside: bool) -> bool:
    """Whether a heading leaves open what is below it; ``beside`` a column that is sure, only if it says a type."""
    if said.parts or any(subject.partition(":")[0] != family for subject in said.subjects):
        return False
    return not beside or (bool(said.types) and not said.subjects and said.known == 1)


def _is_international(cell: str) -> bool:
    faults = Faults(0, any_nul=False)
    if cell[:1] == "+" and _DECIMAL.fullmatch(cell) is None:
        return bool(read_phones([cell], _ALONE, None, faults)) and not faults.issues
    return False


def _is_address(cell: str) -> bool:
    faults = Faults(0, any_nul=False)
    return "@" in cell and bool(read_emails([cell], _ALONE, faults)) and not faults.issues


# A column by itself, as rows are read.
_ALONE: Final = (Entry((0,), (), (), None, ""),)
_FITS: Final[dict[str, Callable[[str], bool]]] = {"email": _is_address, "phone": _is_international}


def named_by_cells(columns: list[Column], samples: Sequence[Sequence[str]]) -> list[Column]:
    """The columns of a table without headings, with those of names that its cells tell."""
    unknown = (position for position, column in enumerate(columns) if not column.confidence)
    named = names_among(unknown, samples)
    return [
        replace(column, target=named[position], confidence=SURE) if position in named else column
        for position, column in enumerate(columns)
    ]


def _is_number(cell: str) -> bool:
    return sum(letter.isdigit() for letter in cell) >= _FEWEST_DIGITS
