"""The central noun: a contact, a draft of one to be written, and a patch of named changes.

A contact is an identity (number, uid, book, version, times) and a `Card`, all that it says about a
person or a group of people. The card is stored as one JSON document.
Terms: vCard (RFC 6350) and JSContact (RFC 9553); numbers after E.164; mail addresses after RFC 5322, 3.4.1.
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Kind = Literal["individual", "group"]


class Phone(Struct, frozen=True, omit_defaults=True, gc=False):
    """A telephone number.

    Args:
        raw: the number as it was sent.
        e164: E.164 (``+16505550134``) if the number is possible by its length, else None.
        type: the sender's word (``mobile``, ``home fax``); None when it gave none.
        primary: the one to use first; exactly one of a contact's phones has it.
    """

    raw: str
    e164: str | None = None
    type: str | None = None
    primary: bool = False


class Email(Struct, frozen=True, omit_defaults=True, gc=False):
    """A mail address; equal to another without regard to letter case."""

    address: str
    type: str | None = None
    primary: bool = False


class Address(Struct, frozen=True, omit_defaults=True):
    """A postal address; the first of a contact's addresses is its primary one.

    Args:
        type: the sender's word (``billing``, ``home``).
        line1, line2: street and house number; unit.
        city, postal_code: as sent or parsed.
        state: the state, province or region in words; subdivision: its code, ISO 3166-2 or as sent.
        country: as sent, or the English short name; country_code: ISO 3166-1 alpha-2 if known.
        text: the free text that the fields were parsed from, if any.
    """

    type: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    subdivision: str | None = None
    postal_code: str | None = None
    country: str | None = None
    country_code: str | None = None
    text: str | None = None


class Card(Struct, frozen=True, omit_defaults=True):
    """What a contact says.

    Args:
        full, given, family: the name; all None when it was never given.
        custom: the one map of custom fields, name to JSON value, never null: metadata, custom_data,
            remoteFields and param1 to param5 are all views of it.
        organization: the organization's name as sent; not used while the contact is tied to a stored one.
        locations: uids of the named places that the contact belongs to.
    """

    full: str | None = None
    given: str | None = None
    family: str | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    addresses: tuple[Address, ...] = ()
    notes: str | None = None
    organization: str | None = None
    locations: tuple[str, ...] = ()
    custom: dict[str, Any] = {}


class Contact(Struct, frozen=True):
    """A stored contact.

    Args:
        number: counted up in the account, from 1, below 2**53, never used again.
        uid: UUIDv7 as text, lower case with hyphens.
        book: number of the book it is in. organization: number of the stored organization it is tied to.
        version: counts up from 1 with each change. created_at, updated_at: milliseconds since 1970, UTC.
    """

    number: int
    uid: str
    book: int
    kind: Kind
    external_id: str | None
    organization: int | None
    version: int
    created_at: int
    updated_at: int
    card: Card


class ContactDraft(Struct, frozen=True):
    """A contact to be written: everything but what the store gives it."""

    card: Card
    kind: Kind = "individual"
    external_id: str | None = None
    organization: int | None = None


class CustomChange(Struct, frozen=True):
    """A change of the custom fields: first ``drop`` goes, then ``merge`` is laid over what is left.

    Args:
        merge: name to new value; None takes the name away.
        drop: ``nothing``; ``texts``, every entry whose value is text; ``all``.
    """

    merge: dict[str, Any] = {}
    drop: Literal["nothing", "texts", "all"] = "nothing"


class ContactPatch(Struct, frozen=True):
    """Named changes to a contact; what is UNSET stays.

    Args:
        full: replaces the whole name, the parts being derived. given, family: change that part, and the
            full name is built again.
        phones, emails, addresses: replace the whole list.
        add_phones, add_emails: appended after any replacement, unless an equal entry is there.
        phone, email, address: set the primary entry in place; None removes it, and the next one becomes primary.
        afresh: whether replaced phones and emails take nothing over, neither type nor being primary, from equal
            entries that were there.
    """

    kind: Kind | UnsetType = UNSET
    full: str | None | UnsetType = UNSET
    given: str | None | UnsetType = UNSET
    family: str | None | UnsetType = UNSET
    phones: tuple[Phone, ...] | UnsetType = UNSET
    emails: tuple[Email, ...] | UnsetType = UNSET
    addresses: tuple[Address, ...] | UnsetType = UNSET
    add_phones: tuple[Phone, ...] = ()
    add_emails: tuple[Email, ...] = ()
    phone: Phone | None | UnsetType = UNSET
    email: Email | None | UnsetType = UNSET
    address: Address | None | UnsetType = UNSET
    notes: str | None | UnsetType = UNSET
    external_id: str | None | UnsetType = UNSET
    organization: int | str | None | UnsetType = UNSET
    locations: tuple[str, ...] | UnsetType = UNSET
    custom: CustomChange | UnsetType = UNSET
    afresh: bool = False
