"""Many contacts at a time: found, inserted and removed with hardly any Python for each of them."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import msgspec

from onebook.errors import Conflict
from onebook.model import address, email, fold, lookup, phone
from onebook.model.change import Change
from onebook.model.contact import Address, Card, Contact, Email, Phone
from onebook.model.imports import ImportIssue, IssueKind
from onebook.store import import_statements as bulk
from onebook.store import statements as sql
from onebook.store.bulk_base import NewContacts
from onebook.store.contacts import ContactRows, CountingSession
from onebook.store.driver import Driver, UniqueTaken
from onebook.store.identifiers import new_uids
from onebook.store.records import change_of
from onebook.store.statement import Expanding, Statement

_read_card = msgspec.json.Decoder(Card).decode


class _Looked(msgspec.Struct):
    """What of a card it is looked up by: to read no more than that takes half the time."""

    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    addresses: tuple[Address, ...] = ()
    locations: tuple[str, ...] = ()


_read_looked = msgspec.json.Decoder(_Looked).decode
_PARTS_AT_A_TIME = 16


class BulkRows:
    """`Bulk` over one driver connection; the session hands out numbers and writes the log."""

    def __init__(self, driver: Driver, session: CountingSession, contacts: ContactRows) -> None:
        self._driver = driver
        self._session = session
        self._contacts = contacts
        self._account = session.account.id
        self._a = {"account_id": self._account}

    # --- finding ---

    def found(self, field: str, keys: Sequence[str], book: int, generation: int) -> dict[str, int]:
        if field == "external_id":
            rows = self._all(bulk.EXTERNAL_ID_HOLDERS, keys, self._a)
            return {key: number for key, number, *place in rows if place == [book, generation]}
        if field == "group":
            group = ("group", book, generation)
            rows = self._all(bulk.SORT_KEY_HOLDERS, keys, self._a)
            return _lowest((key, number) for number, key, *what in rows if tuple(what) == group)
        holders = self._all(bulk.PHONE_HOLDERS if field == "phone" else bulk.EMAIL_HOLDERS, keys, self._a)
        if not holders:
            return {}
        there = self.kinds({number for _, number in holders}, book, generation)
        individuals = {number for number, kind in there.items() if kind == "individual"}
        return _lowest((key, number) for key, number in holders if number in individuals)

    def kinds(self, numbers: Iterable[int], book: int, generation: int) -> dict[int, str]:
        return dict(self._all(bulk.IN_PLACE, numbers, {**self._a, "book": book, "generation": generation}))

    def _all(self, statement: Expanding, values: Iterable[Any], at: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._driver.rows_of(statement, values, at)

    def groups_called(self, keys: Sequence[str], book: int, generation: int) -> list[tuple[int, str]]:
        group = ("group", book, generation)
        rows = sorted(self._all(bulk.GROUPS_CALLED, keys, self._a))
        return [(number, _read_card(card).full or "") for number, card, *what in rows if tuple(what) == group]

    def created(self, import_id: str, after: int) -> list[tuple[int, int]]:
        of = {"noun": "contact", "verb": "created", "import_id": import_id, "after": after}
        rows = self._driver.rows(bulk.CREATED_BY, {**self._a, **of})
        return [(first, last) for first, last in rows]

    def uids(self, first: int, last: int, book: int, generation: int) -> list[str]:
        at = {**self._a, "first": first, "last": last, "book": book, "generation": generation}
        return [uid for (uid,) in self._driver.rows(bulk.UIDS_OF_RANGE, at)]

    # --- inserting ---

    def insert(self, new: NewContacts, book: int, generation: int, *, shown: bool) -> int:
        size = len(new.cards)
        counted = self._session.count_up(seq=1 if shown else 0, contact=size)
        first, last = counted.contact - size + 1, counted.contact
        now = self._session.now
        columns = {
            "number": range(first, last + 1),
            "uid": new_uids(now, size),
            "kind": new.kinds,
            "external_id": new.external_ids,
            "given": new.givens,
            "family": new.families,
            "sort_key": new.sort_keys,
            "card": new.cards,
            "search_text": new.words,
        }
        place = {"book": book, "generation": generation, "organization": None}
        times = {"version": 1, "created_at": now, "updated_at": now}
        self._load_columns(sql.CONTACT_INSERT, columns, "kind", {**self._a, **place, **times})
        self._driver.add_words_of(self._account, first, last)
        for kind, entries in ((_PHONES, new.phones), (_EMAILS, new.emails), (_ADDRESSES, new.addresses)):
            if entries.keys and kind.more:
                contacts = list(map(first.__add__, entries.at))
                columns = {kind.key: entries.keys, "contact": contacts, kind.more: entries.more}
                self._load_columns(kind.adding, columns, kind.more, self._a)
        places = [{**self._a, "location": uid, "contact": first + at} for at, uid in new.locations]
        self._driver.many(sql.PLACE_ADD, places)
        if shown:
            self._session.count_in_book(book, size)
            self._session.write_change(counted.seq, "contact", "created", first, last, None)
        return first

    def _load_columns(
        self, statement: Statement, columns: Mapping[str, Sequence[Any]], often: str, fixed: Mapping[str, Any]
    ) -> None:
        """Load rows; the values of the column that often says the same in all of them are then sent once."""
        values = columns[often]
        if values.count(values[0]) == len(values):
            fixed = {**fixed, often: values[0]}
        self._driver.load_columns(statement, columns, fixed)

    # --- changing ---

    def update(self, changed: Sequence[tuple[Contact, Contact]]) -> None:
        if not changed:
            return
        now = self._session.now
        pairs = [(old, msgspec.structs.replace(new, version=old.version + 1, updated_at=now)) for old, new in changed]
        numbers = [old.number for old, _ in pairs]
        before = {number: rest for number, *rest in self._all(bulk.BEFORE, numbers, self._a)}
        rows = [self._contacts.row_of(new, before[new.number][0]) | {"at_number": new.number} for _, new in pairs]
        other_words = [
            row["number"] for row in rows if not fold.same_words(row["search_text"], before[row["number"]][2])
        ]
        self._driver.remove_words_at(self._account, other_words)
        self._write_changed([(old, row) for (old, _), row in zip(pairs, rows, strict=True)], before)
        self._driver.add_words_at(self._account, other_words)
        self._replace_entries([(old.number, old.card, new.card) for old, new in pairs])
        self._session.log_each("contact", "updated", [(old.number, {"contact": old}) for old, _ in pairs])

    def _write_changed(self, rows: Sequence[tuple[Contact, dict[str, Any]]], before: Mapping[int, list[Any]]) -> None:
        found_as_before: list[dict[str, Any]] = []
        others: list[dict[str, Any]] = []
        for old, row in rows:
            same = (row["external_id"], row["organization"], row["kind"]) == (
                old.external_id,
                old.organization,
                old.kind,
            )
            (found_as_before if same and row["sort_key"] == before[old.number][1] else others).append(row)
        self._driver.many(sql.CONTACT_UPDATE_CARD, found_as_before)
        try:
            self._driver.many(sql.CONTACT_UPDATE, others)
        except UniqueTaken:
            raise Conflict("external_id", None) from None

    def _replace_entries(self, cards: Sequence[tuple[int, Card, Card]]) -> None:
        """Bring the look-up tables from what cards said to what they say."""
        for kind in _ENTRIES:
            gone, came = [], []
            for number, old, new in cards:
                if getattr(old, kind.field) == getattr(new, kind.field):
                    continue
                before, after = kind.of(old), kind.of(new)
                if before != after:
                    gone += [(key, number) for key in before]
                    came += [(key, number, more) if kind.more else (key, number) for key, more in after.items()]
            self._take_out(kind, gone)
            self._driver.load(kind.adding, sorted(came), self._a)

    def _take_out(self, kind: "_Kind", entries: list[tuple[str, int]]) -> None:
        entries.sort()
        columns: dict[str, list[Any]] = {kind.key: [key for key, _ in entries], "contact": [at for _, at in entries]}
        self._driver.many_columns(kind.removing, columns, self._a)

    # --- removing ---

    def remove(self, first: int, last: int) -> int:
        at = {**self._a, "first": first, "last": last}
        rows = self._driver.rows(bulk.RANGE, at)
        if not rows:
            return 0
        self._driver.remove_words_of(self._account, first, last)
        cards = list(map(_read_looked, map(itemgetter(4), rows)))
        for kind in _ENTRIES:
            entries = chain.from_iterable(map(attrgetter(kind.field), cards))
            self._driver.run_of(kind.removing_range, sorted(set(map(kind.key_of, entries))), at)
        self._driver.run(bulk.RANGE_OUT_OF_GROUPS, at)
        self._driver.run(bulk.RANGE_WITHOUT_MEMBERS, at)
        self._driver.run(bulk.RANGE_UNLABEL, at)
        self._driver.run(bulk.RANGE_DELETE, at)
        for (book, generation), count in Counter(map(itemgetter(2, 3), rows)).items():
            if generation == self._session.generation_of(book):
                self._session.count_in_book(book, -count)
        seq = self._session.count_up(seq=1).seq
        self._session.write_change(seq, "contact", "deleted", first, last, None)
        return len(rows)

    # --- groups ---

    def join(
        self, ties: Sequence[tuple[int, int]], ends: dict[int, int], primary: Container[tuple[int, int]] = ()
    ) -> None:
        rows: dict[bool, list[tuple[int, int, int]]] = {False: [], True: []}
        for tie in ties:
            group, contact = tie
            if group not in ends:
                ends[group] = self._driver.rows(bulk.MEMBER_LAST, {**self._a, "group": group})[0][0]
            ends[group] += 1
            rows[tie in primary].append((group, contact, ends[group]))
        for is_primary, some in rows.items():
            self._driver.load(sql.MEMBER_ADD, sorted(some), {**self._a, "is_primary": is_primary})

    def leave(self, ties: Sequence[tuple[int, int]]) -> None:
        self._driver.many(bulk.MEMBER_REMOVE, [{**self._a, "group": group, "contact": one} for group, one in ties])

    # --- generations ---

    def size(self, book: int, generation: int) -> int:
        size: int = self._driver.rows(sql.STAGED, {**self._a, "book": book, "generation": generation})[0][0]
        return size

    def flip(self, book: int, generation: int, contacts: int) -> None:
        self._contacts.flip(book, generation, contacts)

    def move(self, numbers: Sequence[int], generation: int) -> None:
        at = {**self._a, "generation": generation}
        self._driver.many(bulk.MOVE, [{**at, "at_number": number} for number in numbers])

    # --- what an import remembers ---

    def add_issues(self, import_id: str, issues: Sequence[ImportIssue]) -> None:
        rows = map(msgspec.structs.astuple, issues)
        self._driver.load(bulk.ISSUE_ADD, rows, {**self._a, "import_id": import_id})

    def remove_issues(self, import_id: str, indexes: Sequence[int] | None = None) -> None:
        at = {**self._a, "import_id": import_id}
        if indexes is None:
            self._driver.run(bulk.ISSUES_REMOVE, at)
        else:
            self._driver.many(bulk.ISSUES_REMOVE_AT, [{**at, "index": index} for index in indexes])

    def issues(self, import_id: str, after: int, limit: int) -> list[ImportIssue]:
        at = {**self._a, "import_id": import_id}
        found = [
            ImportIssue(*row) for row in self._driver.rows(bulk.ISSUES_AFTER, {**at, "after": after, "limit": limit})
        ]
        if len(found) == limit:
            end = {**at, "index": found[-1].index, "place": found[-1].place}
            found += [ImportIssue(*row) for row in self._driver.rows(bulk.ISSUES_REST, end)]
        return found

    def issue_kinds(self, import_id: str, limit: int) -> list[IssueKind]:
        at = {**self._a, "import_id": import_id, "limit": limit}
        return [IssueKind(*row) for row in self._driver.rows(bulk.ISSUE_KINDS, at)]

    def keep_part(self, import_id: str, part: int, data: bytes) -> None:
        self._driver.run(bulk.PART_ADD, {**self._a, "import_id": import_id, "part": part, "data": data})

    def parts(self, import_id: str) -> Iterator[bytes]:
        after = -1
        while True:
            at = {**self._a, "import_id": import_id, "after": after, "limit": _PARTS_AT_A_TIME}
            rows = self._driver.rows(bulk.PARTS_AFTER, at)
            yield from (data for _, data in rows)
            if len(rows) < _PARTS_AT_A_TIME:
                return
            after = rows[-1][0]

    def remove_parts(self, import_id: str) -> None:
        self._driver.run(bulk.PARTS_REMOVE, {**self._a, "import_id": import_id})

    def tie(self, import_id: str, ties: Iterable[tuple[str, int]]) -> None:
        self._driver.load(bulk.TIE_ADD, ties, {**self._a, "import_id": import_id})

    def ties(self, import_id: str, limit: int) -> list[tuple[str, int]]:
        rows = self._driver.rows(bulk.TIES, {**self._a, "import_id": import_id, "limit": limit})
        return [(name, contact) for name, contact in rows]

    def untie(self, import_id: str, ties: Sequence[tuple[str, int]]) -> None:
        at = {**self._a, "import_id": import_id}
        self._driver.many(bulk.TIE_REMOVE, [{**at, "name": name, "contact": contact} for name, contact in ties])

    def changes_before(self, before: int, after: int, limit: int) -> list[Change]:
        at = {**self._a, "before_seq": before, "after": after, "limit": limit}
        return [change_of(row) for row in self._driver.rows(bulk.CHANGES_BEFORE, at)]


class _Kind(NamedTuple):
    """One look-up table.

    Args:
        adding, removing, removing_range: its statements. key, more: its key, and its third column if any.
        field: of the card. of: what the table has of a card, by key. key_of: the key of one entry of the field.
    """

    adding: Statement
    removing: Statement
    removing_range: Expanding
    key: str
    more: str | None
    field: str
    of: Callable[[Any], Mapping[str, Any]]
    key_of: Callable[[Any], str]


_PHONES = _Kind(
    sql.PHONE_ADD, sql.PHONE_REMOVE, bulk.RANGE_WITHOUT_PHONES, "key", "is_primary", "phones",
    lookup.phones, phone.key_of,
)  # fmt: skip
_EMAILS = _Kind(
    sql.EMAIL_ADD, sql.EMAIL_REMOVE, bulk.RANGE_WITHOUT_EMAILS, "key", "is_primary", "emails",
    lookup.emails, lambda entry: email.key_of(entry.address),
)  # fmt: skip
_ADDRESSES = _Kind(
    sql.ADDRESS_ADD, sql.ADDRESS_REMOVE, bulk.RANGE_WITHOUT_ADDRESSES, "address_id", "building", "addresses",
    lookup.addresses, address.address_id,
)  # fmt: skip
_PLACES = _Kind(
    sql.PLACE_ADD, sql.PLACE_REMOVE, bulk.RANGE_WITHOUT_PLACES, "location", None, "locations",
    lambda card: dict.fromkeys(card.locations), str,
)  # fmt: skip
_ENTRIES = (_PHONES, _EMAILS, _ADDRESSES, _PLACES)


def _lowest(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Of each key the lowest number."""
    found: dict[str, int] = {}
    for key, number in pairs:
        if number < found.get(key, number + 1):
            found[key] = number
    return found
