"""People who use the pages: who they are, what they may do in which account, and how they come in."""

from typing import Literal

from msgspec import Struct

from onebook.model.account import Scope

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")  # each may do what those before it may
SCOPES_OF: dict[str, Scope] = {"viewer": "read", "editor": "write", "owner": "admin"}

Purpose = Literal["found", "join", "reset"]

#: What the id of a person begins with, in the change log, where ids of keys stand too.
PERSON_PREFIX = "person:"


class Person(Struct, frozen=True):
    """Somebody with a mail address and a password; may belong to several accounts.

    Args:
        id: `PERSON_PREFIX` and 24 hexadecimal digits. email: as typed; email_key: folded, unique in the installation.
        password: Argon2's own text, with its parameters and salt; never the password.
        language: of the pages (BCP 47); empty: what the browser asks for.
    """

    id: str
    email: str
    email_key: str
    name: str
    password: str
    language: str
    created_at: int
    updated_at: int


class Membership(Struct, frozen=True):
    """What a person may do in the account that this stands in."""

    person: str
    role: Role
    created_at: int


class SignIn(Struct, frozen=True):
    """One browser in which a person has signed in; the store knows only the SHA-256 of what the browser holds.

    Args: ``browser``: what it calls itself, for the person to tell one from another.
    """

    person: str
    browser: str
    created_at: int
    expires_at: int


class Invitation(Struct, frozen=True):
    """A one-time link; the store knows only the SHA-256 of its secret.

    Args:
        purpose: ``found`` makes an account and its owner, ``join`` a member of ``account``, ``reset`` sets the
            password of ``person`` anew.
        account: its id; 0 for none. email: the only address that may use it; None for any.
    """

    purpose: Purpose
    account: int
    role: Role
    email: str | None
    person: str | None
    created_at: int
    expires_at: int
