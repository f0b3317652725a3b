"""Countries, and the states of the United States, by the many ways in which people write them.

The names are pycountry's (ISO 3166), with the translations that it brings along. They are read when first asked for,
which takes a tenth of a second.
"""

import gettext
from collections.abc import Iterator
from functools import cache
from typing import Final

import pycountry

from onebook.model.fold import tokens

UNITED_STATES: Final = "US"
CANADA: Final = "CA"

# Names that ISO 3166 does not give. Of the parts of the United Kingdom post is addressed to the country.
_ALIASES: Final = {
    "US": ("USA", "U.S.", "U.S.A.", "United States of America", "America", "Estados Unidos", "Etats-Unis"),
    "GB": ("UK", "U.K.", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "AE": ("UAE", "U.A.E.", "Emirates"),
    "CI": ("Ivory Coast",),
    "CZ": ("Czech Republic",),
    "DE": ("BRD",),
    "IE": ("Republic of Ireland", "Eire"),
    "KR": ("Korea", "Republic of Korea"),
    "MK": ("Macedonia",),
    "MM": ("Burma",),
    "NL": ("Holland", "The Netherlands"),
    "RU": ("Russia", "Россия", "Russland", "Russie", "Rusia"),
    "TR": ("Turkey",),
    "CN": ("PRC", "P.R. China", "PR China", "Mainland China"),
    "VA": ("Vatican",),
    "VN": ("Vietnam",),
}
# Judgement: the languages in which most addresses are written that do not name their country in English.
_LANGUAGES: Final = (
    *("ar", "bg", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "nb", "nl"),
    *("pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk", "vi", "zh_CN", "zh_TW"),
)


def code_of(text: str) -> str | None:
    """The country that a text names, whole: by name in one of many languages, or by code.

    Args:
        text: such as ``Deutschland``, ``UK``, ``FR``; codes only in upper case, as ``in`` or ``de`` are words.

    Returns:
        ISO 3166-1 alpha-2; None if it names none.
    """
    text = text.strip()
    return _codes().get(text) or _names().get(_key(text))


def name_of(code: str) -> str | None:
    """The English short name of a country, the usual one where ISO's is turned around (``South Korea``)."""
    country = pycountry.countries.get(alpha_2=code)
    return str(getattr(country, "common_name", country.name)) if country is not None else None


def state_of(text: str) -> tuple[str, str] | None:
    """The state, district or territory of the United States that a text names, whole.

    Args:
        text: a name or a postal code of two letters, in any letter case.

    Returns:
        code and name: ``("IL", "Illinois")``; None if it names none.
    """
    return states().get(_key(text))


@cache
def states() -> dict[str, tuple[str, str]]:
    """The states, districts and territories of the United States, by folded name and by folded code."""
    found = {_key("D.C."): ("DC", "District of Columbia")}
    for subdivision in pycountry.subdivisions:
        if subdivision.country_code == UNITED_STATES:
            state = (subdivision.code.removeprefix("US-"), subdivision.name)
            found[_key(state[0])] = found[_key(state[1])] = state
    return found


def _key(text: str) -> str:
    return " ".join(tokens(text))


@cache
def _codes() -> dict[str, str]:
    return {code: country.alpha_2 for country in pycountry.countries for code in (country.alpha_2, country.alpha_3)}


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, spelling in _spellings():
        key = _key(spelling)
        if key:
            found.setdefault(key, code)
    return found


def _spellings() -> Iterator[tuple[str, str]]:
    """Codes and names, the surest first: of two countries with one folded name the first keeps it."""
    english = [
        (country.alpha_2, spelling)
        for country in pycountry.countries
        for spelling in (country.name, getattr(country, "common_name", ""), getattr(country, "official_name", ""))
        if spelling
    ]
    yield from english
    yield from ((code, alias) for code, aliases in _ALIASES.items() for alias in aliases)
    for language in _LANGUAGES:
        translated = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        yield from ((code, translated.gettext(spelling)) for code, spelling in english)
