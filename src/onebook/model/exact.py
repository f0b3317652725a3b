"""The last column of onebook's own sheets, read back: what the other cells could not say exactly.

A field of it is believed only while the other cells of the row show what it says: whoever edits a cell means the cell.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from onebook.model import phone as phones
from onebook.model import sheet
from onebook.model.contact import Address, Email, Phone
from onebook.model.exported import Standing


class ExactName(Struct, frozen=True):
    """The three parts of a name; a part that is not there is none."""

    full: str | None = None
    given: str | None = None
    family: str | None = None


class Exact(Struct, frozen=True):
    """Fields with their very values; UNSET where nothing is said. Of custom fields only some may be named.

    A name of None says that the contact has none, whatever else calls it by one.
    """

    name: ExactName | None | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    organization: str | UnsetType = UNSET
    phones: tuple[Phone, ...] | UnsetType = UNSET
    emails: tuple[Email, ...] | UnsetType = UNSET
    addresses: tuple[Address, ...] | UnsetType = UNSET
    notes: str | UnsetType = UNSET
    lists: tuple[str, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    groups: tuple[str, ...] | UnsetType = UNSET
    places: tuple[Standing, ...] | UnsetType = UNSET
    custom: dict[str, Any] | UnsetType = UNSET
    locations: tuple[str, ...] | UnsetType = UNSET

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that are said, by name."""
        return {field: value for field in self.__struct_fields__ if (value := getattr(self, field)) is not UNSET}


_DECODE: Final = msgspec.json.Decoder(Exact).decode
_NOTHING: Final = Exact()


def read(text: str) -> Exact:
    """What the column says; nothing for a text that onebook has not written, or that was damaged since."""
    if not text.startswith("{"):
        return _NOTHING
    try:
        found = _DECODE(text)
    except (msgspec.DecodeError, RecursionError):
        return _NOTHING
    if "\\u0000" in text and _has_nul(msgspec.to_builtins(found)):
        return _NOTHING
    if found.phones is not UNSET and not all(map(_is_number, found.phones)):
        return msgspec.structs.replace(found, phones=UNSET)
    return found


def _has_nul(value: object) -> bool:
    """Whether any text within a value has the character that no store takes."""
    if isinstance(value, dict):
        return any(map(_has_nul, value.keys())) or any(map(_has_nul, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _is_number(phone: Phone) -> bool:
    """Whether the E.164 of a number is one: it is a key, and no file may make one up."""
    return phone.e164 is None or phones.e164_of(phone.e164, None) == phone.e164


def believed(exact: Exact, row: Mapping[str, str]) -> tuple[Exact, frozenset[str]]:
    """The part of what the column says that the other cells still show.

    Args:
        row: heading to cell, trimmed and without what kept it from being a formula; a heading that the file no longer
            has is no objection.

    Returns: that part, and the headings of the cells for which it speaks: they need no reading.
    """
    kept: dict[str, Any] = {}
    spoken: set[str] = set()
    for field, value in exact.fields.items():
        for key, part in _parts(field, value):
            # An entry that a person has added behind the last one speaks against the field too.
            cells = {**sheet.empty_cells(field), **dict(sheet.shown(field, part))}
            if all(row.get(heading, text.strip()) == text.strip() for heading, text in cells.items()):
                spoken |= cells.keys()
                if key is None:
                    kept[field] = value
                else:
                    kept.setdefault(field, {})[key] = value[key]
    return Exact(**kept), frozenset(spoken)


def _parts(field: str, value: Any) -> list[tuple[str | None, Any]]:
    """What is believed together: a field; of the custom fields each for itself."""
    if field == "custom":
        return [(key, {key: one}) for key, one in value.items()]
    return [(None, _said(value) if field == "name" else value)]


def _said(name: ExactName | None) -> dict[str, str]:
    return {part: text for part in ("full", "given", "family") if (text := getattr(name, part, None)) is not None}
