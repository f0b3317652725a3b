"""Postal codes: finding one in the parts of an address."""

import re
from dataclasses import dataclass
from typing import Final

# How a country writes its postal codes. Those of five and six digits alone, and of four, share the last one.
_PATTERNS: Final = {
    "AR": r"[A-Z]\d{4}[A-Z]{3}|\d{4}",
    "BR": r"\d{5}-?\d{3}",
    "CA": r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d",
    "CL": r"\d{3}-?\d{4}",
    "CZ": r"\d{3} ?\d{2}",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "GR": r"\d{3} ?\d{2}",
    "IE": r"[AC-FHKNPRTV-Y]\d[\dW] ?[AC-FHKNPRTV-Y\d]{4}",
    "IL": r"\d{7}|\d{5}",
    "IN": r"\d{3} ?\d{3}",
    "JP": r"\u3012? ?\d{3}-\d{4}",
    "MT": r"[A-Z]{3} ?\d{4}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}",
    "SE": r"(?:SE?-)?\d{3} ?\d{2}",
    "SK": r"\d{3} ?\d{2}",
    "TW": r"\d{3}(?:-?\d{2,3})?",
    "US": r"\d{5}(?:-\d{4})?",
}
_DIGITS: Final = r"(?:[A-Z]{1,2}-)?\d{4,6}"
# Without a country only these are like nothing else.
_UNMISTAKABLE: Final = re.compile(rf"(?<!\w)(?:{_PATTERNS['GB']}|{_PATTERNS['CA']})(?!\w)")
_COMPILED: Final = {code: re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])") for code, pattern in _PATTERNS.items()}
_COMPILED_DIGITS: Final = re.compile(rf"(?<![\w-])(?:{_DIGITS})(?![\w-])")
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Found:
    """A postal code, and the parts of the address without it."""

    text: str
    without: list[str]


def find(parts: list[str], country: str | None) -> Found | None:
    """The postal code of an address: the last text of the right shape that is not a house number.

    Args:
        parts: the address as it was divided by commas and lines.
        country: ISO 3166-1 alpha-2, if known.
    """
    pattern = _COMPILED.get(country, _COMPILED_DIGITS) if country else _UNMISTAKABLE
    for at in range(len(parts) - 1, -1, -1):
        for match in reversed(list(pattern.finditer(parts[at]))):
            if _may_stand(match, parts, at):
                rest = f"{parts[at][: match.start()].strip()} {parts[at][match.end() :].strip()}".strip()
                return Found(match.group(), [*parts[:at], *([rest] if rest else []), *parts[at + 1 :]])
    return None


def _may_stand(match: re.Match[str], parts: list[str], at: int) -> bool:
    """In the first of several parts stands the street, and in a single one a house number comes before the code."""
    if not match.group().isdigit():
        return True
    if at > 0:
        return match.start() == 0 or match.end() == len(parts[at])
    return len(parts) == 1 and _NUMBER.search(parts[at], 0, match.start()) is not None
