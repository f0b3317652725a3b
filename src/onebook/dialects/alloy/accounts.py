"""Accounts, which are organizations here: tables, readers, what is done with them."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from onebook.dialects import strict
from onebook.dialects.alloy import entries
from onebook.dialects.alloy.bodies import read_body
from onebook.dialects.alloy.lists import BOUNDS, Window
from onebook.dialects.alloy.resource import Resource, changes_table, routes_of
from onebook.dialects.alloy.seen import GIVEN, REMOTE_ID, TEXT, TEXT_OR_NULL, Seen
from onebook.dialects.alloy.words import NEEDED, OPTIONAL
from onebook.dialects.base import Field, Out, Request, Schema
from onebook.model.contact import Address, Phone
from onebook.model.converting import converting
from onebook.model.place import Organization
from onebook.operations import organizations
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Where

EMPLOYEES = strict.integer(-(2**31), 2**31 - 1, null=True)  # the vendor says int32

# --- tables ---

ACCOUNT = (
    Field("accountName", NEEDED, need=True, to="organization.name", note="The name of the account."),
    Field("accountOwner", OPTIONAL, to="organization.owner", note="Who looks after it."),
    Field("description", OPTIONAL, to="organization.description", note="What it is."),
    Field("industry", OPTIONAL, to="organization.industry", note="Its line of business."),
    Field("website", OPTIONAL, to="organization.website", note="Its website."),
    Field("numberOfEmployees", EMPLOYEES, to="organization.employees", note="How many work there."),
    Field("addresses", entries.ADDRESSES, to="organization.addresses", note="Postal addresses."),
    Field("phoneNumbers", entries.PHONES, to="organization.phones", note="Phone numbers."),
    Field("remoteFields", strict.Map(null=True), to="organization.custom", note="Fields of the sender's own."),
)
CHANGES = changes_table(ACCOUNT)
OURS: Final = {field.name: field.to.rpartition(".")[2] for field in ACCOUNT}


def _plain(name: str, schema: Schema) -> Out[Seen[Organization]]:
    """A field that is shown as it was sent."""
    return Out(name, lambda seen: seen.what.fields.get(OURS[name]), schema, f"organization.{OURS[name]}")


def _list(name: str, table: Sequence[Field], read: Callable[[Any], list[Any]]) -> Out[Seen[Organization]]:
    """A list of entries, which are stored as plain JSON."""
    stored = OURS[name]
    return Out(
        name,
        lambda seen: entries.show(read(seen.what.fields.get(stored, []))),
        entries.shown(table),
        f"organization.{stored}",
    )


SHOWN: tuple[Out[Seen[Organization]], ...] = (
    REMOTE_ID,
    Out("accountName", lambda seen: seen.what.name, TEXT, "organization.name"),
    _plain("accountOwner", TEXT_OR_NULL),
    _plain("description", TEXT_OR_NULL),
    _plain("industry", TEXT_OR_NULL),
    _plain("website", TEXT_OR_NULL),
    _plain("numberOfEmployees", {"type": ["integer", "null"]}),
    _list("addresses", entries.ADDRESS, converting(list[Address])),
    _list("phoneNumbers", entries.PHONE, converting(list[Phone])),
    *GIVEN,
)
TESTS: Final[dict[str, Callable[[int, int], bool]]] = {"ge": operator.ge, "le": operator.le}

# --- readers ---

Values = dict[str, Any]


def read_new(request: Request) -> Values:
    """The body of a new account, under our names."""
    return _values(request, ACCOUNT)


def read_changes(request: Request) -> Values:
    """The body of an update, under our names; None clears."""
    return _values(request, CHANGES)


def _values(request: Request, table: Sequence[Field]) -> Values:
    values = {OURS[name]: value for name, value in read_body(request, table).items()}
    if "addresses" in values:
        values["addresses"] = msgspec.to_builtins(entries.read_addresses(values["addresses"]))
    if "phones" in values:
        values["phones"] = msgspec.to_builtins(entries.read_phones(values["phones"], request.country(None)))
    return values


# --- acts ---


def create(session: Session, actor: Actor, _: int, values: Values) -> Organization:
    """Make an account."""
    return organizations.create(session, actor, values["name"], _merged({}, values))


def get(session: Session, _: Actor, __: int, uid: str) -> Organization:
    """Read an account."""
    return organizations.get(session, uid)


def update(session: Session, actor: Actor, account: Organization, values: Values) -> Organization:
    """Change an account."""
    fields = _merged(account.fields, values)
    return organizations.update(session, actor, account.uid, name=values.get("name"), fields=fields)


def _merged(before: Values, values: Values) -> Values:
    """All that an organization says besides its name; what is none or empty is not kept."""
    custom = {**before.get("custom", {}), **(values.get("custom") or {})}
    after = {**before, **values, "custom": {key: value for key, value in custom.items() if value is not None}}
    return {key: value for key, value in after.items() if key != "name" and value not in (None, [], {})}


def delete(session: Session, actor: Actor, account: Organization) -> None:
    """Delete an account; its name stays on its contacts as text."""
    organizations.delete(session, actor, account.uid)


def find(session: Session, _: Actor, __: int, where: Where, window: Window) -> list[Organization]:
    """The accounts of a window, and one more if there is one."""
    after = window.after or 0
    found = [account for account in _fulfilling(session, where) if account.number > after]
    return found[window.offset : window.offset + window.size + 1]


def count(session: Session, _: Actor, __: int, where: Where) -> int:
    """How many fulfil the filters."""
    return len(_fulfilling(session, where))


def _fulfilling(session: Session, where: Where) -> list[Organization]:
    def holds(account: Organization, test: Condition) -> bool:
        return TESTS[test.op](getattr(account, test.field), test.value)

    return [account for account in organizations.all_(session) if all(holds(account, test) for test in where)]


def look(_: Session, found: Sequence[Organization]) -> list[Seen[Organization]]:
    """The accounts with their custom fields."""
    return [Seen(account, account.fields.get("custom", {})) for account in found]


# --- routes ---

ROUTES = routes_of(
    Resource(
        noun="account",
        fields=ACCOUNT,
        filters=BOUNDS,
        shown=SHOWN,
        read_new=read_new,
        read_changes=read_changes,
        create=create,
        get=get,
        update=update,
        delete=delete,
        find=find,
        count=count,
        look=look,
    )
)
