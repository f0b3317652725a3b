"""Telephone numbers: reading them, and when two are equal.

A number is kept as it was sent, and beside it in E.164 if it is *possible*: if its length is one that its country
knows. The library phonenumbers decides what a text means. Two things are ours. Letters never stand for digits:
a name in brackets and an extension are taken off, any other letter makes the text no number. And before the library,
which takes some 60 microseconds, stand its own steps for a text of plain digits and punctuation, over
patterns compiled once for each country out of its own metadata (numbering.py). What these are not sure of goes to
the library; bench/phones.py compares the two on a million numbers.
"""

import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat

from onebook.model.contact import Phone
from onebook.model.numbering import (
    BEGUN,
    CODES,
    DIALLED,
    FEWEST_DIGITS,
    Plan,
    plan_of_code,
    plan_of_country,
)

# The library reads no longer text (phonenumberutil, _MAX_INPUT_STRING_LENGTH).
LONGEST_TEXT: Final = 250

# What the library passes over wherever it stands; a slash counts only before an x.
_PUNCTUATION: Final = str.maketrans("", "", " -.()/\u00a0")
# E.164 has at most 15 digits; the rest is room for prefixes that are dialled before it.
_MOST_DIGITS: Final = 21
_LONGEST_CODE: Final = 3
_UNSURE: Final = ""

# A word before the number that says what it is.
_LABEL: Final = re.compile(
    r"\s*\b(?:tel|tél|telefon|telefono|teléfono|telephone|téléphone|phone|mobile|mob|cell|fax|whatsapp)"
    r"\b\s*[.:]?\s*(?=[+(\d])",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"\s*\([^()]*\)\s*$")
# Extensions as the library knows them: up to 20 digits after a clear word, up to 9 after a vague one.
_EXTENSION: Final = re.compile(
    r"[\s,;/\\]*(?:(?:;ext=|e?xt(?:ensi(?:o\u0301?|\u00f3))?n?|доб|anexo|poste)[:.]?[ \u00a0\t,-]*\d{1,20}"
    r"|(?:x|int)[:.]?[ \u00a0\t,-]*\d{1,9})#?\s*$",
    re.IGNORECASE,
)
_KATAKANA_DASH: Final = "\u30fc"  # a letter to Unicode, a dash to the library

# Spreadsheets show a long number in powers of ten. With no more than five decimals digits are already lost.
_POWER_OF_TEN: Final = re.compile(r"\+?(\d[.,]\d{6,20})[eE]\+?(\d{1,2})")
_WHOLE_FLOAT: Final = re.compile(r"(\+?\d{5,})\.0")
# Marks that cannot be seen, which arrive with a number copied from a page or from the contacts of a telephone.
_INVISIBLE: Final = dict.fromkeys([0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
# Blanks that the library does not know within a number.
_BLANKS: Final = dict.fromkeys([0x09, 0x2007, 0x2008, 0x2009, 0x202F], " ")
_CELL: Final[dict[int, str | None]] = {**_INVISIBLE, **_BLANKS}
# An apostrophe before a number is how one tells a spreadsheet to leave it alone.
_LEADING: Final = re.compile(r"\A[\s']+")
# How a call abroad is dialled nearly everywhere. No country calling code begins with 0.
_ABROAD: Final = re.compile(r"\A[(\s]*0[\s.-]?0[)\s./-]*(?=\(?[1-9])")
_LONGEST_ABROAD: Final = 8
_KEY_PUNCTUATION: Final = re.compile(r"[\s.\-\u2010-\u2015\u2212/\\()\[\]{}]+")


def read(raw: str, country: str | None, *, type: str | None = None, primary: bool = False) -> Phone:
    """A `Phone` from a text: the text as it is, and its E.164 if it has one.

    Args:
        raw: the number as sent.
        country: see `e164_of`.
        type, primary: as in `Phone`.
    """
    return Phone(raw=raw, e164=e164_of(raw, country), type=type, primary=primary)


def e164_of(raw: str, country: str | None) -> str | None:
    """The E.164 form of a number, if the number is possible by its length.

    Args:
        raw: any text.
        country: ISO 3166-1 alpha-2, upper case, where the number would be dialled; with None only
            international forms, which begin with ``+``, are understood.

    Returns:
        ``+`` and digits, without any extension; None if this is no possible number.
    """
    if len(raw) > LONGEST_TEXT:
        return None
    digits = raw.translate(_PUNCTUATION)
    begins, match = BEGUN[digits[1:4]] if digits[:1] == "+" else DIALLED[country or ""]
    found = match(digits)
    return begins + found["significant"] if found else _closer(raw, country)


def e164_of_cell(text: str, country: str | None) -> str | None:
    """As `e164_of`, of the text of a cell, in which 00 also stands for ``+`` where nobody dials it.

    What the country itself makes of such a number goes first, if it is valid there: 00 begins other numbers too.
    Source: ITU-T E.164, which recommends 00 as the prefix of calls abroad.
    """
    found = e164_of(text, country)
    if text[:_LONGEST_ABROAD].translate(_PUNCTUATION)[:2] != "00" or (found and is_valid(found)):
        return found
    abroad = e164_of(_ABROAD.sub("+", text, count=1), None)
    return abroad if abroad and (found is None or is_valid(abroad)) else found


def read_cells(cells: Sequence[str], countries: Iterable[str | None]) -> list[tuple[str, str | None, str]]:
    """What `clean_cell`, `e164_of_cell` and `national` make of each cell, at half the price of one by one.

    Args:
        cells: trimmed. countries: of each cell, as of `e164_of`.

    Returns:
        of each cell the text, its E.164 and the national number; without E.164 that is empty.
    """
    text = "\n".join(cells)
    numbers = text.translate(_PUNCTUATION).split("\n")
    if len(numbers) != len(cells) or max(map(len, cells)) > LONGEST_TEXT:
        return list(map(_read_cell, cells, countries))
    read = list[tuple[str, str | None, str]]()
    for cell, digits, country in zip(cells, numbers, countries, strict=False):
        begins, match = BEGUN[digits[1:4]] if digits[:1] == "+" else DIALLED[country or ""]
        found = match(digits)
        # The cell is not cleaned before, and a whole float has one digit too many.
        if found and cell[-2:] != ".0":
            significant = found["significant"]
            read.append((cell, begins + significant, significant))
        else:
            read.append(_read_cell(cell, country))
    return read


def _read_cell(cell: str, country: str | None) -> tuple[str, str | None, str]:
    text = clean_cell(cell) if cell else ""
    e164 = e164_of_cell(text, country) if text else None
    return text, e164, national(e164) if e164 else ""


def _closer(raw: str, country: str | None) -> str | None:
    """As `e164_of`, for texts of which one look did not tell."""
    digits = raw.removeprefix("tel:").translate(_PUNCTUATION)
    international = digits[:1] == "+"
    if international:
        digits = digits[1:]
    if FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS and digits.isdigit() and digits.isascii():
        found = _of_code(digits) if international else _of_country(digits, country)
        if found != _UNSURE:
            return found
    text = _without_letters(raw)
    return _by_library(text, country) if text else None


def _of_code(digits: str) -> str | None:
    """Read digits that begin with a country calling code."""
    for length in range(1, _LONGEST_CODE + 1):
        if digits[:length] in CODES:
            return _finish(plan_of_code(digits[:length]), digits[length:])
    return _UNSURE


def _of_country(digits: str, country: str | None) -> str | None:
    """Read digits as they would be dialled in a country."""
    plan = plan_of_country(country) if country else None
    if plan is None:
        return None
    outward = plan.outward.match(digits)
    if outward is not None:
        rest = digits[outward.end() :]
        if len(rest) < FEWEST_DIGITS:
            return _UNSURE
        # No country calling code begins with 0: then the match was the number's own beginning.
        if rest[0] != "0":
            return _of_code(rest)
    if digits.startswith(plan.code):
        bare = plan.bare_after_code(digits)
        if bare is None:
            return _UNSURE
        if len(bare) < len(digits):
            return _finish(plan_of_code(plan.code), bare)
    return _finish(plan, digits)


def _finish(plan: Plan, digits: str) -> str | None:
    significant = plan.significant(digits)
    if not significant:
        return _UNSURE
    return f"+{plan.code}{significant}" if len(significant) in plan.possible else None


def _without_letters(raw: str) -> str | None:
    """The text without a label, a remark in brackets and extensions; None if letters are left."""
    text = raw
    if _has_letter(text):
        text = _LABEL.sub("", text, count=1)
        remark = _REMARK.search(text)
        if remark is not None and _has_letter(remark.group()):
            text = text[: remark.start()]
        while (extension := _EXTENSION.search(text)) is not None:
            text = text[: extension.start()]
    return None if _has_letter(text) else text


def _has_letter(text: str) -> bool:
    return any(character.isalpha() and character != _KATAKANA_DASH for character in text)


# Where many numbers are read those that are none are read twice: to find them, and to say so.
@lru_cache(maxsize=1_024)
def _by_library(text: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def clean_cell(value: object) -> str:
    """The text of a spreadsheet's cell that should hold a number.

    Whole floats and powers of ten become digits (``3.3612345678E10`` is ``33612345678``). ``3.36123E+10``, as a
    spreadsheet saves what it shows, has lost digits and stays as it is, so that it is refused. Invisible marks go.

    Args:
        value: what the reader of the file gave: text, number, None.

    Returns:
        the text, trimmed; empty for an empty cell.
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value.is_integer() else str(value)
    text = _LEADING.sub("", str(value).translate(_CELL).rstrip())
    whole = _WHOLE_FLOAT.fullmatch(text)
    if whole is not None:
        return whole.group(1)
    power = _POWER_OF_TEN.fullmatch(text)
    return _expanded(text, *power.groups()) if power is not None else text


def _expanded(text: str, mantissa: str, exponent: str) -> str:
    number = Decimal(mantissa.replace(",", ".")).scaleb(int(exponent))
    return f"{number:.0f}" if number == number.to_integral_value() else text


def key_of(phone: Phone) -> str:
    """What two equal numbers have in common: E.164, else the text as sent without its punctuation.

    Without any digit it is the trimmed text. Digits are never changed: ``0612`` and ``612`` are two numbers.
    """
    if phone.e164 is not None:
        return phone.e164
    text = phone.raw.strip()
    if not any(character.isdigit() for character in text):
        return text
    return _KEY_PUNCTUATION.sub("", text).casefold()


def is_valid(e164: str) -> bool:
    """Whether a number lies in a range that its country has assigned. Takes any text."""
    return len(e164) <= LONGEST_TEXT and _is_valid(e164)


@lru_cache(maxsize=16_384)
def _is_valid(e164: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False


def national(e164: str) -> str:
    """The national significant number: the digits of an E.164 number after its country calling code."""
    return e164[1 + _code_length(e164[1 : 1 + _LONGEST_CODE]) :]


@cache
def _code_length(beginning: str) -> int:
    """How many of a number's first digits are its country calling code; 0 if none."""
    return next((length for length in range(1, _LONGEST_CODE + 1) if beginning[:length] in CODES), 0)
