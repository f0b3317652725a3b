"""The keys of JSON Lines, understood like the headings of a table; within objects and lists they are paths.

``{"address": {"zip": "94601"}, "email": ["a@example.com", "b@example.com"]}`` has the headings ``address.zip``,
``email`` and ``email.2``. What is said in onebook's own words has none.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from onebook.importing.fields import FIELDS, KINDS
from onebook.importing.headings import meaning
from onebook.importing.record import COLUMNS
from onebook.model.contact import Address

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
# Fields that are texts, and those that are objects or lists of such, with our words for their parts.
_TEXTS: Final = frozenset({"name", "notes", "organization", "external_id"})
_PARTS: Final = {
    "name": frozenset({"full", "given", "family"}),
    "phones": frozenset({"raw", "number", "value", "e164", "type", "primary"}),
    "emails": frozenset({"address", "email", "value", "type", "primary"}),
    "addresses": frozenset(Address.__struct_fields__),
}
# Of which a contact has several, so that lists of them are understood; of objects also what has parts.
_SEVERAL: Final = frozenset({"phone", "email", "address.text", "organization"})
_MARKS: Final = frozenset({"primary", "is_primary", "isPrimary", "preferred"})
_DEEPEST: Final = 4  # judgement: a list of companies, each with a list of addresses


class Line(NamedTuple):
    """A line taken apart.

    Args:
        fields: in our own words, as of `fields.lay_over`. rest: heading to value.
        is_own: whether it is of one of our own exports.
    """

    fields: dict[str, Any]
    rest: dict[str, Any]
    is_own: bool


def line_of(text: str) -> Line | None:
    """A line taken apart; None if it is no JSON object."""
    given = _decoded(text)
    if given is None:
        return None
    if given.keys() >= _OWN:
        fields = {key: value for key, value in given.items() if key in FIELDS}
        rest = {key: value for key, value in given.items() if key not in FIELDS and key not in _ABOUT}
        return Line(fields, rest, is_own=True)
    fields = {key: value for key, value in given.items() if _is_field(key, value)}
    rest = {key: value for key, value in given.items() if key not in fields}
    if any(isinstance(value, dict | list) for value in rest.values()):
        rest = {path: one for key, value in rest.items() for path, one in _leaves(key, value)}
    return Line(fields, rest, is_own=False)


def keys_of(lines: Iterable[str]) -> tuple[str, ...]:
    """The headings of lines, in the order in which they first come; as many as a table has columns."""
    found: dict[str, None] = {}
    for text in lines:
        line = line_of(text)
        if line is not None:
            found |= dict.fromkeys(line.rest)
    return tuple(itertools.islice(found, COLUMNS))


def cells_of(text: str, keys: Iterable[str]) -> list[str]:
    """The values under some headings as cells."""
    line = line_of(text)
    return [text_of(line.rest.get(key) if line else None) for key in keys]


def text_of(value: Any) -> str:
    """A JSON value as a text: itself if it is one, else as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def _decoded(line: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _is_field(key: str, value: Any) -> bool:
    """Whether a key and its value are in our own words."""
    if key not in FIELDS or key in _ABOUT:
        return False
    if key == "kind" and isinstance(value, str):
        return value.lower() in KINDS
    if key in _TEXTS and isinstance(value, str | None):
        return True
    if key in _PARTS:
        several = value if isinstance(value, list) else [value] if isinstance(value, dict) else [None]
        return all(isinstance(one, str) or (isinstance(one, dict) and one.keys() <= _PARTS[key]) for one in several)
    return key not in _TEXTS and isinstance(value, list | dict)


def _leaves(path: str, value: Any, depth: int = 1) -> Iterator[tuple[str, Any]]:
    """The values within a value, as far as its path is understood; those that are not stay whole."""
    what = meaning(path).partition("/")[0].partition(":")[0] if isinstance(value, dict | list) else ""
    if isinstance(value, list) and what in _SEVERAL and depth < _DEEPEST:
        for number, one in enumerate(sorted(value, key=_is_marked, reverse=True), 1):
            numbered = path if number == 1 else f"{path}.{number}"
            if what == "address.text" and number > 1 and not isinstance(one, dict):
                numbered += ".formatted"  # ``address 2`` is a line of the first
            yield from _leaves(numbered, one, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST and _has_parts(what):
        for key, one in value.items():
            if key not in _MARKS or not isinstance(one, bool):
                yield from _leaves(f"{path}.{key}", one, depth + 1)
    else:
        yield path, value


def _has_parts(what: str) -> bool:
    """Whether an object that means this is taken apart."""
    return what in _SEVERAL or what == "name.full" or what.startswith("address.")


def _is_marked(one: Any) -> bool:
    """Whether an entry of several is the one to use first."""
    return isinstance(one, dict) and any(one.get(mark) is True for mark in _MARKS)
