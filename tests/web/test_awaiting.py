"""What a page shows while the server is asked, and where the focus is afterwards."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route, expect

from tests.web.browser import Office
from tests.web.test_book import made, rows


@contextmanager
def held(page: Page, path: str) -> Iterator[None]:
    """Answers to ``path`` do not come before this ends."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route(path, keep)
    yield
    for route in waiting:
        route.continue_()
    page.unroute(path)


def test_rows_become_grey_bars_where_they_are(office: Office) -> None:
    made(office, *(f"Person {number:03}" for number in range(52)))
    page = office.page()
    first = page.locator("table.contacts .name a").first
    place = first.bounding_box()
    assert rows(page).first.evaluate("row => getComputedStyle(row.cells[1]).transitionDelay") == "0s"
    with held(page, "**/contacts?*"):
        page.locator("#search").fill("051")
        expect(first).to_be_hidden()
        expect(page.locator("#found")).to_have_attribute("aria-busy", "true")
        assert rows(page).first.evaluate("row => getComputedStyle(row.cells[1]).transitionDelay") == "0.15s"
        assert rows(page).first.evaluate("row => getComputedStyle(row.cells[1], '::after').visibility") == "visible"
        assert first.bounding_box() == place
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("link", name="Person 051")).to_be_visible()
    expect(page.locator("#search")).to_be_focused()


def test_nothing_found_and_more_to_come_wait_too(office: Office) -> None:
    made(office, *(f"Person {number:03}" for number in range(52)))
    page = office.page("/contacts?q=nobody")
    words = page.get_by_text("Nothing found")
    with held(page, "**/contacts?*"):
        page.locator("#search").fill("person")
        expect(words).to_be_hidden()
    more = page.get_by_role("link", name="Show more")
    more.focus()
    with held(page, "**/contacts?*"):
        page.keyboard.press("Enter")
        expect(more).to_be_hidden()
    expect(page.get_by_role("link", name="Person 050")).to_be_focused()


def test_members_are_moved_again_and_again_by_the_keyboard(office: Office) -> None:
    [board] = made(office, "Board", kind="group")
    made(office, "Ada", "Grace", "Edith")
    page = office.page(f"/contacts/{board.uid}")
    for name in ("Ada", "Grace", "Edith"):
        page.get_by_label("Add a member").fill(name)
        page.locator("#candidates").get_by_role("button", name=name).press("Enter")
        expect(page.get_by_label("Add a member")).to_be_focused()
    with held(page, "**/arrange"):
        page.get_by_role("button", name="Move up: Edith").press("Enter")
        expect(page.locator("#members")).to_have_css("opacity", "0.5")
    expect(page.locator(".members li").nth(1)).to_contain_text("Edith")
    expect(page.get_by_role("button", name="Move up: Edith")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".members li").first).to_contain_text("Edith")


def test_the_palette_goes_everywhere_by_the_keyboard(office: Office) -> None:
    ada, _ = made(office, "Ada Lovelace", "Grace Hopper")
    page = office.page()
    page.get_by_role("link", name="Grace Hopper").focus()
    page.keyboard.press("Control+k")
    marked = page.locator("#palette .palette-item.marked")
    page.keyboard.type("lovel")
    expect(marked).to_have_text("Ada Lovelace")
    expect(page.locator("#palette-input")).to_have_attribute("aria-activedescendant", re.compile("^palette-item-"))
    assert marked.get_attribute("id") == page.locator("#palette-input").get_attribute("aria-activedescendant")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Grace Hopper")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/contacts/{ada.uid}$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("import")
    expect(marked).to_have_text("Imports")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/imports$"))
