"""Bodies and queries: read by tables, and the small ones that are written."""

from collections.abc import Sequence
from typing import Any, Final

from onebook.dialects.base import Answer, Field, Request, Schema, read_fields
from onebook.errors import InvalidInput, Issue


def read_body(request: Request, table: Sequence[Field]) -> dict[str, Any]:
    """The fields of a JSON object. Raises: InvalidInput with all that is wrong; LimitExceeded."""
    body = request.json()
    if not isinstance(body, dict):
        raise InvalidInput.of("body", "wrong_type", "The body must be a JSON object.")
    return _read(table, body)


def read_query(request: Request, table: Sequence[Field]) -> dict[str, Any]:
    """The parameters of a query; an empty one counts as not sent. Raises: InvalidInput with all that is wrong."""
    sent = {name: value for name, value in request.query.items() if value}
    for field in table:
        if "\0" in sent.get(field.name, ""):
            raise InvalidInput.of(field.name, "nul", f"{field.name} has a NUL character.")
    return _read(table, sent)


def _read(table: Sequence[Field], value: dict[str, Any]) -> dict[str, Any]:
    issues: list[Issue] = []
    read = read_fields(table, value, "", issues)
    if issues:
        raise InvalidInput(issues)
    return read


def wrapped(name: str, schema: Schema) -> Schema:
    """The JSON Schema of an object with one key."""
    return {"type": "object", "properties": {name: schema}, "required": [name]}


SUCCESS: Final = wrapped("success", {"const": True})


def write_success(_: Request, __: None) -> Answer:
    """That it is done."""
    return Answer(200, {"success": True})
