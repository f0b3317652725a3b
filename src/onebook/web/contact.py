"""One contact: all that it has, where that came from, and changing it."""

from typing import Any, Final

from msgspec import Struct

from onebook.errors import Conflict, InvalidInput, Issue
from onebook.model import email, phone
from onebook.model.contact import Contact
from onebook.operations import address_books, contacts, groups, history, many, people, search, wishes
from onebook.operations.actor import Actor
from onebook.operations.groups import Membership, Rearrangement
from onebook.operations.history import History
from onebook.store.base import Condition, Session
from onebook.web import card_form
from onebook.web.card_form import Typed
from onebook.web.contacts import Row, around, file_of, rows_of, told
from onebook.web.filters import look_of
from onebook.web.visit import Gone, Notice, PageRoute, Reply, Shown, Values, Visit

MEMBERS_SHOWN: Final = 200
CANDIDATES: Final = 8


class Whole(Struct, frozen=True):
    """A contact with all that the page shows.

    Args: ``members``: the first of all. ``marked``: its phone and mail keys that have opted out.
    """

    contact: Contact
    row: Row
    book: str
    groups: list[Contact]
    members: list[Membership]
    all_members: int
    marked: set[str]
    history: History


def _whole(session: Session, actor: Actor, uid: str) -> Whole:
    contact = contacts.get(session, actor, uid)
    [row] = rows_of(session, [contact])
    phones = session.opted_out("phone", [phone.key_of(one) for one in contact.card.phones])
    emails = session.opted_out("email", [email.key_of(one.address) for one in contact.card.emails])
    members, all_members = groups.first_members(session, contact, MEMBERS_SHOWN) if contact.kind == "group" else ([], 0)
    return Whole(
        contact,
        row,
        address_books.get(session, actor, contact.book).name,
        groups.groups_holding(session, actor, contact),
        members,
        all_members,
        phones | emails,
        history.of(session, actor, contact),
    )


def _read(visit: Visit) -> Whole:
    uid = visit.params["uid"].lower()
    return visit.read(lambda session, actor: _whole(session, actor, uid))


def show(visit: Visit) -> Reply:
    """The page."""
    return Shown("contact/page.html", _shown(visit, _read(visit)))


def _shown(visit: Visit, whole: Whole) -> dict[str, Any]:
    names = {one.person.id: one.person.name for one in people.members(visit.house.store, visit.who)}
    keys = {"phone": phone.key_of, "email": email.key_of, "valid": phone.is_valid}
    return {"whole": whole, "names": names, "keys": keys, "members_shown": MEMBERS_SHOWN}


# --- changing ---


def show_new(visit: Visit) -> Reply:
    """An empty form."""
    book = visit.read(address_books.default).number
    typed = card_form.empty(visit.query["kind"], visit.query.number("book", book))
    return _form(visit, typed, None, (), 200)


def show_edit(visit: Visit) -> Reply:
    """The form of a contact."""
    whole = _read(visit)
    return _form(visit, _typed(whole), whole, (), 200)


def _typed(whole: Whole) -> Typed:
    return card_form.typed_from(whole.contact, whole.row.organization, whole.row.lists, whole.row.tags)


def _form(
    visit: Visit, typed: Typed, whole: Whole | None, issues: tuple[Issue, ...], status: int, *, now: Typed | None = None
) -> Shown:
    """The form. Args: ``now``: what somebody else saved meanwhile."""
    choices = visit.read(around)
    values = {"typed": typed, "whole": whole, "issues": issues, "now": now, "addressed": card_form.ADDRESS}
    return Shown("contact/edit.html", {**values, **choices}, status)


def create(visit: Visit) -> Reply:
    """Store what was typed as a new contact."""
    typed = card_form.typed_of(visit.form)
    try:
        wish = card_form.wish_of(typed, None, "", visit.who.account.default_country)
        made = visit.write(lambda session, actor: wishes.create(session, actor, wish))
    except InvalidInput as error:
        return _form(visit, typed, None, error.issues, 422)
    except Conflict as error:
        return _form(visit, typed, None, _taken(visit, error), 422)
    return Gone(f"{visit.base}/contacts/{made.uid}", Notice("contact.made"))


def _taken(visit: Visit, error: Conflict) -> tuple[Issue, ...]:
    """Raises: the error itself, if it is about anything but the external id."""
    if error.kind != "external_id":
        raise error
    return (Issue("external_id", "taken", visit.words("issue.taken")),)


def save(visit: Visit) -> Reply:
    """Store what was typed, unless somebody else was faster: then both are shown."""
    typed, whole = card_form.typed_of(visit.form), _read(visit)
    try:
        seq = _save(visit, typed, whole)
    except InvalidInput as error:
        return _form(visit, typed, whole, error.issues, 422)
    except Conflict as error:
        if error.kind != "version":
            return _form(visit, typed, whole, _taken(visit, error), 422)
        fresh = _read(visit)
        return _form(visit, typed, fresh, (), 409, now=_typed(fresh))
    return Gone(f"{visit.base}/contacts/{whole.contact.uid}", told(visit, "contact.saved", 1, seq))


def _save(visit: Visit, typed: Typed, whole: Whole) -> tuple[int, int]:
    """Gives the first and last entry of the log."""
    wish = card_form.wish_of(typed, whole.contact, whole.row.organization, visit.who.account.default_country)

    def run(session: Session, actor: Actor) -> tuple[int, int]:
        first = session.last_seq() + 1
        there = contacts.get(session, actor, whole.contact.uid)
        wishes.change(session, actor, there, wish, expected_version=typed.version)
        return first, session.last_seq()

    return visit.write(run)


def delete(visit: Visit) -> Reply:
    """Away with it."""

    def run(session: Session, actor: Actor) -> many.Done:
        return many.delete(session, actor, [contacts.get(session, actor, visit.params["uid"].lower())])

    done = visit.write(run)
    return Gone(f"{visit.base}/contacts", told(visit, "many.done.delete", 1, (done.first, done.last)))


def download(visit: Visit) -> Reply:
    """The contact as a vCard."""
    return file_of(visit, (Condition("number", "eq", _read(visit).contact.number),), "vcard")


# --- members of a group ---


def _members(visit: Visit, status: int = 200, issues: tuple[Issue, ...] = ()) -> Shown:
    values = {**_shown(visit, _read(visit)), "issues": issues}
    return Shown("contact/members.html" if visit.swap else "contact/page.html", values, status)


def rearrange(visit: Visit) -> Reply:
    """Move a member, change whether it is a primary one, or take it out."""
    how: Rearrangement = next((way for way in _WAYS if way == visit.form["how"]), "out")

    def run(session: Session, actor: Actor) -> None:
        group = contacts.get(session, actor, visit.params["uid"].lower())
        groups.rearrange(session, actor, group, visit.form["member"], how)

    visit.write(run)
    return _members(visit) if visit.swap else Gone(f"{visit.base}/contacts/{visit.params['uid']}")


def add_member(visit: Visit) -> Reply:
    """Put a contact into the group."""

    def run(session: Session, actor: Actor) -> None:
        group = contacts.get(session, actor, visit.params["uid"].lower())
        groups.add(session, actor, group, [visit.form["member"]])

    try:
        visit.write(run)
    except InvalidInput as error:
        return _members(visit, 422, error.issues)
    return _members(visit) if visit.swap else Gone(f"{visit.base}/contacts/{visit.params['uid']}")


def candidates(visit: Visit) -> Reply:
    """Contacts that could join, by their words."""
    words = visit.query["q"].strip()
    look = look_of(Values([("q", words)]))
    hits = visit.read(lambda session, actor: contacts.find(session, actor, look.where, limit=CANDIDATES))
    values = {"hits": hits if search.words_of(words) else [], "uid": visit.params["uid"], "words": words}
    return Shown("contact/candidates.html", values)


_WAYS: Final[tuple[Rearrangement, ...]] = ("up", "down", "primary", "out")
_ALL: Final = "/accounts/{account:int}/contacts"
_ONE: Final = f"{_ALL}/{{uid}}"
ROUTES: Final = (
    PageRoute("GET", f"{_ALL}/new", show_new, "write"),
    PageRoute("POST", _ALL, create, "write"),
    PageRoute("GET", _ONE, show),
    PageRoute("GET", f"{_ONE}/edit", show_edit, "write"),
    PageRoute("POST", _ONE, save, "write"),
    PageRoute("POST", f"{_ONE}/delete", delete, "write"),
    PageRoute("GET", f"{_ONE}/card.vcf", download),
    PageRoute("POST", f"{_ONE}/members", add_member, "write"),
    PageRoute("POST", f"{_ONE}/members/arrange", rearrange, "write"),
    PageRoute("GET", f"{_ONE}/candidates", candidates, "write"),
)
