"""One transaction for one account, over one driver connection."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from onebook.errors import Conflict
from onebook.model.account import Account, Credential, Key
from onebook.model.book import Book
from onebook.model.change import Change, Verb
from onebook.model.contact import Contact
from onebook.model.label import LabelKind, Member, Place
from onebook.model.opt_out import Channel
from onebook.store import label_statements as sizes
from onebook.store import records
from onebook.store import statements as sql
from onebook.store.bulk import BulkRows
from onebook.store.contacts import ContactRows
from onebook.store.driver import Driver, UniqueTaken
from onebook.store.identifiers import new_uid
from onebook.store.import_finding import ImportRows
from onebook.store.tally import Counted, Tally
from onebook.store.upkeep import UpkeepRows

N = TypeVar("N", bound=Struct)
#: Records by account, noun and key.
Remembered = dict[tuple[Any, ...], Any]
#: Nouns of which something is remembered between reads.
REMEMBERED = (Key, Book, Credential)
_encode = msgspec.json.Encoder().encode


class RowSession:
    """`Session` over a driver; see `store.base` for what each method promises."""

    def __init__(
        self,
        driver: Driver,
        account: Account,
        tally: Tally,
        *,
        now: int,
        actor: str = "",
        dialect: str = "",
        remembered: Remembered | None = None,
    ) -> None:
        """Make a session.

        Args: ``tally`` counts for the whole transaction; ``now``, ``actor``, ``dialect`` as in the protocol;
            ``remembered``: what `known` need not look up; whoever lends it forgets it in time.
        """
        self.account = account
        self.now = now
        self.actor = actor
        self.dialect = dialect
        self.import_id: str | None = None
        self._driver = driver
        self._tally = tally
        self._a = {"account_id": account.id}
        self._generations: dict[int, int] = {}
        self._seqs: list[int] = []
        self._remembered = remembered

    # Made when they are asked for: most sessions need one of them only, and one that held them, as they hold it, would
    # be freed by the garbage collector alone.

    @property
    def contacts(self) -> ContactRows:
        return ContactRows(self._driver, self)

    @property
    def groups(self) -> "GroupRows":
        return GroupRows(self._driver, self._a)

    @property
    def labels(self) -> "LabelRows":
        return LabelRows(self._driver, self._a)

    @property
    def bulk(self) -> BulkRows:
        return BulkRows(self._driver, self, self.contacts)

    @property
    def imports(self) -> ImportRows:
        """Made when asked for."""
        return ImportRows(self._driver, self.account.id)

    @property
    def upkeep(self) -> UpkeepRows:
        return UpkeepRows(self._driver, self.account)

    # --- the small nouns ---

    def get(self, noun: type[N], **key: object) -> N | None:
        found = self.all(noun, **key)
        return found[0] if found else None

    def known(self, noun: type[N], **key: object) -> N | None:
        if self._remembered is None:
            return self.get(noun, **key)
        place = (self.account.id, noun, *key.values())
        found: N | None = self._remembered.get(place)
        if found is None and (found := self.get(noun, **key)) is not None:
            self._remembered[place] = found
        return found

    def all(self, noun: type[N], **equal: object) -> list[N]:
        rows = self._driver.rows(records.selecting(noun, tuple(equal)), {**self._a, **equal})
        found = [records.from_row(noun, row) for row in rows]
        return [self._counted(one) for one in found] if noun is Book else found

    def _counted(self, book: N) -> N:
        """A book with the contacts that this transaction has counted but not written yet."""
        more = self._tally.more_contacts(self.account.id, book.number) if isinstance(book, Book) else 0
        return msgspec.structs.replace(book, contacts=book.contacts + more) if more and isinstance(book, Book) else book

    def some(self, noun: type[N], limit: int, *, after: tuple[object, ...] = ()) -> list[N]:
        given = {f"after_{place}": value for place, value in enumerate(after)}
        rows = self._driver.rows(records.paging(noun, first=not after), {**self._a, **given, "limit": limit})
        return [records.from_row(noun, row) for row in rows]

    def add(self, record: Struct) -> None:
        noun = type(record)
        self._note(noun)
        try:
            self._driver.run(records.adding(noun), {**self._a, **records.to_row(record)})
        except UniqueTaken:
            raise Conflict(records.noun_of(noun), getattr(record, "name", None)) from None

    def change(self, noun: type[Struct], key: Mapping[str, object], **values: object) -> int:
        self._note(noun)
        statement = records.changing(noun, tuple(key), tuple(values))
        given = {f"at_{name}": value for name, value in key.items()}
        given |= {name: records.to_column(value) for name, value in values.items()}
        try:
            return self._driver.run(statement, {**self._a, **given})
        except UniqueTaken:
            raise Conflict(records.noun_of(noun), values.get("name")) from None

    def remove(self, noun: type[Struct], **equal: object) -> int:
        self._note(noun)
        return self._driver.run(records.removing(noun, tuple(equal)), {**self._a, **equal})

    def _note(self, noun: type[Struct]) -> None:
        """Whoever remembers what keys open, and what `known` gave, has to look again after the commit."""
        self._tally.remembered_changed |= noun in REMEMBERED

    def opted_out(self, channel: Channel, keys: Iterable[str]) -> set[str]:
        return {row[0] for row in self._driver.rows_of(sql.OPT_OUTS, set(keys), {**self._a, "channel": channel})}

    # --- counters and the log ---

    def count_up(self, *, seq: int = 0, contact: int = 0, serial: int = 0) -> Counted:
        """Hand out numbers; what comes back are the last ones handed out."""
        return self._tally.count_up(self._driver, self.account.id, seq=seq, contact=contact, serial=serial)

    def new_uid(self) -> str:
        return new_uid(self.now)

    def next_serial(self) -> int:
        return self.count_up(serial=1).serial

    def last_seq(self) -> int:
        return self.count_up().seq

    def log(self, noun: str, verb: Verb, first: int, last: int | None = None, before: object = None) -> None:
        self.write_change(self.count_up(seq=1).seq, noun, verb, first, first if last is None else last, before)

    def write_change(self, seq: int, noun: str, verb: str, first: int, last: int, before: object) -> None:
        """Append the entry whose place in the order is ``seq``."""
        self._seqs.append(seq)
        self._driver.run(
            sql.CHANGE_ADD,
            {
                **self._a,
                "seq": seq,
                "noun": noun,
                "verb": verb,
                "first": first,
                "last": last,
                "at": self.now,
                "actor": self.actor,
                "dialect": self.dialect,
                "import_id": self.import_id,
                "before": None if before is None else _encode(before).decode(),
            },
        )

    def log_each(self, noun: str, verb: Verb, entries: Sequence[tuple[int, object]]) -> None:
        if not entries:
            return
        last = self.count_up(seq=len(entries)).seq
        seqs = range(last - len(entries) + 1, last + 1)
        self._seqs += (seqs[0], last)
        rows = [(seq, at, at, _encode(before).decode()) for seq, (at, before) in zip(seqs, entries, strict=True)]
        who = {"actor": self.actor, "dialect": self.dialect, "import_id": self.import_id}
        self._driver.load(sql.CHANGE_ADD, rows, {**self._a, "noun": noun, "verb": verb, "at": self.now, **who})

    def changes(self, after: int, limit: int) -> list[Change]:
        rows = self._driver.rows(sql.CHANGES_AFTER, {**self._a, "after": after, "limit": limit})
        return [records.change_of(row) for row in rows]

    def history(self, number: int, limit: int) -> list[Change]:
        at = {**self._a, "number": number, "limit": limit}
        both = (*self._driver.rows(sql.HISTORY_OF_ONE, at), *self._driver.rows(sql.HISTORY_OF_MANY, at))
        return [records.change_of(row) for row in sorted(both, key=lambda row: -row[0])[:limit]]

    def forget(self, contact: Contact) -> set[str]:
        at = {**self._a, "number": contact.number}
        spoken = (*self._driver.rows(sql.SPOKEN_OF_ONE, at), *self._driver.rows(sql.SPOKEN_OF_MANY, at))
        for seq, _ in spoken:
            self._driver.run(sql.ANSWERS_FORGET, {**self._a, "seq": seq, "body": b"{}"})
        self._driver.run(sql.CHANGES_FORGET, at)
        return {import_id for _, import_id in spoken if import_id is not None}

    # --- books' contacts and generations ---

    def count_in_book(self, book: int, more: int) -> None:
        """Count contacts that came to a book or left it."""
        self._tally.add_contacts(self.account.id, book, more)

    def book_counts(self) -> dict[int, int]:
        """How many contacts each book has."""
        rows = self._driver.rows(sql.BOOK_COUNTS, self._a)
        return {number: count + self._tally.more_contacts(self.account.id, number) for number, count in rows}

    def generation_of(self, book: int) -> int:
        """The current generation of a book, read once in a transaction."""
        known = self._generations.get(book)
        if known is None:
            found = self._driver.rows(sql.BOOK_GENERATION, {**self._a, "number": book})
            known = self._generations[book] = found[0][0] if found else 0
        return known

    def forget_generation(self, book: int) -> None:
        """Read it again next time: it has moved on."""
        self._generations.pop(book, None)

    # --- the account, keys and stored answers ---

    def set_default_country(self, country: str | None) -> None:
        self._tally.remembered_changed = True  # an account is remembered with its keys
        self._driver.run(sql.ACCOUNT_COUNTRY, {**self._a, "default_country": country})

    def add_key(self, key: Key, secret_hash: bytes) -> None:
        self.add(key)
        self._driver.run(sql.DIRECTORY_ADD, {**self._a, "secret_hash": secret_hash, "key_id": key.id})

    def remove_key(self, key_id: str) -> None:
        self._driver.run(sql.DIRECTORY_REMOVE, {**self._a, "key_id": key_id})
        self.remove(Key, id=key_id)

    def answer(self, key: str) -> tuple[bytes, int, str, bytes] | None:
        found = self._driver.rows(sql.ANSWER, {**self._a, "key": key})
        return (found[0][0], found[0][1], found[0][2], found[0][3]) if found else None

    def keep_answer(self, key: str, request_hash: bytes, status: int, content_type: str, body: bytes) -> None:
        first, last = (self._seqs[0], self._seqs[-1]) if self._seqs else (0, 0)
        self._driver.run(
            sql.ANSWER_ADD,
            {
                **self._a,
                "key": key,
                "request_hash": request_hash,
                "status": status,
                "content_type": content_type,
                "body": body,
                "first_seq": first,
                "last_seq": last,
                "created_at": self.now,
            },
        )


class GroupRows:
    """`Groups` over one driver connection."""

    def __init__(self, driver: Driver, account: Mapping[str, int]) -> None:
        self._driver = driver
        self._a = account

    def members(self, groups: Iterable[int]) -> dict[int, list[Member]]:
        found: dict[int, list[Member]] = {}
        for group, contact, primary in self._driver.rows_of(sql.MEMBERS, groups, self._a):
            found.setdefault(group, []).append(Member(contact, bool(primary)))
        return found

    def set_members(self, group: int, members: Sequence[Member]) -> None:
        self._driver.run(sql.MEMBERS_CLEAR, {**self._a, "group": group})
        rows = [
            {**self._a, "group": group, "contact": member.contact, "position": at, "is_primary": member.primary}
            for at, member in enumerate(members)
        ]
        self._driver.many(sql.MEMBER_ADD, rows)

    def places_of(self, contacts: Iterable[int]) -> dict[int, list[Place]]:
        found: dict[int, list[Place]] = {}
        for contact, group, position, primary in self._driver.rows_of(sql.PLACES_OF, contacts, self._a):
            found.setdefault(contact, []).append(Place(group, position, bool(primary)))
        return found

    def enter(self, contact: int, place: Place) -> None:
        row = {"group": place.group, "contact": contact, "position": place.position, "is_primary": place.primary}
        self._driver.run(sql.MEMBER_ADD, {**self._a, **row})

    def of_contacts(self, contacts: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for contact, group in self._driver.rows_of(sql.GROUPS_OF_CONTACTS, contacts, self._a):
            found.setdefault(contact, []).append(group)
        return found


class LabelRows:
    """`Labels` over one driver connection."""

    def __init__(self, driver: Driver, account: Mapping[str, int]) -> None:
        self._driver = driver
        self._a = account

    def numbered(self, kind: LabelKind, names: Iterable[str]) -> dict[str, int]:
        return dict(self._driver.rows_of(sql.LABELS_NAMED, names, {**self._a, "kind": kind}))

    def of_contacts(self, contacts: Iterable[int]) -> dict[int, list[tuple[LabelKind, str]]]:
        found: dict[int, list[tuple[LabelKind, str]]] = {}
        for contact, kind, name in self._driver.rows_of(sql.LABELS_OF, contacts, self._a):
            found.setdefault(contact, []).append((kind, name))
        return found

    def bearing(self, label: int) -> list[int]:
        return [row[0] for row in self._driver.rows(sql.LABEL_BEARING, {**self._a, "label": label})]

    def attach(self, labels: Iterable[int], contacts: Iterable[int]) -> None:
        there = dict.fromkeys(contacts)
        rows = [{**self._a, "label": label, "contact": contact} for label in dict.fromkeys(labels) for contact in there]
        self._driver.many(sql.LABEL_OUT, rows)
        self._driver.many(sql.LABEL_IN, rows)

    def detach(self, labels: Iterable[int], contacts: Iterable[int]) -> None:
        there = list(contacts)
        rows = [{**self._a, "label": label, "contact": contact} for label in labels for contact in there]
        self._driver.many(sql.LABEL_OUT, rows)

    def detach_all(self, kind: LabelKind, contacts: Iterable[int]) -> None:
        self._driver.many(sql.LABELS_OUT, [{**self._a, "kind": kind, "contact": contact} for contact in contacts])

    def clear(self, label: int) -> None:
        self._driver.run(sql.LABEL_CLEAR, {**self._a, "label": label})

    def sizes(self, kind: LabelKind) -> dict[int, int]:
        hiding = self._driver.rows(sizes.HIDING_BOOK, self._a)
        counting = sizes.LABEL_SIZES if hiding else sizes.LABEL_SIZES_OF_ALL
        return {row[0]: row[1] for row in self._driver.rows(counting, {**self._a, "kind": kind})}
