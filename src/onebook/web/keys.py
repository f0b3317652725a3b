"""Keys and credentials, and where a client is pointed with them: base URL, key and a call that works, by dialect."""

import shlex
from typing import Final

from msgspec import Struct

from onebook.errors import InvalidInput, Issue
from onebook.model.account import SCOPES, Credential
from onebook.operations import accounts, address_books
from onebook.web.visit import Gone, Notice, PageRoute, Reply, Shown, Visit

_DAY_MILLISECONDS: Final = 86_400_000
DAYS: Final = (0, 30, 90, 365)
#: What stands in a call in place of a key that nobody sees.
NO_KEY: Final = "YOUR-KEY"


class Call(Struct, frozen=True):
    """How a client of a dialect is pointed here.

    Args: ``base``: its base URL. ``call``: a command for a shell that reads contacts with the key.
    """

    title: str
    base: str
    call: str


def calls(address: str, login: str, key: str, credential: str) -> list[Call]:
    """A call for each dialect; the values are quoted for a shell."""

    def header(name: str, value: str) -> str:
        return f"-H {shlex.quote(f'{name}: {value}')}"

    def at(path: str) -> str:
        return shlex.quote(address + path)

    form = "-H 'Content-Type: application/json'"
    body = """-d '{"contacts":[{"phone_number":"+16505550134"}]}'"""
    octopush = (
        header("api-login", login),
        header("api-key", key),
        form,
        at("/octopush/v1/public/contact/create"),
        body,
    )
    crm = at(f"/alloy/2024-03/one/crm/contacts?credentialId={credential}")
    rows: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("onebook", "/api/v1", (header("Authorization", f"Bearer {key}"), at("/api/v1/contacts"))),
        ("Apptoto", "/apptoto/v1", ("-u", shlex.quote(f"{login}:{key}"), at("/apptoto/v1/contacts"))),
        ("PackageX", "/packagex/v1", (header("PX-API-KEY", key), at("/packagex/v1/contacts"))),
        ("Alloy", "/alloy/2024-03/one", (header("Authorization", f"bearer {key}"), crm)),
        ("Octopush", "/octopush/v1/public", octopush),
    )
    return [Call(title, address + base, " ".join(("curl", *call))) for title, base, call in rows]


def show_connect(visit: Visit) -> Reply:
    """Where clients are pointed; a key is put in by whoever has it."""
    return _connect(visit, NO_KEY)


def _connect(visit: Visit, key: str) -> Shown:
    there = visit.read(accounts.credentials)
    local = next((one.id for one in there if one.kind == "local"), "")
    account = visit.who.account
    found = calls(visit.address, account.login, key, local)
    values = {"calls": found, "login": account.login, "key": key, "known": key != NO_KEY, "credential": local}
    return Shown("running/connect.html", values)


def connect(visit: Visit) -> Reply:
    """A new key, shown once, in each of the calls."""
    made = visit.write(lambda session, actor: accounts.create_key(session, actor, "write"))
    return _connect(visit, made.secret)


def show_keys(visit: Visit) -> Reply:
    """All keys, without their secrets, and all credentials."""
    return _keys(visit)


def _keys(visit: Visit, issues: tuple[Issue, ...] = (), secret: str = "") -> Shown:
    keys, credentials, books = visit.read(
        lambda session, actor: (
            accounts.keys(session, actor),
            accounts.credentials(session, actor),
            address_books.seen(session, actor),
        )
    )
    values = {
        "keys": sorted(keys, key=lambda key: -key.created_at),
        "credentials": credentials,
        "books": books,
        "named": {book.number: book.name for book in books},
        "scopes": [scope for scope in SCOPES if scope != "none"],
        "days": DAYS,
        "secret": secret,
        "issues": issues,
        "typed": visit.form,
    }
    return Shown("running/keys.html", values, 422 if issues else 200)


def make_key(visit: Visit) -> Reply:
    """A new key; its secret is shown on this page and never again."""
    form = visit.form
    days = form.number("days")

    def expires(now: int) -> int | None:
        return now + days * _DAY_MILLISECONDS if days else None

    try:
        made = visit.write(
            lambda session, actor: accounts.create_key(
                session, actor, form["scope"], book=form.number("book") or None, expires_at=expires(session.now)
            )
        )
    except InvalidInput as error:
        return _keys(visit, error.issues)
    return _keys(visit, secret=made.secret)


def switch(visit: Visit) -> Reply:
    """Switch a key on or off."""
    on = visit.form["on"] == "1"
    visit.write(lambda session, actor: accounts.switch_key(session, actor, visit.params["key"], enabled=on))
    return Gone(f"{visit.base}/running/keys", Notice("running.key_on" if on else "running.key_off"))


def remove(visit: Visit) -> Reply:
    """Remove a key for good."""
    visit.write(lambda session, actor: accounts.remove_key(session, actor, visit.params["key"]))
    return Gone(f"{visit.base}/running/keys", Notice("running.key_removed"))


def make_credential(visit: Visit) -> Reply:
    """A local credential: the book itself as the remote application."""
    book = visit.form.number("book")
    made: Credential = visit.write(lambda session, actor: accounts.create_credential(session, actor, "local", book))
    return Gone(f"{visit.base}/running/keys", Notice("running.credential_made", {"id": made.id}))


def remove_credential(visit: Visit) -> Reply:
    """Remove a credential; its book stays."""
    visit.write(lambda session, actor: accounts.remove_credential(session, actor, visit.params["credential"]))
    return Gone(f"{visit.base}/running/keys", Notice("running.credential_removed"))


_BASE: Final = "/accounts/{account:int}/running"
ROUTES: Final = (
    PageRoute("GET", f"{_BASE}/connect", show_connect),
    PageRoute("POST", f"{_BASE}/connect", connect, "admin"),
    PageRoute("GET", f"{_BASE}/keys", show_keys, "admin"),
    PageRoute("POST", f"{_BASE}/keys", make_key, "admin"),
    PageRoute("POST", f"{_BASE}/keys/{{key}}/switch", switch, "admin"),
    PageRoute("POST", f"{_BASE}/keys/{{key}}/remove", remove, "admin"),
    PageRoute("POST", f"{_BASE}/credentials", make_credential, "admin"),
    PageRoute("POST", f"{_BASE}/credentials/{{credential}}/remove", remove_credential, "admin"),
)
