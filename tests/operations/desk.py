"""An account and one who acts in it, with the works that the tests of operations are written with."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import structs

from onebook.model.account import Key, Scope
from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch, Kind
from onebook.operations import accounts, address_books, contacts
from onebook.operations.actor import Actor
from onebook.store.base import Session, Store, Work

T = TypeVar("T")


class Desk:
    """Somebody who acts: each of `write` and `read` is one transaction."""

    def __init__(self, store: Store, name: str = "desk") -> None:
        self.store = store
        accounts.create(store, name)
        self.account = accounts.named(store, name)
        self.actor = accounts.owner(self.account)

    def as_(self, scope: Scope, *, book: int | None = None) -> "Desk":
        """The same account, with another key in hand."""
        other = Desk.__new__(Desk)
        other.store, other.account = self.store, self.account
        key = Key("k" * 24, scope, book, enabled=True, expires_at=None, created_at=0)
        other.actor = structs.replace(self.actor, key=key)
        return other

    def write(self, run: Callable[[Session, Actor], T]) -> T:
        work = Work(self.account, self.actor.key.id, "test", lambda session: run(session, self.actor))
        value: T = self.store.write(work)
        return value

    def read(self, run: Callable[[Session, Actor], T]) -> T:
        return self.store.read(self.account, lambda session: run(session, self.actor))

    def new_book(self, name: str) -> int:
        return self.write(lambda session, actor: address_books.create(session, actor, name)).number

    def create(
        self, what: Card | str, *, kind: Kind = "individual", external_id: str | None = None, book: int = 1
    ) -> Contact:
        said = Card(full=what) if isinstance(what, str) else what
        placed = contacts.Placed(ContactDraft(said, kind, external_id), book)
        return self.write(lambda session, actor: contacts.create(session, actor, [placed]))[0]

    def update(self, contact: Contact, patch: ContactPatch) -> Contact:
        return self.write(lambda session, actor: contacts.update(session, actor, contact, patch))

    def delete(self, *gone: Contact) -> None:
        self.write(lambda session, actor: contacts.delete(session, actor, gone))

    def names(self) -> list[str | None]:
        """The full names of all contacts that the key sees."""
        found = self.read(lambda session, actor: contacts.find(session, actor, (), limit=1000))
        return [contact.card.full for contact in found]
