"""How the native API writes: the schemas of plain values, times, and the answers that every noun gives alike."""

from typing import Any, Final

from onebook.dialects.base import Answer, Out, Request, Schema, Write, schema_of, write_fields

TEXT: Final[Schema] = {"type": "string"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
INTEGER: Final[Schema] = {"type": "integer"}
INTEGER_OR_NULL: Final[Schema] = {"type": ["integer", "null"]}
FLAG: Final[Schema] = {"type": "boolean"}
TIME: Final[Schema] = {"type": "string", "format": "date-time"}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
ANY_OBJECT: Final[Schema] = {"type": "object", "additionalProperties": True}


def array_of(table: tuple[Out[Any], ...]) -> Schema:
    """The JSON Schema of an array of what `write_fields` writes."""
    return {"type": "array", "items": schema_of(table)}


def under(name: str, table: tuple[Out[Any], ...]) -> Schema:
    """The JSON Schema of what `every` writes."""
    return {"type": "object", "properties": {name: array_of(table)}, "required": [name]}


def paged(name: str, table: tuple[Out[Any], ...]) -> Schema:
    """The JSON Schema of one page of records, and the cursor of the next, null at the end."""
    properties = {name: array_of(table), "next_cursor": TEXT_OR_NULL}
    return {"type": "object", "properties": properties, "required": list(properties)}


def one(table: tuple[Out[Any], ...], status: int = 200) -> Write:
    """A writer of one record."""
    return lambda _request, record: Answer(status, write_fields(table, record))


def every(name: str, table: tuple[Out[Any], ...]) -> Write:
    """A writer of all records, under the noun's plural."""
    return lambda _request, records: Answer(200, {name: [write_fields(table, record) for record in records]})


def gone(_request: Request, _nothing: None) -> Answer:
    """Nothing is left to be shown."""
    return Answer(204)
