"""The numbering plan of each country, made ready for reading many numbers fast.

A `Plan` holds what phonenumbers' metadata says of one region, its patterns compiled, and takes the library's own
steps (phonenumberutil: ``_maybe_extract_country_code``, ``_maybe_strip_national_prefix_carrier_code``,
``_test_number_length``). Plans are made when first asked for and kept: there are some 250 of them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata

CODES: Final = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)

#: Shorter texts are for the library, which knows numbers of three digits and such as begin with a star.
FEWEST_DIGITS: Final = 5
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


class Shape(NamedTuple):
    """Digits of which one look tells what number they are, by far the most: no step of a `Plan` would change them.

    Args:
        begins: ``+`` and the country calling code. match: finds the digits, with ``+`` if they begin with the code;
            its group ``significant`` is what follows the code in E.164. What it does not find needs a closer look.
    """

    begins: str
    match: Callable[[str], re.Match[str] | None]


class _Dialled(dict[str, Shape]):
    """Country to what digits look like that are dialled there; what nobody knows never matches."""

    def __missing__(self, country: str) -> Shape:
        plan = plan_of_country(country)
        if plan is None:
            return _SHAPELESS
        self[country] = _dialled(plan)
        return self[country]


class _Begun(dict[str, Shape]):
    """The first three digits of a number behind ``+`` to what all of it looks like."""

    def __missing__(self, three: str) -> Shape:
        code = next((three[:length] for length in range(1, len(three) + 1) if three[:length] in CODES), None)
        if code is None or not (three.isdigit() and three.isascii()):
            return _SHAPELESS
        self[three] = _begun(plan_of_code(code))
        return self[three]


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
_SHAPELESS: Final = Shape("", _NOTHING.fullmatch)
DIALLED: Final = _Dialled()
BEGUN: Final = _Begun()


def _begun(plan: Plan) -> Shape:
    """Behind the code no prefix of a call within the country."""
    lengths = _digits(length for length in plan.possible if len(plan.code) + length >= FEWEST_DIGITS)
    pattern = rf"\+{plan.code}(?!{plan.prefix.pattern})(?P<significant>{lengths})"
    return Shape(f"+{plan.code}", re.compile(pattern).fullmatch)


def _dialled(plan: Plan) -> Shape:
    """No prefix of a call abroad and no code; no prefix of a call within the country, or one that is just left out.

    Nor 00, which begins calls abroad in most countries: what it means in the others takes a closer look.
    """
    prefix = plan.prefix.pattern
    bare = f"(?!{prefix}){_digits(length for length in plan.possible if length >= FEWEST_DIGITS)}"
    ways = [rf"(?={bare}\Z)"]
    if not plan.rewrites:
        lengths = _digits(length for length in plan.lengths & plan.possible if length >= FEWEST_DIGITS)
        ways.append(rf"(?!(?:{plan.national.pattern})\Z)(?>{prefix})(?={lengths}\Z)")
    pattern = f"(?!00|{plan.outward.pattern}|{plan.code})(?:{'|'.join(ways)})(?P<significant>[0-9]+)"
    return Shape(f"+{plan.code}", re.compile(pattern).fullmatch)


def _digits(lengths: Iterable[int]) -> str:
    """A pattern of so many digits or so many; one that matches nothing if there are none."""
    runs = list[tuple[int, int]]()  # of lengths that follow each other: one try instead of several
    for length in sorted(lengths):
        first = runs.pop()[0] if runs and runs[-1][1] == length - 1 else length
        runs.append((first, length))
    return "(?:" + ("|".join(f"[0-9]{{{first},{last}}}" for first, last in runs) or "(?!)") + ")"


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
