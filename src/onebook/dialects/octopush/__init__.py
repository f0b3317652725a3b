"""Octopush: contacts and contact lists of the REST API V1.

Source:   docs/dialects/octopush.md (the vendor's page, in our words)    Access: headers api-login and api-key
Posture:  casting: what cannot be used is passed over, what can is used    Silences: "Quirks" there, decision 0012
Absent:   any call that reads; renaming a list; deleting a tag; setting an opt-out
"""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from onebook.dialects import casting
from onebook.dialects.base import (
    Answer,
    Broken,
    Credentials,
    Dialect,
    Field,
    KeyReused,
    Out,
    Request,
    Route,
    Schema,
    TooOften,
    WrongVerb,
    kind_of,
    read_fields,
    schema_of,
    write_fields,
)
from onebook.dialects.octopush.numbers import phone_of
from onebook.dialects.strict import described
from onebook.errors import (
    Conflict,
    InvalidInput,
    LimitExceeded,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OnebookError,
    Unavailable,
)
from onebook.model import email, phone
from onebook.model.contact import ContactPatch, CustomChange, Email
from onebook.model.label import Label
from onebook.operations import by_phone, contacts, labels, opt_outs
from onebook.operations.actor import Actor
from onebook.operations.by_phone import Entry
from onebook.store.base import Condition, Session

# --- 1 tables ---

MOST_NUMBERS: Final = 200  # the vendor's bound for /contact/delete
MOST_NAMES: Final = 100  # ours: with 10,000 contacts a million attachments, the most that one request should ask for

LIST: Final = casting.name(30)
TAG: Final = casting.name(20)
ONE_OR_MORE_LISTS: Final = casting.Many(LIST, MOST_NAMES, single=True)
ONE_OR_MORE_TAGS: Final = casting.Many(TAG, MOST_NAMES, single=True)

CONTACT: Final = (
    Field("phone_number", casting.Digits, to="phones", note="International, with +; other spellings are cleaned."),
    Field("first_name", casting.Text, to="name.given"),
    Field("last_name", casting.Text, to="name.family"),
    Field("param1", casting.Text, to="custom"),
    Field("param2", casting.Text, to="custom"),
    Field("param3", casting.Text, to="custom"),
    Field("param4", casting.Text, to="custom"),
    Field("param5", casting.Text, to="custom"),
    Field("email", casting.Text, to="emails", note="On no page of the vendor's; its clients send it."),
)
PARAMS: Final = tuple(field.name for field in CONTACT if field.to == "custom")

CREATE: Final = (
    Field("list_name", ONE_OR_MORE_LISTS, to="lists", note="A list to put the contacts on; made if it is not there."),
    Field("list_names", casting.Many(LIST, MOST_NAMES), to="lists", note="Several such lists."),
    Field("un_list", casting.Flag, note="First take these contacts off all their lists."),
    Field("tag_name", ONE_OR_MORE_TAGS, to="tags", note="A tag for the contacts; made if it is not there."),
    Field("tag_names", casting.Many(TAG, MOST_NAMES), to="tags", note="Several such tags."),
    Field("un_tag", casting.Flag, note="First take all tags off these contacts."),
    Field("contacts", casting.Many(casting.Record(CONTACT, bare="phone_number")), need=True),
    Field("auto_delete_optout_contacts", casting.Flag, note="Leave out numbers that opted out."),
    Field("auto_remove_blacklisted_numbers", casting.Flag, note="Older name of auto_delete_optout_contacts."),
    Field("do_not_overwrite", casting.Flag, note="A contact that is there keeps its data; see Quirks."),
)
DELETE: Final = (
    Field("phone_numbers", casting.Many(casting.Digits, MOST_NUMBERS), need=True),
    Field("list_name", casting.One(LIST), note="Only take them off this list."),
    Field("list_names", casting.One(LIST), note="The same, by the name it has when creating; one list only."),
)
LIST_CALL: Final = (Field("list_name", casting.One(LIST), need=True),)
EMPTY: Final = (*LIST_CALL, Field("delete_contacts", casting.Flag, note="Delete its contacts from the account, too."))

CREATED: Final[tuple[Out[int], ...]] = (Out("number_of_contacts", int, {"type": "integer", "minimum": 0}),)
LIST_CREATED: Final[tuple[Out[Label], ...]] = (Out("list_name", attrgetter("name"), {"type": "string"}, of="lists"),)
ERROR: Final[Schema] = {
    "type": "object",
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
    "required": ["code", "message"],
}


# --- 2 readers ---


class Create(Struct, frozen=True):
    """Contacts to be stored, and what to do with their lists and tags."""

    entries: tuple[Entry, ...]
    lists: tuple[str, ...]
    tags: tuple[str, ...]
    off_lists: bool
    off_tags: bool
    leave_opted_out: bool
    overwrite: bool


class Delete(Struct, frozen=True):
    """Keys of numbers to be deleted, or to be taken off the list of this name."""

    keys: tuple[str, ...]
    list_name: str | None


class Empty(Struct, frozen=True):
    """A list to be emptied, and whether its contacts are deleted."""

    list_name: str
    delete_contacts: bool


def read_create(request: Request) -> Create:
    """Read the body of ``/contact/create``; contacts without a usable number are left out."""
    body = _object(request)
    sent = body.get("contacts")
    if isinstance(sent, list) and len(sent) > request.limits.batch:
        raise LimitExceeded("contacts", request.limits.batch, "elements")
    read = _read(CREATE, body)
    country = request.country(None)
    entries = tuple(entry for contact in read["contacts"] if (entry := _entry(contact, country)) is not None)
    return Create(
        entries=_some(entries, "contacts"),
        lists=read.get("list_name", ()) + read.get("list_names", ()),
        tags=read.get("tag_name", ()) + read.get("tag_names", ()),
        off_lists=read.get("un_list", False),
        off_tags=read.get("un_tag", False),
        leave_opted_out=any(
            read.get(flag, False) for flag in ("auto_delete_optout_contacts", "auto_remove_blacklisted_numbers")
        ),
        overwrite=not read.get("do_not_overwrite", False),
    )


def read_delete(request: Request) -> Delete:
    """Read the body of ``/contact/delete``.

    A list name that is there and cannot be used is not passed over: taking off a list would become deleting.
    """
    body = _object(request)
    read = _read(DELETE, body)
    sent = next((field for field in ("list_name", "list_names") if body.get(field) is not None), None)
    if sent is not None and sent not in read:
        raise InvalidInput.of(sent, "required", f"{sent} must be the name of one list, or not be sent.")
    country = request.country(None)
    phones = (phone_of(text, country) for text in read["phone_numbers"])
    keys = tuple(phone.key_of(found) for found in phones if found is not None)
    return Delete(_some(keys, "phone_numbers"), read[sent] if sent else None)


def read_list(request: Request) -> str:
    """Read the body of a call that is about one list: its name."""
    name: str = _read(LIST_CALL, _object(request))["list_name"]
    return name


def read_empty(request: Request) -> Empty:
    """Read the body of ``/contact-list/empty``."""
    read = _read(EMPTY, _object(request))
    return Empty(read["list_name"], read.get("delete_contacts", False))


def _object(request: Request) -> dict[str, Any]:
    value = request.json(nul=True)
    if not isinstance(value, dict):
        raise InvalidInput.of("body", "bad_json", "The body must be a JSON object.")
    return value


def _read(table: tuple[Field, ...], body: dict[str, Any]) -> dict[str, Any]:
    """Read a body by its table; a needed field that is not there, or cannot be used, is the only issue."""
    read = read_fields(table, body, "", [])
    for field in table:
        if field.need and field.name not in read:
            raise InvalidInput.of(field.name, "required", f"{field.name} is missing, empty or not usable.")
    return read


def _some(usable: tuple[Any, ...], field: str) -> tuple[Any, ...]:
    if not usable:
        raise InvalidInput.of(field, "no_number", f"There is no usable phone number in {field}.")
    return usable


def _entry(contact: dict[str, Any], country: str | None) -> Entry | None:
    number = phone_of(contact["phone_number"], country) if "phone_number" in contact else None
    return None if number is None else Entry(phone.key_of(number), number, _patch(contact))


def _patch(contact: dict[str, Any]) -> ContactPatch:
    """What to write: keys that were sent, None clearing; the number itself is not among it."""
    params = {name: contact[name] for name in PARAMS if name in contact}
    return ContactPatch(
        given=contact.get("first_name", UNSET),
        family=contact.get("last_name", UNSET),
        email=_email(contact["email"]) if "email" in contact else UNSET,
        custom=CustomChange(merge=params) if params else UNSET,
    )


def _email(text: str | None) -> Email | None | UnsetType:
    """The mail address to set; None clears; UNSET for an unusable one."""
    if text is None or not text.strip():
        return None
    address = email.normalize(text.strip())
    return UNSET if address is None else Email(address)


# --- acts: one transaction each ---


def create_contacts(session: Session, actor: Actor, command: Create) -> int:
    """Store the contacts; detaching comes before attaching. Returns how many different ones there are."""
    entries = command.entries
    if command.leave_opted_out:
        marked = opt_outs.marked(session, "phone", (entry.key for entry in entries))
        entries = tuple(entry for entry in entries if entry.key not in marked)
    if not entries:
        return 0
    there = by_phone.find(session, actor, (entry.key for entry in entries))
    known = [contact.number for same in there.values() for contact in same]
    if command.off_lists:
        labels.detach_all(session, "list", known)
    if command.off_tags:
        labels.detach_all(session, "tag", known)
    kept = by_phone.upsert(session, actor, entries, there, overwrite=command.overwrite)
    named = [
        *labels.numbers_of(session, actor, "list", command.lists),
        *labels.numbers_of(session, actor, "tag", command.tags),
    ]
    labels.attach(session, named, (contact.number for contact in kept))
    return len(kept)


def delete_contacts(session: Session, actor: Actor, command: Delete) -> None:
    """Delete every contact of the numbers, or take it off the list; unknown numbers are passed over."""
    if command.list_name is None:
        there = by_phone.find(session, actor, command.keys)
        contacts.delete(session, actor, [contact for same in there.values() for contact in same])
        return
    label = labels.named(session, "list", command.list_name)
    there = by_phone.find(session, actor, command.keys, within=(Condition("label", "eq", label.number),))
    labels.detach(session, [label.number], [contact.number for same in there.values() for contact in same])


def create_list(session: Session, actor: Actor, name: str) -> Label:
    """Make an empty list."""
    return labels.create(session, actor, "list", name)


def delete_list(session: Session, actor: Actor, name: str) -> None:
    """Remove a list; its contacts stay."""
    label = labels.named(session, "list", name)
    labels.delete(session, actor, label)


def empty_list(session: Session, actor: Actor, command: Empty) -> None:
    """Take everybody off a list; on request also delete them. Groups, which no number finds, are only taken off."""
    label = labels.named(session, "list", command.list_name)
    labels.must_hold_only_seen(session, actor, label)
    if command.delete_contacts:
        people = (Condition("label", "eq", label.number), Condition("kind", "eq", "individual"))
        while page := contacts.find(session, actor, people, limit=1000):
            contacts.delete(session, actor, page)
    labels.clear(session, actor, label)


# --- 3 writers ---


def write_created(_request: Request, number: int) -> Answer:
    """How many contacts there were to do with."""
    return Answer(201, write_fields(CREATED, number))


def write_list(_request: Request, label: Label) -> Answer:
    """The new list's name, as it is stored."""
    return Answer(201, write_fields(LIST_CREATED, label))


def write_nothing(_request: Request, _result: None) -> Answer:
    """Done, and nothing to say."""
    return Answer(204)


# --- 4 errors: status and the vendor's code ---

ISSUES: Final[Mapping[str, tuple[int, int]]] = {"required": (400, 110), "no_number": (400, 117)}
UNREADABLE: Final = (400, 100)
MISSING: Final[Mapping[str, tuple[int, int]]] = {"list": (404, 303), "route": (404, 306)}
REFUSALS: Final[Mapping[type[OnebookError], Any]] = {
    InvalidInput: lambda error: ISSUES.get(error.issues[0].code, UNREADABLE),
    NotAuthenticated: lambda error: (401, 108) if error.reason == "missing" else (401, 101),
    NotPermitted: lambda _: (403, 300),
    NotFound: lambda error: MISSING.get(error.kind, (404, 125)),
    Conflict: lambda error: (400, 302) if error.kind == "list" else (409, 125),
    LimitExceeded: lambda error: UNREADABLE if error.what == "nesting" else (400, 305),
    WrongVerb: lambda _: (405, 306),
    KeyReused: lambda _: (409, 125),
    TooOften: lambda _: (429, 125),
    Unavailable: lambda _: (503, 125),
    Broken: lambda _: (500, 125),
}


def refuse(_request: Request, error: OnebookError) -> Answer:
    """An error in the vendor's shape: a code out of its published table, and a sentence."""
    status, code = REFUSALS[kind_of(error, REFUSALS)](error)
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(error, WrongVerb):
        headers = (("Allow", ", ".join(error.allowed)),)
    elif isinstance(error, TooOften | Unavailable):
        headers = (("Retry-After", str(error.retry_after_seconds)),)
    return Answer(status, {"code": code, "message": str(error)}, headers)


# --- 5 routes ---


def credentials(headers: Mapping[str, str]) -> Credentials:
    """Both headers, or none counts."""
    login, key = headers.get("api-login"), headers.get("api-key")
    if not login or not key:
        raise NotAuthenticated("missing")
    return Credentials(key, login)


def _body(table: tuple[Field, ...]) -> Schema:
    return {
        "type": "object",
        "properties": {field.name: described(field) for field in table},
        "required": [field.name for field in table if field.need],
    }


ROUTES: Final = (
    Route(
        "POST", "/contact/create", "createContacts", "Store contacts, attach them to lists and tags, detach them",
        read_create, create_contacts, write_created,
        body=_body(CREATE), answers={201: schema_of(CREATED)}, tags=("Contacts",),
    ),
    Route(
        "DELETE", "/contact/delete", "deleteContacts", "Delete contacts, or take them off one list",
        read_delete, delete_contacts, write_nothing,
        body=_body(DELETE), answers={204: None}, tags=("Contacts",),
    ),
    Route(
        "POST", "/contact-list/create", "createList", "Make an empty list",
        read_list, create_list, write_list,
        body=_body(LIST_CALL), answers={201: schema_of(LIST_CREATED)}, tags=("Contact lists",),
    ),
    Route(
        "DELETE", "/contact-list/delete", "deleteList", "Delete a list; its contacts stay",
        read_list, delete_list, write_nothing,
        body=_body(LIST_CALL), answers={204: None}, tags=("Contact lists",),
    ),
    Route(
        "POST", "/contact-list/empty", "emptyList", "Take all contacts off a list; on request delete them",
        read_empty, empty_list, write_nothing,
        body=_body(EMPTY), answers={204: None}, tags=("Contact lists",),
    ),
)  # fmt: skip

DIALECT: Final = Dialect(
    name="octopush",
    title="Octopush",
    description="Contacts and contact lists of Octopush's REST API. What is sent is understood if there is a way to.",
    mounts=("/octopush/v1/public",),
    credentials=credentials,
    refuse=refuse,
    routes=ROUTES,
    security={
        "login": {"type": "apiKey", "in": "header", "name": "api-login"},
        "key": {"type": "apiKey", "in": "header", "name": "api-key"},
    },
    error=ERROR,
    trailing_slash=True,
    in_tables={"contact": CONTACT, "create": CREATE},
    out_tables={"created": CREATED, "list": LIST_CREATED},
)
