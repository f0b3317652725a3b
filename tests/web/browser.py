"""A real Chromium over a real server: pages that are watched for errors and for requests to anywhere else."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from onebook.model.person import Role
from onebook.operations import accounts, people
from onebook.operations.people import Caller, Wish
from onebook.web import guard
from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS

PASSWORD = "a long sentence nobody says"
WIDTHS = {"phone": 390, "tablet": 820, "desk": 1280}
#: Where screenshots go, if somebody wants to look at them.
PICTURES = os.environ.get("ONEBOOK_TEST_PICTURES")


def chromium() -> str | None:
    """Where Chromium is, best the one that has no window to draw: a page costs it a quarter; None if there is none."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Watch:
    """What must not happen while a page is used."""

    def __init__(self, page: Page, url: str) -> None:
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.sizes: dict[str, int] = {}
        self._host = urlsplit(url).netloc
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._look(request.url))

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._host:
            self.strangers.append(url)


class Office:
    """An account, and the people who work in it with a browser."""

    def __init__(self, server: Server, account: Account, browser: Browser) -> None:
        self.server = server
        self.account = account
        self.store = server._store
        self.number = accounts.named(self.store, account.name).id
        self.base = f"/accounts/{self.number}"
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.watches: list[Watch] = []

    def token_of(self, role: Role, name: str = "Ada Office") -> str:
        """What the browser of a new person of this role holds."""
        link = people.link(self.store, accounts.named(self.store, self.account.name), role)
        email = f"{role}-{len(self._contexts)}-{self.account.name}"
        return people.accept(self.store, link, Wish(email, name, PASSWORD), Caller("127.0.0.1", "test")).token

    def stranger(
        self, path: str = "/", *, width: int = WIDTHS["desk"], dark: bool = False, language: str = "en"
    ) -> Page:
        """A page in a browser in which nobody has signed in."""
        return self._page(path, None, width, dark, language)

    def page(
        self, path: str = "/contacts", role: Role = "owner", *, width: int = WIDTHS["desk"], dark: bool = False,
        language: str = "en", name: str = "Ada Office",
    ) -> Page:  # fmt: skip
        """A page below the account's, for somebody of this role."""
        return self._page(self.base + path, self.token_of(role, name), width, dark, language)

    def _page(self, path: str, token: str | None, width: int, dark: bool, language: str) -> Page:
        context = self._browser.new_context(
            viewport=ViewportSize(width=width, height=900),
            color_scheme="dark" if dark else "light",
            locale=language,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        if token is not None:
            context.add_cookies([{"name": guard.SESSION, "value": token, "url": self.account.base_url}])
        page = context.new_page()
        self.watches.append(Watch(page, self.account.base_url))
        page.goto(self.account.base_url + path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def violations(page: Page) -> list[str]:
    """What axe finds on a page as it stands."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, if somebody asked for pictures."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
