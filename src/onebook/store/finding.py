"""Which way SQLite goes to a page of contacts in a large account.

Its planner knows nothing of how many contacts have what. So the sets that a filter names are counted a little first: a
small one is looked through; where all are large, the order is walked as far as hits are likely to be dense; else the
smallest set is sorted. Each way gives the same page.

The search index is asked last: before it gives the first contact with a word that begins so, it gathers all of them.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import inf
from typing import Any, Final

from sqlalchemy import Dialect, Select, bindparam, literal_column, select

from onebook.store import where as filters
from onebook.store.base import Condition, Op, Order, Where
from onebook.store.driver import Driver
from onebook.store.schema import contacts, group_members, label_members
from onebook.store.statement import sql_of
from onebook.store.statements import ZERO, A, visible_contacts
from onebook.store.where import GROUP, Size

#: Up to so many contacts are looked at one by one (judgement: some ms); beyond it the engine shall choose its way.
FEW: Final = 1_000
SIZES: Final = (0, 1, 8, 64, 256, FEW)  # of lists in SQL, so that few shapes are compiled
#: Accounts of fewer contacts are not worth the questions.
SMALL: Final = 5_000
#: How far an order is walked: the first is some ms; the second follows if one contact in `PROMISING` was a hit.
WALKS: Final = (400, 5_000)
PROMISING: Final = 100
#: How far others are counted before the contacts that have the words are sorted rather.
SORTED_FIRST: Final = 20_000
#: How many of a sorted set are looked at before all are.
AMONG_SORTED: Final = 2_000
#: To look at a contact takes as long as to find so many by the search index and to sort them (measured).
FOUND_MEANWHILE: Final = 4
#: Words that begin in more ways are taken for words of very many.
BEGINNINGS: Final = 1_000
#: The index by which contacts known by their row ids are sorted without looking at them.
BESIDE_WORDS: Final = "contacts_words_sorted"

#: Field of a set → how one contact after another is asked whether it is in it.
_EACH: Final = {
    "words": "common_words",
    "label": "label_each",
    "member_of": "member_of_each",
    "book": "book_each",
    "updated_at": "updated_each",
    "opted_out": "opted_out",
    "group": "group",
}
#: Field of a set → how all of it is had by row ids.
_ROWS: Final = {
    "words": "words_rows",
    "label": "label_rows",
    "member_of": "member_of_rows",
    "opted_out": "opted_out_rows",
}
#: What is put before the contacts to go through a label's in the order of their numbers, as its table holds them.
_LABEL_FIRST: Final = (
    "label_members CROSS JOIN contacts"
    " ON contacts.account_id = label_members.account_id AND contacts.number = label_members.contact"
)
#: The order in which an index holds a set.
_HELD: Final = {"book": "number", "updated_at": "updated_at", "group": "name"}
#: Conditions that leave but a few contacts by themselves.
_POINTS: Final = frozenset(
    ("number", "uid", "external_id", "phone", "primary_phone", "email", "has_member", "address", "building", "location")
)
_WALKED: Final = frozenset(("name", "number", "updated_at"))
#: Tests for which each contact, or a table beside it, is looked at.
_LOOKED_UP: Final = frozenset(("kind", "book_each", "updated_each", "opted_out", "label_each", "member_of_each"))
_Shape = tuple[tuple[str, Op, Size], ...]


class Finder:
    """Finds a page of one account's contacts."""

    def __init__(self, driver: Driver, account: Mapping[str, int], *, limit: int, offset: int) -> None:
        self._driver = driver
        self._a = account
        self._limit, self._offset = limit, offset

    def numbers(self, where: Where, order: Order) -> list[int] | None:
        """The numbers of the page, in its order; None if the plain way is as good.

        Args: ``where``: with words as alternatives of tokens.
        """
        sets = [test for test in where if _is_set(test)]
        held = len(sets) == 1 and _HELD.get(sets[0].field) == order.by
        if not sets or held or any(_is_point(test) for test in where):
            return None
        if len(sets) == 1 and sets[0].field == "label" and order.by == "number":
            return self._ask(self._each(where, sets[0], sets[0]._replace(field="label_first")), order)
        words = next((test for test in sets if test.field == "words"), None)
        others = [test for test in sets if test.field != "words"]
        few = self._few(others)
        if few is not None:
            test, found = few
            return self._ask(self._each(where, test, listed(found)), order)
        walked = self._walked(where, sets, order)
        if walked is not None:
            return walked
        chosen, size = self._smallest(words, others)
        return self._sorted(where, chosen, order, dense=size >= SORTED_FIRST)

    def _few(self, sets: Sequence[Condition]) -> tuple[Condition, list[int]] | None:
        """A set of few contacts and their numbers."""
        for test in sets:
            found = self._probe(test, FEW + 1)
            if len(found) <= FEW:
                return test, found
        return None

    def _probe(self, test: Condition, most: int) -> list[int]:
        text = _probe_sql(test.field, test.op, self._driver.dialect)
        return [row[0] for row in self._driver.ask(text, {**self._a, "w0": test.value, "limit": most})]

    def _ask(self, where: Where, order: Order, *, walk: int = 0) -> list[int]:
        text = (_walked_sql if walk else _numbers_sql)(filters.shape_of(where), order, self._driver.dialect)
        values = {**self._a, **filters.values_of(where), "limit": self._limit, "offset": self._offset}
        return [row[0] for row in self._driver.ask(text, values | ({"walk": walk} if walk else {}))]

    def _each(self, where: Where, first: Condition | None = None, instead: Condition | None = None) -> Where:
        """The filter with its sets as tests of one contact at a time, but for ``first``, which has another."""
        return tuple(instead if instead and test is first else _of_each(test) for test in where)

    def _walked(self, where: Where, sets: Sequence[Condition], order: Order) -> list[int] | None:
        """The page, if the contacts that come first in the order hold it."""
        if order.by not in _WALKED or any(test.field == "opted_out" for test in sets):
            return None
        for walk in WALKS:
            found = self._ask(self._each(where), order, walk=walk)
            if len(found) == self._limit:
                return found
            if (len(found) + self._offset) * PROMISING < walk:
                return None
        return None

    def _sorted(self, where: Where, chosen: Condition, order: Order, *, dense: bool) -> list[int]:
        """The page of those in a set, sorted. Args: ``dense``: whether all other sets are large."""
        rows = chosen._replace(field=_ROWS.get(chosen.field, chosen.field))
        if chosen.field == "words":
            rows = rows._replace(value=self._driver.asked(self._a["account_id"], chosen.value))
        asked = self._each(where, chosen, rows)
        if dense and order.by == "name" and rows is not chosen and any(test.field in _LOOKED_UP for test in asked):
            found = self._ask(asked, order, walk=AMONG_SORTED)
            if len(found) == self._limit:
                return found
        return self._ask(asked, order)

    def _smallest(self, words: Condition | None, others: Sequence[Condition]) -> tuple[Condition, int]:
        """The set that is best sorted; and how many the smallest of the other ones has, as far as they are counted."""
        if len(others) + (words is not None) == 1:
            return words or others[0], SORTED_FIRST
        size, smallest = min(((self._counted(test), test) for test in others), key=lambda one: one[0])
        if words is None or (size < SORTED_FIRST and self._most_having(words) > FOUND_MEANWHILE * size):
            return smallest, size
        return words, size

    def _counted(self, test: Condition) -> int:
        text = f"SELECT count(*) FROM ({_probe_sql(test.field, test.op, self._driver.dialect)})"  # noqa: S608 - bound
        counted: int = self._driver.ask(text, {**self._a, "w0": test.value, "limit": SORTED_FIRST})[0][0]
        return counted

    def _most_having(self, words: Condition) -> float:
        """How many contacts can have the words, by how many have each beginning; those of other accounts count too."""
        return sum(min(self._having(token) for token in tokens) for tokens in words.value)

    def _having(self, token: str) -> float:
        values = {"begin": token, "end": token + "\x7f", "limit": BEGINNINGS}
        found = self._driver.ask(_HAVING, values)
        return sum(row[0] for row in found) if len(found) < BEGINNINGS else inf


def _is_set(test: Condition) -> bool:
    """Whether a condition is of a set that may be large, and can be counted."""
    if test.field == "opted_out":
        return test.value is True
    if test.field == "updated_at":
        return test.op in ("ge", "gt")
    return test.field in _EACH and test.op == "eq"


def _is_point(test: Condition) -> bool:
    return test.field in _POINTS and test.op in ("eq", "in") and test.value is not None


def _of_each(test: Condition) -> Condition:
    if not _is_set(test):
        return test
    if test.field != "words":
        return test._replace(field=_EACH[test.field])
    # The text is of words with a blank before each, so that a pattern with a blank finds beginnings.
    likes = tuple(tuple(f"% {token}%" for token in tokens) for tokens in test.value)
    return test._replace(field="common_words", value=likes)


def listed(numbers: list[int]) -> Condition:
    """A condition of these numbers, in a list of one of `SIZES`."""
    size = next(size for size in SIZES if size >= len(numbers))
    return Condition("number", "in", tuple(numbers + numbers[-1:] * (size - len(numbers))))


# --- SQL ---

_HAVING: Final = "SELECT doc FROM contacts_vocabulary WHERE term >= :begin AND term < :end LIMIT :limit"


@lru_cache(maxsize=64)
def _probe_sql(field: str, op: Op, dialect: Dialect) -> str:
    """Numbers of some of a set, shown or not; the parameters are ``w0`` and ``limit``."""
    by_number = select(contacts.c.number).where(contacts.c.account_id == A)
    found: Any
    if field == "label":
        found = select(label_members.c.contact).where(label_members.c.account_id == A)
        found = found.where(label_members.c.label == bindparam("w0"))
    elif field == "member_of":
        found = select(group_members.c.contact).where(group_members.c.account_id == A)
        found = found.where(group_members.c.group == bindparam("w0"))
    elif field == "opted_out":
        found = filters.marked_numbers()
    elif field == "group":
        found = by_number.where(GROUP)
    else:
        found = by_number.where(filters.FIELDS[field].test(op, 1, "w0"))
    return sql_of(found.limit(bindparam("limit")).offset(ZERO), dialect)


@lru_cache(maxsize=512)
def _numbers_sql(shape: _Shape, order: Order, dialect: Dialect) -> str:
    """Numbers of a page."""
    chosen: Select[Any] = visible_contacts(contacts.c.number).where(*filters.tests_of(shape))
    sql = _limited(chosen.order_by(*filters.keys_of(order)), dialect)
    if any(field == "label_first" for field, _, _ in shape):
        sql = sql.replace("FROM contacts JOIN", f"FROM {_LABEL_FIRST} CROSS JOIN", 1)
        return sql.replace("ORDER BY contacts.number", "ORDER BY label_members.contact", 1)
    return _by_rows(sql.replace("FROM contacts JOIN", "FROM contacts CROSS JOIN", 1), shape)


@lru_cache(maxsize=512)
def _walked_sql(shape: _Shape, order: Order, dialect: Dialect) -> str:
    """Numbers of a page, of the first ``walk`` contacts of the order only, or of those by row ids."""
    tests = filters.tests_of(shape)
    among = [_is_place(field, op) or field in _ROWS.values() for field, op, _ in shape]
    walk: Select[Any] = select(literal_column("contacts.row_id")).select_from(contacts)
    walk = walk.where(contacts.c.account_id == A, *itertools.compress(tests, among))
    walk = walk.order_by(*filters.keys_of(order)).limit(bindparam("walk")).offset(ZERO)
    first = sql_of(walk, dialect)
    if any(field in _ROWS.values() for field, _, _ in shape):
        first = _by_rows(first, shape)
    left = [test for test, held in zip(tests, among, strict=True) if not held]
    # Joins of this kind keep the order of their left side, and end it as soon as there are enough.
    begin = f"FROM ({first}) AS walked CROSS JOIN contacts ON contacts.row_id = walked.row_id CROSS JOIN"
    return _limited(visible_contacts(contacts.c.number).where(*left), dialect).replace("FROM contacts JOIN", begin, 1)


def _limited(chosen: Select[Any], dialect: Dialect) -> str:
    return sql_of(chosen.limit(bindparam("limit")).offset(bindparam("offset")), dialect)


def _by_rows(sql: str, shape: _Shape) -> str:
    """The SQL so that contacts are had by their row ids, or one by one.

    Each sign keeps SQLite from going by an index for what follows it; a join of this kind begins at its left side.
    """
    by_words = any(field == "words_rows" for field, _, _ in shape)
    by_rows = any(field in _ROWS.values() for field, _, _ in shape)
    begin = "contacts_words CROSS JOIN contacts" if by_words else "contacts"
    begin += f" INDEXED BY {BESIDE_WORDS}" if by_rows else ""
    begin += " ON contacts.row_id = contacts_words.rowid" if by_words else ""
    sql = re.sub(r"FROM contacts\b", f"FROM {begin}", sql, count=1)
    sql = sql.replace("ORDER BY contacts.", "ORDER BY +contacts.", 1)
    return sql.replace("WHERE contacts.account_id", "WHERE +contacts.account_id", 1) if by_rows else sql


def _is_place(field: str, op: Op) -> bool:
    return field.startswith("after_") or (field == "number" and op in ("lt", "le", "gt", "ge"))
