"""Addresses in the United States, taken apart into fields.

The end of such an address is regular: town, state, ZIP code; it is read by rules. Where the street ends and the unit
begins is for usaddress, a trained model.
"""

import re
import threading
from functools import cache
from typing import Final

from onebook.model import country
from onebook.model.contact import Address

_ZIP: Final = re.compile(r"(?P<rest>.*?)(?:^|[ ,]+)(?P<zip>\d{5}(?:-\d{4})?)", re.DOTALL)
# What makes a text an address in the United States although neither country nor state is named: a street in English.
_STREET: Final = re.compile(
    r"\d+[A-Za-z]? .*\b(?:st|street|ave|avenue|rd|road|blvd|boulevard|dr|drive|ln|lane|pkwy|parkway|hwy|highway"
    r"|way|ct|court|pl|place|cir|circle|ter|terrace|sq|square)\b",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(
    r"(?:#|(?:apt|apartment|suite|ste|unit|floor|fl|room|rm|bldg|building|dept|lot|trlr|ph|penthouse)\b)", re.IGNORECASE
)
_UNIT_AT_THE_END: Final = re.compile(
    r"(?P<street>.+?)[ ,]+(?P<unit>(?:#|(?:apt|apartment|suite|ste|unit|room|rm|floor|fl)\b\.?) ?#?[\w-]{1,8})",
    re.IGNORECASE,
)
_UNIT_LABELS: Final = frozenset(("OccupancyType", "OccupancyIdentifier", "SubaddressType", "SubaddressIdentifier"))
_TOWN_LABELS: Final = frozenset(("PlaceName", "StateName"))
_NAME: Final = "United States"

# Its tagger keeps the text between two calls, so that two threads would read each other's labels.
_one_at_a_time: Final = threading.Lock()


def read(parts: list[str], *, certain: bool) -> Address | None:
    """Take an address apart.

    Args:
        parts: the address, divided by commas and lines, without the country.
        certain: whether it is known to be in the United States; if not, a state or an English street must show it.

    Returns:
        the address; None if it does not look like one in the United States.
    """
    text = ", ".join(parts)
    if not text:
        return Address(country=_NAME, country_code=country.UNITED_STATES)
    zip_code, rest = _zip(text)
    state, rest = _state(rest, with_zip=zip_code is not None)
    if not certain and state is None and not (zip_code and _STREET.match(rest)):
        return _street_only(text)
    line1, line2, city = _street(rest, state, zip_code)
    return Address(
        line1=line1 or None,
        line2=line2 or None,
        city=city or None,
        state=state[1] if state else None,
        subdivision=state[0] if state else None,
        postal_code=zip_code,
        country=_NAME,
        country_code=country.UNITED_STATES,
    )


def _zip(text: str) -> tuple[str | None, str]:
    found = _ZIP.fullmatch(text)
    # A five-digit number alone at the beginning is a house.
    return (found["zip"], found["rest"]) if found is not None and found["rest"] else (None, text)


def _state(text: str, *, with_zip: bool) -> tuple[tuple[str, str] | None, str]:
    """The state at the end. A code in lower case counts only after a comma: ``in`` and ``de`` are words."""
    found = _state_at_the_end().fullmatch(text)
    if found is None or not found["rest"]:
        return None, text
    written, comma = found["state"], "," in found["gap"]
    if len(written) == len("IL") and not (written.isupper() or comma):
        return None, text
    if not with_zip and not comma and not written.isupper():
        return None, text
    return country.state_of(written), found["rest"]


@cache
def _state_at_the_end() -> re.Pattern[str]:
    spellings = {spelling for code, name in country.states().values() for spelling in (code, name)}
    names = "|".join(re.escape(spelling) for spelling in sorted(spellings, key=len, reverse=True))
    return re.compile(rf"(?P<rest>.*?)(?P<gap>^|[ ,]+)(?P<state>{names}|D\.C\.)", re.IGNORECASE)


def _street_only(text: str) -> Address | None:
    """A street in English with its unit and nothing else; where it is, is not known."""
    found = _UNIT_AT_THE_END.fullmatch(text)
    if found is None or not _STREET.match(found["street"]):
        return None
    return Address(line1=found["street"], line2=found["unit"])


def _street(text: str, state: tuple[str, str] | None, zip_code: str | None) -> tuple[str, str, str]:
    """Street, unit and town out of what stands before the state."""
    parts = text.split(", ")
    town = ""
    if len(parts) > 1 and not any(map(str.isdigit, parts[-1])) and not _UNIT.match(parts[-1]):
        town = parts.pop()
    labels = _labels(", ".join(parts), [town, *(state or ())[:1], zip_code or ""])
    found: dict[str, list[str]] = {"line1": [], "line2": [], "city": []}
    for token, label in labels:
        found[_field(label, town)].append(token)
    line1, line2, city = (" ".join(words).rstrip(",") for words in found.values())
    return line1, line2.replace("# ", "#"), town or city


def _field(label: str, town: str) -> str:
    if label in _UNIT_LABELS:
        return "line2"
    return "city" if label in _TOWN_LABELS and not town else "line1"


def _labels(street: str, after: list[str]) -> list[tuple[str, str]]:
    """The words of the street with usaddress's labels, which are better when it sees what comes after."""
    import usaddress  # noqa: PLC0415 -- its model takes 70 ms to load

    # Lone surrogates, which have no UTF-8, would stop the tagger.
    street = street.encode(errors="replace").decode()
    count = len(usaddress.tokenize(street))
    with _one_at_a_time:
        labelled = usaddress.parse(", ".join([street, *filter(None, after)]))
    return [(str(token), str(label)) for token, label in labelled[:count]]
