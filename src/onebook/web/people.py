"""The people of an account: who belongs to it, as what, and the links by which others come."""

from typing import Final

from onebook.errors import Conflict, InvalidInput, Issue
from onebook.model.person import ROLES, Role
from onebook.operations import people
from onebook.web.visit import Gone, Notice, PageRoute, Reply, Shown, Visit


def show(visit: Visit) -> Reply:
    """Everybody."""
    return _people(visit)


def _people(visit: Visit, issues: tuple[Issue, ...] = (), link: str = "") -> Shown:
    values = {
        "members": people.members(visit.house.store, visit.who),
        "roles": ROLES,
        "issues": issues,
        "link": link,
        "typed": visit.form,
    }
    return Shown("running/people.html", values, 422 if issues else 200)


def invite(visit: Visit) -> Reply:
    """A one-time link, shown once."""
    role: Role = next((role for role in ROLES if role == visit.form["role"]), "viewer")
    try:
        token = people.invite(visit.house.store, visit.who, role, visit.form["email"].strip() or None)
    except InvalidInput as error:
        return _people(visit, error.issues)
    return _people(visit, link=f"{visit.address}/enter/{token}")


def set_role(visit: Visit) -> Reply:
    """Another role."""
    try:
        visit.write(
            lambda session, actor: people.set_role(session, actor, visit.params["person"], visit.form["new_role"])
        )
    except InvalidInput as error:
        return _people(visit, error.issues)
    except Conflict as error:
        return _people(visit, (Issue("role", "conflict", str(error)),))
    return Gone(f"{visit.base}/running/people", Notice("enter.saved"))


def remove(visit: Visit) -> Reply:
    """Out of the account."""
    try:
        visit.write(lambda session, actor: people.remove(session, actor, visit.params["person"]))
    except Conflict as error:
        return _people(visit, (Issue("role", "conflict", str(error)),))
    return Gone(f"{visit.base}/running/people", Notice("running.person_removed"))


_BASE: Final = "/accounts/{account:int}/running/people"
ROUTES: Final = (
    PageRoute("GET", _BASE, show, "admin"),
    PageRoute("POST", _BASE, invite, "admin"),
    PageRoute("POST", f"{_BASE}/{{person}}", set_role, "admin"),
    PageRoute("POST", f"{_BASE}/{{person}}/remove", remove, "admin"),
)
