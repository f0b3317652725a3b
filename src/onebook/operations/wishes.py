"""A contact with all that one can wish for it at once: its card, its lists and tags, its members."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from onebook.errors import InvalidInput, Issue
from onebook.model import merge
from onebook.model.book import Book, spelled
from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch
from onebook.model.label import LabelKind
from onebook.model.place import Location, Organization
from onebook.operations import address_books, contacts, groups, labels
from onebook.operations.actor import Actor
from onebook.operations.contacts import Placed
from onebook.store.base import Session


class Wish(Struct, frozen=True):
    """What is wanted of a contact; UNSET where nothing is said.

    Args:
        book: where a new one goes; None for the default one. labels: names, which replace those of their kind.
        members: uid and primary flag of each. version: the one that was read.
    """

    patch: ContactPatch
    book: int | None = None
    organization_uid: str | None | UnsetType = UNSET
    labels: Mapping[LabelKind, tuple[str, ...]] = {}
    members: tuple[tuple[str, bool], ...] | UnsetType = UNSET
    version: int | None = None


def create(session: Session, actor: Actor, wish: Wish) -> Contact:
    """Store a contact with its lists, tags and members.

    Raises: InvalidInput for an organization, location or member that is not there; Conflict; NotFound for the book.
    """
    book = address_books.default(session, actor) if wish.book is None else address_books.get(session, actor, wish.book)
    patch = _tied(session, _in_words_of(book, wish.patch), wish)
    draft = ContactDraft(
        merge.apply(Card(), patch),
        patch.kind or "individual",
        None if patch.external_id is UNSET else patch.external_id,
        patch.organization if isinstance(patch.organization, int) else None,
    )
    [made] = contacts.create(session, actor, [Placed(draft, book.number)])
    _label(session, actor, made, wish)
    _fill(session, actor, made, wish)
    return made


def change(
    session: Session, actor: Actor, contact: Contact, wish: Wish, *, expected_version: int | None = None
) -> Contact:
    """Change what is named, of a contact that was read in this transaction.

    Raises: as `create`; Conflict("version") if it is not at the expected one any more.
    """
    book = address_books.get(session, actor, contact.book)
    patch = _tied(session, _in_words_of(book, wish.patch), wish)
    # Members first when a group becomes a person, last when a person becomes a group.
    if patch.kind == "individual":
        _fill(session, actor, contact, wish)
    changed = contacts.update(session, actor, contact, patch, expected_version=expected_version)
    _label(session, actor, changed, wish)
    if patch.kind != "individual":
        _fill(session, actor, changed, wish)
    return changed


def _in_words_of(book: Book, patch: ContactPatch) -> ContactPatch:
    """The types of numbers and mails as the book spells them."""
    changes: dict[str, Any] = {}
    for names, words in ((("phones", "add_phones"), book.phone_types), (("emails", "add_emails"), book.email_types)):
        for name in names:
            entries = getattr(patch, name)
            if entries:
                changes[name] = tuple(structs.replace(entry, type=spelled(words, entry.type)) for entry in entries)
    return structs.replace(patch, **changes) if changes else patch


def _tied(session: Session, patch: ContactPatch, wish: Wish) -> ContactPatch:
    """The patch with the number of the stored organization that the wish names by uid.

    Raises: InvalidInput for an organization or a location that is not there.
    """
    missing = [
        Issue(f"locations[{position}]", "unknown", "There is no location with this uid.", value=uid)
        for position, uid in enumerate(patch.locations or ())
        if session.get(Location, uid=uid) is None
    ]
    if isinstance(wish.organization_uid, str):
        organization = session.get(Organization, uid=wish.organization_uid.lower())
        if organization is None:
            missing.append(Issue("organization_uid", "unknown", "There is no organization with this uid."))
        else:
            patch = structs.replace(patch, organization=organization.number)
    if missing:
        raise InvalidInput(missing)
    return patch


def _label(session: Session, actor: Actor, contact: Contact, wish: Wish) -> None:
    for kind, names in wish.labels.items():
        labels.replace(session, actor, kind, contact.number, names)


def _fill(session: Session, actor: Actor, contact: Contact, wish: Wish) -> None:
    if wish.members is not UNSET:
        groups.set_members(session, actor, contact, wish.members)
