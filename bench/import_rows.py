"""Made-up rows for the benchmarks of imports: 11 columns, numbers of 30 countries in mixed spellings, 3 % bad.

The same seed gives the same file. Some 100 bytes a row; groups and keys repeat as they do in files of people.
"""

import argparse
import csv
import random
from collections.abc import Iterator
from pathlib import Path

import phonenumbers

HEADINGS = (
    "External ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone",
    "Country",
    "Company",
    "Groups",
    "Job Title",
    "City",
    "Notes",
)
_COUNTRIES = "US GB DE FR ES IT NL BE CH AT SE NO DK FI PL CZ PT IE GR TR IN JP KR AU NZ BR MX AR ZA CA"
COUNTRIES = tuple(_COUNTRIES.split())
_GIVEN = (
    "Ada Ben Chiara Dilek Emeka Fatima Goran Hana Ivo Jun Kaya Lars Mina Noor Olga Paul Qing Rosa Sven Tara Uma Vera "
    "Wim Xenia Yusuf Zoë Łucja Ñusta Émile Søren"
)
GIVEN = tuple(_GIVEN.split())
_FAMILY = (
    "Okafor Lovelace Müller García Nowak Rossi Jensen Virtanen Papadopoulos Yılmaz Singh Tanaka Kim Smith Silva "
    "Hernández Dlamini Tremblay Dupont Peeters Novák Ferreira Murphy Gruber Keller Berg Lindqvist Andersson"
)
FAMILY = tuple(_FAMILY.split())
COMPANIES = tuple(
    f"{a} {b}" for a in ("North", "Blue", "Old", "Vivid", "Stone") for b in ("Works", "Foods", "Labs", "Ltd")
)
GROUPS = tuple(f"Group {number}" for number in range(40))
TITLES = ("Engineer", "Sales Manager", "Nurse", "Teacher", "Owner", "Buyer", "Analyst", "Driver")
CITIES = ("Lisbon", "Lagos", "Lyon", "Leeds", "Łódź", "Linz", "Lima", "Luleå", "Lucknow", "Leipzig")
BAD = 0.015  # of the numbers, and of the mail addresses
REPEATED = 0.01


def _templates() -> dict[str, list[phonenumbers.PhoneNumber]]:
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    found = {country: [phonenumbers.example_number_for_type(country, kind) for kind in kinds] for country in COUNTRIES}
    return {country: [number for number in numbers if number] for country, numbers in found.items()}


def _phone(dice: random.Random, template: phonenumbers.PhoneNumber) -> str:
    """A number like the template with other last digits, in one of the spellings that people use."""
    significant = phonenumbers.national_significant_number(template)
    digits = significant[:-5] + f"{dice.randrange(100_000):05d}"
    code = template.country_code or 0
    spelled = (
        f"+{code}{digits}",
        f"+{code} {digits[:3]} {digits[3:6]} {digits[6:]}".rstrip(),
        f"+{code}-{digits[:3]}-{digits[3:]}",
        f"+{code} ({digits[:3]}) {digits[3:6]}.{digits[6:]}".rstrip("."),
        f"+{code}.{digits}",
        phonenumbers.format_number(_of(code, digits), phonenumbers.PhoneNumberFormat.NATIONAL),
    )
    return dice.choices(spelled, (30, 20, 10, 10, 5, 25))[0]


def _of(code: int, digits: str) -> phonenumbers.PhoneNumber:
    """A number of its code and digits; zeros at its beginning count."""
    zeros = len(digits) - len(digits.lstrip("0"))
    return phonenumbers.PhoneNumber(
        country_code=code,
        national_number=int(digits),
        italian_leading_zero=bool(zeros) or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def rows(count: int, seed: int = 7) -> Iterator[list[str]]:
    """The rows below the headings."""
    dice = random.Random(seed)
    templates = _templates()
    for number in range(count):
        key = dice.randrange(number) if number and dice.random() < REPEATED else number
        given, family = dice.choice(GIVEN), dice.choice(FAMILY)
        country = dice.choice(COUNTRIES)
        phone = _phone(dice, dice.choice(templates[country]))
        email = f"{given.lower()}.{family.lower()}{number}@example{number % 977}.com"
        if not email.isascii():
            email = f"person{number}@example{number % 977}.com"
        if dice.random() < BAD:
            phone = dice.choice(("n/a", "12", "see notes", "+999 123", phone[:5]))
        if dice.random() < BAD:
            email = dice.choice(("none", "a@", "@b.com", "a b@c.com", email.replace("@", " at ")))
        notes = "" if number % 3 else f"met at fair {number % 50}"
        yield [
            f"C-{key:08d}", given, family, email, phone, country, dice.choice(COMPANIES),
            dice.choice(GROUPS) if number % 2 else "", dice.choice(TITLES), dice.choice(CITIES), notes,
        ]  # fmt: skip


def write(path: Path, count: int, seed: int = 7) -> None:
    """Write a file with headings and ``count`` rows."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(rows(count, seed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    write(given.path, given.rows, given.seed)
