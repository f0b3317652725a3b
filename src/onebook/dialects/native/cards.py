"""What a contact is in the native API: its tables, and how they become a patch and come out of a contact.

Source:   docs/dialects/native.md, "Contacts"
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET, Struct

from onebook.dialects import strict
from onebook.dialects.base import Field, Out, schema_of, write_fields
from onebook.dialects.native.answers import ANY_OBJECT, FLAG, INTEGER, TEXT, TEXT_OR_NULL, TEXTS, TIME, array_of
from onebook.dialects.native.reading import Country, Mail, Said, Shown
from onebook.model import address as addresses
from onebook.model import merge
from onebook.model import phone as phones
from onebook.model.contact import Address, Contact, ContactPatch, CustomChange, Email, Phone
from onebook.model.label import LabelKind
from onebook.model.moment import rfc3339
from onebook.model.place import Organization
from onebook.operations.groups import Membership
from onebook.operations.wishes import Wish

LONGEST_PHONE: Final = 250  # beyond this no text is a number; see model.phone
MOST_ENTRIES: Final = 100  # judgement: of phones, mails or addresses of one contact
KINDS: Final = ("individual", "group")

# --- what comes in ---

NAME: Final = (
    Field("full", strict.text(longest=1000, null=True), to="name.full", note="Kept as sent; the parts are derived."),
    Field("given", strict.text(longest=1000, null=True), to="name.given"),
    Field("family", strict.text(longest=1000, null=True), to="name.family"),
)
PHONE: Final = (
    Field("raw", Said(longest=LONGEST_PHONE), need=True, to="phones.raw", note="As written; kept even if unusable."),
    Field("type", strict.text(longest=100, null=True), to="phones.type"),
    Field("primary", strict.Flag, to="phones.primary"),
    Field("e164", Shown(strict.TextOrNull)),
    Field("valid", Shown(strict.Flag)),
)
EMAIL: Final = (
    Field("address", Mail(), need=True, to="emails.address"),
    Field("type", strict.text(longest=100, null=True), to="emails.type"),
    Field("primary", strict.Flag, to="emails.primary"),
)
_LINE: Final = strict.text(longest=500, null=True)
ADDRESS: Final = (
    Field("type", strict.text(longest=100, null=True), to="addresses.type"),
    Field("line1", _LINE, to="addresses.line1"),
    Field("line2", _LINE, to="addresses.line2"),
    Field("city", _LINE, to="addresses.city"),
    Field("state", _LINE, to="addresses.state"),
    Field("subdivision", _LINE, to="addresses.subdivision"),
    Field("postal_code", _LINE, to="addresses.postal_code"),
    Field("country", _LINE, to="addresses.country"),
    Field("country_code", Country(), to="addresses.country_code"),
    Field("text", strict.text(longest=1000, null=True), to="addresses.text", note="Alone, it is read into the fields."),
    Field("id", Shown(strict.Text)),
    Field("formatted", Shown(strict.Text)),
)
MEMBER: Final = (
    Field("uid", Said(), need=True, to="members", note="The member's uid."),
    Field("primary", strict.Flag, to="members.primary"),
)


def _objects(fields: tuple[Field, ...], most: int = MOST_ENTRIES) -> strict.Array:
    return strict.Array(strict.Object(fields, closed=True), most=most)


_NAMES: Final = strict.Array(Said(), most=1000)
MEMBERS: Final = _objects(MEMBER, most=10_000)
_CARD: Final = (
    Field("kind", strict.Choice(KINDS), to="kind"),
    Field("name", strict.Object(NAME, closed=True), to="name"),
    Field("phones", _objects(PHONE), to="phones"),
    Field("emails", _objects(EMAIL), to="emails"),
    Field("addresses", _objects(ADDRESS), to="addresses"),
    Field("notes", strict.text(longest=65_536, null=True), to="notes"),
    Field("external_id", strict.text(longest=255, null=True), to="external_id", note="Unique in its book."),
    Field("organization", strict.text(longest=1000, null=True), to="organization", note="Its name, as text."),
    Field(
        "organization_uid",
        strict.text(longest=36, null=True),
        to="organization",
        note="Ties the contact to a stored organization; goes before `organization`.",
    ),
    Field("locations", _NAMES, to="locations", note="Uids of stored locations."),
    Field("custom", strict.Map(), to="custom", note="Name to any JSON value; null takes the name away."),
    Field("lists", _NAMES, to="lists", note="Names; those that are not there are made."),
    Field("tags", _NAMES, to="tags", note="Names; those that are not there are made."),
    Field("members", MEMBERS, to="members", note="Of a group, in order."),
)
CREATE: Final = (Field("book", strict.integer(1), to="book", note="Number; none: the default book."), *_CARD)
PATCH: Final = (
    *_CARD,
    Field("add_phones", _objects(PHONE), to="phones", note="Appended, unless an equal number is there."),
    Field("add_emails", _objects(EMAIL), to="emails", note="Appended, unless an equal address is there."),
    Field("version", strict.integer(1), note="The version that was read; if it has moved on, the answer is 409."),
)


def wish_of(given: Mapping[str, Any], country: str | None) -> Wish:
    """What was read by `CREATE` or `PATCH` as a wish.

    Args: ``country``: where numbers in national form are dialled.
    """
    organization_uid = given.get("organization_uid", UNSET)
    changes: dict[str, Any] = {name: given[name] for name in ("kind", "notes") if name in given}
    if "external_id" in given:
        changes["external_id"] = given["external_id"] or None
    changes |= given.get("name", {})
    changes |= {name: read(given[name], country) for name, read in _ENTRIES.items() if name in given}
    if "organization" in given and not isinstance(organization_uid, str):
        changes["organization"] = given["organization"]
    elif organization_uid is None:
        changes["organization"] = None
    if "locations" in given:
        changes["locations"] = tuple(dict.fromkeys(map(str.lower, given["locations"])))
    if "custom" in given:
        changes["custom"] = CustomChange(merge=given["custom"])
    kinds: tuple[LabelKind, ...] = ("list", "tag")
    return Wish(
        patch=ContactPatch(**changes, afresh=True),
        book=given.get("book"),
        organization_uid=organization_uid,
        labels={kind: tuple(given[f"{kind}s"]) for kind in kinds if f"{kind}s" in given},
        members=members_of(given["members"]) if "members" in given else UNSET,
        version=given.get("version"),
    )


def _phones(given: list[dict[str, Any]], country: str | None) -> tuple[Phone, ...]:
    read = (phones.read(one["raw"], country, type=one.get("type"), primary=one.get("primary", False)) for one in given)
    return merge.unique_phones(read)


def _emails(given: list[dict[str, Any]], _country: str | None) -> tuple[Email, ...]:
    return merge.unique_emails(Email(**one) for one in given)


def _addresses(given: list[dict[str, Any]], _country: str | None) -> tuple[Address, ...]:
    return tuple(address_of(one) for one in given)


_ENTRIES: Final[dict[str, Callable[[list[dict[str, Any]], str | None], object]]] = {
    "phones": _phones,
    "add_phones": _phones,
    "emails": _emails,
    "add_emails": _emails,
    "addresses": _addresses,
}


def address_of(given: Mapping[str, Any]) -> Address:
    """An address of what was read by `ADDRESS`: the fields as sent, or the text taken apart if it stands alone."""
    said = {name: value for name, value in given.items() if value is not None}
    if said.keys() - {"type"} == {"text"}:
        parsed = addresses.parse(said["text"])
        said = {name: getattr(parsed, name) for name in Address.__struct_fields__} | said
    return Address(**said)


def members_of(given: list[dict[str, Any]]) -> tuple[tuple[str, bool], ...]:
    """Uid and primary flag of each member."""
    return tuple((one["uid"].lower(), one.get("primary", False)) for one in given)


# --- what goes out ---


class View(Struct, frozen=True):
    """A contact with all that stands around it."""

    contact: Contact
    organization: Organization | None
    labels: Mapping[LabelKind, list[str]]
    members: list[Membership]
    opt_out: bool


NAME_OUT: Final[tuple[Out[View], ...]] = (
    Out("full", lambda view: view.contact.card.full, TEXT_OR_NULL, "name.full"),
    Out("given", lambda view: view.contact.card.given, TEXT_OR_NULL, "name.given"),
    Out("family", lambda view: view.contact.card.family, TEXT_OR_NULL, "name.family"),
)
PHONE_OUT: Final[tuple[Out[Phone], ...]] = (
    Out("raw", lambda phone: phone.raw, TEXT, "phones.raw"),
    Out("e164", lambda phone: phone.e164, TEXT_OR_NULL, "phones.e164"),
    Out("valid", lambda phone: phone.e164 is not None and phones.is_valid(phone.e164), FLAG, "phones.e164"),
    Out("type", lambda phone: phone.type, TEXT_OR_NULL, "phones.type"),
    Out("primary", lambda phone: phone.primary, FLAG, "phones.primary"),
)
EMAIL_OUT: Final[tuple[Out[Email], ...]] = (
    Out("address", lambda email: email.address, TEXT, "emails.address"),
    Out("type", lambda email: email.type, TEXT_OR_NULL, "emails.type"),
    Out("primary", lambda email: email.primary, FLAG, "emails.primary"),
)
_PARTS: Final = (
    *("type", "line1", "line2", "city", "state", "subdivision"),
    *("postal_code", "country", "country_code", "text"),
)
ADDRESS_OUT: Final[tuple[Out[Address], ...]] = (
    Out("id", addresses.address_id, TEXT, "addresses"),
    *(Out(part, attrgetter(part), TEXT_OR_NULL, f"addresses.{part}") for part in _PARTS),
    Out("formatted", addresses.formatted, TEXT, "addresses"),
)
MEMBER_OUT: Final[tuple[Out[Membership], ...]] = (
    Out("uid", lambda member: member.contact.uid, TEXT, "members"),
    Out("primary", lambda member: member.primary, FLAG, "members.primary"),
)


def _organization(view: View) -> str | None:
    return view.organization.name if view.organization else view.contact.card.organization


CONTACT: Final[tuple[Out[View], ...]] = (
    Out("number", lambda view: view.contact.number, INTEGER, "number"),
    Out("uid", lambda view: view.contact.uid, TEXT, "uid"),
    Out("book", lambda view: view.contact.book, INTEGER, "book"),
    Out("kind", lambda view: view.contact.kind, {**TEXT, "enum": list(KINDS)}, "kind"),
    Out("name", lambda view: write_fields(NAME_OUT, view), schema_of(NAME_OUT), "name"),
    Out(
        "phones",
        lambda view: [write_fields(PHONE_OUT, p) for p in view.contact.card.phones],
        array_of(PHONE_OUT),
        "phones",
    ),
    Out(
        "emails",
        lambda view: [write_fields(EMAIL_OUT, e) for e in view.contact.card.emails],
        array_of(EMAIL_OUT),
        "emails",
    ),
    Out(
        "addresses",
        lambda view: [write_fields(ADDRESS_OUT, a) for a in view.contact.card.addresses],
        array_of(ADDRESS_OUT),
        "addresses",
    ),
    Out("notes", lambda view: view.contact.card.notes, TEXT_OR_NULL, "notes"),
    Out("organization", _organization, TEXT_OR_NULL, "organization"),
    Out("organization_uid", lambda view: view.organization and view.organization.uid, TEXT_OR_NULL, "organization"),
    Out("locations", lambda view: view.contact.card.locations, TEXTS, "locations"),
    Out("external_id", lambda view: view.contact.external_id, TEXT_OR_NULL, "external_id"),
    Out("custom", lambda view: view.contact.card.custom, ANY_OBJECT, "custom"),
    Out("lists", lambda view: view.labels["list"], TEXTS, "lists"),
    Out("tags", lambda view: view.labels["tag"], TEXTS, "tags"),
    Out("members", lambda view: [write_fields(MEMBER_OUT, m) for m in view.members], array_of(MEMBER_OUT), "members"),
    Out("opt_out", lambda view: view.opt_out, FLAG, "opt_out"),
    Out("version", lambda view: view.contact.version, INTEGER, "version"),
    Out("created_at", lambda view: rfc3339(view.contact.created_at), TIME, "created_at"),
    Out("updated_at", lambda view: rfc3339(view.contact.updated_at), TIME, "updated_at"),
)
