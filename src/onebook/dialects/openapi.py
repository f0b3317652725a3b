"""An OpenAPI 3.1 document of a dialect, derived from its routes and tables, so that it cannot drift from them.

Source:   OpenAPI Specification 3.1.1; JSON Schema 2020-12
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from onebook import __version__
from onebook.dialects.base import Dialect, Field, Limits, Request, Route, Schema, schema_of
from onebook.dialects.strict import described
from onebook.errors import NotFound

OPENAPI: Final = "3.1.1"
SCHEMAS: Final = "#/components/schemas/"
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "A word of your own for this request. Sent again with it, the request gets the first one's answer"
    " and changes nothing, for at least 24 hours. With another request it is refused.",
}


def document(dialect: Dialect) -> dict[str, Any]:
    """The OpenAPI document of a dialect: every route with its parameters, body, answers and errors."""
    names = _names(dialect)
    paths: dict[str, dict[str, Any]] = {}
    for route in dialect.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(dialect, route)
    whole = {
        "openapi": OPENAPI,
        "info": {"title": dialect.title, "version": __version__, "description": dialect.description},
        "servers": [{"url": mount} for mount in dialect.mounts],
        "security": _security(dialect),
        "tags": [{"name": tag} for tag in dict.fromkeys(tag for route in dialect.routes for tag in route.tags)],
        "paths": _referring(paths, names),
        "components": {
            "securitySchemes": dialect.security,
            "schemas": {name: _referring(schema, names, whole=False) for name, schema in names},
        },
    }
    return dict(_typed(whole))


def _operation(dialect: Dialect, route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.name, "summary": route.summary, "tags": list(route.tags)}
    if parameters := list(_parameters(route)):
        operation["parameters"] = parameters
    if route.body is not None or route.uploads:
        json: dict[str, Schema] = {} if route.body is None else {"application/json": {"schema": route.body}}
        files: dict[str, Schema] = {media_type: {"schema": {}} for media_type in route.uploads}
        operation["requestBody"] = {"required": route.body_needed, "content": {**json, **files}}
    operation["responses"] = {
        **{str(status): _answer(schema) for status, schema in route.answers.items()},
        **({"200": _file(route.files)} if route.files else {}),
        "default": {
            "description": "An error.",
            "content": {_error_type(dialect): {"schema": dialect.error}},
        },
    }
    return operation


def _parameters(route: Route) -> Iterable[dict[str, Any]]:
    yield from _in_path(route.path)
    yield from (_parameter(field, "query") for field in route.query)
    yield from (_parameter(field, "header") for field in route.headers)
    if route.writes:
        yield IDEMPOTENCY_KEY


def _in_path(path: str) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _parameter(field: Field, place: str) -> dict[str, Any]:
    parameter = {"name": field.name, "in": place, "required": field.need, "schema": field.type.schema}
    return {**parameter, "description": field.note} if field.note else parameter


def _answer(schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done; there is no body."}
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _file(media_types: Iterable[str]) -> dict[str, Any]:
    return {"description": "A file.", "content": {media_type: {"schema": {}} for media_type in media_types}}


def _error_type(dialect: Dialect) -> str:
    """The content type of the dialect's errors, as it answers an unknown path."""
    return dialect.refuse(Request("GET", "/", "", {}, b"", Limits()), NotFound("route", "/")).content_type


def _security(dialect: Dialect) -> list[dict[str, list[str]]]:
    """All schemes together, or, where one is enough, each for itself."""
    if dialect.one_scheme_enough:
        return [{name: []} for name in dialect.security]
    return [{name: [] for name in dialect.security}]


# --- schemas that have a name ---


def _names(dialect: Dialect) -> list[tuple[str, Schema]]:
    """The schemas of the dialect's tables by name: those of answers, those of bodies with ``In``, and the error."""
    named = [(_word(name), schema_of(table)) for name, table in dialect.out_tables.items()]
    bodies = [(f"{_word(name)}In", fields) for name, fields in dialect.in_tables.items()]
    found = list(_objects([route.body for route in dialect.routes]))
    for name, fields in bodies:
        properties = {field.name: described(field) for field in fields}
        named += [(name, schema) for schema in found if schema["properties"] == properties][:1]
    return [*named, ("Error", dialect.error)]


def _word(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", name))


def _objects(value: Any) -> Iterable[Schema]:
    """Every schema of an object with properties, within a value."""
    if isinstance(value, Mapping):
        if value.get("type") == "object" and "properties" in value:
            yield dict(value)
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _objects(inner)


def _referring(value: Any, names: list[tuple[str, Schema]], *, whole: bool = True) -> Any:
    """A value with each schema that has a name replaced by a reference; ``whole``: the value itself too."""
    if isinstance(value, Mapping):
        if whole:
            for name, schema in names:
                if value == schema:
                    return {"$ref": SCHEMAS + name}
        return {key: _referring(inner, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_referring(inner, names) for inner in value]
    return value


_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def _typed(value: Any) -> Any:
    """A value in which every list of choices, and every constant, says its type too: some viewers need it."""
    if isinstance(value, Mapping):
        typed = {key: _typed(inner) for key, inner in value.items()}
        choices = value.get("enum", [value["const"]] if "const" in value else None)
        if isinstance(choices, list) and "type" not in value:
            kinds = list(dict.fromkeys(_TYPES[type(choice)] for choice in choices if type(choice) in _TYPES))
            return {"type": kinds[0] if len(kinds) == 1 else kinds, **typed}
        return typed
    return [_typed(inner) for inner in value] if isinstance(value, list | tuple) else value
