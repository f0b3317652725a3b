"""Addresses, e-mail addresses and phone numbers: each table is read in both directions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import structs

from onebook.dialects import strict
from onebook.dialects.alloy.words import OPTIONAL
from onebook.dialects.base import Field, Schema
from onebook.model import country, phone
from onebook.model.contact import Address, Email, Phone

Sent = Sequence[Mapping[str, str | None]] | None

# --- tables ---

ADDRESS = (
    Field("addressType", OPTIONAL, to="addresses.type", note="What it is for, such as shipping or billing."),
    Field("street1", OPTIONAL, to="addresses.line1", note="Its first line."),
    Field("street2", OPTIONAL, to="addresses.line2", note="Its second line."),
    Field("city", OPTIONAL, to="addresses.city", note="The city."),
    Field("state", OPTIONAL, to="addresses.state", note="The state."),
    Field("countrySubdivision", OPTIONAL, to="addresses.subdivision", note="The country's subdivision."),
    Field("country", OPTIONAL, to="addresses.country", note="The country."),
    Field("postalCode", OPTIONAL, to="addresses.postal_code", note="The postal code."),
)
EMAIL = (
    Field("emailAddressType", OPTIONAL, to="emails.type", note="What it is for, such as main or secondary."),
    Field("emailAddress", OPTIONAL, to="emails.address", note="The address, kept as sent."),
)
PHONE = (
    Field("phoneNumberType", OPTIONAL, to="phones.type", note="What it is for, such as primary or secondary."),
    Field("phoneNumber", OPTIONAL, to="phones.raw", note="The number, kept as sent."),
)
ADDRESSES, EMAILS, PHONES = (strict.Array(strict.Object(table), null=True) for table in (ADDRESS, EMAIL, PHONE))

Names = tuple[tuple[str, str], ...]


def _names(table: Sequence[Field]) -> Names:
    """The vendor's name and ours, for each field of an entry."""
    return tuple((field.name, field.to.rpartition(".")[2]) for field in table)


_ADDRESS, _EMAIL, _PHONE = map(_names, (ADDRESS, EMAIL, PHONE))

# --- readers ---


def read_addresses(sent: Sent) -> tuple[Address, ...]:
    """The addresses that say anything."""
    return tuple(_coded(Address(**said)) for said in _said(sent, _ADDRESS))


def read_emails(sent: Sent) -> tuple[Email, ...]:
    """The e-mail addresses that have one."""
    return tuple(Email(one["address"], one.get("type")) for one in _said(sent, _EMAIL) if "address" in one)


def read_phones(sent: Sent, default_country: str | None) -> tuple[Phone, ...]:
    """The phone numbers that have one.

    Args:
        default_country: where numbers in national form would be dialled, ISO 3166-1 alpha-2.
    """
    said = _said(sent, _PHONE)
    return tuple(phone.read(one["raw"], default_country, type=one.get("type")) for one in said if "raw" in one)


def _said(sent: Sent, names: Names) -> Iterator[dict[str, str]]:
    """What each entry says, under our names; entries that say nothing are left out."""
    for entry in sent or ():
        said = {ours: value for name, ours in names if (value := entry.get(name)) is not None}
        if said:
            yield said


def _coded(address: Address) -> Address:
    """The address with its country's code, which other dialects show."""
    return structs.replace(address, country_code=country.code_of(address.country)) if address.country else address


# --- writers ---

_NAMES = {Address: _ADDRESS, Email: _EMAIL, Phone: _PHONE}


def show(entries: Sequence[Address | Email | Phone]) -> list[dict[str, str]]:
    """Entries with those of their fields that are set."""
    written = []
    for entry in entries:
        said = {}
        for name, ours in _NAMES[type(entry)]:
            value = getattr(entry, ours)
            if value is not None:
                said[name] = value
        written.append(said)
    return written


def shown(table: Sequence[Field]) -> Schema:
    """The JSON Schema of what `show` writes."""
    properties: dict[str, Any] = {field.name: {"type": "string", "description": field.note} for field in table}
    return {"type": "array", "items": {"type": "object", "properties": properties, "additionalProperties": False}}
