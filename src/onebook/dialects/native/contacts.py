"""Contacts: create, find, read, change, delete, erase.

Source:   docs/dialects/native.md, "Contacts"
"""

import re
from typing import Final

from msgspec import Struct, structs

from onebook.dialects import strict
from onebook.dialects.base import Answer, Field, Request, Route, schema_of, write_fields
from onebook.dialects.native import cards, filters, views
from onebook.dialects.native.answers import gone, paged
from onebook.dialects.native.cards import View
from onebook.dialects.native.reading import body_schema, cursor_of, nothing, read_body, read_query
from onebook.errors import Conflict, InvalidInput, NotFound
from onebook.model.contact import Contact
from onebook.operations import contacts, search, wishes
from onebook.operations.actor import Actor
from onebook.operations.wishes import Wish
from onebook.store.base import Condition, Session

ERASE: Final = Field(
    "erase",
    strict.Choice(("true", "false")),
    note="true: also out of the log and the stored answers; only that it happened stays.",
)
IF_MATCH: Final = Field(
    "If-Match", strict.Text, note='The version that was read, as in "3"; if it has moved on, the answer is 412.'
)
_UID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_ETAGS: Final = re.compile(r'\s*(?:W/)?"?(\d{1,15})"?\s*(?:,|\Z)', re.ASCII)


class Change(Struct, frozen=True):
    """A contact, what is wanted of it, and the versions at which that still makes sense (None: at any)."""

    uid: str
    wish: Wish
    versions: frozenset[int] | None


class Removal(Struct, frozen=True):
    """A contact to be deleted; ``erase`` takes the memory of it too."""

    uid: str
    erase: bool
    versions: frozenset[int] | None


class Found(Struct, frozen=True):
    """A page of contacts and the cursor of the next one."""

    views: list[View]
    next_cursor: str | None


# --- readers ---


def uid_of(request: Request) -> str:
    """The contact in the path. Raises: NotFound for a text that cannot be a uid."""
    uid = request.params["uid"].lower()
    if not _UID.fullmatch(uid):
        raise NotFound("contact", uid)
    return uid


def read_create(request: Request) -> Wish:
    """A body of POST /contacts."""
    return cards.wish_of(read_body(request, cards.CREATE), request.country(None))


def read_one(request: Request) -> str:
    """The uid in the path."""
    nothing(request)
    return uid_of(request)


def read_change(request: Request) -> Change:
    """A body of PATCH /contacts/{uid}, and If-Match."""
    wish = cards.wish_of(read_body(request, cards.PATCH), request.country(None))
    return Change(uid_of(request), wish, versions_of(request, wish.version))


def read_removal(request: Request) -> Removal:
    """A DELETE of a contact."""
    erase = read_query(request, (ERASE,)).get("erase") == "true"
    return Removal(uid_of(request), erase, versions_of(request, None))


def versions_of(request: Request, said: int | None) -> frozenset[int] | None:
    """The versions that If-Match names, and the body; None if any will do.

    Raises: InvalidInput for an If-Match that is neither ``*`` nor versions.
    Source: RFC 9110, 13.1.1; a version in quotes is the entity tag of a contact.
    """
    header = request.headers.get(IF_MATCH.name.lower(), "*").strip()
    if header == "*":
        return None if said is None else frozenset((said,))
    named = frozenset(int(found) for found in _ETAGS.findall(header))
    if not named or _ETAGS.sub("", header):
        raise InvalidInput.of("If-Match", "not_a_version", 'If-Match is the version that was read, as in "3".')
    return named if said is None else named & {said}


# --- acts ---


def act_create(session: Session, actor: Actor, wish: Wish) -> View:
    """Store a contact with its lists, tags and members."""
    return views.shown(session, actor, [wishes.create(session, actor, wish)])[0]


def act_change(session: Session, actor: Actor, change: Change) -> View:
    """Change what is named; lists and tags count as changes, so that a version guards them too."""
    contact = _expected(contacts.get(session, actor, change.uid), change.versions)
    return views.shown(session, actor, [wishes.change(session, actor, contact, change.wish)])[0]


def act_read(session: Session, actor: Actor, uid: str) -> View:
    """One contact."""
    return views.shown(session, actor, [contacts.get(session, actor, uid)])[0]


def act_remove(session: Session, actor: Actor, removal: Removal) -> None:
    """Delete or erase one contact."""
    find = contacts.erasable if removal.erase else contacts.get
    contact = _expected(find(session, actor, removal.uid), removal.versions)
    if removal.erase:
        contacts.erase(session, actor, contact)
    else:
        contacts.delete(session, actor, [contact])


def act_find(session: Session, actor: Actor, find: filters.Find) -> Found:
    """A page of contacts by number, or of search hits by rank."""
    where = filters.where(session, actor, find)
    if find.words is not None:
        end = find.after + find.limit
        hits = search.search(session, actor, find.words, where, enough=end)
        page = [hit.contact for hit in hits[find.after : end]]
        return Found(views.shown(session, actor, page), cursor_of(filters.BY_RANK, end) if len(hits) > end else None)
    after = (*where, Condition("number", "gt", find.after))
    page = contacts.find(session, actor, after, limit=find.limit + 1)
    more, page = len(page) > find.limit, page[: find.limit]
    return Found(views.shown(session, actor, page), cursor_of(filters.BY_NUMBER, page[-1].number) if more else None)


def _expected(contact: Contact, versions: frozenset[int] | None) -> Contact:
    if versions is not None and contact.version not in versions:
        raise Conflict("version", versions, contact.version, message="The contact has been changed since it was read.")
    return contact


# --- writers ---


def _shown(status: int, view: View) -> Answer:
    return Answer(status, write_fields(cards.CONTACT, view), (("ETag", f'"{view.contact.version}"'),))


def write_created(request: Request, view: View) -> Answer:
    """The new contact and where it is."""
    answer = _shown(201, view)
    place = ("Location", f"{request.mount}/contacts/{view.contact.uid}")
    return structs.replace(answer, headers=(*answer.headers, place))


def write_one(_request: Request, view: View) -> Answer:
    """One contact."""
    return _shown(200, view)


def write_found(_request: Request, found: Found) -> Answer:
    """A page of contacts."""
    shown = [write_fields(cards.CONTACT, view) for view in found.views]
    return Answer(200, {"contacts": shown, "next_cursor": found.next_cursor})


# --- routes ---

ONE: Final = schema_of(cards.CONTACT)
_TAGS: Final = ("Contacts",)

ROUTES: Final = (
    Route(
        "GET", "/contacts", "findContacts", "Find contacts",
        filters.read_find, act_find, write_found,
        access="read", writes=False, query=filters.QUERY, answers={200: paged("contacts", cards.CONTACT)}, tags=_TAGS,
    ),
    Route(
        "POST", "/contacts", "createContact", "Store a contact",
        read_create, act_create, write_created,
        body=body_schema(cards.CREATE), answers={201: ONE}, tags=_TAGS,
    ),
    Route(
        "GET", "/contacts/{uid}", "readContact", "Read a contact",
        read_one, act_read, write_one,
        access="read", writes=False, quick=True, answers={200: ONE}, tags=_TAGS,
    ),
    Route(
        "PATCH", "/contacts/{uid}", "changeContact", "Change what is named of a contact",
        read_change, act_change, write_one,
        headers=(IF_MATCH,), body=body_schema(cards.PATCH), answers={200: ONE}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/contacts/{uid}", "deleteContact", "Delete or erase a contact",
        read_removal, act_remove, gone,
        query=(ERASE,), headers=(IF_MATCH,), answers={204: None}, tags=_TAGS,
    ),
)  # fmt: skip
