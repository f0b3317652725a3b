"""What opens an account: the account itself, its keys, and its credentials. All of it needs an admin key.

Source:   docs/dialects/native.md, "Account, keys, credentials"
"""

from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Answer, Field, Out, Request, Route, schema_of, write_fields
from onebook.dialects.native.answers import (
    ANY_OBJECT,
    FLAG,
    INTEGER,
    INTEGER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    every,
    gone,
    one,
    under,
)
from onebook.dialects.native.reading import Country, Moment, Said, body_schema, nothing, read_body
from onebook.model.account import SCOPES, Account, Credential, Key
from onebook.model.moment import rfc3339
from onebook.operations import accounts
from onebook.operations.accounts import NewKey
from onebook.operations.actor import Actor
from onebook.store.base import Session

# --- tables ---

ACCOUNT_CHANGE: Final = (
    Field("default_country", Country(), note="Where national numbers are dialled; null: nowhere in particular."),
)
ACCOUNT: Final[tuple[Out[Account], ...]] = (
    Out("uid", lambda account: account.uid, TEXT),
    Out("name", lambda account: account.name, TEXT),
    Out("login", lambda account: account.login, TEXT),
    Out("default_country", lambda account: account.default_country, TEXT_OR_NULL),
    Out("created_at", lambda account: rfc3339(account.created_at), TIME),
)
KEY_CREATE: Final = (
    Field("scope", strict.Choice(SCOPES), need=True, note="Each includes those before it."),
    Field("book", strict.integer(1), note="Number of the one book that the key sees; none: all of them."),
    Field("expires_at", Moment(), note="After RFC 3339; none: never."),
)
KEY_CHANGE: Final = (Field("enabled", strict.Flag, need=True),)
KEY: Final[tuple[Out[Key], ...]] = (
    Out("id", lambda key: key.id, TEXT),
    Out("scope", lambda key: key.scope, {**TEXT, "enum": list(SCOPES)}),
    Out("book", lambda key: key.book, INTEGER_OR_NULL),
    Out("enabled", lambda key: key.enabled, FLAG),
    Out("expires_at", lambda key: None if key.expires_at is None else rfc3339(key.expires_at), TEXT_OR_NULL),
    Out("created_at", lambda key: rfc3339(key.created_at), TIME),
)
CREDENTIAL_CREATE: Final = (
    Field("kind", strict.Choice(("local",)), need=True, note="local: the book itself is the remote application."),
    Field("book", strict.integer(1), need=True, note="Number of the book."),
    Field("user", Said(), note="Id or username of the user that it belongs to."),
    Field("fields", strict.Map(), note="What is to be remembered of it."),
)
CREDENTIAL: Final[tuple[Out[Credential], ...]] = (
    Out("id", lambda credential: credential.id, TEXT),
    Out("kind", lambda credential: credential.kind, TEXT),
    Out("book", lambda credential: credential.book, INTEGER),
    Out("user", lambda credential: credential.user, TEXT_OR_NULL),
    Out("fields", lambda credential: credential.fields, ANY_OBJECT),
    Out("created_at", lambda credential: rfc3339(credential.created_at), TIME),
    Out("updated_at", lambda credential: rfc3339(credential.updated_at), TIME),
)


class Switch(Struct, frozen=True):
    """A key, and whether it shall open anything."""

    id: str
    enabled: bool


# --- readers ---


def read_account_change(request: Request) -> dict[str, Any]:
    """A body of PATCH /account."""
    return read_body(request, ACCOUNT_CHANGE)


def read_key(request: Request) -> dict[str, Any]:
    """A body of POST /keys."""
    return read_body(request, KEY_CREATE)


def read_switch(request: Request) -> Switch:
    """A body of PATCH /keys/{id}."""
    return Switch(request.params["id"], read_body(request, KEY_CHANGE)["enabled"])


def read_credential(request: Request) -> dict[str, Any]:
    """A body of POST /credentials."""
    return read_body(request, CREDENTIAL_CREATE)


def read_id(request: Request) -> str:
    """The id in the path."""
    nothing(request)
    return request.params["id"]


# --- acts ---


def act_account(session: Session, _actor: Actor, _nothing: None) -> Account:
    """The account."""
    return session.account


def act_change_account(session: Session, actor: Actor, values: dict[str, Any]) -> Account:
    """Set the default country, which only a key for the whole account may."""
    actor.must_see(0)
    return accounts.set_default_country(session, **values) if values else session.account


def act_keys(session: Session, actor: Actor, _nothing: None) -> list[Key]:
    """The keys; a bound one knows only those of its book."""
    return accounts.keys(session, actor)


def act_create_key(session: Session, actor: Actor, values: dict[str, Any]) -> NewKey:
    """Make a key."""
    return accounts.create_key(session, actor, **values)


def act_switch(session: Session, actor: Actor, switch: Switch) -> Key:
    """Switch a key on or off."""
    return accounts.switch_key(session, actor, switch.id, enabled=switch.enabled)


def act_credentials(session: Session, actor: Actor, _nothing: None) -> list[Credential]:
    """The credentials; a bound key knows only those of its book."""
    return accounts.credentials(session, actor)


def act_create_credential(session: Session, actor: Actor, values: dict[str, Any]) -> Credential:
    """Connect a book."""
    return accounts.create_credential(session, actor, **values)


def act_remove_credential(session: Session, actor: Actor, credential_id: str) -> None:
    """Disconnect a book."""
    accounts.remove_credential(session, actor, credential_id)


# --- writers ---


def write_new_key(request: Request, new: NewKey) -> Answer:
    """The key with the account's login and, this once, its secret: an answer that is sent again goes without."""
    shown = {**write_fields(KEY, new.key), "login": request.actor.account.login}
    return Answer(201, {**shown, "key": new.secret}, kept={**shown, "key": None})


_SHOWN_KEY: Final = schema_of(KEY)
_NEW_KEY: Final = {
    **_SHOWN_KEY,
    "properties": {**_SHOWN_KEY["properties"], "login": TEXT, "key": TEXT_OR_NULL},
    "required": [*_SHOWN_KEY["required"], "login", "key"],
}

# --- routes ---

_TAGS: Final = ("Account, keys, credentials",)

ROUTES: Final = (
    Route(
        "GET", "/account", "readAccount", "Read the account",
        nothing, act_account, one(ACCOUNT),
        access="read", writes=False, quick=True, answers={200: schema_of(ACCOUNT)}, tags=_TAGS,
    ),
    Route(
        "PATCH", "/account", "changeAccount", "Change what is named of the account",
        read_account_change, act_change_account, one(ACCOUNT),
        access="admin", body=body_schema(ACCOUNT_CHANGE), answers={200: schema_of(ACCOUNT)}, tags=_TAGS,
    ),
    Route(
        "GET", "/keys", "listKeys", "List the keys, without their secrets",
        nothing, act_keys, every("keys", KEY),
        access="admin", writes=False, answers={200: under("keys", KEY)}, tags=_TAGS,
    ),
    Route(
        "POST", "/keys", "createKey", "Make a key; its secret is shown this once",
        read_key, act_create_key, write_new_key,
        access="admin", body=body_schema(KEY_CREATE), answers={201: _NEW_KEY}, tags=_TAGS,
    ),
    Route(
        "GET", "/keys/{id}", "readKey", "Read a key, without its secret",
        read_id, accounts.key, one(KEY),
        access="admin", writes=False, quick=True, answers={200: _SHOWN_KEY}, tags=_TAGS,
    ),
    Route(
        "PATCH", "/keys/{id}", "switchKey", "Switch a key on or off",
        read_switch, act_switch, one(KEY),
        access="admin", body=body_schema(KEY_CHANGE), answers={200: _SHOWN_KEY}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/keys/{id}", "deleteKey", "Delete a key",
        read_id, accounts.remove_key, gone,
        access="admin", answers={204: None}, tags=_TAGS,
    ),
    Route(
        "GET", "/credentials", "listCredentials", "List the credentials",
        nothing, act_credentials, every("credentials", CREDENTIAL),
        access="admin", writes=False, answers={200: under("credentials", CREDENTIAL)}, tags=_TAGS,
    ),
    Route(
        "POST", "/credentials", "createCredential", "Connect a book to a remote application",
        read_credential, act_create_credential, one(CREDENTIAL, 201),
        access="admin", body=body_schema(CREDENTIAL_CREATE), answers={201: schema_of(CREDENTIAL)}, tags=_TAGS,
    ),
    Route(
        "GET", "/credentials/{id}", "readCredential", "Read a credential",
        read_id, accounts.credential, one(CREDENTIAL),
        access="admin", writes=False, quick=True, answers={200: schema_of(CREDENTIAL)}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/credentials/{id}", "deleteCredential", "Delete a credential; the book stays",
        read_id, act_remove_credential, gone,
        access="admin", answers={204: None}, tags=_TAGS,
    ),
)  # fmt: skip
