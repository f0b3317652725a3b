"""Accounts, and what opens them: keys, credentials, users."""

import hashlib
import secrets
from typing import Any

from msgspec import Struct, structs

from onebook.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from onebook.model.account import SCOPES, Account, Credential, Key, Subscription, User
from onebook.model.book import DEFAULT_BOOK
from onebook.operations import address_books
from onebook.operations.actor import Actor
from onebook.store.base import Session, Store

KEY_PREFIX = "ob_"  # so that a key found somewhere can be told for what it is


class NewAccount(Struct, frozen=True):
    """What is shown once: the key's secret is not kept."""

    account: str
    login: str
    key: str
    credential_id: str


class NewKey(Struct, frozen=True):
    """A key with its secret, shown once."""

    key: Key
    secret: str


def _new_id() -> str:
    """24 hexadecimal digits, as the credentials and users of CRM interfaces bear."""
    return secrets.token_hex(12)


def hash_of(secret: str) -> bytes:
    """SHA-256: right for 256 random bits, which no one can guess; it would be wrong for a password."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


class Claim(Struct, frozen=True):
    """What a request says about who sent it, as it may be kept: not the secret, but its hash.

    Args: ``login``: compared with the account's, where the dialect sends one.
    """

    secret_hash: bytes
    login: str | None = None


def claim_of(secret: str, login: str | None = None) -> Claim:
    """The claim of whoever sends this secret."""
    return Claim(hash_of(secret), login)


def authenticate(store: Store, claim: Claim, dialect: str, now: int) -> Actor:
    """Who a secret belongs to; ``now`` in milliseconds since 1970.

    Raises: NotAuthenticated("wrong") for an unknown, switched-off or expired key or another's login.
    """
    found = store.opened_by(claim.secret_hash)
    if found is None:
        raise NotAuthenticated("wrong")
    account, key = found
    expired = key.expires_at is not None and key.expires_at <= now
    if not key.enabled or expired or (claim.login is not None and claim.login != account.login):
        raise NotAuthenticated("wrong")
    return Actor(account, key, dialect)


def is_remembered(store: Store, claim: Claim) -> bool:
    """Whether `authenticate` can tell who a claim is right for without waiting for the database."""
    return store.remembers(claim.secret_hash)


def create(store: Store, name: str, *, login: str | None = None) -> NewAccount:
    """Make an account with its book "Contacts", an admin key, and a local credential on that book.

    Raises: InvalidInput for a blank name; Conflict("account", name) if the name or login is taken.
    """
    if not name.strip():
        raise InvalidInput.of("name", "required", "An account needs a name.")

    def run(session: Session) -> NewAccount:
        credential = furnish(session)
        made = create_key(session, owner(session.account), "admin")
        return NewAccount(name, session.account.login, made.secret, credential.id)

    return store.create_account(name, login or name, run)


def furnish(session: Session) -> Credential:
    """Give a new account its first book, and a local credential on it."""
    actor = owner(session.account)
    book = address_books.create(session, actor, DEFAULT_BOOK)
    return create_credential(session, actor, "local", book.number)


def set_default_country(session: Session, default_country: str | None) -> Account:
    """Say where numbers in national form are dialled: ISO 3166-1 alpha-2, or None for nowhere in particular."""
    session.set_default_country(default_country)
    session.log("account", "updated", 0, before={"default_country": session.account.default_country})
    return structs.replace(session.account, default_country=default_country)


def owner(account: Account) -> Actor:
    """The owner of the installation, who needs no key."""
    return Actor(account, Key("", "admin", None, enabled=True, expires_at=None, created_at=0), "command")


def named(store: Store, name: str) -> Account:
    """Raises: NotFound("account")."""
    found = store.account_named(name)
    if found is None:
        raise NotFound("account", name)
    return found


def create_named_key(session: Session, scope: str, book: str | None) -> NewKey:
    """Make a key, its book given by name. Raises: NotFound("address book"); InvalidInput for an unknown scope."""
    actor = owner(session.account)
    bound = None if book is None else address_books.named(session, actor, book)
    if book is not None and bound is None:
        raise NotFound("address book", book)
    return create_key(session, actor, scope, book=None if bound is None else bound.number)


def create_key(
    session: Session, actor: Actor, scope: str, *, book: int | None = None, expires_at: int | None = None
) -> NewKey:
    """Make a key.

    Raises: InvalidInput for an unknown scope; NotFound for an unknown book; NotPermitted for a bound key that wants
    to make one that sees more than itself.
    """
    if scope not in SCOPES:
        raise InvalidInput.of("scope", "unknown", f"The scope is one of {', '.join(SCOPES)}.")
    actor.must_see(book or 0)
    if book is not None:
        address_books.get(session, actor, book)
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    key = Key(_new_id(), scope, book, enabled=True, expires_at=expires_at, created_at=session.now)
    session.add_key(key, hash_of(secret))
    session.log("key", "created", 0)
    return NewKey(key, secret)


def keys(session: Session, actor: Actor) -> list[Key]:
    """Every key of the account, without secrets; for a bound key those of its book."""
    return session.all(Key) if actor.key.book is None else session.all(Key, book=actor.key.book)


def key(session: Session, actor: Actor, key_id: str) -> Key:
    """Raises: NotFound("key"), for a bound key also if the other sees more than its book."""
    found = session.get(Key, id=key_id)
    if found is None or actor.key.book not in (None, found.book):
        raise NotFound("key", key_id)
    return found


def switch_key(session: Session, actor: Actor, key_id: str, *, enabled: bool) -> Key:
    """Switch a key on or off. Raises: NotFound("key")."""
    before = key(session, actor, key_id)
    session.change(Key, {"id": key_id}, enabled=enabled)
    session.log("key", "updated", 0, before=before)
    return key(session, actor, key_id)


def remove_key(session: Session, actor: Actor, key_id: str) -> None:
    """Raises: NotFound("key")."""
    before = key(session, actor, key_id)
    session.remove_key(key_id)
    session.log("key", "deleted", 0, before=before)


# --- credentials and their users ---


def create_credential(
    session: Session,
    actor: Actor,
    kind: str,
    book: int,
    *,
    user: str | None = None,
    fields: dict[str, Any] | None = None,
) -> Credential:
    """Connect a book to a remote application; ``local``: the book is itself the remote application.

    Raises: NotFound for an unknown book or user.
    """
    address_books.get(session, actor, book)
    if user is not None:
        get_user(session, user)
    now = session.now
    made = Credential(_new_id(), kind, book, user, None, fields or {}, now, now)
    session.add(made)
    session.log("credential", "created", 0)
    return made


def credential(session: Session, actor: Actor, credential_id: str) -> Credential:
    """Raises: NotFound("credential"); NotPermitted if the key is bound to another book."""
    found = session.known(Credential, id=credential_id)
    if found is None:
        raise NotFound("credential", credential_id)
    actor.must_see(found.book)
    return found


def credentials(session: Session, actor: Actor, **equal: object) -> list[Credential]:
    """Every credential with these values whose book the key may see, oldest first."""
    found = (one for one in session.all(Credential, **equal) if actor.key.book in (None, one.book))
    return sorted(found, key=lambda one: (one.created_at, one.id))


def remove_credential(session: Session, actor: Actor, credential_id: str) -> None:
    """Raises: NotFound("credential"); NotPermitted if the key is bound to another book."""
    session.remove(Credential, id=credential(session, actor, credential_id).id)
    session.log("credential", "deleted", 0)


def create_user(session: Session, username: str, full_name: str | None) -> User:
    """Raises: InvalidInput for a blank username; Conflict("user", …) if it is taken."""
    if not username.strip():
        raise InvalidInput.of("username", "required", "A user needs a username.")
    if session.get(User, username=username) is not None:
        raise Conflict("user", username)
    made = User(_new_id(), username, full_name, session.now, session.now)
    session.add(made)
    session.log("user", "created", 0)
    return made


def get_user(session: Session, reference: str) -> User:
    """The user with this id or username. Raises: NotFound("user")."""
    found = session.get(User, id=reference) or session.get(User, username=reference)
    if found is None:
        raise NotFound("user", reference)
    return found


def users(session: Session) -> list[User]:
    """Every user of the account, oldest first."""
    return sorted(session.all(User), key=lambda one: (one.created_at, one.id))


def update_user(session: Session, reference: str, **values: object) -> User:
    """Set a user's username or full name. Raises: NotFound; Conflict if the username is taken."""
    before = get_user(session, reference)
    session.change(User, {"id": before.id}, **values, updated_at=session.now)
    session.log("user", "updated", 0, before=before)
    return get_user(session, before.id)


def remove_user(session: Session, actor: Actor, reference: str) -> None:
    """Remove a user and its credentials; the contacts stay.

    Raises: NotFound; NotPermitted if one of the credentials shows another book than the key's.
    """
    gone = get_user(session, reference)
    for one in session.all(Credential, user=gone.id):
        actor.must_see(one.book)
    session.remove(Credential, user=gone.id)
    session.remove(User, id=gone.id)
    session.log("user", "deleted", 0, before=gone)


def subscribe(session: Session, address: str, topics: tuple[str, ...]) -> Subscription:
    """Keep a wish to be told of events."""
    made = Subscription(_new_id(), address, topics, enabled=True, created_at=session.now)
    session.add(made)
    session.log("subscription", "created", 0)
    return made


def subscriptions(session: Session) -> list[Subscription]:
    """Every subscription of the account, oldest first."""
    return sorted(session.all(Subscription), key=lambda one: (one.created_at, one.id))


def unsubscribe(session: Session, subscription_id: str) -> None:
    """Raises: NotFound("subscription")."""
    if not session.remove(Subscription, id=subscription_id):
        raise NotFound("subscription", subscription_id)
    session.log("subscription", "deleted", 0)
