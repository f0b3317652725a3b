"""The one filter builder: conditions and an order become a select of contacts, always with ``account_id``.

Nothing of a condition's value reaches the SQL text; equal shapes of filter are compiled once.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Dialect,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)
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
from onebook.store.statement import sql_of
from onebook.store.statements import A, visible_contacts

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


class words_match(has_words):  # noqa: N801 - as above
    """`has_words` where the search index itself is joined; argument: as there. Other engines need no such."""

    inherit_cache = True


@compiles(words_match, "sqlite")
def _words_match_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"contacts_words MATCH {compiler.process(element.clauses, **kw)}"


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


def _lookup_each(table: Any, key: str) -> Filter:
    """As `_lookup` of one key, asked for one contact after another."""

    def test(_op: Op, _size: int, at: str) -> Test:
        found: Select[Any] = select(literal_column("1")).where(
            table.c.account_id == contacts.c.account_id,
            table.c[key] == bindparam(at),
            table.c.contact == contacts.c.number,
        )
        return found.exists()

    return Filter(test, _plain)


def _rows_of(numbers: Any) -> Test:
    """Whether a contact is among those of some numbers, by its row id, which only SQLite has."""
    within = contacts.alias("within")
    found: Select[Any] = select(literal_column("within.row_id")).select_from(within)
    row_id: ColumnElement[Any] = literal_column("contacts.row_id")
    return row_id.in_(found.where(within.c.account_id == A, within.c.number.in_(numbers)))


def _lookup_rows(table: Any, key: str) -> Filter:
    """As `_lookup` of one key, by row ids."""

    def test(_op: Op, _size: int, at: str) -> Test:
        return _rows_of(select(table.c.contact).where(table.c.account_id == A, table.c[key] == bindparam(at)))

    return Filter(test, _plain)


def _label_first(_op: Op, _size: int, at: str) -> Test:
    """That a label is the one asked for, where its contacts are gone through in their order; the query names both."""
    account_id: ColumnElement[Any] = literal_column("label_members.account_id")
    label: ColumnElement[Any] = literal_column("label_members.label")
    return and_(account_id == A, label == bindparam(at))


def _column_each(name: str) -> Filter:
    """As `_column`, but so that SQLite does not go by an index on it."""
    column: ColumnElement[Any] = literal_column(f"+contacts.{name}")
    return Filter(lambda op, _size, at: _compare(column, op, bindparam(at)), _plain)


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


def _marked(table: Any, channel: str) -> Select[Any]:
    """Numbers of the contacts of whom any number, or any mail address, has opted out."""
    keys = select(opt_outs.c.key).where(
        opt_outs.c.account_id == A, opt_outs.c.channel == literal_column(f"'{channel}'")
    )
    return select(table.c.contact).where(table.c.account_id == A, table.c.key.in_(keys))


def marked_numbers() -> CompoundSelect[Any]:
    """Numbers of the contacts that have opted out; of one that did so twice, twice."""
    return union_all(_marked(contact_phones, "phone"), _marked(contact_emails, "email"))


def _opted_out(_op: Op, _size: int, at: str) -> Test:
    phones, emails = _marked(contact_phones, "phone"), _marked(contact_emails, "email")
    test = or_(contacts.c.number.in_(phones), contacts.c.number.in_(emails))
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
        if op == "gt":
            return and_(column >= key, or_(column > key, contacts.c.number > number))
        return and_(column <= key, or_(column < key, contacts.c.number < number))

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
    "label_each": _lookup_each(label_members, "label"),
    "member_of_each": _lookup_each(group_members, "group"),
    "book_each": _column_each("book"),
    "updated_each": _column_each("updated_at"),
    "opted_out": Filter(_opted_out, _plain),
    "words_rows": Filter(lambda _op, _size, at: words_match(bindparam(at)), _plain),
    "label_rows": _lookup_rows(label_members, "label"),
    "label_first": Filter(_label_first, _plain),
    "member_of_rows": _lookup_rows(group_members, "group"),
    "opted_out_rows": Filter(lambda _op, _size, _at: _rows_of(marked_numbers()), lambda _op, _value, _at: {}),
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


def _size(condition: Condition) -> Size:
    if condition.field in ("words", "common_words") and not isinstance(condition.value, str):
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
    return _page_sql(shape_of(where), order, dialect), values_of(where)


def probing(words: Condition, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """SQL text and values for the numbers of some contacts with these words; ``limit`` is the caller's."""
    return _probe_sql(dialect), {"w0": words.value}


def shape_of(where: Where) -> tuple[tuple[str, Op, Size], ...]:
    """What of a filter decides its SQL: fields, operations, lengths of lists, presence."""
    return tuple((c.field, c.op, _size(c)) for c in where)


def values_of(where: Where) -> dict[str, Any]:
    """The values of a filter's parameters."""
    values: dict[str, Any] = {}
    for position, (field, op, value) in enumerate(where):
        values |= FIELDS[field].values(op, value, f"w{position}")
    return values


def tests_of(shape: tuple[tuple[str, Op, Size], ...]) -> list[Test]:
    """The conditions of a shape, with the parameters that `values_of` names."""
    return [FIELDS[field].test(op, size, f"w{at}") for at, (field, op, size) in enumerate(shape)]


def keys_of(order: Order) -> list[ColumnElement[Any]]:
    """What an order sorts by; all in one direction, so that an index can be walked backwards."""
    by, number = ORDERS[order.by](), contacts.c.number
    keys: list[ColumnElement[Any]] = [by, number] if order.by != "number" else [number]
    keys = [key.desc() if order.descending else key.asc() for key in keys]
    if order.by == "email":  # which not all have; engines differ on where those come
        keys[0] = keys[0].nulls_last() if order.descending else keys[0].nulls_first()
    return keys


def counting(where: Where, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """SQL text and values for the number of contacts."""
    return _count_sql(shape_of(where), dialect), values_of(where)


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
    chosen: Select[Any] = visible_contacts().where(*tests_of(shape))
    sql = sql_of(chosen.order_by(*keys_of(order)).limit(bindparam("limit")).offset(bindparam("offset")), dialect)
    return _words_first(sql, shape, dialect)


@lru_cache(maxsize=8)
def _probe_sql(dialect: Dialect) -> str:
    found = visible_contacts(contacts.c.number).where(has_words_soon(bindparam("w0")))
    sql = sql_of(found.limit(bindparam("limit")).offset(literal_column("0")), dialect)
    return _words_first(sql, (("words", "eq", 1),), dialect)


@lru_cache(maxsize=512)
def _count_sql(shape: tuple[tuple[str, Op, Size], ...], dialect: Dialect) -> str:
    sql = sql_of(visible_contacts(func.count()).where(*tests_of(shape)), dialect)
    return _words_first(sql, shape, dialect)
