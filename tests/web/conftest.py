"""A browser for all tests of pages; where there is no Chromium, they are skipped with that reason."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS
from tests.web.browser import Office, chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--disable-dev-shm-usage"],
        )
        yield opened
        opened.close()


@pytest.fixture
def office(server: Server, account: Account, browser: Browser) -> Iterator[Office]:
    """An account whose pages are used; no page may log an error or reach for another host."""
    made = Office(server, account, browser)
    yield made
    made.close()
    assert [error for watch in made.watches for error in watch.errors] == [], server.log[-500:]
    assert [url for watch in made.watches for url in watch.strangers] == []
