"""PackageX: commands become operations, each in one transaction; for files see files.py."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET, UnsetType, structs

from onebook.dialects.packagex import marks
from onebook.dialects.packagex.readers import Listing, Place, Wanted, WantedLocation
from onebook.dialects.packagex.tables import Shown, location_uid
from onebook.errors import InvalidInput, NotFound
from onebook.model import email, fold, merge, name
from onebook.model.contact import Address, Card, Contact, ContactDraft
from onebook.model.place import Location
from onebook.operations import address_books, contacts, groups, locations, search
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Order, Session, Where

CHILDREN = "group_contacts.children"
PRIMARY = "group_contacts.primary"

BY_NAME = Order("name")
NOBODY = Condition("number", "eq", 0)


class Page(NamedTuple):
    """Some of a list, and what its paging says of the rest."""

    items: Sequence[Any]
    page: int
    limit: int
    total: int


# --- one contact ---


def create(session: Session, actor: Actor, wanted: Wanted) -> Shown:
    """Make a contact, and put its children into it."""
    patch = wanted.patch
    _must_be_places(session, wanted)
    address = _address(session, actor, wanted.place, None)
    card = merge.apply(Card(), structs.replace(patch, address=address))
    draft = ContactDraft(card, "individual" if patch.kind is UNSET else patch.kind)
    book = address_books.default(session, actor).number
    made = contacts.create(session, actor, [contacts.Placed(draft, book)])[0]
    _set_members(session, actor, made, wanted)
    return _shown(session, actor, [made])[0]


def update(session: Session, actor: Actor, wanted: Wanted) -> Shown:
    """Change what was named of a contact."""
    before = contacts.get(session, actor, wanted.uid)
    _must_be_places(session, wanted)
    if wanted.children == ():
        _set_members(session, actor, before, wanted)  # only then may a group become a person
    address = _address(session, actor, wanted.place, next(iter(before.card.addresses), None))
    patch = structs.replace(merge.news(before.card, wanted.patch), address=address)
    after = contacts.update(session, actor, before, patch)
    _set_members(session, actor, after, wanted)
    return _shown(session, actor, [after])[0]


def get(session: Session, actor: Actor, uid: str) -> Shown:
    """One contact."""
    return _shown(session, actor, [contacts.get(session, actor, uid)])[0]


def delete(session: Session, actor: Actor, uid: str) -> str:
    """Delete a contact; its uid."""
    contacts.delete(session, actor, [contacts.get(session, actor, uid)])
    return uid


def _shown(session: Session, actor: Actor, found: Sequence[Contact]) -> list[Shown]:
    members = groups.members(session, found, seen_by=actor)
    return [Shown(contact, actor.account.uid, members.get(contact.number, ())) for contact in found]


def _must_be_places(session: Session, wanted: Wanted) -> None:
    """Raises: InvalidInput if a location that the contact is to belong to is not there."""
    for uid in () if wanted.patch.locations is UNSET else wanted.patch.locations:
        try:
            locations.get(session, uid)
        except NotFound as missing:
            raise InvalidInput.of("locations", "unknown", str(missing)) from None


def _address(session: Session, actor: Actor, place: Place, old: Address | None) -> Address | None | UnsetType:
    """The address that a contact is to have; UNSET if it keeps the old one."""
    address = old if place.address is UNSET else place.address
    if place.reference is not None:
        address = _referred(session, actor, place.reference)
    elif place.address is UNSET and place.line2 in {UNSET, old.line2 if old else None}:
        return UNSET
    if place.line2 is UNSET or (address is None and place.line2 is None):
        return address
    return structs.replace(address or Address(), line2=place.line2, text=None)


def _referred(session: Session, actor: Actor, reference: str) -> Address:
    """The address of an address's or a location's id. Raises: InvalidInput if neither is known."""
    uid = location_uid(reference)
    location = session.get(Location, uid=uid) if uid else None
    found = location.address if location else locations.address_known_as(session, actor, reference)
    if found is None:
        raise InvalidInput.of("address", "unknown", "address names no known address or location.")
    return structs.replace(found, type=None)  # what it is to the other contact is not what it is here


def _set_members(session: Session, actor: Actor, group: Contact, wanted: Wanted) -> None:
    """Give a group its children, and the mark to the primary ones; what was not sent stays."""
    if wanted.children is UNSET and wanted.primary is UNSET:
        return
    there = groups.members(session, [group], seen_by=actor).get(group.number, ())
    children = [member.contact.uid for member in there] if wanted.children is UNSET else wanted.children
    if wanted.primary is UNSET:
        primary = {member.contact.uid for member in there if member.primary}
    elif strangers := set(wanted.primary).difference(children):
        message = f"{len(strangers)} of the primary contacts are not among the children."
        raise InvalidInput.of(PRIMARY, "not_a_child", message)
    else:
        primary = set(wanted.primary)
    groups.set_members(session, actor, group, [(uid, uid in primary) for uid in children], field=CHILDREN)


# --- lists ---


def list_contacts(session: Session, actor: Actor, asked: Listing) -> Page:
    """A page of contacts; with a search its hits, marked and scored."""
    where = (*asked.where, *_memberships(session, asked))
    start = (asked.page - 1) * asked.limit
    if asked.search is not None:
        hits = search.search(session, actor, asked.search, where, enough=asked.limit)
        page = _sorted(hits, asked.order)[start : start + asked.limit]
        found = _shown(session, actor, [hit.contact for hit in page])
        words = search.words_of(asked.search)
        items = [
            structs.replace(shown, found={**marks.marked(words, shown.contact.card), "relevance_score": hit.score})
            for shown, hit in zip(found, page, strict=True)
        ]
        return Page(items, asked.page, asked.limit, len(hits))
    order = asked.order or BY_NAME
    some = contacts.find(session, actor, where, order=order, limit=asked.limit, offset=start)
    return Page(_shown(session, actor, some), asked.page, asked.limit, contacts.count(session, actor, where))


def _memberships(session: Session, asked: Listing) -> Where:
    """The tests of who is in which group; of an unknown contact one that nobody passes."""
    tests = []
    if asked.child is not None:
        child = session.contacts.by_uid(asked.child)
        tests.append(Condition("has_member", "eq", child.number) if child else NOBODY)
    if asked.groups is not None:
        known = [group.number for uid in asked.groups if (group := session.contacts.by_uid(uid))]
        tests.append(Condition("member_of", "in", tuple(known)) if known else NOBODY)
    return tuple(tests)


def _email(contact: Contact) -> str:
    first = name.primary_email(contact.card)
    return email.key_of(first.address) if first else ""


_SORT_KEYS: dict[str, Callable[[Contact], Any]] = {
    "name": lambda contact: fold.sort_key(contact.card),
    "email": _email,
    "created_at": lambda contact: contact.created_at,
    "updated_at": lambda contact: contact.updated_at,
}


def _sorted(hits: Iterable[search.Hit], order: Order | None) -> list[search.Hit]:
    """The hits in the order asked for; without one as they are, the best first."""
    if order is None:
        return list(hits)
    key = _SORT_KEYS[order.by]
    return sorted(hits, key=lambda hit: key(hit.contact), reverse=order.descending)


# --- locations ---


def create_location(session: Session, actor: Actor, wanted: WantedLocation) -> Location:
    """Make a location."""
    address = _address(session, actor, wanted.place, None)
    if not isinstance(address, Address):
        raise InvalidInput.of("address", "required", "A location needs an address.")
    return locations.create(session, actor, wanted.name, address)


def get_location(session: Session, _: Actor, uid: str) -> Location:
    """One location."""
    return locations.get(session, uid)


def list_locations(session: Session, _: Actor, asked: Listing) -> Page:
    """A page of locations, in the order of creation."""
    start = (asked.page - 1) * asked.limit
    found = locations.all_(session)
    return Page(found[start : start + asked.limit], asked.page, asked.limit, len(found))
