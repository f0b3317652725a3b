"""Strict converters: a value of the wrong type is an issue, never a guess."""

import json
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from onebook.dialects.base import REFUSED, Converter, Field, Schema, read_fields
from onebook.errors import Issue

_WHOLE = re.compile(r"\s*-?[0-9]{1,20}\s*")  # more digits than any integer has that we keep
INT_MAX = 2**53 - 1  # the largest integer that every JSON reader keeps exactly (RFC 8259, 6)


def _wrong(at: str, issues: list[Issue], wanted: str) -> Any:
    issues.append(Issue(at, "wrong_type", f"{at} must be {wanted}."))
    return REFUSED


class _Text(Struct, frozen=True):
    """A JSON string; with ``null``, null too (read as None). Longer than ``longest`` characters is an issue."""

    null: bool = False
    longest: int = 65_536

    @property
    def schema(self) -> Schema:
        return {"type": ["string", "null"] if self.null else "string", "maxLength": self.longest}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None and self.null:
            return None
        if not isinstance(value, str):
            return _wrong(at, issues, "a text")
        if len(value) > self.longest:
            issues.append(Issue(at, "too_long", f"{at} must have at most {self.longest:,} characters."))
            return REFUSED
        return value


class _Integer(Struct, frozen=True):
    """A JSON integer from ``least`` to ``most``; with ``null``, null too."""

    least: int = -INT_MAX
    most: int = INT_MAX
    null: bool = False

    @property
    def schema(self) -> Schema:
        kind: Any = ["integer", "null"] if self.null else "integer"
        return {"type": kind, "minimum": self.least, "maximum": self.most}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None and self.null:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            return _wrong(at, issues, "a whole number")
        if not self.least <= value <= self.most:
            issues.append(Issue(at, "out_of_range", f"{at} must be from {self.least} to {self.most}."))
            return REFUSED
        return value


class _Flag(Struct, frozen=True):
    """JSON true or false; with ``null``, null too."""

    null: bool = False

    @property
    def schema(self) -> Schema:
        return {"type": ["boolean", "null"] if self.null else "boolean"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if isinstance(value, bool) or (value is None and self.null):
            return value
        return _wrong(at, issues, "true or false")


class Choice(Struct, frozen=True):
    """One of a few texts."""

    of: tuple[str, ...]
    null: bool = False

    @property
    def schema(self) -> Schema:
        kind: Any = ["string", "null"] if self.null else "string"
        return {"type": kind, "enum": [*self.of, None] if self.null else list(self.of)}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if (value is None and self.null) or (isinstance(value, str) and value in self.of):
            return value
        return _wrong(at, issues, f"one of {', '.join(map(_named, self.of))}")


def _named(text: str) -> str:
    """A text as a sentence can have it: signs would be taken for the sentence's own."""
    return text if text.replace("_", "").isalnum() else json.dumps(text)


class Array(Struct, frozen=True):
    """A JSON array whose elements are read by ``of``; with ``null``, null too. One bad element refuses it."""

    of: Converter
    null: bool = False
    most: int = 10_000

    @property
    def schema(self) -> Schema:
        kind: Any = ["array", "null"] if self.null else "array"
        return {"type": kind, "items": self.of.schema, "maxItems": self.most}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None and self.null:
            return None
        if not isinstance(value, list):
            return _wrong(at, issues, "an array")
        if len(value) > self.most:
            issues.append(Issue(at, "too_many", f"{at} must have at most {self.most:,} elements."))
            return REFUSED
        read = [self.of.read(one, f"{at}[{position}]", issues) for position, one in enumerate(value)]
        return REFUSED if any(one is REFUSED for one in read) else read


class Object(Struct, frozen=True):
    """A JSON object read by a table of fields; with ``null``, null too; ``closed``: other fields are issues."""

    fields: Sequence[Field]
    null: bool = False
    closed: bool = False

    @property
    def schema(self) -> Schema:
        schema: Schema = {
            "type": ["object", "null"] if self.null else "object",
            "properties": {f.name: described(f) for f in self.fields},
        }
        if needed := [f.name for f in self.fields if f.need]:
            schema["required"] = needed
        if self.closed:
            schema["additionalProperties"] = False
        return schema

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None and self.null:
            return None
        if not isinstance(value, dict):
            return _wrong(at, issues, "an object")
        before = len(issues)
        within = f"{at}." if at else ""
        read = read_fields(self.fields, value, within, issues)
        if self.closed:
            known = {field.name for field in self.fields}
            places = [within + name for name in value if name not in known]
            issues += [Issue(place, "unknown_field", f"There is no field {place}.") for place in places]
        return REFUSED if len(issues) > before else read


class Map(Struct, frozen=True):
    """A JSON object with keys of the caller's own; ``of`` reads the values, None takes any JSON value."""

    of: Converter | None = None
    null: bool = False

    @property
    def schema(self) -> Schema:
        kind: Any = ["object", "null"] if self.null else "object"
        return {"type": kind, "additionalProperties": self.of.schema if self.of else True}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None and self.null:
            return None
        if not isinstance(value, dict):
            return _wrong(at, issues, "an object")
        if self.of is None:
            return _bounded(value, at, issues)
        read = {name: self.of.read(one, f"{at}.{name}", issues) for name, one in value.items()}
        return REFUSED if any(one is REFUSED for one in read.values()) else read


def _bounded(value: dict[str, Any], at: str, issues: list[Issue]) -> Any:
    """Any JSON, but no integer that other readers would not keep."""
    rest: list[Any] = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            rest += one.values()
        elif isinstance(one, list):
            rest += one
        elif isinstance(one, int) and abs(one) > INT_MAX:
            issues.append(Issue(at, "out_of_range", f"{at} has a number that is too large."))
            return REFUSED
    return value


class Digits(Struct, frozen=True):
    """A whole number written in a query.

    Args:
        clamp: what is out of range is moved to its edge. blank: the schema says that a blank one may be sent, which the
            dialect then takes for none before it reads.
    """

    least: int = 1
    most: int = INT_MAX
    clamp: bool = False
    blank: bool = False

    @property
    def schema(self) -> Schema:
        bounds = {} if self.clamp else {"minimum": self.least, "maximum": self.most}
        number = {"type": "integer", **bounds}
        return {"anyOf": [number, {"type": "string", "pattern": r"^\s*$"}]} if self.blank else number

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if not isinstance(value, str) or _WHOLE.fullmatch(value) is None:
            return _wrong(at, issues, "a whole number")
        number = int(value.strip())
        if self.least <= number <= self.most:
            return number
        if self.clamp:
            return min(max(number, self.least), self.most)
        issues.append(Issue(at, "out_of_range", f"{at} must be from {self.least} to {self.most}."))
        return REFUSED


def described(field: Field) -> Schema:
    """A field's schema with its note."""
    return {**field.type.schema, "description": field.note} if field.note else field.type.schema


Text = _Text()
TextOrNull = _Text(null=True)
Integer = _Integer()
Flag = _Flag()
FlagOrNull = _Flag(null=True)


def text(*, longest: int, null: bool = False) -> _Text:
    """A text of at most ``longest`` characters."""
    return _Text(null=null, longest=longest)


def integer(least: int, most: int = INT_MAX, *, null: bool = False) -> _Integer:
    """A whole number within bounds."""
    return _Integer(least, most, null)
