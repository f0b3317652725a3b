"""Organizations, which contacts are tied to, and locations, which are addresses with a name.

Source:   docs/dialects/native.md, "Organizations and locations"
"""

from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import Field, Out, Request, Route, schema_of, write_fields
from onebook.dialects.native.answers import ANY_OBJECT, INTEGER, TEXT, TIME, every, gone, one, under
from onebook.dialects.native.cards import ADDRESS, ADDRESS_OUT, address_of
from onebook.dialects.native.reading import Said, body_schema, nothing, read_body
from onebook.model.contact import Address
from onebook.model.moment import rfc3339
from onebook.model.place import Location, Organization
from onebook.operations import locations, organizations
from onebook.operations.actor import Actor
from onebook.store.base import Session

CHANGE: Final = (
    Field("name", Said(longest=1000), to="organization.name"),
    Field("fields", strict.Map(), to="organization.fields", note="All else to be said of it; replaced as a whole."),
)
CREATE: Final = (CHANGE[0]._replace(need=True), CHANGE[1])
ORGANIZATION: Final[tuple[Out[Organization], ...]] = (
    Out("number", lambda organization: organization.number, INTEGER),
    Out("uid", lambda organization: organization.uid, TEXT),
    Out("name", lambda organization: organization.name, TEXT, "organization.name"),
    Out("fields", lambda organization: organization.fields, ANY_OBJECT, "organization.fields"),
    Out("created_at", lambda organization: rfc3339(organization.created_at), TIME),
    Out("updated_at", lambda organization: rfc3339(organization.updated_at), TIME),
)
LOCATION_IN: Final = (
    Field("name", Said(longest=1000), need=True, to="location.name"),
    Field("address", strict.Object(ADDRESS, closed=True), need=True, to="location.address"),
)
LOCATION: Final[tuple[Out[Location], ...]] = (
    Out("number", lambda location: location.number, INTEGER),
    Out("uid", lambda location: location.uid, TEXT),
    Out("name", lambda location: location.name, TEXT, "location.name"),
    Out(
        "address",
        lambda location: write_fields(ADDRESS_OUT, location.address),
        schema_of(ADDRESS_OUT),
        "location.address",
    ),
    Out("created_at", lambda location: rfc3339(location.created_at), TIME),
)


class Change(Struct, frozen=True):
    """An organization and its new values."""

    uid: str
    values: dict[str, Any]


class NewLocation(Struct, frozen=True):
    """A name and its address."""

    name: str
    address: Address


def read_uid(request: Request) -> str:
    """The uid in the path."""
    nothing(request)
    return request.params["uid"].lower()


def read_organization(request: Request) -> dict[str, Any]:
    """A body of POST /organizations."""
    return read_body(request, CREATE)


def read_change(request: Request) -> Change:
    """A body of PATCH /organizations/{uid}."""
    return Change(request.params["uid"].lower(), read_body(request, CHANGE))


def read_location(request: Request) -> NewLocation:
    """A body of POST /locations."""
    given = read_body(request, LOCATION_IN)
    return NewLocation(given["name"], address_of(given["address"]))


def act_create_organization(session: Session, actor: Actor, values: dict[str, Any]) -> Organization:
    """Store an organization."""
    return organizations.create(session, actor, values["name"], values.get("fields", {}))


def act_change(session: Session, actor: Actor, change: Change) -> Organization:
    """Set what is named."""
    return organizations.update(session, actor, change.uid, **change.values)


def act_create_location(session: Session, actor: Actor, new: NewLocation) -> Location:
    """Store a location."""
    return locations.create(session, actor, new.name, new.address)


_TAGS: Final = ("Organizations and locations",)

ROUTES: Final = (
    Route(
        "GET", "/organizations", "listOrganizations", "List the organizations",
        nothing, lambda session, _actor, _nothing: organizations.all_(session), every("organizations", ORGANIZATION),
        access="read", writes=False, answers={200: under("organizations", ORGANIZATION)}, tags=_TAGS,
    ),
    Route(
        "POST", "/organizations", "createOrganization", "Store an organization",
        read_organization, act_create_organization, one(ORGANIZATION, 201),
        body=body_schema(CREATE), answers={201: schema_of(ORGANIZATION)}, tags=_TAGS,
    ),
    Route(
        "GET", "/organizations/{uid}", "readOrganization", "Read an organization",
        read_uid, lambda session, _actor, uid: organizations.get(session, uid), one(ORGANIZATION),
        access="read", writes=False, quick=True, answers={200: schema_of(ORGANIZATION)}, tags=_TAGS,
    ),
    Route(
        "PATCH", "/organizations/{uid}", "changeOrganization", "Change what is named of an organization",
        read_change, act_change, one(ORGANIZATION),
        body=body_schema(CHANGE), answers={200: schema_of(ORGANIZATION)}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/organizations/{uid}", "deleteOrganization", "Delete an organization; its contacts keep its name",
        read_uid, organizations.delete, gone,
        answers={204: None}, tags=_TAGS,
    ),
    Route(
        "GET", "/locations", "listLocations", "List the locations",
        nothing, lambda session, _actor, _nothing: locations.all_(session), every("locations", LOCATION),
        access="read", writes=False, answers={200: under("locations", LOCATION)}, tags=_TAGS,
    ),
    Route(
        "POST", "/locations", "createLocation", "Store a location",
        read_location, act_create_location, one(LOCATION, 201),
        body=body_schema(LOCATION_IN), answers={201: schema_of(LOCATION)}, tags=_TAGS,
    ),
    Route(
        "GET", "/locations/{uid}", "readLocation", "Read a location",
        read_uid, lambda session, _actor, uid: locations.get(session, uid), one(LOCATION),
        access="read", writes=False, quick=True, answers={200: schema_of(LOCATION)}, tags=_TAGS,
    ),
    Route(
        "DELETE", "/locations/{uid}", "deleteLocation", "Delete a location; contacts keep the address",
        read_uid, locations.delete, gone,
        answers={204: None}, tags=_TAGS,
    ),
)  # fmt: skip
