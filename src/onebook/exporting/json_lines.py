"""JSON Lines: one contact a line, in the words of onebook's own API, with nothing left out."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from onebook.exporting.pieces import gathered
from onebook.model import sheet
from onebook.model.contact import Address, Email, Phone
from onebook.model.exported import Exported
from onebook.model.moment import rfc3339

MEDIA_TYPE: Final = "application/x-ndjson"


def write(rows: Iterable[Exported], _layout: sheet.Layout) -> Iterator[bytes]:
    """The file of these contacts."""
    encode = msgspec.json.Encoder().encode
    yield from gathered(encode(object_of(row)) + b"\n" for row in rows)


def object_of(row: Exported) -> dict[str, Any]:
    """What one line says: every key is always there."""
    contact, card = row.contact, row.contact.card
    return {
        "number": contact.number,
        "uid": contact.uid,
        "book": contact.book,
        "kind": contact.kind,
        "name": {"full": card.full, "given": card.given, "family": card.family},
        "phones": [phone_of(phone) for phone in card.phones],
        "emails": [email_of(email) for email in card.emails],
        "addresses": [address_of(address) for address in card.addresses],
        "notes": card.notes,
        "organization": row.organization,
        "organization_uid": row.organization_uid,
        "external_id": contact.external_id,
        "custom": card.custom,
        "lists": row.lists,
        "tags": row.tags,
        "groups": row.groups,
        "places": row.places,
        "members": [{"uid": member.uid, "primary": member.primary} for member in row.members],
        "locations": card.locations,
        "opt_out": bool(row.opted_out),
        "opted_out": row.opted_out,
        "version": contact.version,
        "created_at": rfc3339(contact.created_at),
        "updated_at": rfc3339(contact.updated_at),
    }


def phone_of(phone: Phone) -> dict[str, Any]:
    """A number as it was written, and its E.164, which needs no country."""
    return {"raw": phone.raw, "e164": phone.e164, "type": phone.type, "primary": phone.primary}


def email_of(email: Email) -> dict[str, Any]:
    """A mail address."""
    return {"address": email.address, "type": email.type, "primary": email.primary}


def address_of(address: Address) -> dict[str, Any]:
    """A postal address by its fields."""
    return {part: getattr(address, part) for part in Address.__struct_fields__}
