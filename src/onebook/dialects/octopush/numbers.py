"""Octopush: telephone numbers in any spelling; "How numbers are read" in docs/dialects/octopush.md."""

import re
import unicodedata
from typing import Final

from onebook.model import phone
from onebook.model.contact import Phone

_NUMBER: Final = re.compile(r"\+[0-9]{5,16}")  # the vendor's samples have 6 to 16 digits, so not E.164's 15
_PUNCTUATION: Final = str.maketrans("", "", " .-/\\()[]{}")
# Categories of Unicode: blanks, dashes, brackets, and marks that cannot be seen.
_PASSED_OVER: Final = frozenset(("Zs", "Pd", "Ps", "Pe", "Cf"))
_OTHER_SIGNS: Final = {"\u2212": "", "\u00b7": "", "\uff0b": "+", "\uff0f": "", "\uff0e": ""}


def phone_of(text: str, country: str | None) -> Phone | None:
    """A number in any spelling, cleaned as the document says under "How numbers are read".

    Args:
        text: as sent. country: completes a number in national form; None leaves it unusable.

    Returns:
        the number as sent, or as cleaned where its key could not be found again otherwise; None if unusable.

    >>> phone_of("00 33 (6) 12-34-56-78", None)
    Phone(raw='00 33 (6) 12-34-56-78', e164='+33612345678', type=None, primary=True)
    >>> phone_of("06 12 34 56 78", "FR").e164, phone_of("06 12 34 56 78", None)
    ('+33612345678', None)
    """
    if len(text) > phone.LONGEST_TEXT:
        return None
    number = text.translate(_PUNCTUATION)
    if not number.isascii():
        number = "".join(map(_plain, number))
    if number.startswith("00"):
        number = "+" + number[2:]
    elif number.startswith("0"):
        e164 = phone.e164_of(number, country) if country is not None and number.isdecimal() else None
        return None if e164 is None else Phone(text, e164, primary=True)
    elif not number.startswith("+"):
        number = "+" + number
    if _NUMBER.fullmatch(number) is None:
        return None
    e164 = phone.e164_of(number, None)
    return Phone(number if e164 is None else text, e164, primary=True)


def _plain(sign: str) -> str:
    """A digit of any script as 0 to 9; nothing for what is passed over."""
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    return "" if unicodedata.category(sign) in _PASSED_OVER else _OTHER_SIGNS.get(sign, sign)
