"""JSON Lines: a contact a line, in onebook's own words, or as an object whose keys are like headings."""

import itertools
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from onebook.importing.delimited import LINE_CHARACTERS
from onebook.importing.faults import Faults
from onebook.importing.fields import FIELDS, KINDS, Said, Words, lay_over
from onebook.importing.record import COLUMNS
from onebook.importing.row_reader import RowReader

# What a line of our own also says of a contact, and the new one has of its own.
_ABOUT: Final = frozenset(
    {
        "number",
        "uid",
        "book",
        "version",
        "created_at",
        "updated_at",
        "opt_out",
        "opted_out",
        "organization_uid",
        "members",
        "places",
    }
)
_OWN: Final = frozenset({"uid", "version", "number"})
_NO_OBJECT: Final = "The line is no JSON object; it begins with { and ends with }."
_TOO_LONG: Final = f"The line is longer than {LINE_CHARACTERS:,} characters; shorten it."
_DAMAGED: Final = "The line is damaged JSON; look at its commas, quotation marks, brackets and backslashes."
# Fields that are taken as they are also where they are plain texts.
_PLAIN: Final = frozenset({"name", "notes", "organization", "external_id"})


def keys_of(lines: Iterable[str]) -> tuple[str, ...]:
    """The keys of objects that are to be understood like headings, in the order in which they first come.

    As many as a table has columns; whatever comes beyond them is a custom field.
    """
    found: dict[str, None] = {}
    for line in lines:
        given = _decoded(line)
        if given is not None:
            about = _ABOUT if given.keys() >= _OWN else frozenset[str]()
            found |= {key: None for key, value in given.items() if key not in about and not _is_field(key, value)}
    return tuple(itertools.islice(found, COLUMNS))


def cells_of(line: str, keys: Iterable[str]) -> list[str]:
    """The values of some keys as cells."""
    given = _decoded(line) or {}
    return [_text(given.get(key)) for key in keys]


def read_line(text: str, columns: RowReader, words: Words, faults: Faults) -> Said:
    """What a line says; what is wrong with it is noted."""
    if len(text) > LINE_CHARACTERS:
        faults.add("row", "too_long", _TOO_LONG, text)
        return Said()
    given = _decoded(text)
    if given is None:
        line = text.strip()
        faults.add("row", "not_json", _DAMAGED if line[:1] == "{" and line[-1:] == "}" else _NO_OBJECT, line)
        return Said()
    own = given.keys() >= _OWN
    fields = {key: value for key, value in given.items() if key in FIELDS and (own or _is_field(key, value))}
    known = columns.headings
    said = columns.read([_text(None if key in fields else given.get(key)) for key in known], faults)
    custom = {
        key: value
        for key, value in given.items()
        if value is not None and key not in fields and key not in known and not (own and key in _ABOUT)
    }
    custom |= {
        key: given[heading] for heading, key in columns.custom_keys if not isinstance(given.get(heading), str | None)
    }
    if any(faults.has_nul(key, key, _text(value)) for key, value in custom.items()):
        return said
    said = replace(said, card=replace(said.card, custom=said.card.custom | custom)) if custom else said
    if custom and isinstance(fields.get("custom"), dict):
        fields["custom"] = said.card.custom | fields["custom"]
    return lay_over(replace(said, ours=own), fields, Words(words.country, exact=own), faults)


def _decoded(line: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _is_field(key: str, value: Any) -> bool:
    if key in _ABOUT:
        return False
    if key == "kind" and isinstance(value, str):
        return value.lower() in KINDS
    return key in FIELDS and (isinstance(value, list | dict) or (key in _PLAIN and isinstance(value, str | None)))


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()
