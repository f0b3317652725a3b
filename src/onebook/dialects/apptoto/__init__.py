"""Apptoto: contacts and address books of the API V1.

Source:   docs/dialects/apptoto.md (the vendor's page, in our words)    Access: HTTP Basic, RFC 7617
Posture:  strict: a wrong type is an issue, never a guess    Silences: "Quirks" in the document
Absent:   postal addresses, notes, organization, lists, tags and times of a contact; changing a book; bearer tokens

Five parts: tables, readers (and what calls do, actions), writers, refusals, and here the routes.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Final

from onebook.dialects import strict
from onebook.dialects.apptoto.actions import create, delete_one, get_one, list_books, list_page, upsert
from onebook.dialects.apptoto.readers import (
    read_create,
    read_delete,
    read_list,
    read_nothing,
    read_one,
    read_update,
)
from onebook.dialects.apptoto.refusals import ERROR, refuse
from onebook.dialects.apptoto.tables import (
    BOOK_OUT,
    CONTACT_OUT,
    CREATE,
    EMAIL,
    EMAIL_OUT,
    LIST,
    ONE,
    ONE_IN_BODY,
    PHONE,
    PHONE_OUT,
    UPDATE,
)
from onebook.dialects.apptoto.writers import BOOKS, CONTACT, CONTACTS, write_books, write_contact, write_contacts
from onebook.dialects.base import Credentials, Dialect, Field, Route, Schema
from onebook.errors import NotAuthenticated

# --- 5 routes ---


def credentials(headers: Mapping[str, str]) -> Credentials:
    """Login and key of HTTP Basic. Another scheme counts as none."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise NotAuthenticated("missing")
    try:
        login, colon, key = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise NotAuthenticated("wrong") from None
    if not colon:
        raise NotAuthenticated("wrong")
    return Credentials(key, login)


def _batch_of(table: tuple[Field, ...]) -> Schema:
    return {
        "type": "object",
        "properties": {"contacts": {"type": "array", "items": strict.Object(table).schema}},
        "required": ["contacts"],
    }


ROUTES: Final = (
    Route(
        "POST", "/contacts", "createContacts", "Create contacts, all or none",
        read_create, create, write_contacts,
        body=_batch_of(CREATE), answers=CONTACTS, tags=("Contacts",),
    ),
    Route(
        "PUT", "/contacts", "updateContacts", "Update contacts by id or external_id, create those that are not there",
        read_update, upsert, write_contacts,
        body=_batch_of(UPDATE), answers=CONTACTS, tags=("Contacts",),
    ),
    Route(
        "GET", "/contacts", "listContacts", "List contacts, page by page",
        read_list, list_page, write_contacts,
        access="read", writes=False, query=LIST, answers=CONTACTS, tags=("Contacts",),
    ),
    Route(
        "GET", "/contact", "getContact", "Read one contact",
        read_one, get_one, write_contact,
        access="read", writes=False, quick=True, query=ONE, answers=CONTACT, tags=("Contacts",),
    ),
    Route(
        "DELETE", "/contacts", "deleteContact", "Delete one contact",
        read_delete, delete_one, write_contacts,
        query=ONE, body=strict.Object(ONE_IN_BODY).schema, body_needed=False, answers=CONTACTS, tags=("Contacts",),
    ),
    Route(
        "GET", "/address_books", "listAddressBooks", "List the address books with their types",
        read_nothing, list_books, write_books,
        access="read", writes=False, answers=BOOKS, tags=("Address books",),
    ),
)  # fmt: skip

DIALECT: Final = Dialect(
    name="apptoto",
    title="Apptoto",
    description="Contacts and address books of Apptoto's API V1. A value of the wrong type is refused, never guessed.",
    mounts=("/apptoto/v1",),
    credentials=credentials,
    refuse=refuse,
    routes=ROUTES,
    security={"basic": {"type": "http", "scheme": "basic"}},
    error=ERROR,
    trailing_slash=True,
    in_tables={"contact": UPDATE, "phone number": PHONE, "mail address": EMAIL},
    out_tables={"contact": CONTACT_OUT, "phone number": PHONE_OUT, "mail address": EMAIL_OUT, "address book": BOOK_OUT},
)
