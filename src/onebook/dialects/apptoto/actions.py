"""What each call does, in one transaction."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from onebook.dialects.apptoto.readers import Element, One, Page
from onebook.dialects.apptoto.tables import UNTYPED, Shown
from onebook.errors import Conflict, InvalidInput, Issue, NotFound
from onebook.model import email, merge, phone
from onebook.model.book import Book, spelled
from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch, Email, Phone
from onebook.operations import address_books, contacts
from onebook.operations.actor import Actor
from onebook.operations.contacts import Placed
from onebook.store.base import Session

Entry = TypeVar("Entry", Phone, Email)


def create(session: Session, actor: Actor, elements: Sequence[Element]) -> list[Shown]:
    """Store new contacts, all or none."""
    batch = Batch(session, actor)
    for element in elements:
        batch.place(element)
    return batch.finish()


def upsert(session: Session, actor: Actor, elements: Sequence[Element]) -> list[Shown]:
    """Change the contacts that are meant and store the others as new, all or none."""
    batch = Batch(session, actor)
    for element in elements:
        contact = batch.meant(element)
        if contact is None:
            batch.place(element)
        else:
            batch.change(contact, element)
    return batch.finish()


def list_page(session: Session, actor: Actor, page: Page) -> list[Shown]:
    """A page of contacts, oldest first."""
    return _shown(session, actor, contacts.find(session, actor, page.where, limit=page.limit, offset=page.offset))


def get_one(session: Session, actor: Actor, one: One) -> Shown:
    """The contact that is named. Raises: NotFound; InvalidInput if several bear that external id."""
    contact = _found(session, actor, one)
    return Shown(contact, address_books.known(session, actor, contact.book))


def delete_one(session: Session, actor: Actor, one: One) -> list[Shown]:
    """Delete the contact that is named, and give it as it was."""
    contact = _found(session, actor, one)
    contacts.delete(session, actor, [contact])
    return [replace(shown, deleted=True) for shown in _shown(session, actor, [contact])]


def list_books(session: Session, actor: Actor, _nothing: None) -> list[Book]:
    """The books that the key sees."""
    return address_books.seen(session, actor)


def _found(session: Session, actor: Actor, one: One) -> Contact:
    if one.number is not None:
        return contacts.get_numbered(session, actor, one.number)
    same = contacts.with_external_id(session, actor, one.external_id or "", book=one.book)
    contact = _only(same)
    if contact is None:
        raise NotFound("contact", one.external_id)
    return contact


def _only(same: Sequence[Contact], index: int | None = None) -> Contact | None:
    if len(same) > 1:
        message = "external_id stands in several address books; address_book_id says which."
        raise InvalidInput.of("external_id", "ambiguous", message, index=index)
    return same[0] if same else None


def _shown(session: Session, actor: Actor, found: Iterable[Contact]) -> list[Shown]:
    books: dict[int, Book] = {}
    shown = []
    for contact in found:
        if contact.book not in books:
            books[contact.book] = address_books.known(session, actor, contact.book)
        shown.append(Shown(contact, books[contact.book]))
    return shown


class Batch:
    """Works off the elements of one request in order; new contacts wait, to be written together."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._actor = actor
        self._books: dict[int | str, Book] = {}
        self._kept: dict[int, Contact] = {}
        self._waiting: dict[int, Placed] = {}
        self._waiting_ids: set[str] = set()
        self._issues: list[Issue] = []

    def meant(self, element: Element) -> Contact | None:
        """The contact that an element means; None for a new one.

        Raises: NotFound for an unknown id; InvalidInput if several bear the external id.
        """
        if element.external_id in self._waiting_ids:
            self._write()
        if element.id is not None:
            return contacts.get_numbered(self._session, self._actor, element.id, index=element.index)
        if element.external_id is None:
            return None
        book = self._book(element)
        if element.book is not None and book is None:
            return None
        number = book.number if book else None
        same = contacts.with_external_id(self._session, self._actor, element.external_id, book=number)
        return _only(same, element.index)

    def change(self, contact: Contact, element: Element) -> None:
        """Apply what an element says; the book that it names does not count."""
        book = self._books.get(contact.book) or address_books.get(self._session, self._actor, contact.book)
        self._books[contact.book] = book
        patch = _untyped(contact.card, merge.news(contact.card, _typed(element, book)))
        try:
            changed = contacts.update(self._session, self._actor, contact, patch, skip_unchanged=True)
        except Conflict as taken:
            raise Conflict(taken.kind, taken.key, taken.existing, index=element.index) from None
        self._kept[element.index] = changed

    def place(self, element: Element) -> None:
        """Let a new contact wait, in the book that it names, which is made if its name is new."""
        if element.lacks:
            self._issues += element.lacks
            return
        book = self._book(element, make=True)
        if book is None:
            message = "address_book_id is not the id of an address book."
            self._issues.append(Issue("address_book_id", "unknown", message, element.index))
            return
        self._waiting[element.index] = Placed(_draft(element, book), book.number)
        if element.external_id is not None:
            self._waiting_ids.add(element.external_id)

    def finish(self) -> list[Shown]:
        """Write what waits; the contacts in the order of their elements. Raises: InvalidInput if any lacked."""
        if self._issues:
            raise InvalidInput(self._issues)
        self._write()
        return _shown(self._session, self._actor, [contact for _, contact in sorted(self._kept.items())])

    def _write(self) -> None:
        indexes = list(self._waiting)
        try:
            made = contacts.create(self._session, self._actor, list(self._waiting.values()))
        except Conflict as taken:
            index = indexes[taken.index] if taken.index is not None else None
            raise Conflict(taken.kind, taken.key, taken.existing, index=index) from None
        self._kept.update(zip(indexes, made, strict=True))
        self._waiting.clear()
        self._waiting_ids.clear()

    def _book(self, element: Element, *, make: bool = False) -> Book | None:
        """The book that an element names, looked up once in a batch."""
        key = element.book
        if key is None or key in self._books:
            return self._books.get(key) if key is not None else None
        book = self._numbered(key) if isinstance(key, int) else self._named(key, make=make)
        if book is not None:
            self._books[key] = book
        return book

    def _numbered(self, number: int) -> Book | None:
        try:
            return address_books.get(self._session, self._actor, number)
        except NotFound:
            return None

    def _named(self, name: str, *, make: bool) -> Book | None:
        find = address_books.named_or_made if make else address_books.named
        return find(self._session, self._actor, name)


def _draft(element: Element, book: Book) -> ContactDraft:
    patch = _typed(element, book)
    return ContactDraft(merge.apply(Card(), patch), external_id=patch.external_id or None)


def _typed(element: Element, book: Book) -> ContactPatch:
    """What an element says, with the types of numbers and addresses in the book's words."""
    patch = element.patch
    if patch.phones is not UNSET:
        phones = zip(patch.phones, element.mobile, strict=True)
        types = (book.mobile_type if mobile else spelled(book.phone_types, one.type) for one, mobile in phones)
        typed = tuple(replace(one, type=word) for one, word in zip(patch.phones, types, strict=True))
        patch = replace(patch, phones=typed)
    if patch.emails is not UNSET:
        emails = tuple(replace(one, type=spelled(book.email_types, one.type)) for one in patch.emails)
        patch = replace(patch, emails=emails)
    return patch


def _untyped(card: Card, patch: ContactPatch) -> ContactPatch:
    """The patch without the types that stand for none, of entries that had none and come back as they were shown."""
    if patch.phones is not UNSET:
        bare = {phone.key_of(one) for one in card.phones if one.type is None}
        patch = replace(patch, phones=tuple(_bare(one, was=phone.key_of(one) in bare) for one in patch.phones))
    if patch.emails is not UNSET:
        bare = {email.key_of(one.address) for one in card.emails if one.type is None}
        patch = replace(patch, emails=tuple(_bare(one, was=email.key_of(one.address) in bare) for one in patch.emails))
    return patch


def _bare(entry: Entry, *, was: bool) -> Entry:
    return replace(entry, type=None) if was and entry.type == UNTYPED else entry
