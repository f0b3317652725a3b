"""What it takes to run onebook: books, opt-outs, and figures that move."""

from typing import Final

from prometheus_client import REGISTRY

from onebook.dialects.base import Answer
from onebook.errors import Conflict, InvalidInput, Issue
from onebook.model.opt_out import Channel
from onebook.operations import address_books, opt_outs
from onebook.web.visit import Gone, Notice, PageRoute, Reply, Sent, Shown, Visit

OPT_OUTS: Final = 100  # on a page

#: Metric, and what it is called on the page of figures.
FIGURES: Final = {
    "onebook_requests_total": "requests",
    "onebook_import_rows_total": "rows",
    "onebook_write_queue_works": "queue",
    "onebook_imports_running": "imports",
    "onebook_requests_running": "running",
}
_FAULT: Final = "5"  # how the statuses begin that are our fault


def home(visit: Visit) -> Reply:
    """The first of the pages."""
    return Gone(f"{visit.base}/running/connect")


# --- address books ---


def show_books(visit: Visit) -> Reply:
    """All address books."""
    return _books(visit)


def _books(visit: Visit, issues: tuple[Issue, ...] = (), at: int = 0) -> Shown:
    found, default = visit.read(
        lambda session, actor: (address_books.seen(session, actor), address_books.default(session, actor).number)
    )
    values = {"books": found, "default": default, "issues": issues, "at": at, "typed": visit.form["name"]}
    return Shown("running/books.html", values, 422 if issues else 200)


def make_book(visit: Visit) -> Reply:
    """A new one."""
    try:
        visit.write(lambda session, actor: address_books.create(session, actor, visit.form["name"]))
    except InvalidInput as error:
        return _books(visit, error.issues)
    except Conflict:
        return _books(visit, (_taken(visit),))
    return Gone(f"{visit.base}/running/books", Notice("running.book_made"))


def _taken(visit: Visit) -> Issue:
    return Issue("name", "taken", visit.words("running.name_taken"))


def rename_book(visit: Visit) -> Reply:
    """Another name for one."""
    number, name = int(visit.params["number"]), visit.form["name"].strip()
    if not name:
        return _books(visit, (Issue("name", "required", visit.words("issue.required")),), number)
    try:
        visit.write(lambda session, actor: address_books.update(session, actor, number, name=name))
    except InvalidInput as error:
        return _books(visit, error.issues, number)
    except Conflict:
        return _books(visit, (_taken(visit),), number)
    return Gone(f"{visit.base}/running/books", Notice("enter.saved"))


def remove_book(visit: Visit) -> Reply:
    """Remove an empty one."""
    visit.write(lambda session, actor: address_books.delete(session, actor, int(visit.params["number"])))
    return Gone(f"{visit.base}/running/books", Notice("running.book_removed"))


# --- opt-outs ---


def show_opt_outs(visit: Visit) -> Reply:
    """Who does not want to be written to or called, and who says so."""
    return _opt_outs(visit)


def _opt_outs(visit: Visit, issues: tuple[Issue, ...] = ()) -> Shown:
    after = (visit.query["channel"], visit.query["after"]) if visit.query["after"] else None
    found = visit.read(lambda session, _actor: opt_outs.page(session, OPT_OUTS + 1, after))
    more = found[OPT_OUTS - 1] if len(found) > OPT_OUTS else None
    values = {"marks": found[:OPT_OUTS], "more": more, "issues": issues, "typed": visit.form}
    return Shown("running/opt_outs.html", values, 422 if issues else 200)


def mark(visit: Visit) -> Reply:
    """Opt a number or address out."""
    said = visit.form["source"].strip() or visit.me.name
    try:
        channel, key = opt_outs.named(visit.form["address"], visit.who.account.default_country)
        visit.write(lambda session, _actor: opt_outs.mark(session, channel, key, said))
    except InvalidInput as error:
        return _opt_outs(visit, error.issues)
    return Gone(f"{visit.base}/running/opt-outs", Notice("running.marked"))


def clear(visit: Visit) -> Reply:
    """Take a mark back, as the person said so."""
    channel: Channel = "phone" if visit.form["channel"] == "phone" else "email"
    visit.write(lambda session, _actor: opt_outs.clear(session, channel, visit.form["key"]))
    return Gone(f"{visit.base}/running/opt-outs", Notice("running.cleared"))


# --- figures ---


def show_figures(_visit: Visit) -> Reply:
    """The plots; the browser asks for what is in them."""
    return Shown("running/figures.html", {"figures": ("requests", "errors", "rows", "queue")})


def figures(_visit: Visit) -> Reply:
    """How the figures of this process stand now, as JSON."""
    now = dict.fromkeys((*FIGURES.values(), "errors"), 0.0)
    for family in REGISTRY.collect():
        for sample in family.samples:
            name = FIGURES.get(sample.name)
            if name is not None:
                now[name] += sample.value
            if name == "requests" and sample.labels.get("status", "").startswith(_FAULT):
                now["errors"] += sample.value
    return Sent(Answer(200, now))


_BASE: Final = "/accounts/{account:int}/running"
ROUTES: Final = (
    PageRoute("GET", _BASE, home),
    PageRoute("GET", f"{_BASE}/books", show_books),
    PageRoute("POST", f"{_BASE}/books", make_book, "admin"),
    PageRoute("POST", f"{_BASE}/books/{{number:int}}", rename_book, "admin"),
    PageRoute("POST", f"{_BASE}/books/{{number:int}}/remove", remove_book, "admin"),
    PageRoute("GET", f"{_BASE}/opt-outs", show_opt_outs),
    PageRoute("POST", f"{_BASE}/opt-outs", mark, "write"),
    PageRoute("POST", f"{_BASE}/opt-outs/clear", clear, "write"),
    PageRoute("GET", f"{_BASE}/figures", show_figures, "admin"),
    PageRoute("GET", f"{_BASE}/figures/now", figures, "admin"),
)
