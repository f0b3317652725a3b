"""How the rows of one table become contacts: the columns are looked up once, then row follows row."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from onebook.importing.entries import (
    country_of,
    entries_of,
    entry_countries,
    first_of,
    read_addresses,
    read_emails,
    read_phones,
)
from onebook.importing.exact import believed, lay_exact
from onebook.importing.faults import Faults
from onebook.importing.fields import Said, kind_of
from onebook.importing.mapping import Mapping, Target, parse_target
from onebook.model import cell as guards
from onebook.model import name as person
from onebook.model.contact import Card, Kind

# What issues call a column where they speak in fields and not in headings.
_FIELDS: Final = {"kind": "type"}
_METADATA: Final = "metadata"
# Cells up to here are within all bounds.
_SHORT: Final = 255
# The longest texts in characters; onebook's own API has the same bounds.
_LONGEST: Final = {"name": 1_000, "address": 500, "external_id": 255, "organization": 1_000, "notes": 65_536}
_NAME: Final = ("name.full", "name.given", "name.family")
_TEXTS: Final = ("notes", "organization", "external_id")
_RARE: Final = frozenset({"groups", "tags", "lists", "exact"})
_NAMES: Final = ("name.prefix", "name.given", "name.middle", "name.family", "name.suffix")
# Between names of lists and tags in one cell, as onebook, Google and Mailchimp write them.
_BETWEEN_NAMES: Final = (":::", "|", ";", ",")


def _is_long(cells: list[str]) -> bool:
    return max(map(len, cells), default=0) > _SHORT


class Limits(Struct, frozen=True):
    """How many custom fields a row may have, and how many characters their keys and values."""

    custom_pairs: int = 1_000
    custom_key: int = 1_000
    custom_value: int = 100_000


class Rules(Struct, frozen=True, kw_only=True):
    """What rows are held to.

    Args:
        name_required: without it a row may instead have a number, a mail address, an organization or an external id.
        full_name_wins: a full name beside parts of one: whether the parts are then taken from it.
        addresses_taken_apart: whether addresses that are a text are read into fields.
        fields_named: whether issues speak of fields (``email``) instead of headings.
    """

    name_required: bool = False
    full_name_wins: bool = False
    addresses_taken_apart: bool = False
    fields_named: bool = False


class RowReader:
    """Reads the rows of one table.

    Args:
        headings: of the table. mapping: which column is what. country: where numbers without a country code are
            dialled, ISO 3166-1 alpha-2, unless a column of countries says it. limits, rules: what rows are held to.
    """

    def __init__(
        self, headings: tuple[str, ...], mapping: Mapping, country: str | None, limits: Limits, rules: Rules
    ) -> None:
        known = {column: target for column, text in mapping.columns.items() if (target := parse_target(text))}
        self._headings, self._country, self._limits, self._rules = headings, country, limits, rules
        self._labels = {column: self._label(column, target) for column, target in known.items()}
        self._phones = entries_of("phone", known, self._labels)
        self._emails = entries_of("email", known, self._labels)
        self._addresses = entries_of("address", known, self._labels)
        self._columns = {target: mapping.of(target) for target in dict.fromkeys(mapping.columns.values())}
        self._countries = (*self._columns.get("country", ()), *entry_countries(self._addresses))
        self._custom = mapping.custom
        # Only rows that have a value there are at fault.
        self._bad_keys = {key for key in self._custom if len(key) > limits.custom_key or "\0" in key}
        self._texts = tuple(self._columns.get(target, ()) for target in _TEXTS)
        self._kinds = self._columns.get("kind", ())
        self._exact = self._columns.get("exact", ())
        self._any_rare = not _RARE.isdisjoint(self._columns)
        self._name_columns = tuple(self._columns.get(target, ()) for target in _NAME)
        self._has_parts = any(target in self._columns for target in ("name.prefix", "name.middle", "name.suffix"))

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the table."""
        return self._headings

    @property
    def custom_keys(self) -> list[tuple[str, str]]:
        """Headings and keys of the custom fields."""
        return [(self._headings[column], key) for key, columns in self._custom.items() for column in columns]

    def _label(self, column: int, target: Target) -> str:
        if self._rules.fields_named or column >= len(self._headings):
            return _FIELDS.get(target.name, target.name.partition(".")[0])
        return self._headings[column]

    def label(self, target: str) -> str:
        """What an issue calls the first column of a target."""
        columns = self._columns.get(target)
        if columns is None:
            return _FIELDS.get(target, target.partition(".")[0])
        return self._labels[columns[0]]

    def read(self, texts: Sequence[str], faults: Faults) -> Said:
        """What the cells of a row say; what is wrong with them is noted."""
        cells = list(map(str.strip, texts))
        if "'" in "".join(cells):
            cells = list(map(guards.unguard, cells))
        if self._exact and (text := first_of(cells, self._exact)):
            # What our own last column says need not be read from the cells, and is right even if they could not be.
            exact, cells = believed(text, self._headings, cells)
            return lay_exact(self._read(cells, faults), exact)
        return self._read(cells, faults)

    def _read(self, cells: list[str], faults: Faults) -> Said:
        full, given, family = self._name(cells, faults)
        # Python takes this in its order: it is the order of the issues.
        reached = (
            read_emails(cells, self._emails, faults),
            read_phones(cells, self._phones, self._country_of(cells), faults) if self._phones else (),
            read_addresses(cells, self._addresses, faults, taken_apart=self._rules.addresses_taken_apart),
        )
        emails, phones, addresses = reached
        notes, organization, external = (
            first_of(cells, columns) or None if columns else None for columns in self._texts
        )
        kind = self._kind(cells, faults) if self._kinds else "individual"
        said = Said(
            Card(
                full=full,
                given=given,
                family=family,
                phones=phones,
                emails=emails,
                addresses=addresses,
                notes=notes,
                organization=organization,
                custom=self._custom_of(cells, faults) if self._custom else {},
            ),
            kind,
            external,
        )
        return self._rarely(said, cells, faults) if self._any_rare or faults.any_nul or _is_long(cells) else said

    def _rarely(self, said: Said, cells: list[str], faults: Faults) -> Said:
        """What few files and few rows have."""
        for target, columns in zip(_TEXTS, self._texts, strict=True):
            faults.has_nul(self.label(target), first_of(cells, columns))
        if self._any_rare:
            said = replace(
                said,
                groups_cell=first_of(cells, self._columns.get("groups", ())),
                tags=self._names("tags", cells, faults),
                lists=self._names("lists", cells, faults),
            )
        if not self._rules.fields_named and _is_long(cells):
            self._judge_lengths(said, faults)
        return said

    def _kind(self, cells: list[str], faults: Faults) -> Kind:
        word = first_of(cells, self._kinds)
        return kind_of(word, self.label("kind"), faults) if word else "individual"

    def _country_of(self, cells: list[str]) -> str | None:
        for column in self._countries:
            if cells[column] and (country := country_of(cells[column])):
                return country
        return self._country

    def _name(self, cells: list[str], faults: Faults) -> tuple[str | None, str | None, str | None]:
        """Full, given and family name; of a full name alone the parts are taken."""
        columns = self._columns
        full, given, family = (
            first_of(cells, columns.get(part, ())) for part in ("name.full", "name.given", "name.family")
        )
        if faults.has_nul(self.label("name.full"), full, given, family):
            return None, None, None
        if full and (self._rules.full_name_wins or not (given or family)):
            return full, *person.split(full)
        if self._has_parts and not full:
            parts = [first_of(cells, columns.get(part, ())) for part in _NAMES]
            full = "" if faults.has_nul(self.label("name.full"), *parts) else " ".join(filter(None, parts))
        if not (full or given or family) and self._rules.name_required:
            faults.add(self.label("name.full"), "required", "A contact needs a name.")
        return full or person.join(given, family), given or None, family or None

    def _text(self, target: str, cells: list[str], faults: Faults) -> str | None:
        text = first_of(cells, self._columns.get(target, ()))
        return text if text and not faults.has_nul(self.label(target), text) else None

    def _names(self, target: str, cells: list[str], faults: Faults) -> tuple[str, ...]:
        text = self._text(target, cells, faults)
        if text is None:
            return ()
        between = next((sign for sign in _BETWEEN_NAMES if sign in text), None)
        parts = (part.strip().removeprefix("* ") for part in (text.split(between) if between else [text]))
        return tuple(dict.fromkeys(filter(None, parts)))

    def _custom_of(self, cells: list[str], faults: Faults) -> dict[str, str]:
        """The custom fields; an empty cell is none, and all faults of a row's are one issue."""
        custom = {key: value for key, columns in self._custom.items() if (value := first_of(cells, columns))}
        limits = self._limits
        longest = max(custom, key=lambda key: len(custom[key]), default="")
        if len(custom) > limits.custom_pairs:
            message = f"There may be at most {limits.custom_pairs} fields of metadata."
            faults.add(self._custom_label(longest), "too_many", message)
        elif self._bad_keys and (bad := self._bad_keys.intersection(custom)):
            message = f"A key of metadata may have at most {limits.custom_key} characters, and none of the code 0."
            faults.add(self._custom_label(min(bad)), "bad_key", message)
        elif custom and len(custom[longest]) > limits.custom_value:
            message = f"A value of metadata may have at most {limits.custom_value} characters."
            faults.add(self._custom_label(longest), "too_long", message, custom[longest])
        else:
            for key, value in custom.items():
                if faults.has_nul(self._custom_label(key), value):
                    break
        return custom

    def _custom_label(self, key: str) -> str:
        return (
            _METADATA if self._rules.fields_named or key not in self._custom else self._headings[self._custom[key][0]]
        )

    def _judge_lengths(self, said: Said, faults: Faults) -> None:
        """Whether texts keep to the bounds that every door has."""
        card = said.card
        found = {
            "name": (card.full, card.given, card.family),
            "address": [text for address in card.addresses for text in (address.line1, address.line2, address.city)],
            "external_id": (said.external_id,),
            "organization": (card.organization,),
            "notes": (card.notes,),
        }
        for field, texts in found.items():
            longest = max((text for text in texts if text), key=len, default="")
            if len(longest) > _LONGEST[field]:
                message = f"This may have at most {_LONGEST[field]:,} characters."
                faults.add(self._label_of_field(field), "too_long", message, longest)

    def _label_of_field(self, field: str) -> str:
        return next((self.label(target) for target in self._columns if target.partition(".")[0] == field), field)

    def judge(self, said: Said, faults: Faults) -> None:
        """Note if a row says nothing to know a contact by."""
        if said.is_empty and not faults.issues:
            message = "The row has neither a name nor a number, mail address, organization or id to know a contact by."
            faults.add(self._label_of_field("name"), "required", message)
