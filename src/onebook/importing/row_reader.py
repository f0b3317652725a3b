"""How the rows of one table become contacts, row by row; what is wrong with one is noted."""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec.structs import replace

from onebook.importing import dialling, opting_out
from onebook.importing.columns import TEXTS, Columns, Parts, names_in, parts_said
from onebook.importing.entries import (
    country_of,
    first_of,
    is_unknown,
    read_addresses,
    read_emails,
    read_phones,
)
from onebook.importing.exact import believed, lay_exact
from onebook.importing.faults import Faults
from onebook.importing.fields import Said, kind_of
from onebook.importing.full_name import Name
from onebook.model import cell as guards
from onebook.model.contact import Card, Kind

_METADATA: Final = "metadata"
#: Cells up to here are within all bounds, and so are names and addresses of several such cells.
SHORT: Final = 160
# The longest texts in characters; onebook's own API has the same bounds, but for groups, lists and tags.
#: Of lists and tags, of which an index has to hold the whole name.
LONGEST_NAME: Final = 500
_LONGEST: Final = {
    "name": 1_000,
    "address": 500,
    "external_id": 255,
    "organization": 1_000,
    "notes": 65_536,
    "groups": 1_000,
    "lists": LONGEST_NAME,
    "tags": LONGEST_NAME,
}
_RARE: Final = frozenset({"groups", "tags", "lists", "exact", *opting_out.CHANNELS})


def _is_long(cells: list[str]) -> bool:
    return max(map(len, cells), default=0) > SHORT


def _without(cells: list[str], columns: Collection[int]) -> list[str]:
    return ["" if at in columns else cell for at, cell in enumerate(cells)] if columns else cells


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._of, self._limits, self._rules = columns.of, columns.limits, columns.rules
        self._texts = tuple(self._of.get(target, ()) for target in TEXTS)
        self._kinds = self._of.get("kind", ())
        self._exact = self._of.get("exact", ())
        self._opt_outs = tuple(target for target in opting_out.CHANNELS if target in self._of)
        self._any_rare = not _RARE.isdisjoint(self._of)
        self._names, self._parts = columns.names, columns.parts
        self._prefixes = self._of.get("name.prefix", ()) if columns.phones else ()

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the table."""
        return self._columns.headings

    @property
    def custom_keys(self) -> list[tuple[str, str]]:
        """Headings and keys of the custom fields."""
        return [(self.headings[column], key) for key, columns in self._columns.custom.items() for column in columns]

    def read(self, texts: Sequence[str], faults: Faults) -> Said:
        """What the cells of a row say; what is wrong with them is noted."""
        cells = list(map(str.strip, texts))
        if "'" in "".join(cells):
            digits = self._columns.digits
            cells = [
                guards.unguard_digits(cell) if at in digits else guards.unguard(cell) for at, cell in enumerate(cells)
            ]
        if self._exact and (text := first_of(cells, self._exact)):
            # What our own last column says need not be read from the cells, and is right even if they could not be.
            exact, cells = believed(text, self._columns.headings, cells)
            return lay_exact(self._read(cells, faults), exact)
        return self._read(cells, faults)

    def _read(self, cells: list[str], faults: Faults) -> Said:
        columns = self._columns
        codes = {at: code for at in columns.dialled if (code := dialling.dial_code(cells[at]))}
        # The order in which they are read is the order of the issues.
        (full, given, family), parts = self._name(_without(cells, codes), faults)
        emails = read_emails(cells, columns.emails, faults)
        country = dialling.country_dialled(codes.values()) or self._country_of(cells)
        phones = read_phones(cells, columns.phones, country, faults) if columns.phones else ()
        cells = _without(cells, dialling.used(codes, phones))
        addresses = read_addresses(cells, columns.addresses, faults, taken_apart=self._rules.addresses_taken_apart)
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
                custom=self._custom_of(cells, faults),
            ),
            kind,
            external,
            parts=parts,
        )
        return self._rarely(said, cells, faults) if self._any_rare or faults.any_nul or _is_long(cells) else said

    def _rarely(self, said: Said, cells: list[str], faults: Faults) -> Said:
        """What few files and few rows have."""
        for target, columns in zip(TEXTS, self._texts, strict=True):
            faults.has_nul(self._columns.label(target), first_of(cells, columns))
        if self._any_rare:
            said = replace(
                said,
                groups_cell=first_of(cells, self._of.get("groups", ())),
                tags=self._names_in("tags", cells, faults),
                lists=self._names_in("lists", cells, faults),
                opt_outs=opting_out.channels({t: first_of(cells, self._of[t]) for t in self._opt_outs}),
            )
        if not self._rules.fields_named and _is_long(cells):
            self._judge_lengths(said, faults)
        return said

    def _kind(self, cells: list[str], faults: Faults) -> Kind:
        word = first_of(cells, self._kinds)
        return kind_of(word, self._columns.label("kind"), faults) if word else "individual"

    def _country_of(self, cells: list[str]) -> str | None:
        for column in self._columns.countries:
            if cells[column] and (country := country_of(cells[column])):
                return country
        return self._columns.country

    def _name(self, cells: list[str], faults: Faults) -> tuple[Name, Parts]:
        label = self._columns.label("name.full")
        full, given, family = (first_of(cells, columns) for columns in self._names)
        if faults.has_nul(label, full, given, family):
            return (None, None, None), ()
        parts = [first_of(cells, columns) for columns in self._parts]
        if faults.has_nul(label, *parts):
            parts = []
        name = self._columns.listed_name(full, given, family, parts, first_of(cells, self._of.get("organization", ())))
        if not name[0] and self._rules.name_required:
            faults.add(label, "required", "A contact needs a name.")
        return name, () if full else parts_said(name, parts)

    def _text(self, target: str, cells: list[str], faults: Faults) -> str | None:
        text = first_of(cells, self._of.get(target, ()))
        return text if text and not faults.has_nul(self._columns.label(target), text) else None

    def _names_in(self, target: str, cells: list[str], faults: Faults) -> tuple[str, ...]:
        text = self._text(target, cells, faults)
        return () if text is None else names_in(text)

    def _custom_of(self, cells: list[str], faults: Faults) -> dict[str, str]:
        """The custom fields; an empty cell is none, and all faults of a row's are one issue."""
        custom = {key: value for key, columns in self._columns.custom.items() if (value := first_of(cells, columns))}
        for column in self._homeless(cells):
            key = self._columns.headings[column]
            custom[key] = ", ".join(filter(None, (custom.get(key), cells[column])))
        limits = self._limits
        longest = max(custom, key=lambda key: len(custom[key]), default="")
        if len(custom) > limits.custom_pairs:
            message = f"There may be at most {limits.custom_pairs} fields of metadata."
            faults.add(self._custom_label(longest), "too_many", message)
        elif self._columns.bad_keys and (bad := self._columns.bad_keys.intersection(custom)):
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

    def _homeless(self, cells: list[str]) -> list[int]:
        """The columns of codes that belong to nothing else in the row."""
        prefixes = [at for at in self._prefixes if cells[at] and dialling.dial_code(cells[at])]
        named = (codes for codes, names in self._columns.coded if first_of(cells, names))
        return [*prefixes, *(at for codes in named for at in codes if is_unknown(cells[at]))]

    def _custom_label(self, key: str) -> str:
        return (
            _METADATA
            if self._rules.fields_named or key not in self._columns.custom
            else self._columns.headings[self._columns.custom[key][0]]
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
            "tags": said.tags,
            "lists": said.lists,
            "groups": said.groups or names_in(said.groups_cell),
        }
        for field, texts in found.items():
            longest = max((text for text in texts if text), key=len, default="")
            if len(longest) > _LONGEST[field]:
                message = f"This may have at most {_LONGEST[field]:,} characters."
                faults.add(self._label_of_field(field), "too_long", message, longest)

    def _label_of_field(self, field: str) -> str:
        return next((self._columns.label(target) for target in self._of if target.partition(".")[0] == field), field)

    def judge(self, said: Said, faults: Faults) -> None:
        """Note if a row says nothing to know a contact by."""
        if said.is_empty and not faults.issues:
            message = "The row has neither a name nor a number, mail address, organization or id to know a contact by."
            faults.add(self._label_of_field("name"), "required", message)
