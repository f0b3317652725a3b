"""Coming in: the first link, the password, one's own page; and what keeps others out."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from onebook.operations import accounts, people
from tests.harness import Server
from tests.web.browser import PASSWORD, Office, violations


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has used yet."""
    running = Server(tmp_path / "data")
    yield running
    running.stop()


def test_first_entry(empty: Server, browser: Browser) -> None:
    """Without an account and without people, the link founds both; the second use of it finds nothing."""
    token = people.first_link(empty._store)
    page = browser.new_context().new_page()
    page.goto(f"{empty.url}/enter/{token}")
    page.get_by_label("Name of the account").fill("Harbour Clinic")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Begin").evaluate("button => button.form.noValidate = true")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("at least 12 characters", exact=False).first).to_be_visible()
    expect(page.get_by_label("Name of the account")).to_have_value("Harbour Clinic")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile(r"/accounts/1/contacts$"))
    assert accounts.named(empty._store, "Harbour Clinic").id == 1
    assert httpx2.get(f"{empty.url}/enter/{token}").status_code == 404
    page.context.close()


def test_signing_in_and_out(office: Office) -> None:
    token = people.link(office.store, accounts.named(office.store, office.account.name), "editor")
    page = office.stranger(f"/enter/{token}")
    page.get_by_label("E-mail").fill(f"grace@{office.number}.example.org")
    page.get_by_label("Name").fill("Grace")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile(f"{office.base}/contacts$"))
    page.get_by_role("button", name="Grace").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.goto(f"{office.server.url}{office.base}/contacts?q=ada")
    expect(page).to_have_url(re.compile("/sign-in"))
    sign_in(page, f"GRACE@{office.number}.example.org", PASSWORD)
    expect(page).to_have_url(re.compile(r"contacts\?q=ada$"))


def test_a_wrong_password_says_so_and_keeps_the_address(office: Office) -> None:
    page = office.stranger("/sign-in")
    sign_in(page, "nobody@example.org", "not this one, surely")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    expect(page.get_by_label("E-mail")).to_have_value("nobody@example.org")
    office.watches[0].errors.clear()  # the browser itself logs the 422


def test_one_cannot_go_on_to_another_site(office: Office) -> None:
    page = office.page("/contacts")
    for path in (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\n//evil.example",
    ):
        page.goto(f"{office.server.url}/sign-in?" + str(httpx2.QueryParams({"next": path})))
        assert page.url.startswith(office.server.url)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(office: Office, dark: bool) -> None:
    token = people.link(office.store, accounts.named(office.store, office.account.name), "viewer")
    assert violations(office.stranger("/sign-in", dark=dark)) == []
    assert violations(office.stranger(f"/enter/{token}", dark=dark)) == []
    page = office.page("/contacts", dark=dark)
    assert violations(page) == []
    page.goto(f"{office.server.url}/me")
    assert violations(page) == []
