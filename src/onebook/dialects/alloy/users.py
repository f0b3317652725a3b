"""Users, who are the customers of the account's owner, and their credentials."""

from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.alloy.bodies import SUCCESS, read_body, wrapped, write_success
from onebook.dialects.alloy.metadata import APPS
from onebook.dialects.alloy.seen import TEXT, TEXT_OR_NULL
from onebook.dialects.alloy.times import SCHEMA as TIME
from onebook.dialects.alloy.words import NEEDED, OPTIONAL
from onebook.dialects.base import Answer, Field, Out, Request, Route, schema_of, write_fields
from onebook.errors import InvalidInput, NotFound
from onebook.model.account import Credential, User
from onebook.model.moment import rfc3339
from onebook.operations import accounts, address_books
from onebook.operations.actor import Actor
from onebook.store.base import Session

# --- tables ---

USER = (
    Field("username", NEEDED, need=True, to="user.username", note="Another name of the user, its own in the account."),
    Field("fullName", OPTIONAL, to="user.full_name", note="The name that people read."),
)
USER_CHANGES = tuple(field._replace(need=False) for field in USER)
OURS: Final = {"username": "username", "fullName": "full_name"}

USER_SHOWN: tuple[Out[User], ...] = (
    Out("userId", lambda user: user.id, TEXT),
    Out("username", lambda user: user.username, TEXT),
    Out("fullName", lambda user: user.full_name, TEXT_OR_NULL),
)

CREDENTIAL = (
    Field("type", strict.Choice(APPS), need=True, to="credential.app", note="The app whose part the book plays."),
    Field("data", strict.Map(null=True), note="What opens the app; not kept, for there is nothing to open."),
)
HEADLESS = (
    Field("userId", NEEDED, need=True, to="credential.user", note="Id or username of the user."),
    Field("credential", strict.Object(CREDENTIAL), need=True, note="What is connected."),
)

APP: Final = "app"  # under which name a credential keeps the app that its book stands for
CREDENTIAL_SHOWN: tuple[Out[Credential], ...] = (
    Out("credentialId", lambda credential: credential.id, TEXT),
    Out("type", lambda credential: credential.fields.get(APP, credential.kind), TEXT),
    Out("createdAt", lambda credential: rfc3339(credential.created_at), TIME),
    Out("updatedAt", lambda credential: rfc3339(credential.updated_at), TIME),
)

# --- readers ---


class Change(Struct, frozen=True):
    """Named changes to a user, by our names."""

    user: str
    values: dict[str, Any]


class Connection(Struct, frozen=True):
    """A credential to be made: for which user, and for which app its book stands."""

    user: str
    app: str


class Named(Struct, frozen=True):
    """A credential of a user."""

    user: str
    credential: str


def read_new(request: Request) -> dict[str, Any]:
    """The body of a new user."""
    return read_body(request, USER)


def read_user(request: Request) -> str:
    """The user that the path names, by id or username."""
    return request.params["userId"]


def read_change(request: Request) -> Change:
    """The body of an update."""
    read = read_body(request, USER_CHANGES)
    return Change(read_user(request), {OURS[name]: value for name, value in read.items()})


def read_nothing(_: Request) -> None:
    """Nothing is needed."""


def read_connection(request: Request) -> Connection:
    """The body of a new credential."""
    read = read_body(request, HEADLESS)
    return Connection(read["userId"], read["credential"]["type"])


def read_credential(request: Request) -> Named:
    """The credential that the path names."""
    return Named(read_user(request), request.params["credentialId"])


# --- acts ---


def create(session: Session, _: Actor, sent: dict[str, Any]) -> User:
    """Register a user."""
    return accounts.create_user(session, sent["username"], sent.get("fullName"))


def list_all(session: Session, _: Actor, __: None) -> list[User]:
    """Every user of the account."""
    return accounts.users(session)


def get(session: Session, _: Actor, user: str) -> User:
    """One user."""
    return accounts.get_user(session, user)


def update(session: Session, _: Actor, change: Change) -> User:
    """Change a user."""
    return accounts.update_user(session, change.user, **change.values)


def remove(session: Session, actor: Actor, user: str) -> None:
    """Remove a user and its credentials; books and contacts stay."""
    accounts.remove_user(session, actor, user)


def connect(session: Session, actor: Actor, connection: Connection) -> Credential:
    """Make a credential for a user, on the book named like the user."""
    try:
        user = accounts.get_user(session, connection.user)
    except NotFound:
        raise InvalidInput.of("userId", "unknown", "There is no user with this userId.") from None
    book = address_books.named_or_made(session, actor, user.username)
    return accounts.create_credential(session, actor, "local", book.number, user=user.id, fields={APP: connection.app})


def credentials(session: Session, actor: Actor, user: str) -> list[Credential]:
    """The credentials of a user."""
    return accounts.credentials(session, actor, user=accounts.get_user(session, user).id)


def disconnect(session: Session, actor: Actor, named: Named) -> None:
    """Remove a credential of a user."""
    user = accounts.get_user(session, named.user)
    if not accounts.credentials(session, actor, user=user.id, id=named.credential):
        raise NotFound("credential", named.credential)
    accounts.remove_credential(session, actor, named.credential)


# --- writers ---


def write_id(_: Request, user: User) -> Answer:
    """The id of a new user."""
    return Answer(200, {"userId": user.id})


def write_user(_: Request, user: User) -> Answer:
    """One user."""
    return Answer(200, write_fields(USER_SHOWN, user))


def write_users(_: Request, users: list[User]) -> Answer:
    """Users under ``data``."""
    return Answer(200, {"data": [write_fields(USER_SHOWN, user) for user in users]})


def write_connected(_: Request, made: Credential) -> Answer:
    """The id of a new credential."""
    return Answer(200, {"success": True, "credentialId": made.id})


def write_credentials(_: Request, found: list[Credential]) -> Answer:
    """Credentials under ``data``."""
    return Answer(200, {"data": [write_fields(CREDENTIAL_SHOWN, one) for one in found]})


# --- routes ---

_TAGS = ("Users and credentials",)
_USER = {200: schema_of(USER_SHOWN)}
_CONNECTED = {**SUCCESS, "properties": {**SUCCESS["properties"], "credentialId": TEXT}}

ROUTES = (
    Route(
        "POST", "/users", "createUser", "Register a user",
        read_new, create, write_id, access="admin",
        body=strict.Object(USER).schema, answers={200: wrapped("userId", TEXT)}, tags=_TAGS,
    ),
    Route(
        "GET", "/users", "listUsers", "List users",
        read_nothing, list_all, write_users, access="read", writes=False,
        answers={200: wrapped("data", {"type": "array", "items": schema_of(USER_SHOWN)})}, tags=_TAGS,
    ),
    Route(
        "GET", "/users/{userId}", "getUser", "Read a user",
        read_user, get, write_user, access="read", writes=False,
        answers=_USER, tags=_TAGS,
    ),
    Route(
        "PUT", "/users/{userId}", "updateUser", "Change a user",
        read_change, update, write_user, access="admin",
        body=strict.Object(USER_CHANGES).schema, answers=_USER, tags=_TAGS,
    ),
    Route(
        "DELETE", "/users/{userId}", "deleteUser", "Remove a user and its credentials",
        read_user, remove, write_success, access="admin",
        answers={200: SUCCESS}, tags=_TAGS,
    ),
    Route(
        "POST", "/headless/credentials", "createCredential", "Make a credential for a user",
        read_connection, connect, write_connected, access="admin",
        body=strict.Object(HEADLESS).schema, answers={200: _CONNECTED}, tags=_TAGS,
    ),
    Route(
        "GET", "/users/{userId}/credentials", "listCredentials", "List a user's credentials",
        read_user, credentials, write_credentials, access="read", writes=False,
        answers={200: wrapped("data", {"type": "array", "items": schema_of(CREDENTIAL_SHOWN)})}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/users/{userId}/credentials/{credentialId}", "deleteCredential", "Remove a credential",
        read_credential, disconnect, write_success, access="admin",
        answers={200: SUCCESS}, tags=_TAGS,
    ),
)  # fmt: skip
