"""Makes contacts.csv: a thousand made-up people of many countries and scripts, some groups, some rows with faults.

Nobody in it exists. Mail addresses are of the domains that RFC 2606, section 3, sets aside; telephone numbers are of
ranges kept for films and books, or of ranges that nobody has been given (see people.toml). The same file comes out
each time:

    .venv/bin/python examples/make_contacts.py            writes examples/contacts.csv
"""

import csv
import io
import random
import re
import tomllib
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEOPLE = 1000
HEADINGS = (
    "Name",
    "Email",
    "Phone",
    "Address",
    "Address Line2",
    "Type",
    "Groups",
    "metadata.language",
    "metadata.since",
    "metadata.note",
)
DOMAINS = ("example.org", "example.com", "example.net")
GROUPS = (
    "Rowing Club",
    "City Choir",
    "Friends of the Library",
    "Night Shift",
    "Allotment Gardeners",
    "Board",
    "Chess Circle",
    "Parents of Class 4b",
    "Mountain Rescue",
    "Press",
    "Smith, Jones & Partners",  # the whole cell is tried as one name before it is split at commas
    "Café Solidaire",
)
NOTES = ("met at the fair", 'says "Du"', "vegetarian, no nuts", "calls back after six", "wrote twice;\nanswer her")
UNITS = ("Apt 4", "Unit 12B", "2e étage", "c/o Müller", "#301")

# Position among the data rows, from 0, to the cells that are wrong there.
FAULTS: dict[int, dict[str, str]] = {
    2: {"Email": "thor@asgard"},
    57: {"Email": "no at sign.example.org"},
    111: {"Email": "two@@example.com"},
    160: {"Phone": "12"},
    214: {"Phone": "ask reception"},
    301: {"Name": ""},
    355: {"Type": "robot"},
    402: {"Email": ".dot-first@example.net"},
    480: {"Phone": "+1 415 555 01990 000 000 000"},
    533: {"Email": "space in@example.org", "Phone": "555"},
    610: {"Name": "   "},
    688: {"Email": "nobody@"},
    742: {"Phone": "+999 123 456 789"},
    799: {"Type": "company"},
    860: {"Email": "comma,typo@example.com"},
    905: {"Name": "", "Phone": "n/a"},
    950: {"Email": "a" * 65 + "@example.org"},
    999: {"Email": "last@example..com"},
}


@dataclass(frozen=True)
class Country:
    """How an address book of somebody there would look.

    Args:
        language: BCP 47. name: as on an envelope. weight: how often it is drawn.
        phone: with X for any digit. given, family, streets, places: words to draw from.
        address: how they are put together; ``n`` is the house number. joiner: between the names.
        family_first: the family name is written first.
    """

    language: str
    name: str
    weight: int
    phone: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[str, ...]
    address: str = "{street} {n}, {place}, {name}"
    joiner: str = " "
    family_first: bool = False


LISTS = {field.name for field in fields(Country) if field.type == tuple[str, ...]}


def countries() -> list[Country]:
    """Read people.toml."""
    return [country(table) for table in tomllib.loads((HERE / "people.toml").read_text("utf-8"))["country"]]


def country(table: dict[str, Any]) -> Country:
    """Read one table of people.toml."""
    values: dict[str, Any] = {key: tuple(value.split("|")) if key in LISTS else value for key, value in table.items()}
    return Country(**values)


class Dice:
    """Seeded chance that never gives a telephone number twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.seen: set[str] = set()

    def pick(self, words: tuple[str, ...]) -> str:
        """Choose one of the words."""
        return self.random.choice(words)

    def often(self, share: float) -> bool:
        """Say yes in this share of cases."""
        return self.random.random() < share

    def phone(self, patterns: tuple[str, ...]) -> str:
        """Fill one of the patterns; nothing if there is none."""
        while pattern := self.pick(patterns):
            number = re.sub("X", lambda _: str(self.random.randrange(10)), pattern)
            digits = re.sub(r"\D", "", number.replace("(0)", ""))[-9:]
            if digits not in self.seen:
                self.seen.add(digits)
                return number
        return ""


def mail(dice: Dice, given: str, family: str, index: int) -> str:
    """Make an address of the name where Latin letters allow, else of the row's number."""
    plain = unicodedata.normalize("NFKD", f"{given}.{family}").encode("ascii", "ignore").decode().lower()
    local = re.sub(r"[^a-z.]+", "", plain).strip(".") or "contact"
    if "." not in local:
        local = f"{local}{index}"
    return f"{local}{'+news' if dice.often(0.04) else ''}@{dice.pick(DOMAINS)}"


def person(dice: Dice, home: Country, index: int) -> dict[str, str]:
    """Make one row."""
    given, family = dice.pick(home.given), dice.pick(home.family)
    parts = (family, given) if home.family_first else (given, family)
    street, place, number = dice.pick(home.streets), dice.pick(home.places), dice.random.randint(1, 240)
    address = home.address.format(street=street, place=place, name=home.name, n=number)
    return {
        "Name": home.joiner.join(parts).strip(),
        "Email": mail(dice, given, family, index) if dice.often(0.9) else "",
        "Phone": dice.phone(home.phone) if dice.often(0.93) else "",
        "Address": address if dice.often(0.8) else "",
        "Address Line2": dice.pick(UNITS) if address and dice.often(0.12) else "",
        "Type": "person" if dice.often(0.1) else "",
        "Groups": groups(dice),
        "metadata.language": home.language,
        "metadata.since": f"{dice.random.randint(2009, 2026)}-{dice.random.randint(1, 12):02}",
        "metadata.note": dice.pick(NOTES) if dice.often(0.1) else "",
    }


def groups(dice: Dice) -> str:
    """Choose no group for most, one for some, two for a few; the name with a comma in it always alone."""
    if not dice.often(0.3):
        return ""
    first = dice.pick(GROUPS)
    if "," in first or not dice.often(0.2):
        return first
    return f"{first}; {dice.pick(tuple(name for name in GROUPS if ',' not in name))}"


def rows() -> list[dict[str, str]]:
    """Make all rows: the people with their faults, then the groups, since a group may stand below its members."""
    dice = Dice(20261122)
    known = countries()
    drawn = dice.random.choices(known, weights=[each.weight for each in known], k=PEOPLE)
    made = [person(dice, each, index) | FAULTS.get(index, {}) for index, each in enumerate(drawn)]
    for name in GROUPS:
        group = {"Name": name, "Type": dice.pick(("group", "Group")), "metadata.note": "meets on Thursdays"}
        made.append(dict.fromkeys(HEADINGS, "") | group)
    return made


def text() -> str:
    """Make the whole file, as RFC 4180 has it but for the line ends, which suit a repository."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return out.getvalue()


if __name__ == "__main__":
    (HERE / "contacts.csv").write_text(text(), "utf-8", newline="\n")
