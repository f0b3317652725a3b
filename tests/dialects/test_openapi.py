"""The OpenAPI document of each dialect is sound: it names every route, and all its schemas are JSON Schema."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from onebook.bootstrap import DIALECTS
from onebook.dialects.base import Dialect
from onebook.dialects.openapi import document

Json = dict[str, Any]

DOCUMENTS = {dialect.name: document(dialect) for dialect in DIALECTS}
each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


def operations(whole: Json) -> Iterator[tuple[str, str, Json]]:
    for path, verbs in whole["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def schemas(whole: Json) -> Iterator[Json]:
    yield from whole["components"]["schemas"].values()
    for _, _, operation in operations(whole):
        yield from (parameter["schema"] for parameter in operation.get("parameters", ()))
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        yield from (media["schema"] for body in bodies for media in body.get("content", {}).values())


@each_dialect
def test_every_route_is_an_operation(dialect: Dialect) -> None:
    told = {
        (verb.upper(), path): operation["operationId"] for path, verb, operation in operations(DOCUMENTS[dialect.name])
    }
    assert told == {(route.method, route.path): route.name for route in dialect.routes}


@each_dialect
def test_operations_have_names_of_their_own(dialect: Dialect) -> None:
    names = [route.name for route in dialect.routes]
    assert len(names) == len(set(names))


@each_dialect
def test_every_brace_of_a_path_is_a_parameter(dialect: Dialect) -> None:
    for path, _, operation in operations(DOCUMENTS[dialect.name]):
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


@each_dialect
def test_every_writing_operation_takes_an_idempotency_key(dialect: Dialect) -> None:
    taking = {
        operation["operationId"]
        for _, _, operation in operations(DOCUMENTS[dialect.name])
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    }
    assert taking == {route.name for route in dialect.routes if route.writes}


@each_dialect
def test_every_operation_tells_its_answers_and_the_error(dialect: Dialect) -> None:
    for path, verb, operation in operations(DOCUMENTS[dialect.name]):
        assert len(operation["responses"]) > 1, (verb, path)
        (media,) = operation["responses"]["default"]["content"].values()
        assert media["schema"] == {"$ref": "#/components/schemas/Error"}


@each_dialect
def test_every_schema_is_json_schema(dialect: Dialect) -> None:
    for schema in schemas(DOCUMENTS[dialect.name]):
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


@each_dialect
def test_every_reference_leads_somewhere(dialect: Dialect) -> None:
    whole = DOCUMENTS[dialect.name]
    lost = [
        ref
        for ref in references(whole)
        if ref.removeprefix("#/components/schemas/") not in whole["components"]["schemas"]
    ]
    assert lost == []


@each_dialect
def test_every_table_has_a_name_in_the_document(dialect: Dialect) -> None:
    named = len([name for name in DOCUMENTS[dialect.name]["components"]["schemas"] if not name.endswith("In")])
    assert named == len(dialect.out_tables) + len(["Error"])


def test_schemes_are_needed_together_unless_one_is_enough() -> None:
    assert DOCUMENTS["octopush"]["security"] == [{"login": [], "key": []}]
    assert all(len(alternative) == 1 for alternative in DOCUMENTS["packagex"]["security"])
