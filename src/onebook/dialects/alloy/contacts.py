"""Contacts: tables, readers, what is done with them."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET, structs

from onebook.dialects import strict
from onebook.dialects.alloy import entries
from onebook.dialects.alloy.bodies import read_body
from onebook.dialects.alloy.lists import BOUNDS, Filter, Window
from onebook.dialects.alloy.resource import Resource, changes_table, routes_of
from onebook.dialects.alloy.seen import GIVEN, REMOTE_ID, TEXT_OR_NULL, Seen
from onebook.dialects.alloy.times import INSTANT
from onebook.dialects.alloy.words import ASKED, NEEDED, OPTIONAL
from onebook.dialects.base import Field, Out, Request
from onebook.errors import InvalidInput
from onebook.model import merge, name
from onebook.model.contact import Address, Card, Contact, ContactDraft, ContactPatch, CustomChange, Phone
from onebook.operations import contacts, organizations
from onebook.operations.actor import Actor
from onebook.operations.address_books import within
from onebook.store.base import Condition, Session, Where

# --- tables ---

CONTACT = (
    Field("lastName", NEEDED, need=True, to="name.family", note="The family name."),
    Field("firstName", OPTIONAL, to="name.given", note="The given name."),
    Field("account", OPTIONAL, to="organization", note="Id, remoteId or name of an account; any other text is kept."),
    Field("addresses", entries.ADDRESSES, to="addresses", note="Postal addresses."),
    Field("emailAddresses", entries.EMAILS, to="emails", note="E-mail addresses."),
    Field("phoneNumbers", entries.PHONES, to="phones", note="Phone numbers."),
    Field("remoteFields", strict.Map(null=True), to="custom", note="Custom fields under names of the sender's own."),
)
CHANGES = tuple(
    field._replace(type=OPTIONAL) if field.name == "lastName" else field for field in changes_table(CONTACT)
)

SHOWN: tuple[Out[Seen[Contact]], ...] = (
    REMOTE_ID,
    Out("firstName", lambda seen: _parts(seen.what.card)[0], TEXT_OR_NULL, "name.given"),
    Out("lastName", lambda seen: _parts(seen.what.card)[1], TEXT_OR_NULL, "name.family"),
    Out("account", attrgetter("account"), TEXT_OR_NULL, "organization"),
    Out("addresses", lambda seen: entries.show(seen.what.card.addresses), entries.shown(entries.ADDRESS), "addresses"),
    Out("emailAddresses", lambda seen: entries.show(seen.what.card.emails), entries.shown(entries.EMAIL), "emails"),
    Out("phoneNumbers", lambda seen: entries.show(seen.what.card.phones), entries.shown(entries.PHONE), "phones"),
    *GIVEN,
)

ACCOUNT: Final = "organization_named"  # by the numbers of stored accounts, and by the text kept in place of one
ACTIVITY: Final = "last_activity"  # which nothing has

FILTERS = (
    Filter("firstName", ASKED, "given", "eq", "The first name is this."),
    Filter("firstNameContains", ASKED, "given", "contains", "The first name has this in it."),
    Filter("firstNameNotEquals", ASKED, "given", "ne", "The first name is not this."),
    Filter("lastName", ASKED, "family", "eq", "The last name is this."),
    Filter("lastNameContains", ASKED, "family", "contains", "The last name has this in it."),
    Filter("lastNameNotEquals", ASKED, "family", "ne", "The last name is not this."),
    Filter("account", ASKED, ACCOUNT, "eq", "The id or name of the account is this."),
    Filter("accountContains", ASKED, ACCOUNT, "contains", "The id or name of the account has this in it."),
    Filter("accountNotEquals", ASKED, ACCOUNT, "ne", "Neither the id nor the name of the account is this."),
    Filter("lastActivityAt", INSTANT, ACTIVITY, "eq", "The last activity was at this time; no contact has one yet."),
    *BOUNDS,
)

# --- readers ---


def read_new(request: Request) -> ContactDraft:
    """The body of a new contact; its organization may be any reference to an account."""
    read = read_body(request, CONTACT)
    given, family = read.get("firstName"), read["lastName"]
    custom = read.get("remoteFields") or {}
    card = Card(
        full=name.join(given, family),
        given=given,
        family=family,
        organization=read.get("account"),
        addresses=entries.read_addresses(read.get("addresses")),
        emails=merge.one_primary(entries.read_emails(read.get("emailAddresses"))),
        phones=merge.one_primary(entries.read_phones(read.get("phoneNumbers"), request.country(None))),
        custom={key: value for key, value in custom.items() if value is not None},
    )
    return ContactDraft(card)


def read_changes(request: Request) -> ContactPatch:
    """The body of an update; its organization may be any reference to an account."""
    read = read_body(request, CHANGES)
    patch: dict[str, Any] = {}
    for theirs, ours in (("lastName", "family"), ("firstName", "given"), ("account", "organization")):
        if theirs in read:
            patch[ours] = read[theirs]
    if "addresses" in read:
        patch["addresses"] = entries.read_addresses(read["addresses"])
    if "emailAddresses" in read:
        patch["emails"] = entries.read_emails(read["emailAddresses"])
    if "phoneNumbers" in read:
        patch["phones"] = entries.read_phones(read["phoneNumbers"], request.country(None))
    if read.get("remoteFields"):
        patch["custom"] = CustomChange(read["remoteFields"])
    return ContactPatch(**patch)


# --- acts ---


def create(session: Session, actor: Actor, book: int, draft: ContactDraft) -> Contact:
    """Make a contact."""
    reference = draft.card.organization
    account = organizations.referred(session, reference) if reference else None
    if account is not None:
        card = structs.replace(draft.card, organization=None)
        draft = structs.replace(draft, organization=account.number, card=card)
    return contacts.create(session, actor, [contacts.Placed(draft, book)])[0]


def get(session: Session, actor: Actor, book: int, uid: str) -> Contact:
    """Read a contact of the book."""
    return contacts.get(session, actor, uid, within=(within(book),))


def update(session: Session, actor: Actor, contact: Contact, patch: ContactPatch) -> Contact:
    """Change a contact. Raises: InvalidInput if it would lose its last name."""
    if patch.family is None and _parts(contact.card)[1] is not None:
        raise InvalidInput.of("lastName", "required", "lastName must not be empty.")
    if isinstance(patch.organization, str):
        account = organizations.referred(session, patch.organization)
        patch = structs.replace(patch, organization=account.number if account else patch.organization)
    if patch.addresses is not UNSET:
        patch = structs.replace(patch, addresses=_kept(contact.card.addresses, patch.addresses))
    if patch.phones is not UNSET:
        patch = structs.replace(patch, phones=_understood(contact.card.phones, patch.phones))
    return contacts.update(session, actor, contact, patch)


def _kept(stored: Sequence[Address], new: Sequence[Address]) -> tuple[Address, ...]:
    """The new addresses, each replaced by a stored one that looks the same here: that may say more than we show."""

    def looks(address: Address) -> tuple[tuple[str, str], ...]:
        return tuple(entries.show([address])[0].items())

    known = {looks(address): address for address in reversed(stored)}
    return tuple(known.get(looks(address), address) for address in new)


def _understood(stored: Sequence[Phone], new: Sequence[Phone]) -> tuple[Phone, ...]:
    """The new numbers; what another dialect understood of the very same text is still known."""
    known = {phone.raw: phone.e164 for phone in stored}
    return tuple(phone if phone.e164 else structs.replace(phone, e164=known.get(phone.raw)) for phone in new)


def delete(session: Session, actor: Actor, contact: Contact) -> None:
    """Delete a contact."""
    contacts.delete(session, actor, [contact])


def find(session: Session, actor: Actor, book: int, where: Where, window: Window) -> list[Contact]:
    """The contacts of a window, and one more if there is one."""
    onward = () if window.after is None else (Condition("number", "gt", window.after),)
    tests = (*_tests(session, book, where), *onward)
    return contacts.find(session, actor, tests, limit=window.size + 1, offset=window.offset)


def count(session: Session, actor: Actor, book: int, where: Where) -> int:
    """How many fulfil the filters."""
    return contacts.count(session, actor, _tests(session, book, where))


def _tests(session: Session, book: int, where: Where) -> Where:
    """The filters as the store knows them."""
    return (within(book), *(_test(session, condition) for condition in where))


def _test(session: Session, condition: Condition) -> Condition:
    if condition.field == ACTIVITY:
        return Condition("number", "lt", 0)
    if condition.field == ACCOUNT:
        numbers = organizations.matching(session, condition.value, part=condition.op == "contains")
        return condition._replace(value=(numbers, condition.value))
    return condition


def look(session: Session, found: Sequence[Contact]) -> list[Seen[Contact]]:
    """The contacts, each with the id of its account or the text in place of one."""
    accounts = contacts.organizations_of(session, found)
    seen = []
    for contact in found:
        account = accounts.get(contact.organization or 0)
        seen.append(Seen(contact, contact.card.custom, account.uid if account else contact.card.organization))
    return seen


def _parts(card: Card) -> tuple[str | None, str | None]:
    """First and last name; those of the full name where no parts are stored."""
    return (card.given, card.family) if card.given or card.family else name.split(card.full or "")


# --- routes ---

ROUTES = routes_of(
    Resource(
        noun="contact",
        fields=CONTACT,
        filters=FILTERS,
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
