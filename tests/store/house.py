"""An account in a store, and the works that the tests of the store are written with."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from onebook.importing.row_draft import Drafts, RowDraft
from onebook.model import merge, phone
from onebook.model.account import Account
from onebook.model.book import BOOK_KINDS, Book
from onebook.model.contact import Card, Contact, ContactDraft, Email, Kind
from onebook.model.label import Member
from onebook.operations.imports_prepare import Wish, prepare
from onebook.store.base import BY_NUMBER, Condition, Order, Outcome, Placement, Session, Store, Work
from onebook.store.bulk_base import NewContacts
from tests.patience import PATIENCE_SECONDS

T = TypeVar("T")


def card(full: str | None = None, *, phones: Sequence[str] = (), emails: Sequence[str] = (), **more: object) -> Card:
    """A card; the first number and the first mail address are the primary ones."""
    said = Card(
        full=full,
        phones=merge.one_primary([phone.read(raw, "FR") for raw in phones]),
        emails=merge.one_primary([Email(address) for address in emails]),
    )
    return replace(said, **more)


def new_contacts(account: Account, *drafts: ContactDraft) -> NewContacts:
    """Drafts as an import gives them to the store."""
    rows = [RowDraft(index, index, draft, "", ()) for index, draft in enumerate(drafts)]
    return prepare(Drafts.of(rows), Wish(account.id), len(rows)).new_contacts(range(len(rows)))


def _add(record: Struct, session: Session) -> None:
    session.add(record)


class House:
    """One account and the works on it; each of `write` and `read` is one transaction."""

    def __init__(self, store: Store, name: str = "house") -> None:
        self.store = store
        self.account: Account = store.create_account(name, name, lambda session: session.account)
        self.book = self.new_book("Contacts")

    def write(self, run: Callable[[Session], T]) -> T:
        value: T = self.store.write(self.work(run))
        return value

    def work(self, run: Callable[[Session], object]) -> Work:
        return Work(self.account, "the key", "test", run)

    def read(self, run: Callable[[Session], T]) -> T:
        return self.store.read(self.account, run)

    def new_book(self, name: str) -> int:
        words = BOOK_KINDS["standard"]

        def run(session: Session) -> int:
            number = session.next_serial()
            types = (words.phone_types, words.email_types, words.mobile)
            session.add(Book(number, name, "standard", *types, 1, 0, session.now))
            return number

        return self.write(run)

    def placement(
        self, what: Card, *, book: int | None = None, kind: Kind = "individual", external_id: str | None = None,
        organization: int | None = None,
    ) -> Placement:  # fmt: skip
        return Placement(ContactDraft(what, kind, external_id, organization), book or self.book)

    def insert(self, *placements: Placement) -> list[Contact]:
        return self.write(lambda session: session.contacts.insert(placements))

    def stage(self, generation: int, *placements: Placement) -> list[Contact]:
        """Write contacts of one book into a generation that nobody sees, as an import does."""
        new = new_contacts(self.account, *(one.draft for one in placements))

        def run(session: Session) -> list[Contact]:
            place = (placements[0].book, generation)
            first = session.bulk.insert(new, *place, shown=False)
            uids = session.bulk.uids(first, first + len(placements) - 1, *place)
            return [contact for uid in uids if (contact := session.contacts.kept(uid))]

        return self.write(run) if placements else []

    def publish(self, generation: int, *, book: int | None = None, emptied: Sequence[int] = ()) -> int:
        """Show a generation; gives how many contacts came."""
        place = (book or self.book, generation)
        staged = self.read(lambda session: session.contacts.staged(*place))
        self.write(lambda session: session.contacts.publish(*place, staged, emptied=emptied))
        return staged.size

    def add(self, *records: Struct) -> None:
        """Write records of small nouns, each in a work of its own."""
        for record in records:
            self.write(partial(_add, record))

    def update(self, old: Contact, said: Card) -> Contact:
        return self.write(lambda session: session.contacts.update(old, replace(old, card=said)))

    def set_members(self, group: int, *members: Member) -> None:
        self.write(lambda session: session.groups.set_members(group, members))

    def insert_named(self, *names: str) -> list[Contact]:
        return self.insert(*(self.placement(card(name)) for name in names))

    def find(self, *where: Condition, order: Order = BY_NUMBER, limit: int = 100, offset: int = 0) -> list[str | None]:
        """The full names of those found, in their order."""
        found = self.read(lambda session: session.contacts.page(where, order=order, limit=limit, offset=offset))
        return [contact.card.full for contact in found]

    def count(self, *where: Condition) -> int:
        return self.read(lambda session: session.contacts.count(where))

    def contacts_of(self, book: int) -> int:
        """How many contacts the book says that it has."""
        found = self.read(lambda session: session.get(Book, number=book))
        assert found is not None
        return found.contacts


def all_at_once(store: Store, works: Sequence[Work]) -> list[Outcome]:
    """Submit works from this thread without waiting, so that they share commits; their outcomes in their order."""
    outcomes: dict[int, Outcome] = {}
    finished = threading.Semaphore(0)

    def keep(index: int) -> Callable[[Outcome], None]:
        def done(outcome: Outcome) -> None:
            outcomes[index] = outcome
            finished.release()

        return done

    for index, work in enumerate(works):
        store.submit(work, keep(index))
    for _ in works:
        assert finished.acquire(timeout=PATIENCE_SECONDS)
    return [outcomes[index] for index in range(len(works))]
