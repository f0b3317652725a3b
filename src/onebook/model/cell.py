"""Cells of a sheet that a spreadsheet program would run as a formula, and how they are kept from it.

A text that begins like a formula gets one apostrophe before it when it is written to a file, and reading takes exactly
that one off. An apostrophe before any other character was there from the beginning, as in ``'t Hooft``: it stays. Only
before digits alone, in a column of codes or ids, it goes too: shops write ``'02139`` so that a spreadsheet keeps the 0.
"""

from typing import Final

# Where a formula may begin. The apostrophe is among them so that a text which begins with one comes back whole.
# Source: OWASP, CSV Injection.
FORMULA_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r", "'")
_GUARD: Final = "'"


def guard(text: str) -> str:
    r"""The text as it goes into a cell.

    >>> guard("=1+1"), guard("'t Hooft"), guard("Ada")
    ("'=1+1", "''t Hooft", 'Ada')
    """
    return _GUARD + text if text.startswith(FORMULA_BEGINNINGS) else text


def unguard(text: str) -> str:
    """The text of a cell: what `guard` was given, for every text.

    >>> unguard("'+33 6 12 34 56 78"), unguard("''t Hooft"), unguard("'t Hooft")
    ('+33 6 12 34 56 78', "'t Hooft", "'t Hooft")
    """
    return text[1:] if text[:1] == _GUARD and text.startswith(FORMULA_BEGINNINGS, 1) else text


def unguard_digits(text: str) -> str:
    """As `unguard`, of a cell with a code or an id; of every text it gives back what `guard` was given.

    >>> unguard_digits("'02139"), unguard_digits("''02139"), unguard_digits("'t Hooft")
    ('02139', "'02139", "'t Hooft")
    """
    return text[1:] if text[:1] == _GUARD and text[1:].isdecimal() else unguard(text)
