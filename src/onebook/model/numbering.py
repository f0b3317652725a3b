"""The numbering plan of each country, made ready for reading many numbers fast.

A `Plan` holds what phonenumbers' metadata says of one region, its patterns compiled, and takes the library's own
steps (phonenumberutil: ``_maybe_extract_country_code``, ``_maybe_strip_national_prefix_carrier_code``,
``_test_number_length``). Plans are made when first asked for and kept: there are some 250 of them.
"""

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata

CODES: Final = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)

# What never matches, for a region without the rule in question.
_NOTHING: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Plan:
    """How numbers of one region are built.

    Args:
        code: the country calling code, digits.
        outward: what is dialled before a number abroad (``00``, ``011``).
        prefix: what is dialled before a number at home (``0``), and perhaps a carrier.
        rewrites: whether that prefix can stand for more than its removal.
        national: the shape of a national number.
        lengths, local, longest: digits of a national number, of one without its area, and the most.
        possible: all lengths that the country calling code knows.
    """

    code: str
    outward: re.Pattern[str]
    prefix: re.Pattern[str]
    rewrites: bool
    national: re.Pattern[str]
    lengths: frozenset[int]
    local: frozenset[int]
    longest: int
    possible: frozenset[int]

    def significant(self, digits: str) -> str | None:
        """The digits without the national prefix, unless too few would be left; None if a rule rewrites them."""
        bare = self._bare(digits)
        if bare is None or len(bare) in self.lengths or self._too_long(bare):
            return bare
        return digits

    def bare_after_code(self, digits: str) -> str | None:
        """The rest of digits that begin with the country calling code without saying so.

        Returns:
            the rest; the same digits if they are better read as a national number; None if a rule rewrites them.
        """
        rest = self._bare(digits[len(self.code) :])
        if rest is None or self._too_long(digits):
            return rest
        if not self.national.fullmatch(digits) and self.national.fullmatch(rest):
            return rest
        return digits

    def _bare(self, digits: str) -> str | None:
        prefix = self.prefix.match(digits)
        if prefix is None:
            return digits
        if self.rewrites and prefix.group(prefix.re.groups) is not None:
            return None
        rest = digits[prefix.end() :]
        if self.national.fullmatch(digits) and not self.national.fullmatch(rest):
            return digits
        return rest

    def _too_long(self, digits: str) -> bool:
        return len(digits) > self.longest and len(digits) not in self.local


def plan_of_country(country: str) -> Plan | None:
    """The plan of a country, ISO 3166-1 alpha-2 in upper case; None if the library does not know it."""
    found = _BY_COUNTRY.get(country)
    if found is None and country in phonenumbers.SUPPORTED_REGIONS:
        metadata = PhoneMetadata.metadata_for_region(country)
        if metadata is not None:
            found = _BY_COUNTRY[country] = _plan(metadata)
    return found


def plan_of_code(code: str) -> Plan:
    """The plan of the main region of a country calling code, one of `CODES`."""
    found = _BY_CODE.get(code)
    if found is None:
        found = _BY_CODE[code] = _plan(_main(int(code)))
    return found


# Two threads may both make a plan; they make equal ones.
_BY_COUNTRY: Final[dict[str, Plan]] = {}
_BY_CODE: Final[dict[str, Plan]] = {}


def _main(code: int) -> PhoneMetadata:
    region = phonenumbers.region_code_for_country_code(code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if metadata is None:  # the library's tables would contradict each other
        message = f"no metadata for country calling code {code}"
        raise LookupError(message)
    return metadata


def _plan(metadata: PhoneMetadata) -> Plan:
    code = metadata.country_code or 0
    national, main = metadata.general_desc, _main(code).general_desc
    lengths = national.possible_length if national else ()
    return Plan(
        code=str(code),
        outward=_compiled(metadata.international_prefix),
        prefix=_compiled(metadata.national_prefix_for_parsing),
        rewrites=bool(metadata.national_prefix_transform_rule),
        national=_compiled(national.national_number_pattern if national else None),
        lengths=frozenset(lengths),
        local=frozenset(national.possible_length_local_only if national else ()),
        longest=max(lengths, default=0),
        possible=frozenset((*main.possible_length, *main.possible_length_local_only) if main else ()),
    )


def _compiled(pattern: str | None) -> re.Pattern[str]:
    return re.compile(pattern) if pattern else _NOTHING
