"""The columns of one table, looked up once: which of them say what, and what they are held to."""

import re
from collections.abc import Sequence
from typing import Final, Self

from msgspec import Struct

from onebook.importing.entries import Entry, coded, entries_of, entry_countries
from onebook.importing.full_name import Name, completed
from onebook.importing.mapping import Mapping, Target, parse_target
from onebook.model import name as person
from onebook.model.imports import Rules as Rules

# What issues call a column where they speak in fields and not in headings.
_FIELDS: Final = {"kind": "type"}
#: The texts of a contact that stand in one column each, in the order in which they are judged.
TEXTS: Final = ("notes", "organization", "external_id")
# A name of a list or tag as Mailchimp writes it, so that it may have a comma; and several.
_QUOTED_NAME: Final = re.compile(r'"(?:[^"]|"")*"')
_QUOTED_NAMES: Final = re.compile(rf"{_QUOTED_NAME.pattern}(?:\s*[,;|]\s*{_QUOTED_NAME.pattern})*")
_NAME: Final = ("name.full", "name.given", "name.family")
_PARTS: Final = ("name.prefix", "name.given", "name.middle", "name.family", "name.suffix")
_RARE_PARTS: Final = frozenset({"name.prefix", "name.middle", "name.suffix"})
_DIGITS: Final = frozenset({"external_id", "address.postal_code"})
# Between names of lists and tags in one cell, as onebook, Google and Mailchimp write them.
_BETWEEN_NAMES: Final = (":::", "|", ";", ",")

#: Prefix, given, middle, family name and suffix, empty where no cell says one; none of them of a whole name.
Parts = tuple[str, ...]


class Limits(Struct, frozen=True):
    """How many custom fields a row may have, and how many characters their keys and values."""

    custom_pairs: int = 1_000
    custom_key: int = 1_000
    custom_value: int = 100_000


class Columns(Struct, frozen=True, kw_only=True):
    """The columns of one table.

    Args:
        headings: of the table. country: where numbers without a country code are dialled, ISO 3166-1 alpha-2,
            unless a column of countries says it. limits, rules: what rows are held to.
        of: target to its columns. labels: what an issue calls a column.
        phones, emails, addresses: the entries of each family. countries: the columns that may name the row's country.
        dialled: the columns that may hold the dial code of the row's numbers. coded: as of `entries.coded`.
        digits: the columns of which cells may be nothing but digits, with an apostrophe that keeps them.
        custom: key of a custom field to its columns. bad_keys: those keys that no row may use.
    """

    headings: tuple[str, ...]
    country: str | None
    limits: Limits
    rules: Rules
    of: dict[str, tuple[int, ...]]
    labels: dict[int, str]
    phones: tuple[Entry, ...]
    emails: tuple[Entry, ...]
    addresses: tuple[Entry, ...]
    countries: tuple[int, ...]
    dialled: tuple[int, ...]
    coded: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    digits: frozenset[int]
    custom: dict[str, tuple[int, ...]]
    bad_keys: frozenset[str]

    @classmethod
    def found(
        cls, headings: tuple[str, ...], mapping: Mapping, country: str | None, limits: Limits, rules: Rules
    ) -> Self:
        """Look up the columns of a table with these headings."""
        known = {column: target for column, text in mapping.columns.items() if (target := parse_target(text))}
        labels = {column: _label(column, target, headings, rules) for column, target in known.items()}
        of = {target: mapping.of(target) for target in dict.fromkeys(mapping.columns.values())}
        addresses = entries_of("address", known, labels)
        phones, countries = entries_of("phone", known, labels), (*of.get("country", ()), *entry_countries(addresses))
        custom = mapping.custom
        return cls(
            headings=headings,
            country=country,
            limits=limits,
            rules=rules,
            of=of,
            labels=labels,
            phones=phones,
            emails=entries_of("email", known, labels),
            addresses=addresses,
            countries=countries,
            dialled=(*countries, *of.get("name.prefix", ())) if phones else (),
            coded=tuple(coded(addresses)),
            digits=frozenset(column for column, target in known.items() if target.name in _DIGITS),
            custom=custom,
            bad_keys=frozenset(key for key in custom if len(key) > limits.custom_key or "\0" in key),
        )

    def label(self, target: str) -> str:
        """What an issue calls the first column of a target."""
        columns = self.of.get(target)
        return self.labels[columns[0]] if columns else _field(target)

    @property
    def names(self) -> tuple[tuple[int, ...], ...]:
        """The columns of the full, the given and the family name."""
        return tuple(self.of.get(target, ()) for target in _NAME)

    @property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        """The columns of a name's parts in their order, if there are more of them than given and family name."""
        return () if _RARE_PARTS.isdisjoint(self.of) else tuple(self.of.get(target, ()) for target in _PARTS)

    def name(self, full: str, given: str, family: str, parts: Sequence[str]) -> Name:
        """Full, given and family name of what stands in the cells; of a full name alone the parts are taken.

        Args: ``parts``: in the order of `parts`; or none.
        """
        if full:
            if self.rules.full_name_wins or not (given or family or (parts and any(parts))):
                return full, *person.split(full)
            if not (given and family) or any(parts[::2]):  # prefix, middle and suffix
                return completed(full, given, family, parts)
        full = full or " ".join(filter(None, parts))
        return full or person.join(given, family), given or None, family or None

    def listed_name(self, full: str, given: str, family: str, parts: Sequence[str], organization: str) -> Name:
        """As `name`, of a full name that may be in the order of lists, unless it is the organization's."""
        if "," in full and not self.rules.full_name_wins and full != organization:
            return completed(full, given, family, parts)
        return self.name(full, given, family, parts)


def parts_said(name: Name, cells: Sequence[str] = ()) -> Parts:
    """Which parts of a name a row says, that no cell says as a whole.

    Args: ``cells``: of all five parts, if there are such columns.

    >>> parts_said(("Eda", "Eda", None))
    ('', 'Eda', '', '', '')
    """
    full, given, family = name
    if not full:
        return ()
    if full == person.join(given, family):
        return "", given or "", "", family or "", ""
    return () if given and family else tuple(cells)


def names_in(cell: str) -> tuple[str, ...]:
    """The names of lists or tags in one cell.

    >>> names_in('"VIP","News, letters"'), names_in("VIP; News")
    (('VIP', 'News, letters'), ('VIP', 'News'))
    """
    if cell[:1] == '"' and _QUOTED_NAMES.fullmatch(cell):
        return tuple(dict.fromkeys(filter(None, map(_unquoted, _QUOTED_NAME.findall(cell)))))
    between = next((sign for sign in _BETWEEN_NAMES if sign in cell), None)
    parts = (part.strip().removeprefix("* ") for part in (cell.split(between) if between else [cell]))
    return tuple(dict.fromkeys(filter(None, parts)))


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"').strip()


def _label(column: int, target: Target, headings: tuple[str, ...], rules: Rules) -> str:
    return _field(target.name) if rules.fields_named or column >= len(headings) else headings[column]


def _field(target: str) -> str:
    return _FIELDS.get(target, target.partition(".")[0])
