"""The book, in a real browser: find, edit, many at once and undo, groups, files, and who may not."""

import csv
import io
import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from playwright.sync_api import Locator, Page, expect

from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch, CustomChange, Email, Kind, Phone
from onebook.operations import accounts, contacts, groups, labels
from onebook.operations.actor import Actor
from onebook.operations.contacts import Placed
from onebook.store.base import Session, Work
from tests.web.browser import WIDTHS, Office, picture, violations

T = TypeVar("T")

#: What people, files and other systems call things; each must be shown as it is, and none may be run.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raise %}",
    "' OR 1=1 --",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "\u202eright to left\u202c",
    "a" * 400,
    "Zo\u00eb \u5317\u4eac \U0001f469\u200d\U0001f680",
    "&lt;b&gt; {number} %s",
)


def write(office: Office, run: Callable[[Session, Actor], T]) -> T:
    account = accounts.named(office.store, office.account.name)
    actor = accounts.owner(account)
    value: T = office.store.write(Work(account, actor.key.id, "test", lambda session: run(session, actor)))
    return value


def made(office: Office, *names: str, kind: Kind = "individual") -> list[Contact]:
    placed = [Placed(ContactDraft(Card(full=name), kind), 1) for name in names]
    return write(office, lambda session, actor: contacts.create(session, actor, placed))


def stored(office: Office, contact: Contact) -> Contact:
    return write(office, lambda session, actor: contacts.get(session, actor, contact.uid))


def rows(page: Page) -> Locator:
    return page.locator("table.contacts tbody tr")


@pytest.mark.each_engine
def test_find_and_edit(office: Office) -> None:
    ada, _ = made(office, "Ada Lovelace", "Grace Hopper")
    page = office.page()
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("lovel")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=lovel$"))
    expect(page.locator("#search")).to_be_focused()
    page.get_by_role("link", name="Ada Lovelace").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Phone", exact=True).first.fill("+33 6 12 34 56 78")
    page.get_by_label("E-mail", exact=True).first.fill("not an address")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("should look like name@example.org")).to_be_visible()
    expect(page.get_by_label("Phone", exact=True).first).to_have_value("+33 6 12 34 56 78")
    page.get_by_label("E-mail", exact=True).first.fill("ada@example.org")
    page.get_by_label("Tags").fill("vip, founder")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    now = stored(office, ada)
    assert (now.card.phones[0].e164, now.card.emails[0].address) == ("+33612345678", "ada@example.org")
    expect(page.locator(".history li").first).to_contain_text("Ada Office")
    office.watches[0].errors.clear()  # the browser itself logs the 422


def test_who_saves_second_is_told_and_loses_nothing(office: Office) -> None:
    [ada] = made(office, "Ada Lovelace")
    page = office.page(f"/contacts/{ada.uid}/edit")
    page.get_by_label("Notes").fill("what I typed")
    write(office, lambda session, actor: contacts.update(session, actor, ada, ContactPatch(organization="Somewhere")))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else has saved")).to_be_visible()
    expect(page.get_by_text("Somewhere")).to_be_visible()
    expect(page.get_by_label("Notes")).to_have_value("what I typed")
    assert stored(office, ada).card.notes is None
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert stored(office, ada).card.notes == "what I typed"
    office.watches[0].errors.clear()  # the browser itself logs the 409


@pytest.mark.each_engine
def test_tag_many_and_take_it_back(office: Office) -> None:
    people = made(office, "Ada", "Grace", "Edith")
    page = office.page()
    page.get_by_label("Choose Ada").check()
    page.get_by_label("Choose Grace").check()
    page.get_by_label("Name of a tag or list").fill("fair")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_text("2 contacts tagged")).to_be_visible()
    expect(page.locator("table .badge", has_text="fair")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    expect(page.locator("table .badge", has_text="fair")).to_have_count(0)
    page.get_by_label("Choose all on this page").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No contacts yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(3)
    assert {stored(office, one).number for one in people} == {one.number for one in people}


def test_edit_a_group(office: Office) -> None:
    board, ada, _ = (*made(office, "Board", kind="group"), *made(office, "Ada", "Grace"))
    page = office.page(f"/contacts/{board.uid}")
    for name in ("Ada", "Grace"):
        page.get_by_label("Add a member").fill(name)
        page.locator("#candidates").get_by_role("button", name=name).click()
        expect(page.locator(".members li", has_text=name)).to_be_visible()
    page.get_by_role("button", name="Move up: Grace").click()
    expect(page.locator(".members li").first).to_contain_text("Grace")
    page.get_by_role("button", name="First contact, or not: Grace").click()
    expect(page.locator(".members li").first.locator(".badge")).to_be_visible()
    page.get_by_role("button", name="Take out: Ada").click()
    expect(page.locator(".members li")).to_have_count(1)
    page.goto(f"{office.server.url}{office.base}/contacts/{ada.uid}")
    expect(page.get_by_text("In no group.")).to_be_visible()


def test_who_types_as_soon_as_a_member_is_there_is_heard(office: Office) -> None:
    # The card of members comes anew with each one; its field must listen from the moment it can be seen.
    board, *_ = (*made(office, "Board", kind="group"), *made(office, "Ada", "Grace"))
    page = office.page(f"/contacts/{board.uid}")
    page.get_by_label("Add a member").fill("Ada")
    page.evaluate("""() => new MutationObserver((_, observer) => {
        const field = document.querySelector("#candidate");
        if (!document.querySelector(".members form") || !field) return;
        observer.disconnect();
        field.value = "Grace";
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }).observe(document.body, { childList: true, subtree: true })""")
    page.locator("#candidates").get_by_role("button", name="Ada").click()
    expect(page.locator("#candidates").get_by_role("button", name="Grace")).to_be_visible()


def test_what_is_filtered_goes_out_as_a_file(office: Office) -> None:
    people = made(office, "Ada", "Grace", "Edith")
    write(office, lambda session, actor: labels.attach(
        session, labels.numbers_of(session, actor, "tag", ["fair"]), [one.number for one in people[:2]]
    ))  # fmt: skip
    page = office.page()
    page.get_by_label("Tag", exact=True).select_option(label="fair")
    expect(rows(page)).to_have_count(2)
    page.locator("details.export summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    cells = {cell for line in csv.reader(io.StringIO(text)) for cell in line}
    assert cells & {"Ada", "Grace", "Edith"} == {"Ada", "Grace"}


def test_a_viewer_may_look_and_not_edit(office: Office) -> None:
    [ada] = made(office, "Ada Lovelace")
    page = office.page(role="viewer")
    expect(page.get_by_role("link", name="New contact", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    page.goto(f"{office.server.url}{office.base}/contacts/{ada.uid}/edit")
    expect(page.get_by_text("This is not for you")).to_be_visible()
    office.watches[0].errors.clear()  # the browser itself logs the 403


def test_chosen_columns_are_remembered(office: Office) -> None:
    made(office, "Ada")
    page = office.page()
    page.locator("details.columns summary").click()
    page.get_by_label("External id").check()
    expect(page.get_by_role("columnheader", name="External id")).to_be_visible()
    page.goto(f"{office.server.url}{office.base}/contacts")
    expect(page.get_by_role("columnheader", name="External id")).to_be_visible()


def test_pages_go_on_from_where_they_end(office: Office) -> None:
    made(office, *(f"Person {number:03}" for number in range(120)))
    page = office.page("/contacts?order=name-down")
    expect(rows(page)).to_have_count(51)
    page.get_by_role("link", name="Show more").click()
    expect(rows(page)).to_have_count(101)
    page.get_by_role("link", name="Show more").click()
    expect(rows(page)).to_have_count(120)
    names = page.locator("table.contacts .name a").all_text_contents()
    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_run(office: Office, dark: bool) -> None:
    people = made(office, *HOSTILE)
    [group] = made(office, HOSTILE[0], kind="group")

    def tie(session: Session, actor: Actor) -> None:
        groups.set_members(session, actor, group, [(one.uid, True) for one in people])
        for kind in ("list", "tag"):
            labels.attach(session, labels.numbers_of(session, actor, kind, HOSTILE[:7]), [people[0].number])
        said = ContactPatch(
            notes=HOSTILE[1], organization=HOSTILE[1], phones=(Phone(HOSTILE[3], type=HOSTILE[0]),),
            emails=(Email(HOSTILE[1], HOSTILE[0]),), custom=CustomChange({HOSTILE[0]: HOSTILE[1], "n": [HOSTILE[0]]}),
        )  # fmt: skip
        contacts.update(session, actor, people[0], said)

    write(office, tie)
    columns = "phone+email+organization+lists+tags+book+external_id+changed"
    page = office.page(f"/contacts?columns={columns}", dark=dark)
    one = f"/contacts/{people[0].uid}"
    for path in ("/contacts", "/labels", one, f"{one}/edit", f"/contacts/{group.uid}", "/contacts/new"):
        if path != "/contacts":
            page.goto(office.server.url + office.base + path)
        picture(page, f"hostile{path.replace('/', '-')}-{'dark' if dark else 'light'}")
        assert violations(page) == [], path
        assert page.locator("main script, main img").count() == 0
        if path != "/contacts/new":
            assert HOSTILE[0] in page.locator("main").inner_text() or page.get_by_label("Full name").count()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_no_page_is_wider_than_the_screen(office: Office, width: int) -> None:
    [ada] = made(office, "Ada " + "x" * 300)
    page = office.page(width=width)
    for path in ("/contacts", "/labels", f"/contacts/{ada.uid}", f"/contacts/{ada.uid}/edit"):
        page.goto(office.server.url + office.base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
