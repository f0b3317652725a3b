"""Postal addresses: read from free text without the network, written out, and known by an id.

An address in the United States is taken apart into all its fields. Of others the country and the postal code are
recognised, and the rest stays together in ``line1``.
"""

import hashlib
import re
from typing import Final

from msgspec.structs import replace

from onebook.model import country, postal_code, us_address
from onebook.model.contact import Address
from onebook.model.ids import BYTES, encode58

ID_PREFIX: Final = "addr_"

_SEPARATORS: Final = re.compile(r"[,;\n\r]+")
_BLANKS: Final = re.compile(r"\s+")
# A country at the end without a comma before it is only believed where a postal code may stand between
# it and the street: the Rue de Madagascar is in France.
_NUMBERS_BEFORE: Final = 2
_NAME_WORDS: Final = 3
# No address is longer; what is, is kept as it is.
_LONGEST_TEXT: Final = 1000
# A postal code before the name of a town, which no address in the United States has.
_CODE_BEFORE_TOWN: Final = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,6} +\D+")
_GEORGIAN_CODE: Final = re.compile(r"\b\d{4}\b(?!-)")

# The fields that make an address what it is: not what it is called, nor the text that it was read from.
_PLACE: Final = ("line1", "city", "state", "subdivision", "postal_code", "country", "country_code")
_PLACE_AND_UNIT: Final = ("line1", "line2", *_PLACE[1:])
# Countries that write the postal code before the town belong to the majority; these write it after.
_CODE_AFTER_TOWN: Final = frozenset(("AU", "CA", "GB", "IE", "IN", "NZ", "SG", "US", "ZA"))


def parse(text: str, line2: str | None = None) -> Address:
    """Take a free text apart.

    Args:
        text: an address in one or several lines; may be anything.
        line2: the unit, where the sender gave it apart.

    Returns:
        the address; its ``text`` is the text as it came.
    """
    line2 = (line2 or "").strip() or None
    parts = [part for part in (_BLANKS.sub(" ", part).strip() for part in _SEPARATORS.split(text)) if part]
    if not parts or len(text) > _LONGEST_TEXT:
        return Address(line1=text.strip() or None, line2=line2, text=text)
    code, parts = _country_at_the_end(parts)
    address = us_address.read(parts, certain=True) if code == country.UNITED_STATES else None
    if address is None and code is None:
        address = us_address.read(parts, certain=False)
    if address is None:
        address = _elsewhere(parts, code)
    return replace(address, line2=_unit(address.line2, line2), text=text)


def _country_at_the_end(parts: list[str]) -> tuple[str | None, list[str]]:
    """The country named by the last part or its last words, and the parts without it."""
    last, before = parts[-1], parts[:-1]
    code = country.code_of(last)
    if code is not None and not _is_state(last, before):
        return code, before
    words = last.split()
    if sum(any(letter.isdigit() for letter in word) for word in (*before, *words)) >= _NUMBERS_BEFORE:
        for count in range(min(_NAME_WORDS, len(words) - 1), 0, -1):
            tail = " ".join(words[-count:])
            code = country.code_of(tail)
            if country.state_of(tail) is not None:
                return None, parts
            if code is not None:
                return code, [*before, " ".join(words[:-count])]
    return None, parts


def _is_state(last: str, before: list[str]) -> bool:
    """Whether a name or code of a country rather means the state of the United States that is written alike."""
    if country.state_of(last) is None or not before:
        return False
    if country.code_of(last) == country.CANADA:
        return postal_code.find(before, country.CANADA) is None
    if last.casefold() == "georgia":
        return not any(_GEORGIAN_CODE.search(part) for part in before[1:] or before)
    return not any(_CODE_BEFORE_TOWN.fullmatch(part) for part in before)


def _elsewhere(parts: list[str], code: str | None) -> Address:
    found = postal_code.find(parts, code)
    if found is not None:
        parts = found.without
    return Address(
        line1=", ".join(parts) or None,
        postal_code=found.text if found is not None else None,
        country=country.name_of(code) if code is not None else None,
        country_code=code,
    )


def _unit(found: str | None, given: str | None) -> str | None:
    if found is None or given is None or _plain(found) == _plain(given):
        return given or found
    return f"{found}, {given}"


def formatted(address: Address) -> str:
    """The address in one line, its unit included; empty if nothing is known."""
    return ", ".join(_lines(address, address.line2))


def textarea(address: Address) -> str:
    """The address in lines, as on a letter, without its unit; empty if nothing is known."""
    return "\n".join(_lines(address, None))


def _lines(address: Address, unit: str | None) -> list[str]:
    state = address.subdivision or address.state
    if address.country_code is None or address.country_code in _CODE_AFTER_TOWN:
        region = " ".join(part for part in (state, address.postal_code) if part)
        town = ", ".join(part for part in (address.city, region) if part)
    else:
        town = " ".join(part for part in (address.postal_code, address.city) if part)
        town = ", ".join(part for part in (town, state) if part)
    return [line for line in (address.line1, unit, town, address.country or address.country_code) if line]


def address_id(address: Address) -> str:
    """The id of an address: equal for equal fields, whatever their letter case and blanks."""
    return ID_PREFIX + _hash(address, _PLACE_AND_UNIT)


def building_hash(address: Address) -> str:
    """What all units of one building have in common: made like the id, without ``line2``."""
    return _hash(address, _PLACE)


def _hash(address: Address, fields: tuple[str, ...]) -> str:
    named = "".join(f"{field}={_plain(getattr(address, field) or '')}\n" for field in fields)
    # A lone surrogate has no UTF-8 of its own; it must not make an address nameless.
    return encode58(hashlib.sha256(named.encode(errors="surrogatepass")).digest()[:BYTES])


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
