"""The pictures of docs/pictures, made anew: real pages, made-up people.

    python -m bench.pictures [FOLDER]

Needs Chromium and what the tests need. A server of its own is started over an empty book, and stopped again.
"""

import csv
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from onebook.operations import accounts
from tests.harness import Account, Server
from tests.patience import wait_until
from tests.web.browser import Office, chromium

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
FIRMS = ("Nordwerk", "Alte Mühle", "", "Stein & Söhne")
TAGS = ("fair", "press", "", "supplier", "")
LATIN, SHOWN = 0x250, 240
DESK, PHONE = (1280, 760), (390, 780)
PEOPLE = Path(__file__).parents[1] / "examples" / "contacts.csv"
CUSTOMERS = (
    "Vorname;Nachname;Mobil;E-Mail;Firma;Schuhgröße\r\n"
    "Jürgen;Großmann;0171 2345678;juergen@example.org;Nordwerk;44\r\n"
    "Zoë;Müller;kein Telefon;zoe@example.org;Alte Mühle;38\r\n"
    "Renée;Ångström;0171 2345679;renee@@example;Nordwerk;39\r\n"
    "Ada;Okafor;0171 2345670;ada.okafor@example.org;;41\r\n"
    "Ivo;Novák;0171 2345671;ivo@example.org;Stein & Söhne;43\r\n"
)


def _people() -> bytes:
    """Some of the examples, with names in letters that every machine has, and with firms and tags."""
    rows = csv.reader(PEOPLE.read_text("utf-8").splitlines())
    next(rows)
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(("Name", "Email", "Phone", "Company", "Tags"))
    known = [row for row in rows if row[0][:1].isalpha() and max(map(ord, row[0])) < LATIN][:SHOWN]
    for at, (name, email, phone, *_) in enumerate(known):
        writer.writerow((name, email, phone, FIRMS[at % len(FIRMS)], TAGS[at % len(TAGS)]))
    return target.getvalue().encode()


def filled(account: Account) -> str:
    """Put people in; the uid of one who has everything."""
    api = account.native
    api.patch("/account", json={"default_country": "DE"})
    csv_type = {"Content-Type": "text/csv"}
    begun = api.post("/imports?name=contacts.csv", content=_people(), headers=csv_type).raise_for_status().json()
    wait_until(lambda: api.get(f"/imports/{begun['uid']}").json()["state"] == "done")
    ada = {
        "name": {"full": "Ada Okafor"},
        "phones": [{"raw": "0171 2345670", "type": "mobile"}, {"raw": "+49 30 901820", "type": "work"}],
        "emails": [{"address": "ada.okafor@example.org", "type": "work"}],
        "addresses": [{"line1": "Lindenallee 4", "postal_code": "10115", "city": "Berlin", "country": "DE"}],
        "organization": "Nordwerk", "tags": ["fair", "press"], "lists": ["spring letter"],
        "notes": "Prefers to be called in the morning.", "custom": {"Shoe size": "40"},
    }  # fmt: skip
    uid: str = api.post("/contacts", json=ada).raise_for_status().json()["uid"]
    first = api.get("/contacts", params={"limit": 3}).json()["contacts"]
    members = [{"uid": uid, "primary": True}, *({"uid": one["uid"]} for one in first[:3])]
    api.post("/contacts", json={"kind": "group", "name": {"full": "Board"}, "members": members}).raise_for_status()
    api.post("/opt-outs", json={"phone": "+4930901820", "source": "a letter"}).raise_for_status()
    return uid


def _columns(page: Page) -> None:
    file: FilePayload = {"name": "customers.csv", "mimeType": "text/csv", "buffer": CUSTOMERS.encode("cp1252")}
    page.get_by_label("Drop a file here").set_input_files(file)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="What was understood")).to_be_visible()


def _plan(page: Page) -> None:
    _columns(page)
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_role("heading", name="Planned", exact=True)).to_be_visible()


def _still(page: Page) -> None:
    page.wait_for_load_state("networkidle")


def taken(office: Office, uid: str, folder: Path) -> None:
    """Take all pictures."""
    pictures: tuple[tuple[str, str, tuple[int, int], bool, Callable[[Page], None]], ...] = (
        ("contacts", "/contacts", DESK, False, _still),
        ("contact", f"/contacts/{uid}", DESK, False, _still),
        ("import-columns", "/imports/new", DESK, False, _columns),
        ("import-plan", "/imports/new", DESK, False, _plan),
        ("contacts-dark", "/contacts?order=name-down", DESK, True, _still),
        ("import-phone", "/imports/new", PHONE, False, _plan),
    )
    for name, path, (width, height), dark, prepare in pictures:
        page = office.page(path, width=width, dark=dark, name="Ada Office")
        page.set_viewport_size({"width": width, "height": height})
        prepare(page)
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.screenshot(path=folder / f"{name}.png")


def main() -> None:
    """Make them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        server = Server(Path(data) / "data")
        account = Account(accounts.create(server._store, "office@example.org"), server.url)  # noqa: SLF001 - as the tests have it
        office = Office(server, account, browser)
        taken(office, filled(account), folder)
        office.close()
        account.close()
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
