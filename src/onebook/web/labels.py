"""Lists and tags: made, renamed, deleted."""

from typing import Final

from onebook.errors import Conflict, InvalidInput, Issue
from onebook.model.label import Label, LabelKind
from onebook.operations import labels
from onebook.operations.actor import Actor
from onebook.store.base import Session
from onebook.web.contacts import told
from onebook.web.visit import Gone, Notice, PageRoute, Reply, Shown, Visit


def show(visit: Visit) -> Reply:
    """All of them, with how many contacts each has."""
    return _shown(visit, (), 200)


def _shown(visit: Visit, issues: tuple[Issue, ...], status: int) -> Shown:
    def read(session: Session, _: Actor) -> dict[str, list[tuple[Label, int]]]:
        found = sorted(session.all(Label), key=lambda label: label.name.casefold())
        sizes = {**session.labels.sizes("list"), **session.labels.sizes("tag")}
        kinds: tuple[LabelKind, ...] = ("list", "tag")
        return {kind: [(one, sizes.get(one.number, 0)) for one in found if one.kind == kind] for kind in kinds}

    return Shown("labels/all.html", {"kinds": visit.read(read), "issues": issues}, status)


def _kind(visit: Visit) -> LabelKind:
    return "list" if visit.params["kind"] == "list" else "tag"


def create(visit: Visit) -> Reply:
    """A new list or tag."""
    name, kind = visit.form["name"].strip(), _kind(visit)
    try:
        visit.write(lambda session, actor: labels.create(session, actor, kind, name))
    except InvalidInput:
        return _shown(visit, (Issue(f"{kind}.name", "required", visit.words("issue.required")),), 422)
    except Conflict:
        return _shown(visit, (Issue(f"{kind}.name", "taken", visit.words("issue.taken")),), 422)
    return Gone(f"{visit.base}/labels", Notice("labels.made", {"name": name}))


def rename(visit: Visit) -> Reply:
    """Another name."""
    kind, number, name = _kind(visit), int(visit.params["number"]), visit.form["name"].strip()
    issue = f"{number}.name"
    try:
        visit.write(
            lambda session, actor: labels.rename(session, actor, labels.get(session, kind, number), name),
        )
    except InvalidInput:
        return _shown(visit, (Issue(issue, "required", visit.words("issue.required")),), 422)
    except Conflict:
        return _shown(visit, (Issue(issue, "taken", visit.words("issue.taken")),), 422)
    return Gone(f"{visit.base}/labels", Notice("labels.renamed", {"name": name}))


def delete(visit: Visit) -> Reply:
    """Away with it; its contacts stay."""
    kind, number = _kind(visit), int(visit.params["number"])

    def run(session: Session, actor: Actor) -> tuple[str, int, int]:
        label, first = labels.get(session, kind, number), session.last_seq() + 1
        labels.delete(session, actor, label)
        return label.name, first, session.last_seq()

    name, first, last = visit.write(run)
    return Gone(f"{visit.base}/labels", told(visit, "labels.deleted", 1, (first, last), name))


_ONE: Final = "/accounts/{account:int}/labels/{kind}/{number:int}"
ROUTES: Final = (
    PageRoute("GET", "/accounts/{account:int}/labels", show),
    PageRoute("POST", "/accounts/{account:int}/labels/{kind}", create, "write"),
    PageRoute("POST", _ONE, rename, "write"),
    PageRoute("POST", f"{_ONE}/delete", delete, "write"),
)
