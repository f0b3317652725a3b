"""Dial codes in columns of their own, beside those of the numbers that they belong to."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

import phonenumbers

from onebook.model.contact import Phone
from onebook.model.numbering import CODES

_DIAL_CODE: Final = re.compile(r"\(?(?:\+|00)? ?([1-9]\d{0,2})\)?")
_OF_NO_COUNTRY: Final = "001"


@lru_cache(maxsize=2_000)
def dial_code(cell: str) -> str | None:
    """The country calling code that a cell is, if it is one and nothing else.

    >>> dial_code("+44"), dial_code("0044"), dial_code("(44)"), dial_code("GB"), dial_code("+999")
    ('44', '44', '44', None, None)
    """
    found = _DIAL_CODE.fullmatch(cell)
    return found[1] if found and found[1] in CODES else None


def country_dialled(codes: Iterable[str]) -> str | None:
    """A country in which numbers behind the first of these codes are read; None without one.

    >>> country_dialled(["44"]), country_dialled(["800"]), country_dialled([])
    ('GB', None, None)
    """
    region = next((phonenumbers.region_code_for_country_code(int(code)) for code in codes), _OF_NO_COUNTRY)
    return None if region == _OF_NO_COUNTRY else region


def used(codes: Mapping[int, str], numbers: Iterable[Phone]) -> list[int]:
    """The columns of those codes with which one of the numbers begins; the others say something else."""
    begun = tuple(phone.e164 for phone in numbers if phone.e164)
    return [column for column, code in codes.items() if any(e164.startswith(f"+{code}") for e164 in begun)]
