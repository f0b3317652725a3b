"""The pages for running onebook: keys that open every dialect, books, opt-outs, people, and figures that move."""

import json
import re
import shlex
import shutil
import subprocess

import pytest
from playwright.sync_api import Page, expect

from onebook.model.person import Role
from onebook.operations import accounts, people
from tests.patience import PATIENCE_SECONDS
from tests.web.browser import WIDTHS, Office, picture, violations

PAGES = ("connect", "keys", "books", "opt-outs", "people", "figures")
HOSTILE = "<img src=x onerror=alert(1)>"


def refused(office: Office) -> None:
    """A form that is shown again is a 422, which the browser itself logs."""
    office.watches[0].errors[:] = [error for error in office.watches[0].errors if "422" not in error]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_a_key_made_here_opens_every_dialect_with_the_calls_shown(office: Office) -> None:
    page = office.page("/running/connect")
    expect(page.locator("[data-call]").first).to_contain_text("YOUR-KEY")
    page.get_by_role("button", name="Make a key for these calls").click()
    expect(page.get_by_label("The new key")).to_have_value(re.compile("^ob_"))
    calls = page.locator("[data-call]").all_inner_texts()
    assert len(calls) == 5
    for call in calls:
        command = [*shlex.split(call), "--silent", "--noproxy", "*", "--write-out", "\n%{http_code}"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True).stdout
        body, _, status = answer.rpartition("\n")
        assert status.startswith("2"), (call, answer)
        json.loads(body)


def test_a_key_is_shown_once_switched_off_and_removed(office: Office) -> None:
    page = office.page("/running/keys")
    page.get_by_label("May").select_option("read")
    page.get_by_role("button", name="Make a key").click()
    secret = page.get_by_label("The new key").input_value()
    client = office.account.client("/api/v1", headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/contacts").status_code == 200
    assert client.post("/contacts", json={"name": {"full": "Ada"}}).status_code == 403
    page.goto(page.url)
    assert secret not in page.content()
    page.get_by_role("button", name="Switch off").first.click()
    expect(page.locator("[data-notice]")).to_contain_text("The key is off")
    assert client.get("/contacts").status_code == 401
    page.on("dialog", lambda dialog: dialog.accept())
    rows = page.locator("tbody tr").count()
    page.locator("tbody tr").first.get_by_role("button", name="Remove").click()
    expect(page.locator("tbody tr")).to_have_count(rows - 1)


def test_books_are_made_renamed_and_removed(office: Office) -> None:
    page = office.page("/running/books")
    page.get_by_label("Name", exact=True).fill(HOSTILE)
    page.get_by_role("button", name="Make an address book").click()
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    page.get_by_label("Name", exact=True).fill(HOSTILE)
    page.get_by_role("button", name="Make an address book").click()
    expect(page.locator("#w-name")).to_contain_text("already")
    expect(page.get_by_label("Name", exact=True)).to_have_value(HOSTILE)
    refused(office)
    page.get_by_text("Rename").last.click()
    page.get_by_label(f"New name of {HOSTILE}").fill("Suppliers")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("link", name="Suppliers")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("link", name="Suppliers")).to_have_count(0)


def test_opt_outs_are_marked_with_their_source_and_taken_back(office: Office) -> None:
    page = office.page("/running/opt-outs", role="editor")
    page.get_by_label("Number or e-mail address").fill("not an address")
    page.get_by_label("Who says so").fill("a letter")
    page.get_by_role("button", name="Opt out").click()
    expect(page.locator("#w-address")).to_contain_text("Give a telephone number")
    expect(page.get_by_label("Who says so")).to_have_value("a letter")
    refused(office)
    page.get_by_label("Number or e-mail address").fill("+1 202 555 0143")
    page.get_by_role("button", name="Opt out").click()
    expect(page.get_by_role("cell", name="+12025550143")).to_be_visible()
    expect(page.get_by_role("cell", name="a letter")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Nobody has opted out")).to_be_visible()


def test_people_are_invited_and_the_last_owner_stays(office: Office) -> None:
    page = office.page("/running/people")
    page.get_by_label("E-mail").fill("nobody")
    page.get_by_role("button", name="Make a one-time link").click()
    expect(page.locator("#w-email")).to_be_visible()
    page.get_by_label("E-mail").fill("")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Make a one-time link").click()
    link = page.get_by_label("The link").input_value()
    assert people.invitation(office.store, link.rpartition("/")[2]).role == "viewer"
    page.get_by_label("Role of Ada Office").select_option("viewer")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("alert")).to_contain_text("needs an owner")
    refused(office)


def test_figures_move(office: Office) -> None:
    page = office.page("/running/figures")
    expect(page.locator("[data-plot] canvas")).to_have_count(4)
    for _ in range(20):
        office.account.native.get("/contacts")
    expect(page.locator("[data-now=requests]")).to_have_text(re.compile(r"[1-9]"))
    expect(page.locator("[data-now=queue]")).to_have_text(re.compile(r"\d"))


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_what_only_owners_may(office: Office, role: Role) -> None:
    page = office.page("/running", role=role)
    expect(page.locator("[data-call]").first).to_contain_text("YOUR-KEY")
    expect(page.get_by_role("button", name="Make a key for these calls")).to_have_count(0)
    for name in ("keys", "people", "figures"):
        page.goto(f"{office.server.url}{office.base}/running/{name}")
        expect(page.get_by_text("This is not for you").first).to_be_visible()
    page.goto(f"{office.server.url}{office.base}/running/books")
    expect(page.get_by_role("button", name="Make an address book")).to_have_count(0)
    office.watches[0].errors.clear()  # the browser itself logs the 403


def test_another_account_sees_no_key(office: Office) -> None:
    """Its own pages show its own keys only, and another's key cannot be switched through them."""
    other = office.server.new_account()
    key = office.store.read(
        accounts.named(office.store, other.name),
        lambda session: accounts.keys(session, accounts.owner(session.account)),
    )[0]
    page = office.page("/running/keys")
    assert key.id not in page.content()
    page.evaluate(
        "id => { const form = document.querySelector('form[action$=\"/switch\"]');"
        " form.action = form.action.replace(/keys.[^/]+/, 'keys/' + id); }",
        key.id,
    )
    page.get_by_role("button", name="Switch off").first.click()
    expect(page.get_by_text("There is nothing here").first).to_be_visible()
    assert other.native.get("/contacts").status_code == 200
    office.watches[0].errors.clear()  # the browser itself logs the 404


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(office: Office, dark: bool) -> None:
    office.account.native.post("/opt-outs", json={"phone": "+12025550143"})
    page = office.page("/running", dark=dark)
    for name in PAGES:
        page.goto(f"{office.server.url}{office.base}/running/{name}")
        assert violations(page) == [], name
    page.goto(f"{office.server.url}{office.base}/running/connect")
    page.get_by_role("button", name="Make a key for these calls").click()
    expect(page.get_by_label("The new key")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_fit_every_width(office: Office, width: str) -> None:
    office.account.native.post("/opt-outs", json={"email": f"{'long' * 20}@example.org"})
    page = office.page("/running", width=WIDTHS[width], language="de")
    for name in PAGES:
        page.goto(f"{office.server.url}{office.base}/running/{name}")
        picture(page, f"running-{name}-{width}")
        assert _fits(page), name


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
