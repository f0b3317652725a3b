"""The columns of onebook's own sheets: what a contact says in cells, and what cells cannot say.

A sheet must please three readers: a person, other programs, and onebook, which must get back exactly what it wrote.
So a cell shows a value plainly (a number in E.164), and what is lost by that stands in one last column, as JSON, field
by field. That column is believed only where the other cells still show what it says: an edited cell wins.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from onebook.model import email as mails
from onebook.model import name as names
from onebook.model.contact import Address, Card, Email, Phone
from onebook.model.exported import Exported
from onebook.model.moment import rfc3339

EXACT: Final = "onebook"  # heading of the last column
CUSTOM: Final = "custom."  # what the headings of custom fields begin with
BETWEEN: Final = "; "  # between names of lists, tags, groups
# Headings of what an import cannot take over: identity and times are the new contact's own.
TOLD: Final = frozenset({"UID", "Opted Out", "Created", "Updated"})

# Bounds of one sheet; what is beyond them stands in the last column. Judgement: more than nearly anyone has, and all
# together far below the columns that a spreadsheet (16,384) and an import (2,000) can take.
MOST_PHONES: Final = 20
MOST_EMAILS: Final = 20
MOST_ADDRESSES: Final = 10
MOST_CUSTOM: Final = 500
LONGEST_KEY: Final = 100
_MOST_LINES: Final = 100  # of a cell; in a file, a cell that never ends looks like a quotation mark left open

# Types that come back as they are, in any letter case that a reader might prefer.
_PLAIN_TYPES: Final = frozenset({None, "mobile", "home", "work", "other"})
# Beyond what JSON itself escapes: what XML cannot hold, and what some readers take for an end of line.
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_ADDRESS_PARTS: Final = ("Line 1", "Line 2", "City", "State", "Postal Code", "Country")

Cells = Iterator[tuple[str, str]]  # heading, text


class Layout(Struct, frozen=True):
    """How many columns of a kind a sheet has, and the names of the custom fields that have one."""

    phones: int = 1
    emails: int = 1
    addresses: int = 1
    custom: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """The headings, in their order."""
        slots = range(1, MOST_PHONES + 1)
        return [
            *("UID", "Kind", "Name", "First Name", "Last Name", "External ID", "Organization"),
            *(heading for at in slots[: self.phones] for heading in (f"Phone {at}", f"Phone {at} Type")),
            *(heading for at in slots[: self.emails] for heading in (f"Email {at}", f"Email {at} Type")),
            *(f"Address {at} {part}" for at in slots[: self.addresses] for part in ("Type", *_ADDRESS_PARTS)),
            *("Notes", "Lists", "Tags", "Groups", "Opted Out"),
            *(CUSTOM + key for key in self.custom),
            *("Created", "Updated", EXACT),
        ]


class Survey:
    """Finds the layout for many contacts, one by one, in bounded memory."""

    def __init__(self) -> None:
        self._most = {"phones": 1, "emails": 1, "addresses": 1}
        self._custom: dict[str, None] = {}

    def see(self, card: Card) -> None:
        """Make room for what a contact says."""
        most = self._most
        for field in most:
            most[field] = max(most[field], len(getattr(card, field)))
        if card.custom.keys() - self._custom.keys():
            self._custom |= {key: None for key in card.custom if _can_head(key)}

    @property
    def layout(self) -> Layout:
        """The layout for all that was seen."""
        return Layout(
            min(self._most["phones"], MOST_PHONES),
            min(self._most["emails"], MOST_EMAILS),
            min(self._most["addresses"], MOST_ADDRESSES),
            tuple(self._custom)[:MOST_CUSTOM],
        )


def _can_head(key: str) -> bool:
    """Whether a custom field's name can stand in a heading."""
    return is_plain(key) and "\n" not in key and len(key) <= LONGEST_KEY


def is_plain(text: str | None) -> bool:
    """Whether a cell holds this text as it is: no blanks around it, no signs that files lose, not too many lines."""
    return text is None or (bool(text) and text == text.strip() and visible(text, lines=_MOST_LINES) == text)


def visible(text: str | None, *, lines: int = 1) -> str:
    r"""A text as a cell shows it: signs that files lose become blanks, and so do line ends if there are too many.

    >>> visible("12 Quay\nRow\x07")
    '12 Quay Row '
    """
    if not text or text.isprintable():
        return text or ""
    kept = "\n" if 0 < text.count("\n") < lines else ""
    return _UNSAFE.sub(lambda found: found[0] if found[0] == kept else " ", text)


# --- what cells show ---


class _Any:
    """Columns of which every one is there."""

    def __contains__(self, _heading: object) -> bool:
        return True


ANY: Final[Container[str]] = _Any()


def cells_of(exported: Exported, columns: Container[str] = ANY) -> Cells:
    """All that the cells of one contact's row show, the last column included; cells not named are empty.

    Args: ``columns``: headings that the sheet has. What would stand under another one stands in the last column: a
        contact may have grown since the columns were chosen.
    """
    contact, card = exported.contact, exported.contact.card
    yield "UID", contact.uid
    yield "Kind", contact.kind
    yield "Opted Out", visible(BETWEEN.join(exported.opted_out))
    yield "Created", rfc3339(contact.created_at)
    yield "Updated", rfc3339(contact.updated_at)
    exact: dict[str, Any] = {}
    for field, value in fields_of(exported):
        cells = list(shown(field, value))
        yield from cells
        if not (_comes_back(field, value) and all(heading in columns for heading, _ in cells)):
            exact[field] = value
    # A name that is not there must be told: an import that finds none would think it forgotten, or make one of parts.
    if "name" in exact:
        exact["name"] = {"full": card.full, "given": card.given, "family": card.family}
    elif (card.full, card.given, card.family) == (None, None, None):
        exact["name"] = None
    exact["custom"] = {key: value for key, value in card.custom.items() if not _custom_comes_back(key, value, columns)}
    if said := {field: value for field, value in exact.items() if value != {}}:
        yield EXACT, written(said)


def _custom_comes_back(key: str, value: object, columns: Container[str]) -> bool:
    return _can_head(key) and CUSTOM + key in columns and _is_text(value)


def fields_of(exported: Exported) -> list[tuple[str, Any]]:
    """Name and value of each field of a contact that says anything."""
    card = exported.contact.card
    name = {part: value for part in ("full", "given", "family") if (value := getattr(card, part)) is not None}
    fields = {
        "name": name,
        "external_id": exported.contact.external_id,
        "organization": exported.organization,
        "phones": card.phones,
        "emails": card.emails,
        "addresses": card.addresses,
        "notes": card.notes,
        "lists": exported.lists,
        "tags": exported.tags,
        "groups": exported.groups,
        "places": exported.places,
        "custom": card.custom,
        "locations": card.locations,
    }
    return [(field, value) for field, value in fields.items() if value not in (None, (), {})]


def shown(field: str, value: Any) -> Cells:
    """The cells that show a field's value: what is believed of the last column must still be shown so."""
    return _SHOWN[field](value)


@cache
def empty_cells(field: str) -> dict[str, str]:
    """The cells of all entries of a field, as they are when there is none: of phones, mails and addresses."""
    slots = _slots(_NOUNS[field]) if field in _NOUNS else ()
    return {heading: "" for headings in slots for heading in headings}


def _one(heading: str, *, lines: int = 1) -> Callable[[str], Cells]:
    def show(text: str) -> Cells:
        yield heading, visible(text, lines=lines)

    return show


def _several(heading: str) -> Callable[[Sequence[str]], Cells]:
    def show(texts: Sequence[str]) -> Cells:
        yield heading, visible(BETWEEN.join(texts))

    return show


def _name(name: dict[str, str]) -> Cells:
    for part, heading in (("full", "Name"), ("given", "First Name"), ("family", "Last Name")):
        yield heading, visible(name.get(part))


@cache
def _slots(noun: str) -> tuple[tuple[str, ...], ...]:
    """The headings of each phone, mail or address, by position."""
    most, parts = _FAMILIES[noun]
    return tuple(tuple(f"{noun} {at} {part}".rstrip() for part in parts) for at in range(1, most + 1))


_NOUNS: Final = {"phones": "Phone", "emails": "Email", "addresses": "Address"}
_FAMILIES: Final = {
    "Phone": (MOST_PHONES, ("", "Type")),
    "Email": (MOST_EMAILS, ("", "Type")),
    "Address": (MOST_ADDRESSES, ("Type", *_ADDRESS_PARTS)),
}


def _phones(phones: Sequence[Phone]) -> Cells:
    for phone, (value, type_) in zip(phones, _slots("Phone"), strict=False):
        yield value, visible(phone.e164 or phone.raw)
        yield type_, visible(phone.type)


def _emails(emails: Sequence[Email]) -> Cells:
    for email, (value, type_) in zip(emails, _slots("Email"), strict=False):
        yield value, visible(email.address)
        yield type_, visible(email.type)


def _addresses(addresses: Sequence[Address]) -> Cells:
    for address, headings in zip(addresses, _slots("Address"), strict=False):
        texts = (
            *(address.type, address.line1 or address.text, address.line2, address.city),
            *(address.state or address.subdivision, address.postal_code, address.country or address.country_code),
        )
        yield from zip(headings, map(visible, texts), strict=True)


def _custom(custom: dict[str, Any]) -> Cells:
    for key, value in custom.items():
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield CUSTOM + key, visible(text)


def _nothing(_value: object) -> Cells:
    yield from ()


_SHOWN: Final[dict[str, Callable[[Any], Cells]]] = {
    "name": _name,
    "external_id": _one("External ID"),
    "organization": _one("Organization"),
    "phones": _phones,
    "emails": _emails,
    "addresses": _addresses,
    "notes": _one("Notes", lines=_MOST_LINES),
    "lists": _several("Lists"),
    "tags": _several("Tags"),
    "groups": _several("Groups"),
    "places": _nothing,
    "custom": _custom,
    "locations": _nothing,
}


# --- what cells cannot say ---


def written(value: object) -> str:
    r"""A value as JSON that any file holds in one line.

    >>> written({"notes": "a\u2028b", "phones": (Phone("555 0134"),)})
    '{"notes":"a\\u2028b","phones":[{"raw":"555 0134"}]}'
    """
    text = msgspec.json.encode(value).decode()
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _comes_back(field: str, value: Any) -> bool:
    """Whether any import reads exactly this value from the cells that show it."""
    return _COMES_BACK[field](value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\n" not in value and is_plain(value)


def _name_comes_back(name: dict[str, str]) -> bool:
    full = name.get("full")
    if full is None or not all(map(is_plain, name.values())) or "\n" in full:
        return False
    return (name.get("given"), name.get("family")) == names.split(full)


def _phones_come_back(phones: Sequence[Phone]) -> bool:
    return len(phones) <= MOST_PHONES and all(
        phone.raw == phone.e164 and phone.type in _PLAIN_TYPES and phone.primary is (at == 0)
        for at, phone in enumerate(phones)
    )


def _emails_come_back(emails: Sequence[Email]) -> bool:
    return len(emails) <= MOST_EMAILS and all(
        mails.normalize(email.address) == email.address and email.type in _PLAIN_TYPES and email.primary is (at == 0)
        for at, email in enumerate(emails)
    )


def _names_come_back(texts: Sequence[str]) -> bool:
    return all(_is_text(text) and not set(text) & set(",;|") for text in texts)


_COMES_BACK: Final[dict[str, Callable[[Any], bool]]] = {
    "name": _name_comes_back,
    "external_id": _is_text,
    "organization": _is_text,
    "phones": _phones_come_back,
    "emails": _emails_come_back,
    # Whoever reads an address may derive more from it (a country's code) or less.
    "addresses": lambda _addresses: False,
    "notes": is_plain,
    "lists": _names_come_back,
    "tags": _names_come_back,
    "groups": _names_come_back,
    "places": lambda _places: False,
    "custom": lambda _custom: True,  # judged one by one
    "locations": lambda _locations: False,
}
