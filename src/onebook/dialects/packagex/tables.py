"""PackageX: the vendor's tables, in the vendor's order and spelling."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Field, Out, Schema, schema_of, write_fields
from onebook.dialects.packagex.values import (
    KINDS,
    AddressValue,
    Given,
    Ids,
    IdText,
    Ignored,
    Kind,
    MailAddress,
    Metadata,
    Moment,
    Url,
    Words,
)
from onebook.model import address as addresses
from onebook.model import ids, name
from onebook.model.contact import Address, Contact
from onebook.model.place import Location
from onebook.operations.groups import Membership

LOCATION_PREFIXES: Final = ("loc_",)
ORGANIZATION_PREFIX: Final = "org_"

TYPES: Final = {kind: type_ for type_, kind in KINDS.items()}


def location_uid(text: str) -> str | None:
    """The uid of a location's id; None if the text is no such id."""
    return ids.unprefixed(LOCATION_PREFIXES, text)


# --- what comes in ---

ADDRESS_PARTS = (
    Field("line1", Given(), to="addresses.line1"),
    Field("line2", Given(), to="addresses.line2"),
    Field("city", Given(), to="addresses.city"),
    Field("state", Given(), to="addresses.state"),
    Field("state_code", Given(), to="addresses.subdivision"),
    Field("postal_code", Given(), to="addresses.postal_code"),
    Field("country", Given(), to="addresses.country"),
    Field("country_code", Given(), to="addresses.country_code"),
)

GROUP_CONTACTS = (
    Field("children", Ids(ids.uid_of_contact_id), to="members", note="The whole new list; groups only."),
    Field("primary", Ids(ids.uid_of_contact_id), to="members", note="Some of the children."),
)

CONTACT = (
    Field("name", Given(need=True), need=True, to="name.full"),
    Field("type", Kind(), to="kind", note="person if not given."),
    Field("email", MailAddress(), to="emails.address", note="The primary one."),
    Field("phone", Given(), to="phones.raw", note="The primary one, in international or national form."),
    Field(
        "address",
        AddressValue(ADDRESS_PARTS),
        to="addresses",
        note="Free text, the id of an address, the id of a location, or an address object.",
    ),
    Field("address_line2", Given(), to="addresses.line2", note="The unit, if address does not hold it."),
    Field("group_contacts", strict.Object(GROUP_CONTACTS, null=True), to="members"),
    Field("notes", Given(), to="notes"),
    Field("locations", Ids(location_uid), to="locations", note="The whole new list."),
    Field("metadata", Metadata(), to="custom", note="Merged into what is there; null or empty text drops a pair."),
    Field("options", Ignored(), note="Taken and ignored."),
)

CONTACT_CHANGES = tuple(field._replace(need=False) for field in CONTACT)

FILE = (
    Field("csv_url", Url(), need=True, note="A base64 data URL of a file, or its web address."),
    Field("overwrite", strict.Flag, note="Delete all contacts first."),
)

LOCATION = (
    Field("name", Given(need=True), need=True),
    Field("address", AddressValue(ADDRESS_PARTS, need=True), need=True),
    Field("address_line2", Given()),
)

# Headings of a file, in lower case; `metadata.<key>` stands beside them.
METADATA_PREFIX = "metadata."
COLUMNS = {
    "name": "name.full",
    "first name": "name.given",
    "last name": "name.family",
    "email": "email",
    "phone": "phone",
    "address": "address.text",
    "address line2": "address.line2",
    "type": "kind",
    "groups": "groups",
}

COMPARISONS = ("gte", "gt", "lte", "lt")

PAGING = (
    Field("page", strict.Digits(clamp=True, most=2**31), note="From 1."),
    Field("limit", strict.Digits(clamp=True, most=100), note="1 to 100; 25 if not given."),
)

LISTING = (
    *PAGING,
    Field("type", strict.Choice(("person", "group"))),
    Field("child", IdText(ids.uid_of_contact_id), note="Groups that have this contact as a child."),
    Field("location", IdText(location_uid), note="Contacts of this location."),
    Field("location_id", IdText(location_uid), note="The same."),
    Field("address_hash", Words(), note="Contacts in this building."),
    Field("group_id", IdText(ids.uid_of_contact_id), note="Members of these groups; ids with commas."),
    Field("metadata[key]", Words(), note="Contacts whose pair has this value; key is yours. Also metadata.key."),
    *(Field(f"{when}_at[{how}]", Moment()) for when in ("created", "updated") for how in COMPARISONS),
    *(Field(f"{when}_at", Moment(), note="In this very second.") for when in ("created", "updated")),
    Field("order_by", strict.Choice(("name", "email", "created_at", "updated_at", "_relevance", "_similarity"))),
    Field("direction", strict.Choice(("asc", "desc"))),
    Field("search", Words(), note="Words of at least two characters; any may match."),
)

# --- what goes out ---


class Shown(Struct, frozen=True):
    """A contact as the vendor shows it.

    Args:
        organization: uid of the account. members: of a group, in order.
        found: what a search says of it: the marked fields and the score.
    """

    contact: Contact
    organization: str
    members: Sequence[Membership] = ()
    found: dict[str, Any] | None = None


TEXT: Final[Schema] = {"type": "string"}
MAYBE: Final[Schema] = {"type": ["string", "null"]}
NULL: Final[Schema] = {"type": "null"}
SECONDS: Final[Schema] = {"type": "integer"}
ID_LIST: Final[Schema] = {"type": "array", "items": TEXT}

ADDRESS_OUT: tuple[Out[Address], ...] = (
    Out("object", lambda _: "address", {"const": "address"}),
    Out("id", addresses.address_id, TEXT),
    Out("hash", addresses.building_hash, TEXT),
    Out("line1", attrgetter("line1"), MAYBE, "addresses.line1"),
    Out("line2", attrgetter("line2"), MAYBE, "addresses.line2"),
    Out("city", attrgetter("city"), MAYBE, "addresses.city"),
    Out("state", attrgetter("state"), MAYBE, "addresses.state"),
    Out("state_code", attrgetter("subdivision"), MAYBE, "addresses.subdivision"),
    Out("postal_code", attrgetter("postal_code"), MAYBE, "addresses.postal_code"),
    Out("country", attrgetter("country"), MAYBE, "addresses.country"),
    Out("country_code", attrgetter("country_code"), MAYBE, "addresses.country_code"),
    Out("formatted_address", addresses.formatted, TEXT),
    Out("textarea", addresses.textarea, TEXT),
    Out("timezone", lambda _: None, NULL),
    Out("coordinates", lambda _: None, NULL),
    Out("verified", lambda _: False, {"const": False}),
)


def _address(shown: Shown) -> dict[str, Any] | None:
    places = shown.contact.card.addresses
    return write_fields(ADDRESS_OUT, places[0]) if places else None


def _email(contact: Contact) -> str | None:
    email = name.primary_email(contact.card)
    return email.address if email else None


def _phone(shown: Shown) -> str | None:
    phone = name.primary_phone(shown.contact.card)
    return (phone.e164 or phone.raw) if phone else None


def _location_ids(shown: Shown) -> list[str]:
    return [ids.prefixed(LOCATION_PREFIXES[0], uid) for uid in shown.contact.card.locations]


REFERENCE_OUT: tuple[Out[Membership], ...] = (
    Out("id", lambda member: ids.contact_id(member.contact.uid), TEXT),
    Out("name", lambda member: name.display(member.contact.card), TEXT),
    Out("email", lambda member: _email(member.contact), MAYBE),
)

GROUP_CONTACTS_OUT: tuple[Out[Shown], ...] = (
    Out("children", lambda shown: [ids.contact_id(m.contact.uid) for m in shown.members], ID_LIST, "members"),
    Out("primary", lambda shown: [ids.contact_id(m.contact.uid) for m in shown.members if m.primary], ID_LIST),
)

CONTACT_OUT: tuple[Out[Shown], ...] = (
    Out("object", lambda _: "contact", {"const": "contact"}),
    Out("id", lambda shown: ids.contact_id(shown.contact.uid), TEXT, "uid"),
    Out("organization_id", lambda shown: ids.prefixed(ORGANIZATION_PREFIX, shown.organization), TEXT),
    Out("type", lambda shown: TYPES[shown.contact.kind], {"enum": list(TYPES.values())}, "kind"),
    Out("name", lambda shown: name.display(shown.contact.card), TEXT, "name.full"),
    Out("email", lambda shown: _email(shown.contact), MAYBE, "emails.address"),
    Out("phone", _phone, MAYBE, "phones.e164"),
    Out("notes", attrgetter("contact.card.notes"), MAYBE, "notes"),
    Out("address", _address, {"anyOf": [NULL, schema_of(ADDRESS_OUT)]}, "addresses"),
    Out("locations", _location_ids, ID_LIST, "locations"),
    Out(
        "group_contacts",
        lambda shown: write_fields(GROUP_CONTACTS_OUT, shown),
        schema_of(GROUP_CONTACTS_OUT),
        "members",
    ),
    Out(
        "referenced_contacts",
        lambda shown: [write_fields(REFERENCE_OUT, member) for member in shown.members],
        {"type": "array", "items": schema_of(REFERENCE_OUT)},
        "members",
    ),
    Out("metadata", attrgetter("contact.card.custom"), {"type": "object"}, "custom"),
    Out("created_at", lambda shown: shown.contact.created_at // 1000, SECONDS, "created_at"),
    Out("updated_at", lambda shown: shown.contact.updated_at // 1000, SECONDS, "updated_at"),
)

LOCATION_OUT: tuple[Out[Location], ...] = (
    Out("object", lambda _: "location", {"const": "location"}),
    Out("id", lambda location: ids.prefixed(LOCATION_PREFIXES[0], location.uid), TEXT),
    Out("name", attrgetter("name"), TEXT),
    Out("address", lambda location: write_fields(ADDRESS_OUT, location.address), schema_of(ADDRESS_OUT)),
)
