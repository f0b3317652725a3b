"""Nothing crosses from one account to another, nor from one book to a key that is bound to another.

Made from the dialects' own tables of routes: a new route is tried as soon as it is there.
"""

from contextlib import closing

import pytest

from onebook.dialects.base import Route
from onebook.operations import accounts
from onebook.store.base import Work
from tests.harness import Account, Server
from tests.server.examples import calls_of, route_id, routes
from tests.server.world import Json, Rows, World, send

ROUTES = [pytest.param(dialect, route, id=f"{dialect}-{route.name}") for dialect, route in routes()]


@pytest.fixture(scope="module")
def victim(server: Server) -> World:
    """A world that no test of this file may change."""
    return World(server, server.new_account())


@pytest.mark.parametrize(("dialect", "route"), ROUTES)
def test_another_accounts_ids_open_nothing(
    server: Server, account: Account, victim: World, dialect: str, route: Route
) -> None:
    calls = calls_of(dialect, route, victim)
    rows = Rows(server, victim.account.name)
    before = rows.all()
    for call in calls:
        answer = send(account, dialect, route.method, route.path, call)
        assert answer.status_code < 500 or answer.status_code == 501, answer.text
        assert victim.secret not in answer.text, call
        assert victim.secret not in str(answer.headers), call
        assert rows.all() == before, call


@pytest.mark.each_engine
@pytest.mark.parametrize(("dialect", "route"), ROUTES)
def test_with_the_same_numbers_of_its_own_either(
    server: Server, account: Account, victim: World, dialect: str, route: Route
) -> None:
    """Numbers count in each account alike: here everything of the victim's has a twin that bears its number."""
    calls = calls_of(dialect, route, victim)
    own = World(server, account)
    assert (own.book, own.number, own.list) == (victim.book, victim.number, victim.list)
    rows = Rows(server, victim.account.name)
    before = rows.all()
    for call in calls:
        answer = send(account, dialect, route.method, route.path, call)
        assert answer.status_code < 500 or answer.status_code == 501, answer.text
        assert victim.secret not in answer.text, call
        assert rows.all() == before, call


# --- a key bound to a book ---


def bound_to(server: Server, account: Account, book: int) -> Account:
    """The same account with an admin key that is bound to a book."""
    store = server._store
    owner = accounts.named(store, account.name)
    made = store.write(
        Work(owner, "", "test", lambda session: accounts.create_key(session, accounts.owner(owner), "admin", book=book))
    )
    new = accounts.NewAccount(account.name, account.login, made.secret, account.credential_id)
    return Account(new, server.url)


def of_other_books(rows: Rows, book: int) -> dict[str, list[Json]]:
    """What the account has in books but one: the books, contacts and all that hangs on them, keys."""
    tables = rows.all()
    there = {row["number"] for row in tables["contacts"] if row["book"] != book}
    kept = {"books": [row for row in tables["books"] if row["number"] != book]}
    for name in ("contacts", "keys", "credentials"):
        kept[name] = [row for row in tables.get(name, []) if row["book"] != book]
    for name in ("contact_phones", "contact_emails", "contact_addresses", "label_members", "group_members"):
        kept[name] = [row for row in tables.get(name, []) if row["contact"] in there]
    return kept


@pytest.mark.parametrize(("dialect", "route"), ROUTES)
def test_a_bound_key_reaches_no_other_book(server: Server, account: Account, dialect: str, route: Route) -> None:
    others = World(server, account)
    calls = calls_of(dialect, route, others)
    rows = Rows(server, account.name)
    before = of_other_books(rows, 1)
    shared = _shared_by_all(others)
    with closing(bound_to(server, account, 1)) as bound:
        for call in calls:
            answer = send(bound, dialect, route.method, route.path, call)
            assert answer.status_code < 500 or answer.status_code == 501, answer.text
            for word in _of_its_book(others):
                assert word not in answer.text or word in str(call), (call, answer.text)
            if others.secret in answer.text:
                assert any(text in answer.text for text in shared), (call, answer.text)
            assert of_other_books(rows, 1) == before, call


def _of_its_book(world: World) -> list[str]:
    """What only somebody who sees the world's book may read."""
    return [
        *(f"{world.secret}{word}" for word in ("Person", "Group", "notes", "kind", "type")),
        *(world.uid, world.group, world.packagex_id, world.packagex_group),
        *(world.key_id, world.credential_id, world.user_credential_id, world.book_name, world.empty_name),
    ]


def _shared_by_all(world: World) -> list[str]:
    """Organizations, locations, opt-outs, users and subscriptions are the account's, not a book's."""
    named = [f"{world.secret}{word}" for word in ("place", "source", "street", "user", "heading")]
    return [world.organization_name, f"https://example.org/{world.secret}", *named]


def test_every_route_is_tried() -> None:
    assert len(ROUTES) == len({param.id for param in ROUTES}) >= 99
    assert {route_id(route) for _, route in routes()}
