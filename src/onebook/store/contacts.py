"""The contacts of one account: one row with the whole card, and the narrow look-up tables beside it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from graphlib import TopologicalSorter
from typing import Any, Literal, Protocol

import msgspec

from onebook.errors import Conflict
from onebook.model import fold, lookup
from onebook.model.book import Book
from onebook.model.contact import Card, Contact
from onebook.store import finding
from onebook.store import import_statements as bulk
from onebook.store import statements as sql
from onebook.store import where as filters
from onebook.store.base import BY_NUMBER, Order, Placement, Session, Staged, Where
from onebook.store.driver import Driver, Row, UniqueTaken
from onebook.store.identifiers import new_uid
from onebook.store.removing import EVERYWHERE
from onebook.store.tally import Counted

_read_card = msgspec.json.Decoder(Card).decode
_write_json = msgspec.json.Encoder().encode


def contact_of(row: Row) -> Contact:
    """A row of the columns `statements.CONTACT` as a contact."""
    number, uid, book, kind, external_id, organization, version, created_at, updated_at, card = row
    return Contact(
        number, uid, book, kind, external_id, organization, version, created_at, updated_at, _read_card(card)
    )


class ContactRows:
    """`Contacts` over one driver connection; the session hands out numbers and writes the log."""

    def __init__(self, driver: Driver, session: "CountingSession") -> None:
        self._driver = driver
        self._session = session
        self._a = {"account_id": session.account.id}

    # --- reading ---

    def by_uid(self, uid: str) -> Contact | None:
        rows = self._driver.rows(sql.CONTACT_BY_UID, {**self._a, "uid": uid})
        return contact_of(rows[0]) if rows else None

    def by_number(self, number: int) -> Contact | None:
        rows = self._driver.rows(sql.CONTACT_BY_NUMBER, {**self._a, "number": number})
        return contact_of(rows[0]) if rows else None

    def kept(self, uid: str) -> Contact | None:
        rows = self._driver.rows(sql.CONTACT_KEPT, {**self._a, "uid": uid})
        return contact_of(rows[0]) if rows else None

    def kept_alike(self, contact: Contact) -> list[Contact]:
        keys = ((bulk.PHONE_HOLDERS, lookup.phones), (bulk.EMAIL_HOLDERS, lookup.emails))
        numbers = {
            row[1] for holders, keys_of in keys for row in self._driver.rows_of(holders, keys_of(contact.card), self._a)
        }
        if contact.external_id is not None:
            at = {**self._a, "book": contact.book, "external_id": contact.external_id}
            numbers |= {row[0] for row in self._driver.rows(sql.NUMBERS_BY_EXTERNAL_ID, at)}
        hidden = numbers - self.by_numbers(numbers).keys() - {contact.number}
        return [contact_of(row) for row in self._driver.rows_of(sql.CONTACTS_KEPT, hidden, self._a)]

    def by_numbers(self, numbers: Iterable[int]) -> dict[int, Contact]:
        rows = self._driver.rows_of(sql.CONTACTS_BY_NUMBER, set(numbers), self._a)
        return {row[0]: contact_of(row) for row in rows}

    def page(self, where: Where, *, order: Order = BY_NUMBER, limit: int, offset: int = 0) -> list[Contact]:
        numbers = self._numbers(where, order, limit, offset)
        if numbers is not None:
            found = self.by_numbers(numbers)
            return [found[number] for number in numbers]
        where = self._narrowed(where)
        text, values = filters.paging(where, order, self._driver.dialect)
        rows = self._driver.ask(text, {**self._a, **values, "limit": limit, "offset": offset})
        return [contact_of(row) for row in rows]

    def _numbers(self, where: Where, order: Order, limit: int, offset: int) -> list[int] | None:
        """The numbers of a page, where the engine would not find the best way to it by itself."""
        if not where or self._driver.dialect.name != "sqlite":
            return None
        if sum(self._session.book_counts().values()) <= finding.SMALL:
            return None
        return finding.Finder(self._driver, self._a, limit=limit, offset=offset).numbers(where, order)

    def count(self, where: Where) -> int:
        books = self._only_books(where)
        if books is not None:
            counts = self._session.book_counts()
            return sum(n for book, n in counts.items() if book in books or not where)
        text, values = filters.counting(self._narrowed(where), self._driver.dialect)
        total: int = self._driver.ask(text, {**self._a, **values})[0][0]
        return total

    @staticmethod
    def _only_books(where: Where) -> set[int] | None:
        """The books that alone decide the filter, or None if anything else does."""
        if not where:
            return set()
        if len(where) == 1 and where[0].field == "book" and where[0].op in ("eq", "in"):
            return set(where[0].value) if where[0].op == "in" else {where[0].value}
        return None

    def _in_index_words(self, where: Where) -> Where:
        """Make the search conditions what the engine's index is asked."""
        return tuple(
            c._replace(value=self._driver.asked(self._session.account.id, c.value)) if c.field == "words" else c
            for c in where
        )

    def _narrowed(self, where: Where) -> Where:
        """Words that few contacts have become the numbers of these.

        An engine that has to order what it finds may else look at every contact to see whether it has the words.
        """
        where = self._in_index_words(where)
        words = next((c for c in where if c.field == "words"), None)
        if words is None or not isinstance(words.value, str):  # of an engine that has no index of its own for them
            return where
        text, values = filters.probing(words, self._driver.dialect)
        found = [row[0] for row in self._driver.ask(text, {**self._a, **values, "limit": finding.FEW + 1})]
        if len(found) > finding.FEW:  # so many that going through all in their order comes upon enough of them soon
            return tuple(c._replace(field="common_words") if c is words else c for c in where)
        few = finding.listed(found)
        return tuple(few if c is words else c for c in where)

    def vocabulary(self, beginning: str, limit: int) -> list[str]:
        return self._driver.vocabulary(self._session.account.id, beginning, limit)

    # --- writing ---

    def insert(self, placements: Sequence[Placement]) -> list[Contact]:
        if not placements:
            return []
        last = self._session.count_up(seq=1, contact=len(placements))
        first_number = last.contact - len(placements) + 1
        now = self._session.now
        made = [
            Contact(
                number, new_uid(now), book, draft.kind, draft.external_id, draft.organization, 1, now, now, draft.card
            )
            for number, (draft, book) in enumerate(placements, first_number)
        ]
        sizes = Counter(contact.book for contact in made)
        generations = {book: self._generation(book) for book in sizes}
        self._insert_rows(made, [self.row_of(contact, generations[contact.book]) for contact in made])
        self._session.write_change(last.seq, "contact", "created", first_number, last.contact, None)
        for book, size in sizes.items():
            self._session.count_in_book(book, size)
        return made

    def restore(self, contact: Contact) -> Contact:
        if self.by_number(contact.number) is not None:
            raise Conflict("contact", contact.uid, contact.number)
        kept = msgspec.structs.replace(contact, version=contact.version + 1, updated_at=self._session.now)
        self._insert_rows([kept], [self.row_of(kept, self._generation(kept.book))])
        self._session.count_in_book(kept.book, 1)
        self._session.log("contact", "created", kept.number)
        return kept

    def _insert_rows(self, made: list[Contact], rows: list[dict[str, Any]]) -> None:
        try:
            if len(rows) == 1:
                self._driver.run(sql.CONTACT_INSERT, rows[0])
            else:
                self._driver.many(sql.CONTACT_INSERT, rows)
        except UniqueTaken:
            raise self._taken(made) from None
        account = self._session.account.id
        self._driver.add_words(((account, row["number"], row["search_text"]) for row in rows), fresh=True)
        self._add_lookups(made)

    def _taken(self, made: list[Contact]) -> Conflict:
        """Which new contact's external id was in use, in the store or among the new ones themselves."""
        seen: set[tuple[int, str]] = set()
        for index, contact in enumerate(made):
            if contact.external_id is None:
                continue
            key = (contact.book, contact.external_id)
            holder = self._external_id_holder(*key)
            if holder not in (None, contact.number) or key in seen:
                return Conflict("external_id", contact.external_id, holder, index=index)
            seen.add(key)
        return Conflict("external_id", None)

    def _external_id_holder(self, book: int, external_id: str) -> int | None:
        found = self._driver.rows(sql.EXTERNAL_ID_HOLDER, {**self._a, "book": book, "external_id": external_id})
        return found[0][0] if found else None

    def row_of(self, contact: Contact, generation: int) -> dict[str, Any]:
        """A contact as its row."""
        card = contact.card
        return {
            "account_id": self._session.account.id,
            "number": contact.number,
            "uid": contact.uid,
            "book": contact.book,
            "generation": generation,
            "kind": contact.kind,
            "external_id": contact.external_id,
            "organization": contact.organization,
            "given": card.given,
            "family": card.family,
            "sort_key": fold.sort_key(card),
            "version": contact.version,
            "created_at": contact.created_at,
            "updated_at": contact.updated_at,
            "card": _write_json(card).decode(),
            "search_text": fold.index_text(self._session.account.id, card, contact.external_id),
        }

    def _add_lookups(self, made: Sequence[Contact]) -> None:
        for adding, _, entries in _LOOKUPS:
            rows = [{**self._a, "contact": c.number, **entry} for c in made for entry in entries(c.card)]
            if len(rows) == 1:
                self._driver.run(adding, rows[0])
            elif rows:
                self._driver.many(adding, rows)

    def _remove_lookups(self, contact: Contact) -> None:
        for _, removing, entries in _LOOKUPS:
            for entry in entries(contact.card):
                self._driver.run(removing, {**self._a, "contact": contact.number, **entry})

    def update(self, old: Contact, new: Contact) -> Contact:
        kept = msgspec.structs.replace(new, version=old.version + 1, updated_at=self._session.now)
        searched = self._driver.rows(sql.CONTACT_SEARCHED, {**self._a, "number": old.number})
        generation, words = searched[0]
        row = self.row_of(kept, generation)
        account, number = self._session.account.id, old.number
        found_as_before = fold.same_words(row["search_text"], words)
        if not found_as_before:
            self._driver.remove_words(account, number, words)
        try:
            self._driver.run(sql.CONTACT_UPDATE, {**row, "at_number": number})
        except UniqueTaken:
            holder = self._external_id_holder(new.book, new.external_id or "")
            raise Conflict("external_id", new.external_id, holder) from None
        if not found_as_before:
            self._driver.add_words([(account, number, row["search_text"])], fresh=False)
        if _lookup_keys(old.card) != _lookup_keys(kept.card):
            self._remove_lookups(old)
            self._add_lookups([kept])
        self._session.log("contact", "updated", number, before={"contact": old})
        return kept

    def delete(self, contacts: Sequence[Contact], *, verb: Literal["deleted", "erased"] = "deleted") -> None:
        for contact in self._groups_first(contacts):
            before = None if verb == "erased" else {"contact": contact, **self._ties(contact)}
            shown = verb == "deleted" or self.by_number(contact.number) is not None
            self._remove(contact)
            if shown:
                self._session.count_in_book(contact.book, -1)
            self._session.log("contact", verb, contact.number, before=before)
        if verb == "erased":
            self._driver.forget_words()

    def _groups_first(self, contacts: Sequence[Contact]) -> list[Contact]:
        """Groups before what is in them, so that the log has each with all its members."""
        numbers = {contact.number for contact in contacts if contact.kind == "group"}
        holders = self._session.groups.of_contacts(numbers) if numbers and len(contacts) > 1 else {}
        order = TopologicalSorter({number: numbers.intersection(holders.get(number, ())) for number in numbers})
        places = {number: place for place, number in enumerate(order.static_order())}
        return sorted(contacts, key=lambda contact: places.get(contact.number, len(places)))

    def _ties(self, contact: Contact) -> dict[str, Any]:
        """What else a deleted contact had, for taking the deletion back."""
        number = contact.number
        ties: dict[str, Any] = {
            "groups": self._session.groups.places_of([number]).get(number, []),
            "labels": self._session.labels.of_contacts([number]).get(number, []),
        }
        if contact.kind == "group":
            ties["members"] = self._session.groups.members([number]).get(number, [])
        return ties

    def _remove(self, contact: Contact) -> None:
        at = {**self._a, "number": contact.number, "contact": contact.number}
        words = self._driver.rows(sql.CONTACT_SEARCHED, at)[0][1]
        self._driver.remove_words(self._session.account.id, contact.number, words)
        self._remove_lookups(contact)
        self._driver.run(sql.MEMBER_OUT, at)
        self._driver.run(sql.CONTACT_UNLABEL, at)
        self._driver.run(sql.CONTACT_DELETE, at)

    # --- generations ---

    def _generation(self, book: int) -> int:
        return self._session.generation_of(book)

    def new_generation(self, book: int) -> int:
        top: int = self._driver.rows(sql.GENERATION_TOP, {**self._a, "book": book})[0][0]
        # A serial is never given out twice; a generation that was swept away must not come again as another one.
        generation = self._session.count_up(serial=1).serial
        behind = max(top, self._generation(book)) + 1 - generation
        if behind > 0:
            generation = self._session.count_up(serial=behind).serial
        self._keep_generation(book, generation, "staged", 0)
        return generation

    def _keep_generation(self, book: int, generation: int, state: str, contacts: int) -> None:
        now = self._session.now
        self._driver.run(
            sql.GENERATION_ADD,
            {
                **self._a,
                "book": book,
                "generation": generation,
                "state": state,
                "contacts": contacts,
                "created_at": now,
            },
        )

    def staged(self, book: int, generation: int) -> Staged:
        return Staged(*self._driver.rows(sql.STAGED, {**self._a, "book": book, "generation": generation})[0])

    def publish(self, book: int, generation: int, staged: Staged, *, emptied: Iterable[int] = ()) -> None:
        self.flip(book, generation, staged.size)
        for number in emptied:
            self.flip(number, self.new_generation(number), 0)
        if staged.size:
            self._session.log("contact", "created", staged.first, staged.last)

    def flip(self, number: int, generation: int, contacts: int) -> None:
        """Show another generation of a book, which has so many contacts; the one before is kept as replaced."""
        book = self._session.get(Book, number=number)
        if book is None:
            return
        at = {**self._a, "book": number, "generation": generation}
        self._driver.run(sql.GENERATION_REMOVE, at)
        self._keep_generation(number, book.generation, "replaced", book.contacts)
        self._session.count_in_book(number, contacts - book.contacts)
        self._driver.run(sql.BOOK_FLIP, {**self._a, "at_number": number, "generation": generation})
        self._session.forget_generation(number)
        self._session.log("book", "replaced", number, before={"generation": book.generation, "contacts": book.contacts})

    def abandon(self, book: int, generation: int) -> None:
        at = {**self._a, "at_book": book, "at_generation": generation}
        self._driver.run(sql.GENERATION_STATE, {**at, "state": "staged", "contacts": 0, "created_at": 0})

    def has_generation(self, book: int, generation: int) -> bool:
        return bool(self._driver.rows(sql.GENERATION_KEPT, {**self._a, "book": book, "generation": generation}))

    def clean(self, book: int, generation: int, limit: int) -> int:
        at = {**self._a, "book": book, "generation": generation}
        rows = self._driver.rows(sql.GENERATION_CONTACTS, {**at, "limit": limit})
        self._remove_many([contact_of(row) for row in rows])
        if len(rows) < limit:
            self._driver.run(sql.GENERATION_REMOVE, at)
        return len(rows)

    def _remove_many(self, gone: Sequence[Contact]) -> None:
        """Remove contacts that nobody sees, table by table."""
        numbers = [contact.number for contact in gone]
        if not numbers:
            return
        self._driver.remove_words_at(self._session.account.id, numbers)
        for _, removing, entries in _LOOKUPS:
            rows = [{**self._a, "contact": one.number, **entry} for one in gone for entry in entries(one.card)]
            # In the order of their keys, as neighbours in the tree are then written together.
            self._driver.many(removing, sorted(rows, key=lambda row: list(row.values())[_KEY]))
        for expanding in EVERYWHERE:
            for statement, values in expanding.batches(numbers):
                self._driver.run(statement, {**self._a, **values})


class CountingSession(Session, Protocol):
    """What contacts need of their session beyond the protocol."""

    def count_up(self, *, seq: int = 0, contact: int = 0, serial: int = 0) -> Counted:
        """Hand out numbers; what comes back are the last ones handed out."""
        ...

    def count_in_book(self, book: int, more: int) -> None:
        """Count contacts that came to a book or left it."""

    def book_counts(self) -> dict[int, int]:
        """How many contacts each book has."""
        ...

    def write_change(self, seq: int, noun: str, verb: str, first: int, last: int, before: object) -> None:
        """Append the entry whose place in the order is ``seq``."""

    def generation_of(self, book: int) -> int:
        """The current generation of a book, read once in a transaction."""
        ...

    def forget_generation(self, book: int) -> None:
        """Read it again next time: it has moved on."""


def _phones(card: Card) -> list[dict[str, Any]]:
    return [{"key": key, "is_primary": primary} for key, primary in lookup.phones(card).items()]


def _emails(card: Card) -> list[dict[str, Any]]:
    return [{"key": key, "is_primary": primary} for key, primary in lookup.emails(card).items()]


def _addresses(card: Card) -> list[dict[str, Any]]:
    return [{"address_id": found, "building": building} for found, building in lookup.addresses(card).items()]


def _places(card: Card) -> list[dict[str, Any]]:
    return [{"location": uid} for uid in lookup.places(card)]


_KEY = 2  # where a look-up's own key stands in its values
_LOOKUPS = (
    (sql.PHONE_ADD, sql.PHONE_REMOVE, _phones),
    (sql.EMAIL_ADD, sql.EMAIL_REMOVE, _emails),
    (sql.ADDRESS_ADD, sql.ADDRESS_REMOVE, _addresses),
    (sql.PLACE_ADD, sql.PLACE_REMOVE, _places),
)


def _lookup_keys(card: Card) -> list[list[dict[str, Any]]]:
    return [entries(card) for _, _, entries in _LOOKUPS]
