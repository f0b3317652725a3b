"""What rows mean: each becomes a draft of a contact, or all the reasons why it cannot."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AnyMapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from onebook.errors import Issue
from onebook.importing.record import FAULTS
from onebook.importing.table import Row
from onebook.model import address as addresses
from onebook.model import email as emails
from onebook.model import name as person
from onebook.model import phone as phones
from onebook.model.contact import Address, Card, ContactDraft, Email, Kind, Phone

# What a column may be. Whatever follows `CUSTOM` is the key of a custom field.
TARGETS: Final = frozenset(
    {"name.full", "name.given", "name.family", "email", "phone", "address.text", "address.line2", "kind", "groups"}
)
CUSTOM: Final = "custom."

# A cell of the type column, in lower case.
_KINDS: dict[str, Kind] = {"": "individual", "person": "individual", "group": "group"}
# What an issue shows of a cell; the person who mends the file has the rest of it.
_SHOWN_CHARACTERS = 200


class Mapping(Struct, frozen=True):
    """Which column is what: position, from 0, to target; columns that nobody knows are left out."""

    columns: dict[int, str]

    def of(self, target: str) -> tuple[int, ...]:
        """The columns of a target, from left to right: a heading may stand there twice."""
        return tuple(sorted(column for column, known in self.columns.items() if known == target))

    @property
    def has_name(self) -> bool:
        """Whether rows can have a name at all."""
        return any(target.startswith("name.") for target in self.columns.values())

    @property
    def custom(self) -> dict[str, tuple[int, ...]]:
        """The keys of custom fields with their columns, in the order of the file."""
        keys = dict.fromkeys(known for _, known in sorted(self.columns.items()) if known.startswith(CUSTOM))
        return {key.removeprefix(CUSTOM): self.of(key) for key in keys}


class Limits(Struct, frozen=True):
    """How many custom fields a row may have, and how many characters their keys and values."""

    custom_pairs: int
    custom_key: int
    custom_value: int


class RowDraft(Struct, frozen=True):
    """What became of a row.

    Args:
        index, row: as in `Row`.
        draft: the contact; None exactly if there are issues.
        groups: the cell that names groups, trimmed, otherwise as it stands.
        issues: all that is wrong, at most one a field, in the order name, email, phone, address, type, metadata;
            or a single one of the field ``row``, if it could not even be split into cells.
    """

    index: int
    row: int
    draft: ContactDraft | None
    groups: str
    issues: tuple[Issue, ...] = ()


def recognise(headings: Iterable[str], names: AnyMapping[str, str], *, custom_prefix: str = "metadata.") -> Mapping:
    """Find out which column is what.

    Letter case, blanks around and ``_`` for a blank make no difference.

    Args:
        headings: of the file.
        names: heading to target (``{"first name": "name.given"}``).
        custom_prefix: what a heading begins with if the rest of it, in its own letter case, is a custom field's key.
    """
    known = {_plain(name): target for name, target in names.items()}
    columns = {}
    for column, heading in enumerate(headings):
        key = _custom_key(heading.strip(), custom_prefix)
        target = CUSTOM + key if key else known.get(_plain(heading))
        if target is not None:
            columns[column] = target
    return Mapping(columns)


def _plain(heading: str) -> str:
    return " ".join(heading.replace("_", " ").split()).casefold()


def _custom_key(heading: str, prefix: str) -> str:
    return heading[len(prefix) :].strip() if heading[: len(prefix)].casefold() == prefix else ""


def read_rows(rows: Iterable[Row], mapping: Mapping, *, country: str | None, limits: Limits) -> Iterator[RowDraft]:
    """Make drafts of rows, one by one.

    Args:
        rows: an open table, or some of its rows.
        mapping: which column is what.
        country: where numbers without a country code are dialled, ISO 3166-1 alpha-2.
        limits: of custom fields.
    """
    reader = _Reader(mapping, country, limits)
    return map(reader.read, rows)


class _Faults:
    """The issues of one row, as they are found."""

    def __init__(self, row: Row) -> None:
        self.index = row.index
        self.issues: list[Issue] = []
        # One look at the whole row, since nearly no row has one.
        self._any_nul = "\0" in "".join(row.cells)

    def add(self, field: str, code: str, message: str, value: str | None = None) -> None:
        shown = value[:_SHOWN_CHARACTERS] if value else None
        self.issues.append(Issue(field, code, message, self.index, shown))

    def has_nul(self, field: str, *cells: str) -> bool:
        """Whether a cell holds the character that no store takes; noted if so."""
        found = self._any_nul and any("\0" in cell for cell in cells)
        if found:
            self.add(field, "nul", "The cell holds a character of the code 0; take it out.")
        return found


class _Reader:
    """Reads rows of one file: the columns are looked up once, not once a row."""

    def __init__(self, mapping: Mapping, country: str | None, limits: Limits) -> None:
        self._columns = {target: mapping.of(target) for target in TARGETS}
        self._custom = mapping.custom
        # Only rows that have a value there are at fault.
        self._bad_keys = {key for key in self._custom if len(key) > limits.custom_key or "\0" in key}
        self._country = country
        self._limits = limits

    def read(self, row: Row) -> RowDraft:
        """One row."""
        if row.fault:
            issue = Issue("row", row.fault, FAULTS[row.fault], row.index)
            return RowDraft(row.index, row.row, None, "", (issue,))
        cells = {target: _first(row.cells, columns) for target, columns in self._columns.items()}
        faults = _Faults(row)
        full, given, family = _name(cells, faults)
        card = Card(
            full=full,
            given=given,
            family=family,
            # Python takes arguments in this order: it is the order of the issues.
            emails=_emails(cells["email"], faults),
            phones=_phones(cells["phone"], self._country, faults),
            addresses=_addresses(cells["address.text"], cells["address.line2"], faults),
        )
        kind = _kind(cells["kind"], faults)
        custom = self._custom_of(row.cells, faults)
        if faults.issues:
            return RowDraft(row.index, row.row, None, cells["groups"], tuple(faults.issues))
        draft = ContactDraft(replace(card, custom=custom) if custom else card, kind)
        return RowDraft(row.index, row.row, draft, cells["groups"])

    def _custom_of(self, cells: tuple[str, ...], faults: _Faults) -> dict[str, str]:
        """The custom fields; an empty cell is none, and all faults of a row's are one issue."""
        custom = {key: value for key, columns in self._custom.items() if (value := _first(cells, columns))}
        limits = self._limits
        if len(custom) > limits.custom_pairs:
            faults.add("metadata", "too_many", f"There may be at most {limits.custom_pairs} fields of metadata.")
        elif self._bad_keys and not self._bad_keys.isdisjoint(custom):
            message = f"A key of metadata may have at most {limits.custom_key} characters, and none of the code 0."
            faults.add("metadata", "bad_key", message)
        elif max(map(len, custom.values()), default=0) > limits.custom_value:
            longest = max(custom.values(), key=len)
            message = f"A value of metadata may have at most {limits.custom_value} characters."
            faults.add("metadata", "too_long", message, longest)
        else:
            faults.has_nul("metadata", *custom.values())
        return custom


def _first(cells: tuple[str, ...], columns: tuple[int, ...]) -> str:
    """The first of these cells that is not blank, trimmed; empty if all are."""
    for column in columns:
        text = cells[column].strip()
        if text:
            return text
    return ""


def _name(cells: dict[str, str], faults: _Faults) -> tuple[str | None, str | None, str | None]:
    """Full, given and family name; a full name wins over parts, which are then taken from it."""
    full, given, family = cells["name.full"], cells["name.given"], cells["name.family"]
    if faults.has_nul("name", full, given, family):
        return None, None, None
    if full:
        return full, *person.split(full)
    if not (given or family):
        faults.add("name", "required", "A contact needs a name.")
    return person.join(given, family), given or None, family or None


def _emails(cell: str, faults: _Faults) -> tuple[Email, ...]:
    if not cell or faults.has_nul("email", cell):
        return ()
    address = emails.normalize(cell)
    if address is None:
        faults.add("email", "invalid", "This is no e-mail address; one looks like ada@example.com.", cell)
        return ()
    return (Email(address, primary=True),)


def _phones(cell: str, country: str | None, faults: _Faults) -> tuple[Phone, ...]:
    text = phones.clean_cell(cell)
    if not text or faults.has_nul("phone", text):
        return ()
    phone = phones.read(text, country, primary=True)
    if phone.e164 is None:
        message = "This is no possible phone number; with its country code it looks like +1 650 555 0134."
        faults.add("phone", "invalid", message, cell)
    return (phone,)


def _addresses(text: str, line2: str, faults: _Faults) -> tuple[Address, ...]:
    if not (text or line2) or faults.has_nul("address", text, line2):
        return ()
    return (addresses.parse(text, line2 or None) if text else Address(line2=line2),)


def _kind(cell: str, faults: _Faults) -> Kind:
    kind = _KINDS.get(cell.lower())
    if kind is None:
        faults.add("type", "invalid", "The type must be person or group, or empty for a person.", cell)
    return kind or "individual"
