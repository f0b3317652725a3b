"""PackageX: results become the vendor's words, in the envelope that every answer has."""

from typing import Any

from onebook.dialects.base import Answer, Request, Schema, schema_of, write_fields
from onebook.dialects.packagex.actions import Page
from onebook.dialects.packagex.files import Loaded
from onebook.dialects.packagex.tables import CONTACT_OUT, ID_LIST, LOCATION_OUT, MAYBE, TEXT, Shown
from onebook.model import ids
from onebook.model.place import Location

PAGINATION: Schema = {
    "type": "object",
    "properties": {
        "limit": {"type": "integer"},
        "page": {"type": "integer"},
        "has_more": {"type": "boolean"},
        "total_count": {"type": "integer"},
    },
    "required": ["limit", "page", "has_more", "total_count"],
}


def envelope(request: Request, status: int, message: str, data: Any, **said: Any) -> Answer:
    """An answer; every key is always there.

    Args:
        said: what stands under the keys that are otherwise empty.
    """
    body = {
        "status": status,
        "message": message,
        "data": data,
        "errors": [],
        "code": None,
        "error_code": None,
        "pagination": None,
        "endpoint": f"/v1{request.path}",
        "events": [],
    }
    return Answer(status, body | said)


def enveloped(data: Schema, *, paged: bool = False) -> Schema:
    """The schema of an answer that holds ``data``."""
    properties: Schema = {
        "status": {"type": "integer"},
        "message": TEXT,
        "data": data,
        "errors": ID_LIST,
        "code": MAYBE,
        "error_code": MAYBE,
        "pagination": PAGINATION if paged else {"type": "null"},
        "endpoint": TEXT,
        "events": ID_LIST,
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


ERROR = enveloped({"type": "object", "maxProperties": 0})
CONTACT = schema_of(CONTACT_OUT)
LOCATION = schema_of(LOCATION_OUT)
FILE: Schema = {
    "type": "object",
    "properties": {
        "contact_ids": ID_LIST,
        "issues": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"index": {"type": "integer"}, "errors": ID_LIST},
                "required": ["index", "errors"],
            },
        },
    },
    "required": ["contact_ids", "issues"],
}
DELETED: Schema = {
    "type": "object",
    "properties": {"object": {"const": "contact"}, "id": TEXT, "deleted": {"const": True}},
    "required": ["object", "id", "deleted"],
}


def _contact(shown: Shown) -> dict[str, Any]:
    written = write_fields(CONTACT_OUT, shown)
    if shown.found is not None:
        written["_search"] = shown.found
    return written


def write_created(request: Request, made: Shown | Loaded) -> Answer:
    """The new contact or, for a file, the ids of all."""
    if isinstance(made, Loaded):
        return _loaded(request, made)
    return envelope(request, 201, "Contact created.", _contact(made), events=["contact.created"])


def _loaded(request: Request, done: Loaded) -> Answer:
    data = {
        "contact_ids": done.ids,
        "issues": [{"index": row.index, "errors": row.fields} for row in done.refused],
    }
    faults = f", {_counted(len(done.refused), 'row')} with issues" if done.refused else ""
    return envelope(request, 201, f"{_counted(len(done.ids), 'contact')} created{faults}.", data)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def write_updated(request: Request, changed: Shown) -> Answer:
    """The contact as it is now."""
    return envelope(request, 200, "Contact updated.", _contact(changed), events=["contact.updated"])


def write_contact(request: Request, found: Shown) -> Answer:
    """One contact."""
    return envelope(request, 200, "Contact found.", _contact(found))


def write_deleted(request: Request, uid: str) -> Answer:
    """That a contact is gone."""
    data = {"object": "contact", "id": ids.contact_id(uid), "deleted": True}
    return envelope(request, 200, "Contact deleted.", data, events=["contact.deleted"])


def write_contacts(request: Request, page: Page) -> Answer:
    """A page of contacts."""
    message = f"{_counted(page.total, 'contact')} found."
    return envelope(request, 200, message, [_contact(one) for one in page.items], pagination=_pagination(page))


def _pagination(page: Page) -> dict[str, Any]:
    return {
        "limit": page.limit,
        "page": page.page,
        "has_more": page.page * page.limit < page.total,
        "total_count": page.total,
    }


def write_location_made(request: Request, made: Location) -> Answer:
    """The new location."""
    data = write_fields(LOCATION_OUT, made)
    return envelope(request, 201, "Location created.", data, events=["location.created"])


def write_location(request: Request, found: Location) -> Answer:
    """One location."""
    return envelope(request, 200, "Location found.", write_fields(LOCATION_OUT, found))


def write_locations(request: Request, page: Page) -> Answer:
    """A page of locations."""
    message = f"{_counted(page.total, 'location')} found."
    data = [write_fields(LOCATION_OUT, one) for one in page.items]
    return envelope(request, 200, message, data, pagination=_pagination(page))
