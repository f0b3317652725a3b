"""The native API: everything that onebook can show and do, in onebook's own words.

Source:   docs/dialects/native.md    Access: Authorization: Bearer key
Posture:  strict: a wrong type, an unknown field and an unknown parameter are issues, never a guess
"""

from collections.abc import Mapping
from typing import Final

from msgspec import structs

from onebook.dialects.base import Credentials, Dialect
from onebook.dialects.native import (
    access,
    books,
    cards,
    changes,
    contacts,
    exports,
    groups,
    import_mappings,
    import_options,
    import_views,
    imports,
    labels,
    opt_outs,
    places,
)
from onebook.dialects.native.problems import ERROR_SCHEMA, refuse
from onebook.errors import NotAuthenticated
from onebook.operations.imports_engine import Engine


def credentials(headers: Mapping[str, str]) -> Credentials:
    """The key of a Bearer header. Raises: NotAuthenticated("missing") without one. Source: RFC 6750, 2.1."""
    scheme, _, secret = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAuthenticated("missing")
    return Credentials(secret.strip())


DIALECT: Final = Dialect(
    name="native",
    title="onebook",
    description="Everything that onebook can show and do, in its own words.",
    mounts=("/api/v1",),
    credentials=credentials,
    refuse=refuse,
    routes=(
        *contacts.ROUTES,
        *exports.ROUTES,
        *imports.routes(),
        *import_mappings.ROUTES,
        *groups.ROUTES,
        *books.ROUTES,
        *labels.ROUTES,
        *opt_outs.ROUTES,
        *places.ROUTES,
        *access.ROUTES,
        *changes.ROUTES,
    ),
    security={"key": {"type": "http", "scheme": "bearer"}},
    error=ERROR_SCHEMA,
    in_tables={
        "Contact": cards.PATCH,
        "New contact": cards.CREATE,
        "Name": cards.NAME,
        "Phone": cards.PHONE,
        "Email": cards.EMAIL,
        "Address": cards.ADDRESS,
        "Member": cards.MEMBER,
        "Book": books.CREATE,
        "List or tag": labels.NAME,
        "Opt-out": opt_outs.BODY,
        "Organization": places.CREATE,
        "Location": places.LOCATION_IN,
        "File": import_options.FROM,
        "Mapping": import_mappings.BODY,
    },
    out_tables={
        "Contact": cards.CONTACT,
        "Name": cards.NAME_OUT,
        "Phone": cards.PHONE_OUT,
        "Email": cards.EMAIL_OUT,
        "Address": cards.ADDRESS_OUT,
        "Member": cards.MEMBER_OUT,
        "Book": books.BOOK,
        "List or tag": labels.LABEL,
        "Opt-out": opt_outs.MARK,
        "Organization": places.ORGANIZATION,
        "Location": places.LOCATION,
        "Import": import_views.IMPORT,
        "Progress": import_views.PROGRESS,
        "Preview": import_views.PREVIEW,
        "Column": import_views.COLUMN,
        "Mapping": import_mappings.MAPPING,
    },
)


def over(engine: Engine) -> Dialect:
    """The dialect whose imports this engine runs."""
    bound = {route.name: route for route in imports.routes(engine)}
    return structs.replace(DIALECT, routes=tuple(bound.get(route.name, route) for route in DIALECT.routes))
