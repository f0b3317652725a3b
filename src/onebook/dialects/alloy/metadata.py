"""What can be done with an app, by which fields; and passing a call through to it, which cannot be done here."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.alloy import accounts, contacts, lists
from onebook.dialects.alloy.bodies import read_query, wrapped
from onebook.dialects.alloy.credential import CREDENTIAL, book_of, named_in
from onebook.dialects.alloy.seen import TEXT
from onebook.dialects.base import Answer, Field, Request, Route, Schema
from onebook.errors import NotFound
from onebook.operations.actor import Actor
from onebook.store.base import Session

# --- tables ---

APPS: Final = ("salesforce", "hubspot", "zohoCRM", "dynamics", "onebook")

OPERATIONS: Final[Mapping[str, Mapping[str, tuple[Field, ...]]]] = {
    "contact": {
        "listContacts": (*lists.PAGING, *lists.query_of(contacts.FILTERS)),
        "createContact": contacts.CONTACT,
        "updateContact": contacts.CHANGES,
        "deleteContact": (),
        "getContact": (),
    },
    "account": {
        "listAccounts": (*lists.PAGING, *lists.query_of(lists.BOUNDS)),
        "createAccount": accounts.ACCOUNT,
        "updateAccount": accounts.CHANGES,
        "deleteAccount": (),
        "getAccount": (),
    },
}
FIELDS: Final = {name: fields for operations in OPERATIONS.values() for name, fields in operations.items()}

APP = (Field("app", strict.Choice(APPS), need=True, note="The app; the book plays the part of each alike."),)
APP_OPERATION = (
    *APP,
    Field("operation", strict.Choice(tuple(FIELDS)), need=True, note="An operation of this app."),
)

# --- readers ---


def read_app(request: Request) -> str:
    """The app that the query names."""
    app: str = read_query(request, APP)["app"]
    return app


def read_operation(request: Request) -> str:
    """The operation that the query names."""
    operation: str = read_query(request, APP_OPERATION)["operation"]
    return operation


def read_path(request: Request) -> str:
    """The app that the path names."""
    return request.params["app"]


def read_nothing(_: Request) -> None:
    """Nothing is needed."""


# --- acts: the tables above are the answer, so there is little to do ---


class NotHere(Struct, frozen=True):
    """Nothing is behind the credential to pass a call on to."""


def same(_: Session, __: Actor, asked: str | None) -> str | None:
    """What was asked for."""
    return asked


def known(_: Session, __: Actor, app: str) -> str:
    """The app. Raises: NotFound."""
    if app not in APPS:
        raise NotFound("app", app)
    return app


def forward(session: Session, actor: Actor, credential: str) -> NotHere:
    """Nothing, for a credential that exists."""
    book_of(session, actor, credential)
    return NotHere()


# --- writers ---


def write_operations(_: Request, __: str) -> Answer:
    """The names of the operations of each resource."""
    return Answer(200, {"operations": {resource: list(operations) for resource, operations in OPERATIONS.items()}})


def write_operation(_: Request, operation: str) -> Answer:
    """The fields of an operation."""
    return Answer(200, {"fields": [_described(field) for field in FIELDS[operation]]})


def _described(field: Field) -> dict[str, Any]:
    kind = field.type.schema["type"]
    return {
        "name": field.name,
        "type": kind if isinstance(kind, str) else kind[0],
        "required": field.need,
        "description": field.note,
    }


def _app(name: str) -> dict[str, Any]:
    """An app that a credential can be made for: it asks for nothing."""
    return {"name": name, "icon": None, "isOauth": False, "properties": {}}


def write_apps(_: Request, __: None) -> Answer:
    """All apps."""
    return Answer(200, {"data": [_app(name) for name in APPS]})


def write_app(_: Request, name: str) -> Answer:
    """One app."""
    return Answer(200, {"data": _app(name)})


def write_not_here(_: Request, __: NotHere) -> Answer:
    """That nothing can be passed through."""
    return Answer(501, {"message": "The book is no remote app: there is nothing to forward this call to."})


# --- routes ---

_TAGS = ("Metadata",)
_TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
_FIELD: Final[Schema] = {
    "type": "object",
    "properties": {"name": TEXT, "type": TEXT, "required": {"type": "boolean"}, "description": TEXT},
    "required": ["name", "type", "required", "description"],
}
_APP: Final[Schema] = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "icon": {"type": ["string", "null"]},
        "isOauth": {"type": "boolean"},
        "properties": {"type": "object"},
    },
    "required": ["name", "icon", "isOauth", "properties"],
}

ROUTES = (
    Route(
        "GET", "/metadata/operations", "listOperations", "What can be done with an app",
        read_app, same, write_operations, access="read", writes=False, quick=True,
        query=APP, tags=_TAGS,
        answers={200: wrapped("operations", {"type": "object", "additionalProperties": _TEXTS})},
    ),
    Route(
        "GET", "/metadata/fields", "listFields", "The fields of an operation",
        read_operation, same, write_operation, access="read", writes=False, quick=True,
        query=APP_OPERATION, tags=_TAGS,
        answers={200: wrapped("fields", {"type": "array", "items": _FIELD})},
    ),
    Route(
        "GET", "/metadata/credentials", "listApps", "The apps that a credential can be made for",
        read_nothing, same, write_apps, access="read", writes=False, quick=True,
        answers={200: wrapped("data", {"type": "array", "items": _APP})}, tags=_TAGS,
    ),
    Route(
        "GET", "/metadata/credentials/{app}", "getApp", "One app that a credential can be made for",
        read_path, known, write_app, access="read", writes=False, quick=True,
        answers={200: wrapped("data", _APP)}, tags=_TAGS,
    ),
    Route(
        "POST", "/forward", "forward", "Pass a call through to the remote app; never possible here",
        named_in, forward, write_not_here, access="read", writes=False, quick=True,
        query=CREDENTIAL, body={"type": "object"}, body_needed=False,
        answers={501: wrapped("message", TEXT)}, tags=_TAGS,
    ),
)  # fmt: skip
