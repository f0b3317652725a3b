"""Imports: their history, and one of them from its plan to its undoing."""

from typing import Any, Final

from onebook.dialects.base import Answer, Pieces
from onebook.errors import Conflict, InvalidInput, Issue, LimitExceeded, NotFound
from onebook.model.book import Book
from onebook.model.imports import AT_REST, OUTCOMES, Import
from onebook.operations import address_books, imports_mappings, imports_reports, imports_views, people
from onebook.operations.imports_views import View
from onebook.web import targets
from onebook.web.visit import Gone, Notice, PageRoute, Reply, Sent, Shown, Visit

_REFRESH: Final = {"HX-Refresh": "true"}


def show_all(visit: Visit) -> Reply:
    """The newest imports, and the mappings that were saved."""
    found, books, saved = visit.read(
        lambda session, actor: (
            imports_views.recent(session, actor),
            session.all(Book),
            imports_mappings.every(session),
        )
    )
    values = {"found": found, "books": {book.number: book.name for book in books}, "saved": saved}
    return Shown("imports/list.html", values)


def show(visit: Visit) -> Reply:
    """One import, whatever its state."""
    return _one(visit)


def _one(visit: Visit, issues: tuple[Issue, ...] = ()) -> Shown:
    view = _view(visit)
    imported = view.imported
    book = visit.read(lambda session, actor: address_books.get(session, actor, imported.book))
    return Shown(
        "imports/one.html",
        {
            **_figures(view),
            "book": book,
            "by": _who(visit, imported),
            "kinds": visit.house.imports.issue_kinds(visit.who, imported.id),
            "issues": issues,
            "columns": [
                (heading, targets.label(visit.words, target))
                for heading, target in (imported.options.targets or {}).items()
            ],
            "reason": lambda code, message: _said(visit, code, message),
            "word_of": lambda name: _field_word(visit, name),
        },
        422 if issues else 200,
    )


def _view(visit: Visit) -> View:
    return visit.read(lambda session, actor: imports_views.one(session, actor, visit.params["uid"]))


def _figures(view: View) -> dict[str, Any]:
    imported = view.imported
    counts, overwrites = imported.counts, imported.options.overwrite
    return {
        "view": view,
        "imported": imported,
        "counts": [(name, getattr(imported.counts, name)) for name in OUTCOMES],
        "rest": imported.state in AT_REST,
        "does_anything": bool(counts.created + counts.updated + (counts.unchanged if overwrites else 0)),
        "has_workbook": bool(imported.refused and imported.headings),
    }


def _who(visit: Visit, imported: Import) -> str:
    """The name of the person who began it; empty if it was a key."""
    there = people.members(visit.house.store, visit.who)
    return next((one.person.name for one in there if one.person.id == imported.actor), "")


def _field_word(visit: Visit, name: str) -> str:
    """A field that a plan would change, in words."""
    key = f"imports.field.{name}"
    return visit.words(key) if visit.words.has(key) else name


def _said(visit: Visit, code: str, message: str) -> str:
    """What is wrong with a row: what its reader says; where only the code is known, what that stands for."""
    key = f"imports.wrong.{code}"
    return visit.words(key) if message == code and visit.words.has(key) else visit.words.issue(code, message)


def show_progress(visit: Visit) -> Reply:
    """How far an import is, for a page that asks again and again; at rest that page is drawn anew."""
    view = _view(visit)
    rest = view.imported.state in AT_REST
    return Shown("imports/progress.html", _figures(view), headers=_REFRESH if rest and visit.swap else {})


def report(visit: Visit) -> Reply:
    """All issues as a file."""
    form = visit.query["format"] or "xlsx"
    known = imports_reports.FORMATS.get(form)
    if known is None:
        raise NotFound("format", form)
    imported = _view(visit).imported
    pieces = imports_reports.report(visit.house.imports, visit.who, imported, form)
    name = ("Content-Disposition", f'attachment; filename="issues.{known.extension}"')
    return Sent(Answer(200, Pieces(pieces), (name,), known.media_type))


def _to(visit: Visit, notice: str = "") -> Gone:
    return Gone(f"{visit.base}/imports/{visit.params['uid']}", Notice(notice) if notice else None)


def apply(visit: Visit) -> Reply:
    """Do what a plan says; one that is no longer true is told, and can be made anew."""
    try:
        visit.house.imports.apply(visit.who, visit.params["uid"])
    except Conflict as error:
        return _one(visit, (Issue("plan", "conflict", str(error)),))
    return _to(visit)


def cancel(visit: Visit) -> Reply:
    """Stop an import."""
    visit.house.imports.cancel(visit.who, visit.params["uid"])
    return _to(visit, "imports.cancelling")


def undo(visit: Visit) -> Reply:
    """Take an import back, or say why that cannot be."""
    try:
        visit.house.imports.undo(visit.who, visit.params["uid"])
    except Conflict as error:
        return _one(visit, (Issue("undo", "conflict", str(error)),))
    return _to(visit)


def forget(visit: Visit) -> Reply:
    """Forget an import, but not its contacts."""
    visit.house.imports.forget(visit.who, visit.params["uid"])
    return Gone(f"{visit.base}/imports", Notice("imports.forgotten"))


def again(visit: Visit) -> Reply:
    """The same file with other choices; a plan that nobody has applied goes."""
    imports, uid = visit.house.imports, visit.params["uid"]
    draft = imports.again(visit.who, uid)
    if imports.find(visit.who, uid).state == "planned":
        imports.forget(visit.who, uid)
    return Gone(f"{visit.base}/imports/drafts/{draft.id}")


def mend(visit: Visit) -> Reply:
    """The correction workbook comes back."""
    uid = visit.params["uid"]
    if "file" not in visit.files:
        return _one(visit, (Issue("file", "required", "Choose the workbook that you have mended."),))
    try:
        before = visit.house.imports.find(visit.who, uid).refused
        after = visit.house.imports.mend(visit.who, uid, visit.files["file"].source())
    except InvalidInput as error:
        return _one(visit, error.issues)
    except (Conflict, LimitExceeded) as error:
        return _one(visit, (Issue("file", "conflict", str(error)),))
    notice = Notice("imports.mended", {"number": before - after.refused, "left": after.refused})
    return Gone(f"{visit.base}/imports/{uid}", notice)


def remove_mapping(visit: Visit) -> Reply:
    """Forget a saved mapping."""
    visit.write(lambda session, actor: imports_mappings.remove(session, actor, visit.form["name"]))
    return Gone(f"{visit.base}/imports", Notice("imports.mapping_removed"))


_ONE: Final = "/accounts/{account:int}/imports/{uid}"
ROUTES: Final = (
    PageRoute("GET", "/accounts/{account:int}/imports", show_all),
    PageRoute("POST", "/accounts/{account:int}/imports/mappings/remove", remove_mapping, "write"),
    PageRoute("GET", _ONE, show),
    PageRoute("GET", f"{_ONE}/progress", show_progress),
    PageRoute("GET", f"{_ONE}/issues", report),
    PageRoute("POST", f"{_ONE}/apply", apply, "write"),
    PageRoute("POST", f"{_ONE}/cancel", cancel, "write"),
    PageRoute("POST", f"{_ONE}/undo", undo, "write"),
    PageRoute("POST", f"{_ONE}/forget", forget, "write"),
    PageRoute("POST", f"{_ONE}/again", again, "write"),
    PageRoute("POST", f"{_ONE}/mend", mend, "write", takes_files=True),
)
