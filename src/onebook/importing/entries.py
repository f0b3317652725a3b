"""Phones, mail addresses and postal addresses of a row: several of each, each with its type."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from onebook.importing.faults import Faults
from onebook.importing.mapping import Target
from onebook.model import address as addresses
from onebook.model import country as countries
from onebook.model import email as emails
from onebook.model import merge
from onebook.model import phone as phones
from onebook.model.contact import Address, Email, Phone

# Between several values in one cell: what Google's contacts write, and what people do.
_BETWEEN: Final = re.compile(r"\s*(?::::|[;,|\n/])\s*")
# How Google's contacts mark the entry to use first.
_FIRST: Final = "* "
# Outlook says by which system it sends.
_NO_TYPES: Final = frozenset({"SMTP", "EX"})
_LONGEST_CODE: Final = 3
_ALPHA2: Final = 2
# Where the lines of an address part that is in one text.
_LINE_ENDS: Final = re.compile(r"\s*[,\n]\s*")

Columns = tuple[int, ...]


class Entry(Struct, frozen=True):
    """The columns of one phone, mail or postal address.

    Args:
        value: of a number or mail address; the first that is filled counts. types: of its type.
        parts: of a postal address, and their columns.
        type: what the headings say. label: what an issue calls it.
    """

    value: Columns
    types: Columns
    parts: tuple[tuple[str, Columns], ...]
    type: str | None
    label: str

    @property
    def columns(self) -> Columns:
        """All of its columns."""
        return (*self.value, *self.types, *(column for _, columns in self.parts for column in columns))


def entries_of(family: str, targets: Mapping[int, Target], labels: Mapping[int, str]) -> tuple[Entry, ...]:
    """The entries of a family (``phone``, ``email``, ``address``), in the order of their first columns."""
    found: dict[tuple[int, str | None], dict[str, Columns]] = {}
    for column, target in sorted(targets.items()):
        name, _, part = target.name.partition(".")
        if name == family:
            parts = found.setdefault((target.slot, target.type), {})
            parts[part] = (*parts.get(part, ()), column)
    return tuple(
        Entry(
            parts.get("", ()),
            parts.get("type", ()),
            tuple((part, columns) for part, columns in parts.items() if part not in ("", "type")),
            type_,
            labels[min(columns[0] for columns in parts.values())],
        )
        for (_, type_), parts in found.items()
        if parts.keys() - {"type"}
    )


def first_of(cells: list[str], columns: Columns) -> str:
    """The first of these cells that is not empty; empty if all are."""
    for column in columns:
        cell = cells[column]
        if cell:
            return cell
    return ""


def read_phones(cells: list[str], known: Iterable[Entry], country: str | None, faults: Faults) -> tuple[Phone, ...]:
    """The numbers of a row, the first of them primary unless another is marked."""
    found: list[Phone] = []
    for entry in known:
        cell = first_of(cells, entry.value)
        text = phones.clean_cell(cell) if cell else ""
        if not text or faults.has_nul(entry.label, text):
            continue
        type_, marked = _type(cells, entry) if entry.types else (entry.type, False)
        e164 = phones.e164_of_cell(text, country)
        several = [Phone(text, e164, type_, primary=marked or not found)]
        if e164 is None:
            several = [Phone(part, phones.e164_of_cell(part, country), type_) for part in _several(text)]
            if not several or any(part.e164 is None for part in several):
                faults.no_number(entry.label, cell, country)
        found = _appended(found, several, marked=marked) if found else several
    return tuple(found) if len(found) == 1 and found[0].primary else merge.one_primary(merge.unique_phones(found))


def read_emails(cells: list[str], known: Iterable[Entry], faults: Faults) -> tuple[Email, ...]:
    """The mail addresses of a row, the first of them primary unless another is marked."""
    found: list[Email] = []
    for entry in known:
        cell = first_of(cells, entry.value)
        if not cell or faults.has_nul(entry.label, cell):
            continue
        type_, marked = _type(cells, entry) if entry.types else (entry.type, False)
        address = emails.found_in(cell)
        several = [address] if address is not None else [emails.found_in(part) for part in _several(cell)]
        if not several or None in several:
            faults.no_address(entry.label, cell)
            continue
        new = [Email(part, type_, primary=marked or not found) for part in several if part]
        found = _appended(found, new, marked=marked) if found else new
    return tuple(found) if len(found) == 1 else merge.one_primary(merge.unique_emails(found))


def _appended(found: list[Any], entries: Iterable[Any], *, marked: bool) -> list[Any]:
    """The entries found so far and some more; if these are marked, they are the primary ones."""
    return [*(replace(entry, primary=False) for entry in found), *entries] if marked else [*found, *entries]


def _type(cells: list[str], entry: Entry) -> tuple[str | None, bool]:
    """The type of an entry, and whether it is marked as the one to use first."""
    word = first_of(cells, entry.types)
    if word in _NO_TYPES:
        word = ""
    return (word.removeprefix(_FIRST) or entry.type), word.startswith(_FIRST)


def _several(cell: str) -> list[str]:
    parts = [part for part in _BETWEEN.split(cell) if part]
    return parts if len(parts) > 1 else []


def read_addresses(
    cells: list[str], known: Iterable[Entry], faults: Faults, *, taken_apart: bool
) -> tuple[Address, ...]:
    """The postal addresses of a row.

    Args:
        taken_apart: whether a text that stands alone is read into fields, which takes its time.
    """
    found = []
    for entry in known:
        texts = {part: text for part, columns in entry.parts if (text := first_of(cells, columns))}
        if texts and not faults.has_nul(entry.label, *texts.values()):
            type_ = _type(cells, entry)[0] if entry.types else entry.type
            found.append(address_of(texts, type_, taken_apart=taken_apart))
    return tuple(found)


def coded(known: Iterable[Entry]) -> Iterator[tuple[Columns, Columns]]:
    """The columns of a country's code and those of its name, of the addresses that have both."""
    for entry in known:
        parts = dict(entry.parts)
        if "country_code" in parts and "country" in parts:
            yield parts["country_code"], parts["country"]


def is_unknown(code: str) -> bool:
    """Whether a cell of a country's code has one that is no country's."""
    return bool(code) and country_of(code) is None


def address_of(texts: dict[str, str], type_: str | None, *, taken_apart: bool = False) -> Address:
    """An address of its parts, as of `ADDRESS_PARTS`.

    A text is its first line, unless there is one or the text is the whole address, its other parts included.
    """
    said, text = texts.get, texts.get("text")
    if taken_apart and text:
        return addresses.parse(text, said("line2"))
    code = country_of(said("country_code") or "") or country_of(said("country") or "")
    country = said("country") or (countries.name_of(code) if code else said("country_code"))
    state, subdivision = said("state"), said("subdivision")
    if state and subdivision is None and len(state) <= _LONGEST_CODE and state.isupper():
        subdivision = state
        known = countries.state_of(state) if code == countries.UNITED_STATES else None
        state = known[1] if known else None
    line1, line2 = said("line1"), said("line2")
    if "line3" in texts or "po_box" in texts:
        line2 = ", ".join(filter(None, (line2, said("line3"), said("po_box"))))
    if text and not line1 and not _is_whole(text, said("city"), said("postal_code")):
        line1 = ", ".join(text.split("\n"))
    return Address(
        type=type_,
        line1=line1,
        line2=line2,
        city=said("city"),
        state=state,
        subdivision=subdivision,
        postal_code=said("postal_code"),
        country=country,
        country_code=code,
        text=text,
    )


def _is_whole(text: str, city: str | None, postal_code: str | None) -> bool:
    """Whether the text of an address holds its city or postal code too: the Rue de Paris is no city."""
    _, *after_street = _LINE_ENDS.split(text)
    return any(_has(line, city) for line in after_street) or _has(text.partition(" ")[2], postal_code)


def _has(text: str, words: str | None) -> bool:
    return bool(words and re.search(rf"\b{re.escape(words)}\b", text, re.IGNORECASE))


@lru_cache(maxsize=2_000)
def country_of(text: str) -> str | None:
    """The country that a cell names, ISO 3166-1 alpha-2; codes in any letter case, since such cells hold no words."""
    return countries.code_of(text.upper() if len(text) == _ALPHA2 else text) if text else None


def entry_countries(known: Iterable[Entry]) -> Iterator[int]:
    """The columns in which addresses name their country."""
    for entry in known:
        for part, columns in entry.parts:
            if part in ("country_code", "country"):
                yield from columns
