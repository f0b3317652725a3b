"""PackageX: the vendor's words become commands."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from onebook.dialects.base import REFUSED, Field, Long, Request, read_fields
from onebook.dialects.packagex.tables import (
    COMPARISONS,
    CONTACT,
    CONTACT_CHANGES,
    FILE,
    LISTING,
    LOCATION,
    PAGING,
    location_uid,
)
from onebook.dialects.packagex.values import Given
from onebook.errors import InvalidInput, Issue, NotFound
from onebook.model import address as addresses
from onebook.model import ids, phone
from onebook.model.contact import Address, ContactPatch, CustomChange, Email
from onebook.store.base import BY_NUMBER, Condition, Order, Where

COUNTRY = "US"  # of national numbers, where the account names no other
PAGE_SIZE = 25

Values = dict[str, Any]


class Place(Struct, frozen=True):
    """An address as it was sent.

    Args:
        address: read from text or an object; None to clear it. reference: or the id of a known one.
        line2: the unit, to be laid over either, or over the address that is there.
    """

    address: Address | None | UnsetType = UNSET
    reference: str | None = None
    line2: str | None | UnsetType = UNSET


class Wanted(Struct, frozen=True):
    """A contact to be made or changed.

    Args:
        uid: of the one to be changed. patch: all but the address and the members.
        children, primary: uids; UNSET if not sent.
    """

    uid: str
    patch: ContactPatch
    place: Place
    children: tuple[str, ...] | UnsetType = UNSET
    primary: tuple[str, ...] | UnsetType = UNSET


class WantedLocation(Struct, frozen=True):
    """A location to be made."""

    name: str
    place: Place


class WantedFile(Struct, frozen=True):
    """A file to be loaded.

    Args: ``country``: where national numbers are dialled. key: the request's idempotency key.
    """

    url: str
    overwrite: bool
    country: str | None
    key: str | None


class Listing(Struct, frozen=True):
    """A page of the list.

    Args:
        child, groups: uids of a child, of groups. order: None for the default, which is by name or, with ``search``,
            the best first.
    """

    where: Where
    page: int
    limit: int
    order: Order | None
    search: str | None
    child: str | None = None
    groups: tuple[str, ...] | None = None


def read_create(request: Request) -> Wanted | Long:
    """One contact or, if there is a ``csv_url``, a file of them."""
    body = _object(request)
    if "csv_url" in body:
        return Long(_read_file(body, request))
    if "overwrite" in body:  # a file was meant, so what is missing of a contact is no news
        raise InvalidInput.of("overwrite", "misplaced", "overwrite goes with csv_url only.")
    return _read_contact(body, request, CONTACT, [])


def read_update(request: Request) -> Wanted:
    """The named changes of one contact."""
    uid = contact_uid(request)
    body = _object(request)
    issues = [
        Issue(name, "misplaced", f"{name} belongs to the creation of contacts.")
        for name in ("csv_url", "overwrite")
        if name in body
    ]
    return _read_contact(body, request, CONTACT_CHANGES, issues, uid)


def _object(request: Request) -> Values:
    body = request.json(nul=True)
    if not isinstance(body, dict):
        raise InvalidInput.of("body", "bad_json", "The body must be a JSON object.")
    return body


def _read_contact(
    body: Values, request: Request, table: tuple[Field, ...], issues: list[Issue], uid: str = ""
) -> Wanted:
    given = read_fields(table, _with_members_inside(body), "", issues)
    patch = _patch(given, request, issues)
    if issues:
        raise InvalidInput(sorted(issues, key=_position))
    members = given.get("group_contacts", {})
    if members is None:
        members = {"children": ()}
    return Wanted(uid, patch, _place(given), members.get("children", UNSET), members.get("primary", UNSET))


_POSITIONS = {field.name: position for position, field in enumerate(CONTACT)}


def _position(issue: Issue) -> int:
    return _POSITIONS.get(issue.field.partition(".")[0], len(_POSITIONS))


def _with_members_inside(body: Values) -> Values:
    """The body with ``children`` and ``primary`` where the vendor's model has them."""
    outside = {name: body[name] for name in ("children", "primary") if name in body}
    inside = body.get("group_contacts", {})
    return {**body, "group_contacts": {**outside, **inside}} if outside and isinstance(inside, dict) else body


def _patch(given: Values, request: Request, issues: list[Issue]) -> ContactPatch:
    values: Values = {name: given[name] for name in ("notes", "locations") if name in given}
    if "name" in given:
        values["full"] = given["name"]
    if "type" in given:
        values["kind"] = given["type"]
    if "email" in given:
        values["email"] = Email(given["email"]) if given["email"] else None
    if "phone" in given:
        values["phone"] = _phone(given["phone"], request, issues)
    if "metadata" in given:
        pairs = given["metadata"]
        values["custom"] = CustomChange(drop="all") if pairs is None else CustomChange(merge=pairs)
    return ContactPatch(**values)


def _phone(text: str | None, request: Request, issues: list[Issue]) -> Any:
    if text is None:
        return None
    read = phone.read(text, request.country(COUNTRY))
    if read.e164 is None:
        issues.append(Issue("phone", "invalid", "phone must be a possible number, such as +1 650 555 0134."))
    return read


def _place(given: Values) -> Place:
    line2 = given.get("address_line2", UNSET)
    address = given.get("address", UNSET)
    if not isinstance(address, str):
        return Place(address=address, line2=line2)
    if _is_reference(address):
        return Place(reference=address, line2=line2)
    return Place(address=addresses.parse(address, line2 or None))


def _is_reference(text: str) -> bool:
    """Whether a text can only be the id of an address or of a location."""
    return text.startswith("loc_") or ids.unprefixed((addresses.ID_PREFIX,), text) is not None


def _read_file(body: Values, request: Request) -> WantedFile:
    issues: list[Issue] = []
    given = read_fields(FILE, body, "", issues)
    if issues:
        raise InvalidInput(issues)
    key = request.headers.get("idempotency-key") or None
    return WantedFile(given["csv_url"], given.get("overwrite", False), request.country(COUNTRY), key)


def read_location(request: Request) -> WantedLocation:
    """A named address."""
    issues: list[Issue] = []
    given = read_fields(LOCATION, _object(request), "", issues)
    if issues:
        raise InvalidInput(issues)
    return WantedLocation(given["name"], _place(given))


def contact_uid(request: Request) -> str:
    """The uid of the contact in the path. Raises: NotFound if it cannot be one."""
    uid = ids.uid_of_contact_id(request.params["contact"])
    if uid is None:
        raise NotFound("contact", request.params["contact"])
    return uid


def location_in_path(request: Request) -> str:
    """The uid of the location in the path. Raises: NotFound if it cannot be one."""
    uid = location_uid(request.params["location"])
    if uid is None:
        raise NotFound("location", request.params["location"])
    return uid


def read_page(request: Request) -> Listing:
    """A page without filters."""
    issues: list[Issue] = []
    given = read_fields(PAGING, request.query, "", issues)
    return _listing(given, (), issues)


def read_list(request: Request) -> Listing:
    """A page with filters, an order and a search."""
    issues: list[Issue] = []
    query = request.query
    given = read_fields(LISTING, {name: value for name, value in query.items() if value != ""}, "", issues)
    where = [*_equalities(given), *_times(query, given, issues), *_metadata(query, issues)]
    issues += [Issue(name, "nul", f"{name} must not hold a NUL character.") for name in query if "\0" in query[name]]
    return _listing(given, tuple(where), issues)


def _listing(given: Values, where: Where, issues: list[Issue]) -> Listing:
    if issues:
        raise InvalidInput(issues)
    child = given.get("child")
    return Listing(
        where,
        page=given.get("page", 1),
        limit=given.get("limit", PAGE_SIZE),
        order=_order(given),
        search=given.get("search"),
        child=child[0] if child else None,
        groups=given.get("group_id"),
    )


def _order(given: Values) -> Order | None:
    by, descending = given.get("order_by"), given.get("direction") == "desc"
    if by in {"_relevance", "_similarity"} or (by is None and "search" in given):
        return None
    return BY_NUMBER._replace(by=by or "name", descending=descending)


def _equalities(given: Values) -> list[Condition]:
    tests = []
    if "type" in given:
        tests.append(Condition("kind", "eq", "group" if given["type"] == "group" else "individual"))
    tests += [Condition("location", "eq", given[name][0]) for name in ("location", "location_id") if name in given]
    if "address_hash" in given:
        tests.append(Condition("building", "eq", given["address_hash"]))
    return tests


def _times(query: dict[str, str], given: Values, issues: list[Issue]) -> list[Condition]:
    """The tests of times. Those that are shown are whole seconds, so a second is what is compared."""
    tests = []
    for name in ("created_at", "updated_at"):
        known = {name, *(f"{name}[{how}]" for how in COMPARISONS)}
        issues += [
            Issue(other, "invalid", f"{other} is no comparison; there are {', '.join(COMPARISONS)}.")
            for other in query
            if other.startswith(f"{name}[") and other not in known
        ]
        for shown in known & given.keys():
            how = shown.removeprefix(name).strip("[]")
            first, next_ = given[shown] * 1000, (given[shown] + 1) * 1000
            if how in {"", "gte", "gt"}:
                tests.append(Condition(name, "ge", next_ if how == "gt" else first))
            if how in {"", "lte", "lt"}:
                tests.append(Condition(name, "lt", first if how == "lt" else next_))
    return tests


def _metadata(query: dict[str, str], issues: list[Issue]) -> list[Condition]:
    tests = []
    for name, value in query.items():
        key = _metadata_key(name)
        if key and Given().read(key, "metadata", issues) is not REFUSED:
            tests.append(Condition("custom", "eq", (key, value)))
    return tests


def _metadata_key(name: str) -> str:
    if name.startswith("metadata."):
        return name.removeprefix("metadata.")
    return name[len("metadata[") : -1] if name.startswith("metadata[") and name.endswith("]") else ""
