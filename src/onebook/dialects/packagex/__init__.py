"""PackageX: Contacts, first generation, and the locations that an address may be given by.

Source:   docs/dialects/packagex.md (the vendor's pages, in our words)    Access: a bare key in PX-API-KEY or X-API-KEY
Posture:  strict: a wrong type is an issue, never a guess                 Silences: see "Quirks" there

The parts, from the page to the wire: values.py and tables.py (what the page says in rows), readers.py, actions.py,
files.py (`csv_url`), marks.py and writers.py, refusals.py (errors), and the routes below.
"""

from msgspec import structs

from onebook.dialects import strict
from onebook.dialects.base import Dialect, Route
from onebook.dialects.packagex import actions, files, readers, tables, writers
from onebook.dialects.packagex.refusals import credentials, refuse
from onebook.dialects.packagex.writers import enveloped
from onebook.operations.imports_engine import Engine

_MANY = {"type": "array", "items": writers.CONTACT}

ROUTES = (
    Route(
        "POST",
        "/contacts",
        "createContact",
        "Create one contact or group or, with csv_url, many contacts from a file.",
        readers.read_create,
        actions.create,
        writers.write_created,
        act_long=files.Loading(None),
        body={"anyOf": [strict.Object(tables.CONTACT).schema, strict.Object(tables.FILE).schema]},
        answers={201: enveloped({"anyOf": [writers.CONTACT, writers.FILE]})},
    ),
    Route(
        "POST",
        "/contacts/{contact}",
        "updateContact",
        "Change a person or a group.",
        readers.read_update,
        actions.update,
        writers.write_updated,
        body=strict.Object(tables.CONTACT_CHANGES).schema,
        answers={200: enveloped(writers.CONTACT)},
    ),
    *(
        Route(
            "GET",
            path,
            operation,
            summary,
            readers.contact_uid,
            actions.get,
            writers.write_contact,
            access="read",
            writes=False,
            quick=True,
            answers={200: enveloped(writers.CONTACT)},
        )
        for path, operation, summary in (
            ("/contacts/{contact}", "getContact", "Show one contact."),
            ("/contact/{contact}", "getContactSingular", "The same, by the path in the vendor's sample code."),
        )
    ),
    Route(
        "GET",
        "/contacts",
        "listContacts",
        "List, filter, sort and search contacts.",
        readers.read_list,
        actions.list_contacts,
        writers.write_contacts,
        access="read",
        writes=False,
        query=tables.LISTING,
        answers={200: enveloped(_MANY, paged=True)},
    ),
    Route(
        "DELETE",
        "/contacts/{contact}",
        "deleteContact",
        "Delete one contact.",
        readers.contact_uid,
        actions.delete,
        writers.write_deleted,
        answers={200: enveloped(writers.DELETED)},
    ),
    Route(
        "POST",
        "/locations",
        "createLocation",
        "Create a named address.",
        readers.read_location,
        actions.create_location,
        writers.write_location_made,
        body=strict.Object(tables.LOCATION).schema,
        answers={201: enveloped(writers.LOCATION)},
    ),
    Route(
        "GET",
        "/locations",
        "listLocations",
        "List locations.",
        readers.read_page,
        actions.list_locations,
        writers.write_locations,
        access="read",
        writes=False,
        query=tables.PAGING,
        answers={200: enveloped({"type": "array", "items": writers.LOCATION}, paged=True)},
    ),
    Route(
        "GET",
        "/locations/{location}",
        "getLocation",
        "Show one location.",
        readers.location_in_path,
        actions.get_location,
        writers.write_location,
        access="read",
        writes=False,
        quick=True,
        answers={200: enveloped(writers.LOCATION)},
    ),
)

DIALECT = Dialect(
    name="packagex",
    title="PackageX Contacts",
    description="Contacts and groups of one organization, as clients of PackageX know them.",
    mounts=("/packagex/v1",),
    credentials=credentials,
    refuse=refuse,
    routes=ROUTES,
    security={
        "PX-API-KEY": {"type": "apiKey", "in": "header", "name": "PX-API-KEY"},
        "X-API-KEY": {"type": "apiKey", "in": "header", "name": "X-API-KEY"},
    },
    one_scheme_enough=True,
    error=writers.ERROR,
    in_tables={"contact": tables.CONTACT, "group_contacts": tables.GROUP_CONTACTS, "address": tables.ADDRESS_PARTS},
    out_tables={
        "contact": tables.CONTACT_OUT,
        "group_contacts": tables.GROUP_CONTACTS_OUT,
        "address": tables.ADDRESS_OUT,
    },
)


def over(engine: Engine) -> Dialect:
    """The dialect whose files this engine imports."""
    create, *others = ROUTES
    return structs.replace(DIALECT, routes=(structs.replace(create, act_long=files.Loading(engine)), *others))
