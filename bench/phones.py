"""Compare our reading of telephone numbers with phonenumbers' own, on many numbers of all regions.

Usage: python bench/phones.py [how many, by default 1,000,000] [seed]

Prints the differences, their count and the time a number takes each way; leaves with 1 if there is a difference.
"""

import random
import sys
import time
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from onebook.model.phone import e164_of

COUNT = 1_000_000
CHUNK = 10_000
SHOWN = 20
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.VOIP,
    PhoneNumberType.UAN,
    PhoneNumberType.PREMIUM_RATE,
)
FORMATS = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966)
WAYS = ("bare", "home", "home", "abroad", "abroad", "outward", "code", "formatted")
OUTWARD = ("00", "011", "0011", "810", "00 ")
DIGITS = "0123456789"
GLUE = ("", "", "", " ", "-", ".", "/", "  ", "\u00a0", ") ", " (")
ODDITIES = (" ", "(", "+", " x12", " ext. 5", ";ext=7", " #9", "*", "\u0661", "\uff11", ",,3", "~", "-5#")

Pair = tuple[str, str | None]


def by_library(raw: str, country: str | None) -> str | None:
    """What phonenumbers alone says: parse, possible by length, E.164."""
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def often(draw: random.Random, share: float) -> bool:
    """True in this share of the calls."""
    return draw.random() < share


def national_digits(draw: random.Random, region: str) -> str:
    """A number of the region without any prefix: often a real shape, its last digits changed; else only a length."""
    example = phonenumbers.example_number_for_type(region, draw.choice(TYPES))
    if example is not None and often(draw, 0.7):
        digits = phonenumbers.national_significant_number(example)
        kept = draw.randrange(len(digits) + 1)
        return digits[:kept] + "".join(draw.choices(DIGITS, k=len(digits) - kept))
    return "".join(draw.choices(DIGITS, k=draw.randint(3, 14)))


def spelled(draw: random.Random, digits: str) -> str:
    """The digits with punctuation strewn in."""
    if often(draw, 0.3):
        return digits
    glue = draw.choice(GLUE)
    return "".join(digit + (glue if often(draw, 0.35) else "") for digit in digits)


def prefixed(draw: random.Random, region: str, digits: str) -> str:
    """A number of the region as somebody may write it."""
    code = str(phonenumbers.country_code_for_region(region))
    metadata = PhoneMetadata.metadata_for_region(region)
    home = (metadata.national_prefix if metadata else None) or "0"
    match draw.choice(WAYS):
        case "bare":
            return spelled(draw, digits)
        case "home":
            return home + spelled(draw, digits)
        case "abroad":
            return "+" + spelled(draw, code + (home if often(draw, 0.1) else "") + digits)
        case "outward":
            return draw.choice(OUTWARD) + spelled(draw, code + digits)
        case "code":
            return spelled(draw, code + digits)
        case _:
            number = phonenumbers.PhoneNumber(country_code=int(code), national_number=int(digits))
            return phonenumbers.format_number(number, draw.choice(FORMATS))


def pairs(count: int, seed: int) -> Iterator[Pair]:
    """Texts, each with the country it is read in: mostly its own, else another, none, or none that exists."""
    draw = random.Random(seed)
    for _ in range(count):
        region = draw.choice(REGIONS)
        text = prefixed(draw, region, national_digits(draw, region))
        if often(draw, 0.05):
            text += draw.choice(ODDITIES)
        country = region if often(draw, 0.8) else draw.choice((draw.choice(REGIONS), "US", None, "ZZ"))
        yield (text, country)


def compare(count: int, seed: int = 1) -> tuple[list[Pair], float, float]:
    """Read every text both ways.

    Returns:
        the texts that differ; seconds that ours took; seconds that the library took.
    """
    differing: list[Pair] = []
    ours = theirs = 0.0
    for start in range(0, count, CHUNK):
        chunk = list(pairs(min(CHUNK, count - start), seed + start))
        started = time.perf_counter()
        found = [e164_of(*pair) for pair in chunk]
        between = time.perf_counter()
        expected = [by_library(*pair) for pair in chunk]
        theirs += time.perf_counter() - between
        ours += between - started
        differing += [pair for pair, one, other in zip(chunk, found, expected, strict=True) if one != other]
    return differing, ours, theirs


def main(arguments: list[str]) -> int:
    """Run the comparison and print what it found."""
    count = int(arguments[0]) if arguments else COUNT
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    differing, ours, theirs = compare(count, seed)
    for text, country in differing[:SHOWN]:
        print(f"{text!r} {country}: {e164_of(text, country)}, library {by_library(text, country)}")
    each = 1e6 / count
    print(f"{count:,} numbers, {len(differing)} differences")
    print(f"ours {ours * each:.1f} us a number, library {theirs * each:.1f} us, ratio {ours / theirs:.2f}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
