"""What every page keeps: no change without a mark of ours, cookies for us alone, patience with passwords, weight."""

from collections.abc import Iterator

import httpx2
import pytest

from onebook.errors import NotAuthenticated
from onebook.operations import accounts, people
from onebook.operations.people import Caller, Wish
from onebook.web import guard
from onebook.web.table import PAGES
from onebook.web.visit import PageRoute
from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS
from tests.web.browser import PASSWORD

CHANGING = [row for row in PAGES if row.method not in guard.SAFE]
#: Bytes over the wire with gzip: the first page with all its files, and any page after it.
FIRST_BYTES, LATER_BYTES = 250_000, 30_000


def token_of(server: Server, account: Account) -> tuple[str, int]:
    """What the browser of a new owner holds, and the number of the account."""
    there = accounts.named(server._store, account.name)
    link = people.link(server._store, there, "owner")
    wish = Wish(f"owner@{there.id}.example.org", "Ada", PASSWORD)
    return people.accept(server._store, link, wish, Caller("127.0.0.1", "test")).token, there.id


@pytest.fixture
def browser(server: Server, account: Account) -> Iterator[tuple[httpx2.Client, int]]:
    """A client that holds an owner's session, and the number of the account."""
    token, number = token_of(server, account)
    with httpx2.Client(
        base_url=server.url, cookies={guard.SESSION: token}, trust_env=False, timeout=PATIENCE_SECONDS
    ) as client:
        yield client, number


def path_of(row: PageRoute, number: int) -> str:
    path = row.path.replace("{account:int}", str(number))
    for name in ("first", "last", "number"):
        path = path.replace(f"{{{name}:int}}", "1")
    return path.replace("{", "").replace("}", "")


@pytest.mark.parametrize("row", CHANGING, ids=lambda row: row.path)
def test_no_change_without_a_mark_of_ours(browser: tuple[httpx2.Client, int], row: PageRoute) -> None:
    client, number = browser
    path = path_of(row, number)
    other = guard.mark("another browser")
    assert client.request(row.method, path, data={"name": "x"}).status_code == 403
    assert client.request(row.method, path, data={"name": "x", guard.CSRF_FIELD: other}).status_code == 403
    ours = {"name": "x", guard.CSRF_FIELD: guard.mark(client.cookies[guard.SESSION])}
    foreign = client.request(row.method, path, data=ours, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


@pytest.mark.parametrize("row", [row for row in PAGES if "{account" in row.path], ids=lambda r: f"{r.method} {r.path}")
def test_no_page_of_another_account(browser: tuple[httpx2.Client, int], server: Server, row: PageRoute) -> None:
    client, _ = browser
    other = accounts.create(server._store, f"other-{row.method}-{row.path}").account
    number = accounts.named(server._store, other).id
    data = {guard.CSRF_FIELD: guard.mark(client.cookies[guard.SESSION])} if row in CHANGING else None
    assert client.request(row.method, path_of(row, number), data=data).status_code == 404


def test_cookies_are_for_us_alone(server: Server, account: Account) -> None:
    _, number = token_of(server, account)
    for proto, secure in (("http", False), ("https", True)):
        with httpx2.Client(base_url=server.url, trust_env=False, headers={"X-Forwarded-Proto": proto}) as client:
            met = client.get("/sign-in").headers["set-cookie"]
            guest = met.split(";")[0].split("=", 1)[1]
            form = {"email": f"owner@{number}.example.org", "password": PASSWORD, guard.CSRF_FIELD: guard.mark(guest)}
            cookie = {"Cookie": f"{guard.GUEST}={guest}"}
            came = client.post("/sign-in", data=form, headers=cookie).headers.get_list("set-cookie")
        for said in (met, *came):
            assert "HttpOnly" in said
            assert "SameSite=Lax" in said
            assert ("Secure" in said) is secure
        assert any(said.startswith(f"{guard.SESSION}=") for said in came)


def test_guessing_passwords_has_to_wait(server: Server, account: Account) -> None:
    _, number = token_of(server, account)
    guest = guard.new_guest()
    with httpx2.Client(
        base_url=server.url, trust_env=False, cookies={guard.GUEST: guest}, timeout=PATIENCE_SECONDS
    ) as client:

        def attempt(password: str) -> int:
            form = {"email": f"owner@{number}.example.org", "password": password}
            return client.post("/sign-in", data={**form, guard.CSRF_FIELD: guard.mark(guest)}).status_code

        assert [attempt(f"wrong {at}, surely") for at in range(5)] == [422] * 5
        assert attempt(PASSWORD) == 429


def test_pages_are_light(browser: tuple[httpx2.Client, int], account: Account) -> None:
    client, number = browser
    for at in range(60):
        account.native.post("/contacts", json={"name": {"full": f"Person {at}"}, "tags": ["fair"]})
    page = client.get(f"/accounts/{number}/contacts")
    files = {part.split('"')[0] for part in page.text.split('"/static/')[1:]}
    wire = int(page.headers["content-length"])
    assert wire < LATER_BYTES
    assert wire + sum(int(client.get(f"/static/{name}").headers["content-length"]) for name in files) < FIRST_BYTES
    for path in ("contacts/new", "labels", "contacts?q=person"):
        assert int(client.get(f"/accounts/{number}/{path}").headers["content-length"]) < LATER_BYTES


def test_a_session_that_ended_opens_nothing(server: Server, account: Account) -> None:
    token, _ = token_of(server, account)
    people.sign_out(server._store, token)
    with pytest.raises(NotAuthenticated):
        people.signed_in(server._store, token)
