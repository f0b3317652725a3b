"""Accounts and their keys: making, listing, switching on and off."""

from typing import Annotated, Any

import typer

from onebook.cli.options import AsJson, Data, Database, listed, over_store, shown
from onebook.model.account import Key
from onebook.model.moment import rfc3339
from onebook.operations import accounts, address_books
from onebook.store.base import Session, Store, Work

account_app = typer.Typer(no_args_is_help=True, help="Accounts.")
key_app = typer.Typer(no_args_is_help=True, help="API keys.")

OfAccount = Annotated[str, typer.Option(help="Name of the account.")]


@account_app.command("create")
def account_create(
    name: str,
    login: Annotated[str | None, typer.Option(help="Login, if other than the name.")] = None,
    database: Database = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make an account with one book, one admin key and one local credential; the key is shown this once."""
    made = over_store(database, data, lambda store: accounts.create(store, name, login=login), new=True)
    shown(
        {"account": made.account, "login": made.login, "key": made.key, "credentialId": made.credential_id},
        as_json=as_json,
    )


@account_app.command("list")
def account_list(database: Database = None, data: Data = None, as_json: AsJson = False) -> None:
    """List the accounts, oldest first."""
    found = over_store(database, data, lambda store: store.accounts())
    listed(
        [{"account": one.name, "login": one.login, "created": rfc3339(one.created_at)} for one in found],
        as_json=as_json,
    )


@key_app.command("create")
def key_create(
    account: OfAccount,
    scope: Annotated[str, typer.Option(help="none, read, write or admin.")] = "write",
    book: Annotated[str | None, typer.Option(help="Name of the one book that it may see.")] = None,
    database: Database = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; its secret is shown this once."""

    def make(store: Store) -> dict[str, Any]:
        owner = accounts.named(store, account)
        made: accounts.NewKey = store.write(
            Work(owner, "", "command", lambda session: accounts.create_named_key(session, scope, book))
        )
        return {"id": made.key.id, "login": owner.login, "key": made.secret, "scope": made.key.scope}

    shown(over_store(database, data, make), as_json=as_json)


@key_app.command("list")
def key_list(account: OfAccount, database: Database = None, data: Data = None, as_json: AsJson = False) -> None:
    """List an account's keys, oldest first, without their secrets, which nobody knows any more."""

    def look(store: Store) -> list[dict[str, Any]]:
        owner = accounts.named(store, account)
        actor = accounts.owner(owner)

        def run(session: Session) -> list[dict[str, Any]]:
            names = {book.number: book.name for book in address_books.seen(session, actor)}
            keys = sorted(accounts.keys(session, actor), key=lambda key: (key.created_at, key.id))
            return [_said(key, names) for key in keys]

        return store.read(owner, run)

    listed(over_store(database, data, look), as_json=as_json)


@key_app.command("switch")
def key_switch(
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `onebook key list` shows it.")],
    account: OfAccount,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether it opens the account.")],
    database: Database = None,
    data: Data = None,
) -> None:
    """Switch a key off, such as one that fell into wrong hands, or on again; servers heed it within a second."""

    def switch(store: Store) -> None:
        owner = accounts.named(store, account)
        actor = accounts.owner(owner)
        store.write(Work(owner, "", "command", lambda session: accounts.switch_key(session, actor, key, enabled=on)))

    over_store(database, data, switch)


def _said(key: Key, books: dict[int, str]) -> dict[str, Any]:
    return {
        "id": key.id,
        "scope": key.scope,
        "book": None if key.book is None else books.get(key.book),
        "on": key.enabled,
        "expires": None if key.expires_at is None else rfc3339(key.expires_at),
        "created": rfc3339(key.created_at),
    }
