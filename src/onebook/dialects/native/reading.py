"""What the native API reads beyond plain JSON: queries and bodies by their tables, kinds of text, cursors."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import REFUSED, Converter, Field, Request, Schema, read_fields
from onebook.errors import InvalidInput, Issue, NotFound
from onebook.model import country, email
from onebook.model.moment import from_query

Place = TypeVar("Place")

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_PATH_NUMBER: Final = re.compile(r"[1-9]\d{0,14}", re.ASCII)
_MILLISECONDS: Final = re.compile(r"\d{1,15}", re.ASCII)


class Said(Struct, frozen=True):
    """A text that says something: with at least one character that is not blank."""

    longest: int = 255

    @property
    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": self.longest, "pattern": r"\S"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        text = strict.text(longest=self.longest).read(value, at, issues)
        if isinstance(text, str) and not text.strip():
            issues.append(Issue(at, "required", f"{at} must not be blank."))
            return REFUSED
        return text


class Mail(Struct, frozen=True):
    """A mail address, read in its normal form."""

    @property
    def schema(self) -> Schema:
        return {"type": "string", "format": "email", "maxLength": email.ADDRESS_OCTETS}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        text = strict.Text.read(value, at, issues)
        if text is REFUSED:
            return REFUSED
        address = email.normalize(text.strip())
        if address is None:
            issues.append(Issue(at, "not_an_email", f"{at} is not a mail address that can be written to."))
            return REFUSED
        return address


class Country(Struct, frozen=True):
    """ISO 3166-1 alpha-2 in upper case, or null."""

    @property
    def schema(self) -> Schema:
        return {"type": ["string", "null"], "pattern": "^[A-Z]{2}$"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if value is None or (isinstance(value, str) and len(value) == len("FR") and country.code_of(value) == value):
            return value
        issues.append(Issue(at, "unknown_country", f"{at} must be a country's two letters, such as FR."))
        return REFUSED


class Moment(Struct, frozen=True):
    """A time in a query: milliseconds since 1970, or RFC 3339; read as milliseconds."""

    @property
    def schema(self) -> Schema:
        return {"type": "string", "examples": ["1767225600000", "2026-01-01T00:00:00Z"]}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        text = from_query(value) if isinstance(value, str) else ""
        if _MILLISECONDS.fullmatch(text):
            return int(text)
        if _RFC_3339.fullmatch(text):
            try:
                return round(datetime.fromisoformat(text.upper()).timestamp() * 1000)
            except (ValueError, OverflowError):
                pass  # the thirtieth of February
        issues.append(Issue(at, "not_a_time", f"{at} must be milliseconds since 1970 or a time after RFC 3339."))
        return REFUSED


class Number(Struct, frozen=True):
    """A telephone number in a query. A blank before digits is a ``+`` that was not escaped."""

    @property
    def schema(self) -> Schema:
        return {"type": "string", "examples": ["+33612345678"]}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        text = Said(longest=250).read(value, at, issues)
        if text is REFUSED:
            return REFUSED
        return f"+{text[1:]}" if text[0] == " " and text[1].isdigit() else text


class Shown(Struct, frozen=True):
    """A value that answers show; sent back, it is passed over."""

    type: Converter

    @property
    def schema(self) -> Schema:
        return {**self.type.schema, "readOnly": True}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        self.type.read(value, at, issues)
        return REFUSED


MOST: Final = 500
USUAL: Final = 100
LIMIT: Final = Field("limit", strict.Digits(1, MOST), note=f"How many at most; {USUAL} if it is not given.")
CURSOR: Final = Field("cursor", Said(), note="`next_cursor` of the page before.")


def read_body(request: Request, fields: Sequence[Field]) -> dict[str, Any]:
    """The JSON object of a request. Raises: InvalidInput with everything that is wrong in it."""
    issues: list[Issue] = []
    body = request.json()
    if not isinstance(body, dict):
        raise InvalidInput.of("body", "wrong_type", "The body must be an object.")
    given = strict.Object(fields, closed=True).read(body, "", issues)
    if issues:
        raise InvalidInput(issues)
    return dict(given)


def body_schema(fields: Sequence[Field]) -> Schema:
    """The JSON Schema of what `read_body` takes."""
    return strict.Object(fields, closed=True).schema


def read_query(request: Request, fields: Sequence[Field]) -> dict[str, Any]:
    """The parameters of a request. Raises: InvalidInput, for an unknown one too: a filter must not go unheard."""
    issues: list[Issue] = []
    query = request.query
    given = read_fields(fields, query, "", issues)
    known = {field.name for field in fields}
    issues += [
        Issue(name, "unknown_parameter", f"There is no parameter {name}.") for name in query if name not in known
    ]
    if issues:
        raise InvalidInput(issues)
    return given


def nothing(request: Request) -> None:
    """The command of a route without parameters. Raises: InvalidInput if there are any."""
    read_query(request, ())


def path_number(request: Request, kind: str) -> int:
    """The number in a path. Raises: NotFound(kind) for a text that is none."""
    text = request.params["number"]
    if not _PATH_NUMBER.fullmatch(text):
        raise NotFound(kind, text)
    return int(text)


def cursor_of(word: str, *place: int | str) -> str:
    """An opaque cursor: where the next page of one kind of list begins."""
    return base64.urlsafe_b64encode(msgspec.json.encode((word, *place))).decode().rstrip("=")


def place_of(cursor: str, word: str, place: type[Place]) -> Place:
    """What `cursor_of` wrote, a tuple as told. Raises: InvalidInput for anything else."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, *rest = msgspec.json.decode(text, type=list[Any])
        return msgspec.convert(rest if found == word else None, place)
    except (binascii.Error, ValueError):  # msgspec's errors are ValueErrors too
        sentence = "This is not a cursor that the service gave out for this list."
        raise InvalidInput.of("cursor", "bad_cursor", sentence) from None
