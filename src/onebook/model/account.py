"""The tenant and what opens it: account, key, credential, user."""

from typing import Any, Literal

from msgspec import Struct

Scope = Literal["none", "read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("none", "read", "write", "admin")  # each includes those before it


class Account(Struct, frozen=True):
    """A tenant; nothing crosses from one to another.

    Args:
        id: counted up in the installation. uid: UUIDv7, shown outside as the organization.
        name, login: each unique in the installation; all keys of the account share the login.
        default_country: ISO 3166-1 alpha-2, for numbers in national form; None until it is set.
    """

    id: int
    uid: str
    name: str
    login: str
    default_country: str | None
    created_at: int


class Key(Struct, frozen=True):
    """An API key. The secret is not here: the directory knows only its SHA-256.

    Args:
        book: number of the one book that it may see and change; None for all.
        expires_at: milliseconds since 1970, or None.
    """

    id: str
    scope: Scope
    book: int | None
    enabled: bool
    expires_at: int | None
    created_at: int


class Credential(Struct, frozen=True):
    """A connected remote application; kind ``local`` means that the book itself is the remote application.

    Args:
        id: 24 hexadecimal digits. user: id of the `User` that it belongs to, if any.
        secret: encrypted; None for ``local``. fields: what the owner said of it, without secrets.
    """

    id: str
    kind: str
    book: int
    user: str | None
    secret: str | None
    fields: dict[str, Any]
    created_at: int
    updated_at: int


class User(Struct, frozen=True):
    """A customer of the account's owner, who owns credentials; ``username`` is unique in the account."""

    id: str
    username: str
    full_name: str | None
    created_at: int
    updated_at: int


class Subscription(Struct, frozen=True):
    """A wish to be told of events; delivering them is the worker's business."""

    id: str
    address: str
    topics: tuple[str, ...]
    enabled: bool
    created_at: int
