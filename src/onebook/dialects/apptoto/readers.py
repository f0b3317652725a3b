"""2 Readers: Apptoto's words become elements of a batch, the name of one contact, or a page to list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec import Struct

from onebook.dialects.apptoto.tables import (
    CLEARED_BY_BLANK,
    CREATE,
    LARGEST_PAGE,
    LIST,
    ONE,
    ONE_IN_BODY,
    PAGE_SIZE,
    UPDATE,
)
from onebook.dialects.base import Field, Request, read_fields
from onebook.errors import InvalidInput, Issue, LimitExceeded
from onebook.model import email, phone
from onebook.model.contact import ContactPatch, CustomChange, Email
from onebook.store.base import Condition, Where

COUNTRY = "US"  # of numbers in national form, where the account has no country


class Element(Struct, frozen=True):
    """One contact of a batch.

    Args:
        index: its place in the batch, from 0.
        id, external_id: which contact it means; both None for a new one.
        book: the number or the name of the book that it names, if any.
        patch: what it says; the types of numbers and addresses are still as sent.
        mobile: is_mobile of each of the patch's numbers.
        lacks: what is missing if it makes a new contact.
    """

    index: int
    id: int | None
    external_id: str | None
    book: int | str | None
    patch: ContactPatch
    mobile: tuple[bool, ...]
    lacks: tuple[Issue, ...]


class One(Struct, frozen=True):
    """A contact named by the caller: by its number, else by its external id, in a book if that is given."""

    number: int | None
    external_id: str | None
    book: int | None


class Page(Struct, frozen=True):
    """Which contacts to list."""

    where: Where
    limit: int
    offset: int


def read_create(request: Request) -> list[Element]:
    """Read the batch of a POST: all of it will be new."""
    return _batch(request, CREATE)


def read_update(request: Request) -> list[Element]:
    """Read the batch of a PUT: what of it is new is not known yet."""
    return _batch(request, UPDATE)


def read_one(request: Request) -> One:
    """Read which contact the query names."""
    return _one(_read(ONE, request.query))


def read_delete(request: Request) -> One:
    """Read which contact the query names, or else the body."""
    body = _object(request) if request.body else {}
    query = _read(ONE, request.query)
    if "id" in query or "external_id" in query:
        return _one(query)
    return _one(_read(ONE_IN_BODY, body) | query)


def read_list(request: Request) -> Page:
    """Read which page of which contacts the query asks for."""
    read = _read(LIST, request.query)
    size = min(read.get("page_size", read.get("limit", PAGE_SIZE)), LARGEST_PAGE)
    return Page(tuple(_where(read, request.country(COUNTRY))), size, (read.get("page", 1) - 1) * size)


def read_nothing(_request: Request) -> None:
    """A call without parameters."""


def _where(read: Mapping[str, Any], country: str | None) -> Iterator[Condition]:
    for parameter, field in (("address_book_id", "book"), ("id", "number"), ("external_id", "external_id")):
        if parameter in read:
            yield Condition(field, "eq", read[parameter])
    if "phone_number" in read:
        number: str = read["phone_number"]
        # In a query a plus means a blank; many a client forgets to escape it.
        number = number if number[0] != " " else f"+{number[1:]}"
        yield Condition("phone", "eq", phone.key_of(phone.read(number, country)))
    if "email_address" in read:
        yield Condition("email", "eq", email.key_of(read["email_address"]))


def _read(table: Sequence[Field], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Read parameters by their table; null and blank ones count as not sent."""
    issues: list[Issue] = []
    read = read_fields(table, _sent(sent, updating=False), "", issues)
    if issues:
        raise InvalidInput(issues)
    return read


def _one(read: Mapping[str, Any]) -> One:
    one = One(read.get("id"), read.get("external_id"), read.get("address_book_id"))
    if one.number is None and one.external_id is None:
        raise InvalidInput.of("id", "required", "id or external_id is required.")
    return one


def _object(request: Request) -> dict[str, Any]:
    value = request.json()
    if not isinstance(value, dict):
        raise InvalidInput.of("body", "wrong_type", "The body must be a JSON object.")
    return value


# --- a batch ---


def _batch(request: Request, table: Sequence[Field]) -> list[Element]:
    """Read each contact of the body by ``table``. Raises: InvalidInput with all that is wrong in all of them."""
    sent = _object(request).get("contacts")
    if not isinstance(sent, list):
        raise InvalidInput.of("contacts", "required", "The body must have an array named contacts.")
    if len(sent) > request.limits.batch:
        raise LimitExceeded("array contacts", request.limits.batch, "elements")
    country = request.country(COUNTRY)
    issues: list[Issue] = []
    elements: list[Element] = []
    for index, one in enumerate(sent):
        wrong: list[Issue] = []
        read = _fields(one, table, wrong)
        if wrong:
            issues += _at(index, wrong)
        elif not issues:
            elements.append(_element(index, read, country))
    if issues:
        raise InvalidInput(issues)
    return elements


def _at(index: int, issues: Sequence[Issue]) -> tuple[Issue, ...]:
    return tuple(replace(issue, index=index) for issue in issues)


def _fields(one: Any, table: Sequence[Field], issues: list[Issue]) -> dict[str, Any]:
    """Read one contact; what a new one needs is demanded if this one is new in any case."""
    if not isinstance(one, dict):
        issues.append(Issue("contacts", "wrong_type", "Each of the contacts must be a JSON object."))
        return {}
    sent = _sent(one, updating=table is UPDATE)
    read = read_fields(table, sent, "", issues)
    if table is CREATE or (sent.get("id") is None and sent.get("external_id") is None):
        issues += _lacks(sent)
    return read


def _sent(one: Mapping[str, Any], *, updating: bool) -> dict[str, Any]:
    """What counts as sent: nothing blank or null; when updating null does, and blank where it clears."""
    sent = {}
    for key, value in one.items():
        blank = isinstance(value, str) and not value.strip()
        if not blank and (updating or value is not None):
            sent[key] = value
        elif updating and key in CLEARED_BY_BLANK:
            sent[key] = None
    return sent


def _lacks(sent: Mapping[str, Any]) -> Iterator[Issue]:
    """What a new contact needs and this one has not."""
    if sent.get("address_book") is None and sent.get("address_book_id") is None:
        yield Issue("address_book", "required", "address_book or address_book_id is required.")
    if sent.get("name") is None:
        missing = [part for part in ("first_name", "last_name") if sent.get(part) is None]
        if missing:
            field = missing[0] if len(missing) == 1 else "name"
            yield Issue(field, "required", "name is required, or first_name and last_name.")


def _element(index: int, read: Mapping[str, Any], country: str | None) -> Element:
    book: int | str | None = read.get("address_book_id")
    if book is None and read.get("address_book") is not None:
        book = read["address_book"].strip()
    return Element(
        index=index,
        id=read.get("id"),
        external_id=read.get("external_id"),
        book=book,
        patch=_patch(read, country),
        mobile=tuple(bool(entry.get("is_mobile")) for entry in read.get("phone_numbers") or ()),
        lacks=_at(index, tuple(_lacks(read))),
    )


def _patch(read: Mapping[str, Any], country: str | None) -> ContactPatch:
    """All that an element says, as changes of a contact; for a new one, of an empty card."""
    changes: dict[str, Any] = {"afresh": True}
    if "name" in read:
        changes["full"] = read["name"]
    else:
        changes |= {to: read[part] for part, to in (("first_name", "given"), ("last_name", "family")) if part in read}
    if "external_id" in read:
        changes["external_id"] = read["external_id"]
    if "custom_data" in read:
        changes["custom"] = CustomChange(read["custom_data"] or {}, drop="texts")
    return ContactPatch(**changes, **_phones(read, country), **_emails(read))


def _phones(read: Mapping[str, Any], country: str | None) -> dict[str, Any]:
    """Changes of the numbers: the array replaces, the texts add, a lone null takes the primary one away."""
    changes: dict[str, Any] = {}
    if "phone_numbers" in read:
        changes["phones"] = tuple(
            phone.read(entry["number"], country, type=_type(entry), primary=bool(entry.get("is_primary")))
            for entry in read["phone_numbers"] or ()
        )
    if added := [read[field] for field in ("phone", "add_phone") if read.get(field) is not None]:
        changes["add_phones"] = tuple(phone.read(number, country) for number in added)
    if "phone" in read and not changes:
        changes["phone"] = None
    return changes


def _emails(read: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of the mail addresses, as of the numbers."""
    changes: dict[str, Any] = {}
    array = "email_addresses" if "email_addresses" in read else "email_address"
    if array in read:
        changes["emails"] = tuple(
            Email(entry["address"], _type(entry), bool(entry.get("is_primary"))) for entry in read[array] or ()
        )
    if added := [read[field] for field in ("email", "add_email") if read.get(field) is not None]:
        changes["add_emails"] = tuple(Email(address) for address in added)
    if "email" in read and not changes:
        changes["email"] = None
    return changes


def _type(entry: Mapping[str, Any]) -> str | None:
    """The type as sent; a blank one is none."""
    word: str | None = entry.get("type")
    return word if word and word.strip() else None
