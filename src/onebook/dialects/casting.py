"""Forgiving converters: a value is cast to its type and cleaned; what still cannot be used is passed over.

They add no issue: a value that cannot be used is REFUSED, so that its field counts as not sent. JSON null clears a
text and counts as not sent everywhere else.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from onebook.dialects.base import REFUSED, Converter, Field, Schema, read_fields
from onebook.dialects.strict import INT_MAX, described
from onebook.errors import Issue, LimitExceeded

LONGEST_TEXT: Final = 65_536  # the same as of a strict text

# Category Cc of Unicode: nobody means to send them.
_CONTROLS: Final = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
_WORDS: Final = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def _preferred(schema: Schema) -> Schema:
    """What the value should be; and in truth it may be anything."""
    return {"anyOf": [schema, {"description": "Anything else is cast if it can be, and passed over if it cannot."}]}


class Cast(Struct, frozen=True):
    """A single value, read by a function that gives REFUSED for what it cannot use; ``wanted`` is the schema."""

    wanted: Schema
    by: Callable[[Any], Any]

    @property
    def schema(self) -> Schema:
        return _preferred(self.wanted)

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        return self.by(value)


class One(Struct, frozen=True):
    """A single value; also an array in which exactly one element can be used."""

    of: Converter

    @property
    def schema(self) -> Schema:
        return self.of.schema

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if not isinstance(value, list):
            return self.of.read(value, at, issues)
        usable = _usable(self.of, value, at, issues)
        return usable[0] if len(usable) == 1 else REFUSED


class Many(Struct, frozen=True):
    """An array, as a tuple of the elements that can be used; a single value counts as an array of one.

    Null and the empty array count as not sent. More than ``most`` elements are the one thing that is not forgiven.
    ``single``: the page asks for one value, and only forgiveness takes several.
    """

    of: Converter
    most: int | None = None
    single: bool = False

    @property
    def schema(self) -> Schema:
        if self.single:
            return self.of.schema
        bound = {} if self.most is None else {"maxItems": self.most}
        return _preferred({"type": "array", "items": self.of.schema, **bound})

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None or value == []:
            return REFUSED
        elements = value if isinstance(value, list) else [value]
        if self.most is not None and len(elements) > self.most:
            raise LimitExceeded(at, self.most, "elements")
        return tuple(_usable(self.of, elements, at, issues))


class Record(Struct, frozen=True):
    """An object read by a table; a text or number in its place stands for the field ``bare``."""

    fields: Sequence[Field]
    bare: str

    @property
    def schema(self) -> Schema:
        return _preferred({"type": "object", "properties": {f.name: described(f) for f in self.fields}})

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if isinstance(value, (str, int, float)):
            value = {self.bare: value}
        return read_fields(self.fields, value, f"{at}.", issues) if isinstance(value, dict) else REFUSED


def _usable(of: Converter, elements: list[Any], at: str, issues: list[Issue]) -> list[Any]:
    read = (of.read(element, f"{at}[{position}]", issues) for position, element in enumerate(elements))
    return [element for element in read if element is not REFUSED]


def text_of(value: Any) -> str | None:
    r"""Text, a number or a truth value as text without control characters; None for anything else.

    A number beyond 64 bits, or a float whose digits are not all known, has no text.

    >>> text_of(42.0), text_of(True), text_of("a\0b"), text_of([])
    ('42', 'true', 'ab', None)
    """
    if isinstance(value, str):
        return value if value.isprintable() else value.translate(_CONTROLS)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(2**63) <= value < 2**64 else None
    if isinstance(value, float) and abs(value) <= INT_MAX:
        return str(int(value)) if value.is_integer() else repr(value)
    return None


def _text(value: Any) -> Any:
    if value is None:
        return None
    text = text_of(value)
    return REFUSED if text is None else text[:LONGEST_TEXT] or None


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower(), REFUSED)
    return bool(value) if isinstance(value, (bool, int, float)) and value in (0, 1) else REFUSED


def _digits(value: Any) -> Any:
    if isinstance(value, (int, float)) and (value < 0 or value % 1):
        return REFUSED  # its minus or its point would pass for punctuation
    return text_of(value) or REFUSED


Text: Final = Cast({"type": ["string", "null"], "maxLength": LONGEST_TEXT}, _text)
"""A text, cut to length; null and the empty text are None."""

Flag: Final = Cast({"type": "boolean"}, _flag)
"""True or false; also 1 or 0 as number or text, and true, yes, on, false, no, off in any letter case."""

Digits: Final = Cast({"type": "string"}, _digits)
"""A text of digits, such as a telephone number; a number must be whole and not negative."""


def name(longest: int) -> Cast:
    """A name that is a key: a text without blanks at its ends, cut at ``longest`` characters, never empty."""

    def read(value: Any) -> Any:
        # Cutting may leave a blank at the new end.
        return (text_of(value) or "").strip()[:longest].strip() or REFUSED

    return Cast({"type": "string", "minLength": 1, "maxLength": longest}, read)
