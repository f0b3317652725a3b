"""Compare our normal form of mail addresses with email-validator's own, on many addresses, good and bad.

Usage: python bench/emails.py [how many, by default 200,000] [seed]

Prints the differences, their count and the time an address takes each way; leaves with 1 if there is a difference.
"""

import random
import sys
import time
from collections.abc import Iterator

import email_validator

from onebook.model.email import LOCAL_PART_OCTETS, normalize

COUNT = 200_000
CHUNK = 10_000
SHOWN = 20


def words(text: str, *more: str) -> tuple[str, ...]:
    """The words of a text, and what has blanks of its own."""
    return (*text.split(), *more)


# The first eight, four and six are what people have; the rest is hard.
LOCALS = words(
    "ada Ada.Byron a.b.c INFO Sales postmaster x+tag o'neil !#$%&* {a|b}~ j\u00f6rg cafe\u0301 \u7528\u6237"
    ' "ada" a..b .a a. a@b a,b <a a\\b _ - 1 \udc80 \u202eab \u0301a \uff21',
    *('"a b"', "a b", "", "a" * 64, "a" * 65, "\u00e9" * 33, "a\x00", "Ada <ada"),
)
LABELS = words(
    "example EXAMPLE mail sub-domain -a a- a--b ab--c xn--mnchen-3ya XN--ls8h m\u00fcnchen stra\u00dfe"
    " \u4f8b\u3048 1 123 a_b local test \uff45x \u05d0\u05d1 x1 [127.0.0.1]",
    *("", "a b", "a" * 63, "a" * 64),
)
TOPS = words(
    "com org COM fr Net museum test invalid LOCAL localhost onion arpa xn--p1ai \u0440\u0444 c0m co1 1 a-"
    " example c com. com> \uff43om k\u212a localtest",
    *("", "com ", "com\n"),
)
AT = ("@",) * 30 + ("", "@@", " @", "@ ", "\uff20")
DOTS = (".",) * 30 + ("\u3002", "..", ",")


def by_library(address: str) -> str | None:
    """What email-validator alone says, with no look-up, and 64 octets for the local part."""
    try:
        found = email_validator.validate_email(address, check_deliverability=False)
    except (email_validator.EmailNotValidError, UnicodeError):
        return None
    return found.normalized if len(found.local_part.encode()) <= LOCAL_PART_OCTETS else None


def often(draw: random.Random, share: float) -> bool:
    """True in this share of the calls."""
    return draw.random() < share


def addresses(count: int, seed: int) -> Iterator[str]:
    """Texts: most of them addresses as people have them, a fifth built of whatever is hard."""
    draw = random.Random(seed)
    for _ in range(count):
        plain = often(draw, 0.8)
        labels = [draw.choice(LABELS[:4] if plain else LABELS) for _ in range(draw.choice((1, 1, 1, 2, 3)))]
        labels.append(draw.choice(TOPS[:6] if plain else TOPS))
        domain = "".join(label + draw.choice(DOTS) for label in labels[:-1]) + labels[-1]
        local = draw.choice(LOCALS[:8] if plain else LOCALS) + (str(draw.randrange(100)) if often(draw, 0.3) else "")
        yield local + ("@" if plain else draw.choice(AT)) + domain


def compare(count: int, seed: int = 1) -> tuple[list[str], float, float]:
    """Read every text both ways.

    Returns:
        the texts that differ; seconds that ours took; seconds that the library took.
    """
    differing: list[str] = []
    ours = theirs = 0.0
    for start in range(0, count, CHUNK):
        chunk = list(addresses(min(CHUNK, count - start), seed + start))
        started = time.perf_counter()
        found = [normalize(address) for address in chunk]
        between = time.perf_counter()
        expected = [by_library(address) for address in chunk]
        theirs += time.perf_counter() - between
        ours += between - started
        differing += [text for text, one, other in zip(chunk, found, expected, strict=True) if one != other]
    return differing, ours, theirs


def main(arguments: list[str]) -> int:
    """Run the comparison and print what it found."""
    count = int(arguments[0]) if arguments else COUNT
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    differing, ours, theirs = compare(count, seed)
    for address in differing[:SHOWN]:
        print(f"{address!r}: {normalize(address)!r}, library {by_library(address)!r}")
    each = 1e6 / count
    print(f"{count:,} addresses, {len(differing)} differences")
    print(f"ours {ours * each:.1f} us an address, library {theirs * each:.1f} us, ratio {ours / theirs:.2f}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
