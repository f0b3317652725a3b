"""Contacts: create, read, find, update, upsert, delete, erase."""

from collections.abc import Iterable, Sequence

from msgspec import UNSET, Struct, json, structs

from onebook.errors import Conflict, InvalidInput, NotFound
from onebook.model import merge
from onebook.model.contact import Contact, ContactDraft, ContactPatch
from onebook.model.imports import Import
from onebook.model.place import Organization
from onebook.operations.actor import Actor
from onebook.store.base import BY_NUMBER, Condition, Order, Placement, Session, Where


class Placed(Struct, frozen=True):
    """A draft and the number of the book it goes into."""

    draft: ContactDraft
    book: int


def create(session: Session, actor: Actor, placed: Sequence[Placed]) -> list[Contact]:
    """Write new contacts, all or none, in this order.

    Raises: Conflict("external_id", …, index) if one is taken in its book; NotPermitted for a book not seen.
    """
    for book in {one.book for one in placed}:
        actor.must_see(book)
    return session.contacts.insert([Placement(one.draft, one.book) for one in placed])


def get(session: Session, actor: Actor, uid: str, *, within: Where = ()) -> Contact:
    """The contact with this uid, among those that the key sees and that fulfil ``within`` (tests of the book only).

    Raises: NotFound("contact").
    """
    contact = session.contacts.by_uid(uid)
    if contact is None or not _in_books(contact, (*actor.sees, *within)):
        raise NotFound("contact", uid)
    return contact


def get_numbered(session: Session, actor: Actor, number: int, *, index: int | None = None) -> Contact:
    """The contact with this number. Raises: NotFound("contact")."""
    contact = session.contacts.by_number(number) if 0 < number < 2**53 else None
    if contact is None or not _in_books(contact, actor.sees):
        raise NotFound("contact", number, index=index)
    return contact


def _in_books(contact: Contact, where: Where) -> bool:
    for test in where:  # noqa: SIM110 - a generator costs more than all there is to test
        if test.field != "book" or contact.book != test.value:
            return False
    return True


def find(
    session: Session, actor: Actor, where: Where, *, order: Order = BY_NUMBER, limit: int, offset: int = 0
) -> list[Contact]:
    """A page of the contacts that the key sees and that fulfil ``where``."""
    return session.contacts.page((*actor.sees, *where), order=order, limit=limit, offset=offset)


def count(session: Session, actor: Actor, where: Where) -> int:
    """How many contacts the key sees that fulfil ``where``."""
    return session.contacts.count((*actor.sees, *where))


def with_external_id(session: Session, actor: Actor, external_id: str, *, book: int | None = None) -> list[Contact]:
    """The contacts with this external id: at most one in a book."""
    where = [Condition("external_id", "eq", external_id)]
    if book is not None:
        where.append(Condition("book", "eq", book))
    return find(session, actor, tuple(where), limit=1000)


def update(
    session: Session,
    actor: Actor,
    contact: Contact,
    patch: ContactPatch,
    *,
    expected_version: int | None = None,
    skip_unchanged: bool = False,
) -> Contact:
    """Apply named changes to a contact that was read in this transaction.

    Args:
        skip_unchanged: a change that changes nothing is not written; version, time and log stay as they are.

    Raises:
        Conflict("version", …): it is not at ``expected_version`` any more.
        Conflict("external_id", …): the new one is taken in its book.
        InvalidInput: a group with members cannot become an individual.
    """
    actor.must_see(contact.book)
    if expected_version is not None and contact.version != expected_version:
        raise Conflict("version", expected_version, contact.version, message="The contact has been changed since.")
    new = _patched(session, contact, patch)
    # Compared as JSON: to Python 1 and True are equal, as values of a custom field they are not.
    if skip_unchanged and json.encode(new) == json.encode(contact):
        return contact
    return session.contacts.update(contact, new)


def _patched(session: Session, contact: Contact, patch: ContactPatch) -> Contact:
    new = structs.replace(contact, card=merge.apply(contact.card, patch))
    if patch.kind is not UNSET and patch.kind != contact.kind:
        if patch.kind == "individual" and session.groups.members([contact.number]):
            raise InvalidInput.of("kind", "has_members", "A group that has members cannot become an individual.")
        new = structs.replace(new, kind=patch.kind)
    if patch.external_id is not UNSET:
        new = structs.replace(new, external_id=patch.external_id)
    if patch.organization is not UNSET:
        number = patch.organization if isinstance(patch.organization, int) else None
        new = structs.replace(new, organization=number)
    return new


def delete(session: Session, actor: Actor, contacts: Sequence[Contact]) -> None:
    """Remove contacts from the book and from all groups, lists and tags; opt-outs stay."""
    for contact in contacts:
        actor.must_see(contact.book)
    session.contacts.delete(contacts)


def erase(session: Session, actor: Actor, contact: Contact) -> None:
    """Delete a contact and all that is remembered of it; only that it happened stays.

    Its content goes from the log, the stored answers, and the imports into its book, whose issues and files go whole,
    since also one that refused the person knows them: the files as soon as an engine looks, and with them those that
    are only on their way to be imported. Before an overwrite the person may have been another contact, which is kept
    for undoing it: whoever has the same number, mail address or external id there goes too.
    """
    actor.must_see(contact.book)
    gone = [contact, *session.contacts.kept_alike(contact)]
    wrote = {import_id for one in gone for import_id in session.forget(one)}
    looked = session.imports.with_files({one.book for one in gone})
    session.imports.empty(wrote | looked.keys())
    for import_id in wrote | {import_id for import_id, name in looked.items() if _speaks_of(contact, name)}:
        session.change(Import, {"id": import_id}, name=None)
    session.contacts.delete(gone, verb="erased")


def _speaks_of(contact: Contact, name: str | None) -> bool:
    """Whether the name of a file has a part of the contact's name, or its mail address."""
    card = contact.card
    words = (card.given, card.family, *(entry.address for entry in card.emails))
    return name is not None and any(word.casefold() in name.casefold() for word in words if word)


def erasable(session: Session, actor: Actor, uid: str) -> Contact:
    """A contact to be erased: also one that an overwrite has replaced, and that is kept for undoing it.

    Raises: NotFound("contact"), also if the key does not see it.
    """
    found = session.contacts.kept(uid)
    if found is None or actor.key.book not in (None, found.book):
        raise NotFound("contact", uid)
    return found


def organizations_of(session: Session, contacts: Iterable[Contact]) -> dict[int, Organization]:
    """The stored organizations that these contacts are tied to, by number."""
    found: dict[int, Organization] = {}
    for contact in contacts:
        number = contact.organization
        if number is not None and number not in found:
            organization = session.get(Organization, number=number)
            if organization is not None:
                found[number] = organization
    return found
