"""The one filter builder: conditions and an order become a select of contacts, always with ``account_id``.

Nothing of a condition's value reaches the SQL text; equal shapes of filter are compiled once.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, Select, and_, bindparam, false, func, literal_column, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import Boolean, NullType, Text

from onebook.errors import LimitExceeded
from onebook.store.base import Condition, Op, Order, Where
from onebook.store.schema import (
    contact_addresses,
    contact_emails,
    contact_locations,
    contact_phones,
    contacts,
    group_members,
    label_members,
    opt_outs,
)
from onebook.store.statements import A, sql_of, visible_contacts

Test = ColumnElement[bool]
#: What of a condition's value decides its SQL: how many values; for words, how many tokens each alternative has.
Size = int | tuple[int, ...]

VALUES = 30_000  # SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535


class custom_text(FunctionElement[str]):  # noqa: N801 - reads as the SQL function it stands for
    """The text of a custom field; arguments: the card column, the field's name."""

    type = Text()
    inherit_cache = True
    name = "custom_text"


@compiles(custom_text, "sqlite")
def _custom_text_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    card, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return (
        f"(SELECT CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(value AS TEXT) END "  # noqa: S608 - bound parts only
        f"FROM json_each({card}, '$.custom') WHERE key = {name})"
    )


@compiles(custom_text, "postgresql")
def _custom_text_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    card, name = (compiler.process(clause, **kw) for clause in element.clauses)
    # json, not jsonb: it gives values as they were written.
    return f"({card}::json -> 'custom' ->> {name})"


class card_text(FunctionElement[str]):  # noqa: N801 - as above
    """A text of the card; arguments: the card column, the property's name."""

    type = Text()
    inherit_cache = True
    name = "card_text"


@compiles(card_text, "sqlite")
def _card_text_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    card, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_extract({card}, '$.' || {name})"


@compiles(card_text, "postgresql")
def _card_text_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    card, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({card}::json ->> {name})"


class lower_text(FunctionElement[str]):  # noqa: N801 - as above
    """A text in lower case, of whatever script; argument: the text."""

    type = Text()
    inherit_cache = True
    name = "lower_text"


@compiles(lower_text, "sqlite")
def _lower_text_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kw)})"


@compiles(lower_text, "postgresql")
def _lower_text_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    # The first migration makes this collation; the columns' own knows ASCII only.
    return f"lower(({compiler.process(element.clauses, **kw)}) COLLATE onebook_letters)"


class has_words(FunctionElement[Any]):  # noqa: N801 - as above
    """Whether SQLite's search index finds the contact; argument: the index's own query text."""

    # As a Boolean it would be compared with 1, and SQLite would look at every contact instead of those found.
    type = NullType()
    inherit_cache = True
    name = "has_words"


@compiles(has_words, "sqlite")
def _has_words_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    query = compiler.process(element.clauses, **kw)
    return f"contacts.row_id IN (SELECT rowid FROM contacts_words WHERE contacts_words MATCH {query})"  # noqa: S608


class has_words_soon(has_words):  # noqa: N801 - as above
    """`has_words` for the first few contacts that the index finds; argument: as there. Other engines need no such."""

    inherit_cache = True


@compiles(has_words_soon, "sqlite")
def _has_words_soon_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    query = compiler.process(element.clauses, **kw)
    return (
        "contacts.row_id IN (SELECT rowid FROM contacts_words "  # noqa: S608 - bound parts only
        f"WHERE contacts_words MATCH {query} LIMIT :limit)"
    )


class contains_text(FunctionElement[bool]):  # noqa: N801 - as above
    """Whether one text stands in another; arguments: the whole, the part. Unlike LIKE it knows no wildcards."""

    type = Boolean()
    inherit_cache = True
    name = "contains_text"


@compiles(contains_text, "sqlite")
def _contains_text_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    whole, part = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"instr({whole}, {part}) > 0"


@compiles(contains_text, "postgresql")
def _contains_text_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    whole, part = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"strpos({whole}, {part}) > 0"


def _compare(column: ColumnElement[Any], op: Op, at: ColumnElement[Any]) -> Test:
    """One comparison; words without regard to case, ``ne`` true for what is not there."""
    if op == "ne":
        return or_(column.is_(None), column != at)
    if op == "contains":
        return contains_text(column, at)
    return {"eq": column == at, "lt": column < at, "le": column <= at, "gt": column > at, "ge": column >= at}[op]


class Filter(NamedTuple):
    """How one field is filtered.

    Args:
        test: the SQL, made of the operation, the size (see `_size`) and the name of its parameters.
        values: what the parameters of that name are, for the operation and the value. Runs with every request.
    """

    test: Callable[[Op, Any, str], Test]
    values: Callable[[Op, Any, str], dict[str, Any]]


def _list(at: str, size: int) -> list[ColumnElement[Any]]:
    return [bindparam(f"{at}_{position}") for position in range(size)]


def _plain(op: Op, value: Any, at: str) -> dict[str, Any]:
    if op == "in":
        return {f"{at}_{position}": one for position, one in enumerate(value)}
    return {} if value is None else {at: value}


def _worded(op: Op, value: Any, at: str) -> dict[str, Any]:
    return {at: value.lower()} if isinstance(value, str) else _plain(op, value, at)


def _column(name: str, *, words: bool = False) -> Filter:
    column = contacts.c[name]

    def test(op: Op, size: int, at: str) -> Test:
        if op == "in":
            return column.in_(_list(at, size)) if size else false()
        if size < 0:
            return column.is_(None) if op == "eq" else column.is_not(None)
        return _compare(lower_text(column) if words else column, op, bindparam(at))

    return Filter(test, _worded if words else _plain)


def _lookup(table: Any, key: str, *, contact: str = "contact", primary: bool = False) -> Filter:
    def test(op: Op, size: int, at: str) -> Test:
        if size < 1:
            return false()
        keys = _list(at, size) if op == "in" else [bindparam(at)]
        found = select(table.c[contact]).where(table.c.account_id == A, table.c[key].in_(keys))
        return contacts.c.number.in_(found.where(table.c.is_primary) if primary else found)

    return Filter(test, _plain)


def _organization_named(op: Op, size: int, at: str) -> Test:
    kept = lower_text(card_text(contacts.c.card, bindparam(f"{at}_name")))
    parts: list[Test] = [_compare(kept, "contains" if op == "contains" else "eq", bindparam(at))]
    if size:
        parts.append(contacts.c.organization.in_(_list(at, size)))
    test = func.coalesce(or_(*parts), false(), type_=Boolean())
    return not_(test) if op == "ne" else test


def _organization_values(_op: Op, value: Any, at: str) -> dict[str, Any]:
    numbers, text = value
    return {at: text.lower(), f"{at}_name": "organization", **_plain("in", numbers, at)}


def _custom(op: Op, _size: int, at: str) -> Test:
    return _compare(custom_text(contacts.c.card, bindparam(f"{at}_key")), op, bindparam(at))


def _custom_values(_op: Op, value: Any, at: str) -> dict[str, Any]:
    name, text = value
    return {at: text, f"{at}_key": name}


def _marked(table: Any, channel: str) -> Test:
    """Whether any number, or any mail address, of a contact has opted out."""
    same = and_(
        opt_outs.c.account_id == table.c.account_id,
        opt_outs.c.channel == literal_column(f"'{channel}'"),
        opt_outs.c.key == table.c.key,
    )
    return contacts.c.number.in_(select(table.c.contact).join(opt_outs, same).where(table.c.account_id == A))


def _opted_out(_op: Op, _size: int, at: str) -> Test:
    test = or_(_marked(contact_phones, "phone"), _marked(contact_emails, "email"))
    return test == bindparam(at, type_=Boolean())


def _words(_op: Op, size: Size, at: str) -> Test:
    if not isinstance(size, tuple):
        return has_words(bindparam(at))
    # The text is of words with a blank before each, so that a pattern with a blank finds beginnings.
    return or_(
        *(
            and_(*(contacts.c.search_text.like(bindparam(f"{at}_{place}_{n}")) for n in range(tokens)))
            for place, tokens in enumerate(size)
        )
    )


def _words_values(_op: Op, value: Any, at: str) -> dict[str, Any]:
    if isinstance(value, str):
        return {at: value}
    return {f"{at}_{place}_{n}": like for place, likes in enumerate(value) for n, like in enumerate(likes)}


def _after(column: ColumnElement[Any]) -> Filter:
    """What comes after a contact in an order; written so that an index can begin there."""

    def test(op: Op, _size: Size, at: str) -> Test:
        key: ColumnElement[Any] = bindparam(f"{at}_key")
        number: ColumnElement[Any] = bindparam(f"{at}_number")
        reaches, beyond = (column >= key, column > key) if op == "gt" else (column <= key, column < key)
        return and_(reaches, or_(beyond, contacts.c.number > number))

    return Filter(test, lambda _op, value, at: {f"{at}_key": value[0], f"{at}_number": value[1]})


#: In the text itself, since an index for some rows only serves conditions that are known beforehand.
GROUP: Test = contacts.c.kind == literal_column("'group'")

FIELDS: dict[str, Filter] = {
    **{name: _column(name) for name in ("number", "uid", "book", "kind", "external_id", "organization")},
    **{name: _column(name, words=True) for name in ("given", "family")},
    **{name: _column(name) for name in ("sort_key", "created_at", "updated_at")},
    "phone": _lookup(contact_phones, "key"),
    "primary_phone": _lookup(contact_phones, "key", primary=True),
    "email": _lookup(contact_emails, "key"),
    "address": _lookup(contact_addresses, "address_id"),
    "building": _lookup(contact_addresses, "building"),
    "location": _lookup(contact_locations, "location"),
    "label": _lookup(label_members, "label"),
    "member_of": _lookup(group_members, "group"),
    "has_member": _lookup(group_members, "contact", contact="group"),
    "opted_out": Filter(_opted_out, _plain),
    "organization_named": Filter(_organization_named, _organization_values),
    "custom": Filter(_custom, _custom_values),
    "group": Filter(lambda _op, _size, _at: GROUP, lambda _op, _value, _at: {}),
    "after_name": _after(contacts.c.sort_key),
    "after_update": _after(contacts.c.updated_at),
    "words": Filter(_words, _words_values),
    "common_words": Filter(_words, _words_values),
}


def _primary_email() -> ColumnElement[Any]:
    return (
        select(contact_emails.c.key)
        .where(
            contact_emails.c.account_id == contacts.c.account_id,
            contact_emails.c.contact == contacts.c.number,
            contact_emails.c.is_primary,
        )
        .limit(literal_column("1"))
        .offset(literal_column("0"))
        .scalar_subquery()
    )


ORDERS: dict[str, Callable[[], ColumnElement[Any]]] = {
    "number": lambda: contacts.c.number,
    "name": lambda: contacts.c.sort_key,
    "email": _primary_email,
    "created_at": lambda: contacts.c.created_at,
    "updated_at": lambda: contacts.c.updated_at,
}


def _shape(where: Where) -> tuple[tuple[str, Op, Size], ...]:
    """What of a filter decides its SQL: fields, operations, lengths of lists, presence."""
    return tuple((c.field, c.op, _size(c)) for c in where)


def _size(condition: Condition) -> Size:
    if condition.field == "words" and not isinstance(condition.value, str):
        return tuple(map(len, condition.value))
    if condition.field == "organization_named":
        return _bounded(len(condition.value[0]))
    if condition.op == "in":
        return _bounded(len(condition.value))
    return -1 if condition.value is None else 1


def _bounded(size: int) -> int:
    if size > VALUES:
        raise LimitExceeded("filter", VALUES, "values")
    return size


def paging(where: Where, order: Order, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """SQL text and values for a page of contacts; parameters ``limit`` and ``offset`` are the caller's."""
    return _page_sql(_shape(where), order, dialect), _values(where)


def probing(words: Condition, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """SQL text and values for the numbers of some contacts with these words; ``limit`` is the caller's."""
    return _probe_sql(dialect), {"w0": words.value}


def counting(where: Where, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """SQL text and values for the number of contacts."""
    return _count_sql(_shape(where), dialect), _values(where)


def _values(where: Where) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for position, (field, op, value) in enumerate(where):
        values |= FIELDS[field].values(op, value, f"w{position}")
    return values


def _tests(shape: tuple[tuple[str, Op, Size], ...]) -> list[Test]:
    return [FIELDS[field].test(op, size, f"w{at}") for at, (field, op, size) in enumerate(shape)]


def _words_first(sql: str, shape: tuple[tuple[str, Op, Size], ...], dialect: Dialect) -> str:
    """Have SQLite begin a search at the search index.

    It thinks that an account has few contacts, would walk through all of them in their order, and look for each among
    those that the index finds. The sign keeps it from using an index on the account.
    """
    if dialect.name != "sqlite" or all(field != "words" for field, _, _ in shape):
        return sql
    return sql.replace("WHERE contacts.account_id = ", "WHERE +contacts.account_id = ", 1)


@lru_cache(maxsize=512)
def _page_sql(shape: tuple[tuple[str, Op, Size], ...], order: Order, dialect: Dialect) -> str:
    chosen: Select[Any] = visible_contacts().where(*_tests(shape))
    by = ORDERS[order.by]()
    keys = [by.desc() if order.descending else by.asc()]
    if order.by == "email":  # which not all have; engines differ on where those come
        keys = [by.desc().nulls_last() if order.descending else by.asc().nulls_first()]
    if order.by != "number":
        keys.append(contacts.c.number.asc())
    sql = sql_of(chosen.order_by(*keys).limit(bindparam("limit")).offset(bindparam("offset")), dialect)
    return _words_first(sql, shape, dialect)


@lru_cache(maxsize=8)
def _probe_sql(dialect: Dialect) -> str:
    found = visible_contacts(contacts.c.number).where(has_words_soon(bindparam("w0")))
    sql = sql_of(found.limit(bindparam("limit")).offset(literal_column("0")), dialect)
    return _words_first(sql, (("words", "eq", 1),), dialect)


@lru_cache(maxsize=512)
def _count_sql(shape: tuple[tuple[str, Op, Size], ...], dialect: Dialect) -> str:
    sql = sql_of(visible_contacts(func.count()).where(*_tests(shape)), dialect)
    return _words_first(sql, shape, dialect)
