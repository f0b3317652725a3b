"""Alloy: CRM contacts and accounts.

Source:   docs/dialects/alloy.md (the vendor's pages, in our words)    Access: ``Authorization: bearer KEY``
Posture:  strict: a wrong type is an issue, never a guess; null and blank texts count as not given
Silences: order of checks, error body, bounds of filters; see "Quirks" there. A credential looks at one book, which
          plays the part of the CRM.

The parts of a dialect, in rooms of their own: tables, readers and acts of each resource in ``contacts``,
``accounts``, ``users``, ``webhooks`` and ``metadata``; what contacts and accounts answer alike in ``resource``.
"""

from collections.abc import Mapping
from typing import Final

from onebook.dialects.alloy import accounts, contacts, entries, metadata, users, webhooks
from onebook.dialects.alloy.credential import OLDER_MOUNT
from onebook.dialects.alloy.errors import SCHEMA, refuse
from onebook.dialects.base import Credentials, Dialect
from onebook.errors import NotAuthenticated


def credentials(headers: Mapping[str, str]) -> Credentials:
    """The key after the word ``bearer``, in any letter case. Raises: NotAuthenticated if there is none."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise NotAuthenticated("missing")
    return Credentials(key.strip())


DIALECT: Final = Dialect(
    name="alloy",
    title="Alloy Unified API: CRM",
    description="Contacts and accounts as Alloy's unified CRM interface shows them, release 2024-03.",
    mounts=("/alloy/2024-03/one", OLDER_MOUNT, "/alloy/2024-03"),
    credentials=credentials,
    refuse=refuse,
    routes=(*contacts.ROUTES, *accounts.ROUTES, *metadata.ROUTES, *users.ROUTES, *webhooks.ROUTES),
    security={"key": {"type": "http", "scheme": "bearer"}},
    error=SCHEMA,
    trailing_slash=True,
    in_tables={
        "contact": contacts.CONTACT,
        "address": entries.ADDRESS,
        "emailAddress": entries.EMAIL,
        "phoneNumber": entries.PHONE,
        "account": accounts.ACCOUNT,
    },
    out_tables={"contact": contacts.SHOWN, "account": accounts.SHOWN},
)
