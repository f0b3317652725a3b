"""Mappings that are saved under a name: which columns of a file are what.

Source:   docs/dialects/native.md, "Imports"
"""

from typing import Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Field, Out, Request, Route, Schema, schema_of
from onebook.dialects.native.answers import TEXT, TIME, every, gone, one, under
from onebook.dialects.native.reading import body_schema, nothing, read_body
from onebook.model.imports import SavedMapping
from onebook.model.moment import rfc3339
from onebook.operations import imports_mappings
from onebook.operations.actor import Actor
from onebook.store.base import Session

_TAGS: Final = ("Imports",)
TARGETS_SCHEMA: Final[Schema] = {"type": "object", "additionalProperties": TEXT}
BODY: Final = (Field("targets", strict.Map(strict.Text), need=True, note="Headings and targets."),)
MAPPING: Final[tuple[Out[SavedMapping], ...]] = (
    Out("name", lambda mapping: mapping.name, TEXT),
    Out("targets", lambda mapping: mapping.targets, TARGETS_SCHEMA),
    Out("created_at", lambda mapping: rfc3339(mapping.created_at), TIME),
    Out("updated_at", lambda mapping: rfc3339(mapping.updated_at), TIME),
)


class Saving(Struct, frozen=True):
    """A name, and the mapping to be saved under it."""

    name: str
    targets: dict[str, str]


def read_name(request: Request) -> str:
    """The name in the path."""
    nothing(request)
    return request.params["name"]


def read_saving(request: Request) -> Saving:
    """The name in the path, and the mapping in the body."""
    return Saving(read_name(request), read_body(request, BODY)["targets"])


def act_all(session: Session, _actor: Actor, _nothing: None) -> list[SavedMapping]:
    """Every saved mapping."""
    return imports_mappings.every(session)


def act_one(session: Session, _actor: Actor, name: str) -> SavedMapping:
    """One of them."""
    return imports_mappings.named(session, name)


def act_save(session: Session, actor: Actor, saving: Saving) -> SavedMapping:
    """Save one."""
    return imports_mappings.save(session, actor, saving.name, saving.targets)


ROUTES: Final = (
    Route(
        "GET", "/import-mappings", "listImportMappings", "List saved mappings",
        nothing, act_all, every("mappings", MAPPING),
        access="read", writes=False, answers={200: under("mappings", MAPPING)}, tags=_TAGS,
    ),
    Route(
        "GET", "/import-mappings/{name}", "readImportMapping", "Read a saved mapping",
        read_name, act_one, one(MAPPING),
        access="read", writes=False, answers={200: schema_of(MAPPING)}, tags=_TAGS,
    ),
    Route(
        "PUT", "/import-mappings/{name}", "saveImportMapping", "Save a mapping under a name",
        read_saving, act_save, one(MAPPING),
        body=body_schema(BODY), answers={200: schema_of(MAPPING)}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/import-mappings/{name}", "deleteImportMapping", "Delete a saved mapping",
        read_name, imports_mappings.remove, gone,
        answers={204: None}, tags=_TAGS,
    ),
)  # fmt: skip
