"""The import wizard in a real browser: a file becomes contacts without fear, and can be taken back."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.web.browser import WIDTHS, Office, picture, violations

SEMICOLON = (
    "Vorname;Nachname;Mobil;E-Mail;Schuhgröße\r\n"
    "Jürgen;Großmann;0171 2345678;juergen@example.org;44\r\n"
    "Zoë;Müller;kein Telefon;zoe@example.org;38\r\n"
    "Renée;Ångström;0171 2345679;renee@@example;39\r\n"
    "Ада;x;0171 2345670;;\r\n"
).replace("Ада", "Ada")
HOSTILE = "<img src=x onerror=alert(1)>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_of(name: str, content: bytes, media_type: str = "text/csv") -> FilePayload:
    return {"name": name, "mimeType": media_type, "buffer": content}


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sent(page: Page, file: FilePayload) -> None:
    """Send a file, and be where its columns are shown."""
    page.get_by_label("Drop a file here").set_input_files(file)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="What was understood")).to_be_visible()


def planned(page: Page) -> None:
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_role("heading", name="Planned", exact=True)).to_be_visible()


def done(page: Page) -> None:
    page.get_by_role("button", name="Import ").click()
    expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()


def count(page: Page, word: str) -> str:
    return page.locator(".counts li", has_text=word).locator(".h1").inner_text()


def refused(office: Office) -> None:
    """A form that is shown again is a 422, which the browser itself logs."""
    office.watches[0].errors[:] = [error for error in office.watches[0].errors if "422" not in error]


def names(office: Office) -> list[str]:
    found = office.account.native.get("/contacts").json()["contacts"]
    return sorted(one["name"]["full"] for one in found)


def test_from_a_semicolon_file_in_cp1252_to_the_mended_workbook(office: Office, tmp_path: Path) -> None:
    office.account.native.patch("/account", json={"default_country": "DE"})
    page = office.page("/imports/new")
    sent(page, file_of("kunden.csv", SEMICOLON.encode("cp1252")))
    expect(page.get_by_label("Encoding")).to_contain_text("Windows-1252")
    expect(page.get_by_label("Delimiter")).to_contain_text("Semicolon")
    expect(page.get_by_label("Mobil becomes")).to_have_value("phone:mobile")
    expect(page.get_by_label("Schuhgröße becomes")).to_have_value("custom.Schuhgröße")
    expect(page.get_by_role("cell", name="Jürgen")).to_be_visible()
    picture(page, "import-columns")
    planned(page)
    assert (count(page, "would be new"), count(page, "would be left out")) == ("2", "2")
    assert names(office) == []
    picture(page, "import-plan")
    done(page)
    assert (count(page, "new"), count(page, "left out"), count(page, "rows in all")) == ("2", "2", "4")
    assert names(office) == ["Ada x", "Jürgen Großmann"]
    picture(page, "import-result")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the correction workbook").click()
    mended = _mended(tmp_path, download.value.path())
    page.get_by_label("The mended workbook").set_input_files(file_of("mended.xlsx", mended, XLSX))
    page.get_by_role("button", name="Send the mended rows").click()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.locator("[data-notice]")).to_contain_text("Taken after mending: 2. Still left out: 0.")
    assert names(office) == ["Ada x", "Jürgen Großmann", "Renée Ångström", "Zoë Müller"]


def _mended(folder: Path, path: Path) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.value == "kein Telefon":
                cell.value = "0171 2345600"
            elif cell.value == "renee@@example":
                cell.value = "renee@example.org"
    target = folder / "mended.xlsx"
    book.save(target)
    return target.read_bytes()


@pytest.mark.each_engine
def test_from_a_workbook(office: Office) -> None:
    """A column is mapped by hand; what was chosen is saved under a name, and used again."""
    rows = (("Full Name", "Phone", "Betreuer"), ("Grace Hopper", "+12025550143", "Ada"))
    page = office.page("/imports/new")
    sent(page, file_of("people.xlsx", workbook(*rows), XLSX))
    expect(page.get_by_text("Workbook")).to_be_visible()
    page.get_by_label("Betreuer becomes").select_option(label="Organization")
    page.get_by_label("Save these choices as").fill("Betreuerliste")
    planned(page)
    expect(page.get_by_role("cell", name="Grace Hopper")).to_be_visible()
    done(page)
    found = office.account.native.get("/contacts").json()["contacts"]
    assert [(one["name"]["full"], one["organization"]) for one in found] == [("Grace Hopper", "Ada")]
    page.goto(f"{office.server.url}{office.base}/imports/new")
    sent(page, file_of("again.xlsx", workbook(*rows, ("Ada Lovelace", "+12025550144", "Grace")), XLSX))
    expect(page.get_by_text("as last time").first).to_be_visible()
    expect(page.get_by_label("Betreuer becomes")).to_have_value("organization")
    page.get_by_label("Saved mapping").select_option("Betreuerliste")
    page.get_by_role("button", name="Read it so").click()
    expect(page.get_by_text("as saved").first).to_be_visible()
    planned(page)
    assert (count(page, "would be new"), count(page, "would change nothing")) == ("1", "1")


@pytest.mark.each_engine
def test_undoing_an_import(office: Office) -> None:
    office.account.native.post("/contacts", json={"name": {"full": "Ada"}, "phones": [{"raw": "+12025550143"}]})
    page = office.page("/imports/new")
    sent(page, file_of("a.csv", b"name,phone\nAda Lovelace,+12025550143\nGrace,+12025550144\n"))
    planned(page)
    expect(page.locator("ins", has_text="Ada Lovelace").first).to_be_visible()
    done(page)
    assert names(office) == ["Ada Lovelace", "Grace"]
    page.goto(f"{office.server.url}{office.base}/imports")
    page.get_by_role("link", name="a.csv").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("heading", name="Undone", exact=True)).to_be_visible()
    assert names(office) == ["Ada"]
    page.get_by_role("button", name="Import it again").click()
    expect(page.get_by_role("heading", name="What was understood")).to_be_visible()


def test_what_an_undoing_has_kept_is_undone_again(office: Office) -> None:
    page = office.page("/imports/new")
    sent(page, file_of("a.csv", b"name\nAda\nGrace\n"))
    planned(page)
    done(page)
    here = page.url
    every = office.account.native.get("/contacts").json()["contacts"]
    ada = next(one for one in every if one["name"]["full"] == "Ada")
    office.account.native.patch(f"/contacts/{ada['uid']}", json={"notes": "edited"}).raise_for_status()
    page.on("dialog", lambda dialog: dialog.accept())
    for _ in range(2):
        page.goto(here)
        page.get_by_role("button", name="Undo the import").click()
        expect(page.get_by_role("heading", name="Undone", exact=True)).to_be_visible()
        assert names(office) == ["Ada"]
    office.account.native.delete(f"/contacts/{ada['uid']}").raise_for_status()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("button", name="Undo the import")).to_have_count(0)


@pytest.mark.parametrize(("word", "name"), [("CSV", "c.csv"), ("Excel", "c.xlsx"), ("vCard", "c.vcf")])
def test_what_is_exported_comes_back_unchanged(office: Office, word: str, name: str) -> None:
    """Filtered, taken away as a file, and brought again: every row is there already, and nothing is lost."""
    api = office.account.native
    api.post(
        "/contacts",
        json={
            "name": {"full": "Zo\u00eb O'Neil"},
            "phones": [{"raw": "+12025550143", "type": "mobile"}, {"raw": "+33612345678"}],
            "emails": [{"address": "zoe@example.org", "type": "work"}],
            "notes": "two\nlines; and \u201csigns\u201d",
            "external_id": "Z-1",
            "tags": ["fair"],
            "lists": ["spring"],
            "custom": {"Shoe size": "38", "n": 4},
        },
    ).raise_for_status()
    api.post("/contacts", json={"name": {"full": "Ada"}, "phones": [{"raw": "+12025550144"}], "tags": ["fair"]})
    api.post("/contacts", json={"name": {"full": "Grace"}, "phones": [{"raw": "+12025550145"}]})
    before = api.get("/contacts").json()["contacts"]
    page = office.page()
    page.get_by_label("Tag", exact=True).select_option(label="fair")
    expect(page.get_by_text("2 contacts")).to_be_visible()
    page.locator("details.export summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=word).click()
    page.goto(f"{office.server.url}{office.base}/imports/new")
    sent(page, file_of(name, download.value.path().read_bytes(), ""))
    planned(page)
    assert (count(page, "would change nothing"), count(page, "rows in all")) == ("2", "2")
    assert (count(page, "would change nothing"), count(page, "rows in all")) == ("2", "2")
    expect(page.get_by_text("everything in the file is in the book already")).to_be_visible()
    expect(page.get_by_role("button", name="Import ")).to_have_count(0)
    assert api.get("/contacts").json()["contacts"] == before


def test_what_holds_nothing_to_import_says_what_to_do(office: Office) -> None:
    page = office.page("/imports/new")
    sent(page, file_of("a.csv", b"name,phone\nAda,nothing\n"))
    planned(page)
    expect(page.get_by_text("no row of the file can be taken as it is")).to_be_visible()
    expect(page.get_by_role("button", name="Import ")).to_have_count(0)
    page.locator("main .btn-primary", has_text="Change the choices").click()
    expect(page.get_by_role("heading", name="What was understood")).to_be_visible()


def test_what_is_wrong_is_said_where_it_was_typed_and_nothing_is_lost(office: Office) -> None:
    page = office.page("/imports/new")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Choose a file, or give the address of one.")).to_be_visible()
    page.get_by_label("Address of a file").fill("http://127.0.0.1:1/people.csv")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#w-url")).to_be_visible()
    expect(page.get_by_label("Address of a file")).to_have_value("http://127.0.0.1:1/people.csv")
    sent(page, file_of("a.csv", b"name,phone,size\nAda,+12025550143,38\n"))
    page.get_by_label("size becomes").select_option("notes")
    page.get_by_label("Country of numbers").fill("Atlantis")
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_text("Give a country, or its two letters, such as FR.")).to_be_visible()
    expect(page.get_by_label("Country of numbers")).to_have_value("Atlantis")
    expect(page.get_by_label("size becomes")).to_have_value("notes")
    refused(office)
    page.get_by_label("Country of numbers").fill("Germany")
    planned(page)


def test_a_file_that_is_none_is_refused_where_it_was_chosen(office: Office) -> None:
    page = office.page("/imports/new")
    page.get_by_label("Drop a file here").set_input_files(file_of("empty.csv", b""))
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#w-file")).to_contain_text("empty")
    page.get_by_label("Drop a file here").set_input_files(
        file_of("cat.png", b"\x89PNG\r\n\x1a\n" + bytes(300), "image/png")
    )
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="See what would happen")).to_be_disabled()
    refused(office)


def test_other_encodings_and_delimiters_can_be_chosen(office: Office) -> None:
    page = office.page("/imports/new")
    sent(page, file_of("a.csv", "name|phone;more\nŁukasz|+12025550143;a\n".encode("cp1250")))
    page.get_by_label("Encoding").select_option("cp1250")
    page.get_by_label("Delimiter").select_option("|")
    page.get_by_role("button", name="Read it so").click()
    expect(page.get_by_role("cell", name="Łukasz")).to_be_visible()
    expect(page.get_by_role("cell", name="phone;more", exact=True)).to_be_visible()


def test_a_viewer_sees_imports_and_begins_none(office: Office) -> None:
    office.account.native.post("/imports?name=b.csv", content=b"name\nAda\n", headers={"Content-Type": "text/csv"})
    page = office.page("/imports", role="viewer")
    expect(page.get_by_role("link", name="Import a file")).to_have_count(0)
    page.get_by_role("link", name="b.csv").click()
    expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Undo the import")).to_have_count(0)
    page.goto(f"{office.server.url}{office.base}/imports/new")
    expect(page.get_by_text("This is not for you").first).to_be_visible()
    office.watches[0].errors.clear()  # the browser itself logs the 403


def test_another_account_sees_neither_file_nor_import(office: Office) -> None:
    page = office.page("/imports/new")
    sent(page, file_of("a.csv", b"name\nAda\n"))
    draft = page.url.rpartition("/")[2]
    planned(page)
    uid = page.url.rpartition("/")[2]
    other = Office(office.server, office.server.new_account(), office._browser)
    for path in (f"/imports/drafts/{draft}", f"/imports/{uid}", f"/imports/{uid}/issues"):
        stranger = other.page(path)
        expect(stranger.get_by_text("There is nothing here").first).to_be_visible()
    other.close()


def test_hostile_names_are_only_words(office: Office) -> None:
    page = office.page("/imports/new")
    content = f"name,phone,{HOSTILE}\n{HOSTILE},+12025550143,{{{{7*7}}}}\nAda,{HOSTILE},\n"
    sent(page, file_of(f"{HOSTILE}.csv", content.encode()))
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    planned(page)
    expect(page.get_by_role("cell", name=HOSTILE).first).to_be_visible()
    done(page)
    page.goto(f"{office.server.url}{office.base}/imports")
    assert page.locator("main script, main img").count() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(office: Office, dark: bool) -> None:
    page = office.page("/imports", dark=dark)
    assert violations(page) == []
    page.get_by_role("link", name="Import a file").first.click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    assert violations(page) == []
    sent(page, file_of("a.csv", b"name,phone,size\nAda,+12025550143,38\nGrace,nothing,3\n"))
    assert violations(page) == []
    planned(page)
    assert violations(page) == []
    done(page)
    assert violations(page) == []
    page.goto(f"{office.server.url}{office.base}/imports")
    assert violations(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_wizard_fits_every_width(office: Office, width: str) -> None:
    office.account.native.patch("/account", json={"default_country": "DE"})
    page = office.page("/imports/new", width=WIDTHS[width], language="de")
    picture(page, f"imports-new-{width}")
    page.get_by_label("Datei hierher ziehen").set_input_files(file_of("kunden.csv", SEMICOLON.encode("cp1252")))
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("heading", name="Was verstanden wurde")).to_be_visible()
    picture(page, f"imports-columns-{width}")
    assert _fits(page)
    page.get_by_role("button", name="Sehen, was geschehen würde").click()
    expect(page.get_by_role("heading", name="Geplant", exact=True)).to_be_visible()
    picture(page, f"imports-plan-{width}")
    assert _fits(page)
    page.get_by_role("button", name="importieren").click()
    expect(page.get_by_role("heading", name="Fertig", exact=True)).to_be_visible()
    picture(page, f"imports-result-{width}")
    assert _fits(page)
    page.goto(f"{office.server.url}{office.base}/imports")
    picture(page, f"imports-list-{width}")
    assert _fits(page)


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
