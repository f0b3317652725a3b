"""Coming in: the first page, signing in and out, one-time links, and what a person says of themselves."""

from typing import Final
from urllib.parse import urlsplit

from onebook.errors import InvalidInput, Issue, LimitExceeded, NotAuthenticated
from onebook.operations import people
from onebook.operations.people import Welcome, Wish
from onebook.web import guard
from onebook.web.visit import Cookie, Gone, Notice, PageRoute, Reply, Shown, Visit
from onebook.web.words import LANGUAGES

_SECONDS: Final = people.SIGNED_IN_MILLISECONDS // 1000


def home(visit: Visit) -> Reply:
    """The front door: on to the only account, a choice of several, or to sign in."""
    if visit.person is None:
        return Gone("/sign-in")
    if len(visit.accounts) == 1:
        return Gone(f"/accounts/{visit.accounts[0][0].id}/contacts")
    return Shown("enter/accounts.html", {"accounts": visit.accounts})


def account_home(visit: Visit) -> Reply:
    """An account's own address."""
    return Gone(f"{visit.base}/contacts")


def show_sign_in(visit: Visit) -> Reply:
    """The form."""
    if visit.person is not None:
        return Gone(_onward(visit.query["next"]))
    return _sign_in(visit, visit.query["next"])


def _sign_in(visit: Visit, onward: str, status: int = 200, wrong: str = "") -> Shown:
    values = {"email": visit.form["email"], "next": _onward(onward), "wrong": wrong}
    return Shown("enter/sign_in.html", values, status)


def sign_in(visit: Visit) -> Reply:
    """Come in by mail address and password."""
    form = visit.form
    try:
        welcome = people.sign_in(visit.house.store, visit.house.throttle, form["email"], form["password"], visit.caller)
    except NotAuthenticated:
        return _sign_in(visit, form["next"], 422, "wrong")
    except LimitExceeded:
        return _sign_in(visit, form["next"], 429, "throttled")
    return _come_in(welcome, _onward(form["next"]))


def _come_in(welcome: Welcome, to: str, notice: Notice | None = None) -> Gone:
    cookies = (Cookie(guard.SESSION, welcome.token, _SECONDS), Cookie(guard.GUEST, "", 0))
    return Gone(to, notice, cookies)


def _onward(path: str) -> str:
    """A path of ours to go on at; whatever could lead elsewhere leads home."""
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and path.isprintable()
    return path if ours and "\\" not in path and len(path) < 1000 else "/"  # noqa: PLR2004


def sign_out(visit: Visit) -> Reply:
    """Leave, here or everywhere."""
    if visit.form["everywhere"]:
        people.sign_out_everywhere(visit.house.store, visit.me)
    else:
        people.sign_out(visit.house.store, visit.token)
    return Gone("/sign-in", Notice("enter.signed_out"), (Cookie(guard.SESSION, "", 0),))


# --- one-time links ---


def show_link(visit: Visit) -> Reply:
    """What a one-time link asks; looking at it does not use it up."""
    return _link(visit, (), 200)


def _link(visit: Visit, issues: tuple[Issue, ...], status: int) -> Shown:
    given = people.invitation(visit.house.store, visit.params["token"])
    account = next((a.name for a in visit.house.store.accounts() if a.id == given.account), "")
    values = {"given": given, "account": account, "issues": issues, "token": visit.params["token"]}
    return Shown("enter/link.html", values, status)


def use_link(visit: Visit) -> Reply:
    """Make the person, account or password that the link is for."""
    form, token = visit.form, visit.params["token"]
    wish = Wish(form["email"], form["name"], form["password"], form["account"])
    given = people.invitation(visit.house.store, token)
    person = visit.person if given.purpose != "reset" else None
    try:
        welcome = people.accept(visit.house.store, token, wish, visit.caller, person=person)
    except InvalidInput as error:
        return _link(visit, error.issues, 422)
    return _come_in(
        welcome, f"/accounts/{welcome.account}/contacts" if welcome.account else "/", Notice("enter.welcome")
    )


# --- oneself ---


def show_me(visit: Visit) -> Reply:
    """What a person may say of themselves."""
    return _me(visit, (), 200)


def _me(visit: Visit, issues: tuple[Issue, ...], status: int) -> Shown:
    values = {"sign_ins": people.sign_ins(visit.house.store, visit.me, visit.token), "issues": issues}
    return Shown("enter/me.html", values, status)


def change_me(visit: Visit) -> Reply:
    """Name and language."""
    language = visit.form["language"] if visit.form["language"] in LANGUAGES else ""
    try:
        person = people.rename(visit.house.store, visit.me, visit.form["name"])
    except InvalidInput as error:
        return _me(visit, error.issues, 422)
    people.set_language(visit.house.store, person, language)
    return Gone("/me", Notice("enter.saved"))


def change_password(visit: Visit) -> Reply:
    """A new password; every other browser is signed out."""
    form = visit.form
    try:
        people.set_password(visit.house.store, visit.me, form["current"], form["password"], visit.token)
    except InvalidInput as error:
        return _me(visit, error.issues, 422)
    return Gone("/me", Notice("enter.password_changed"))


ROUTES: Final = (
    PageRoute("GET", "/", home, "anyone"),
    PageRoute("GET", "/accounts/{account:int}", account_home, "read"),
    PageRoute("GET", "/sign-in", show_sign_in, "anyone"),
    PageRoute("POST", "/sign-in", sign_in, "anyone"),
    PageRoute("POST", "/sign-out", sign_out, "person"),
    PageRoute("GET", "/enter/{token}", show_link, "anyone"),
    PageRoute("POST", "/enter/{token}", use_link, "anyone"),
    PageRoute("GET", "/me", show_me, "person"),
    PageRoute("POST", "/me", change_me, "person"),
    PageRoute("POST", "/me/password", change_password, "person"),
)
