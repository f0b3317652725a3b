"""Every SQL text that the store can issue speaks of one account only, but for those named here."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from onebook.store import import_statements, records, schema, statements, upkeep_statements, where
from onebook.store.base import Condition, Op, Order
from onebook.store.statement import Expanding, Statement, sql_of

SQLITE = SQLiteDialect(paramstyle="named")
POSTGRES: Dialect = registry.load("postgresql.psycopg")(paramstyle="named")

# What may look beyond one account: the directory that says whose a key is, the accounts themselves, the sweeps that
# keep house for all, and the people, who may belong to several.
NOT_OF_ONE_ACCOUNT = {
    "KEY_BY_SECRET": "directory",
    "ACCOUNTS": "reference",
    "ACCOUNT_NAMED": "reference",
    "ACCOUNT_TOP": "reference",
    "ACCOUNT_ADD": "reference",
    "GENERATIONS_OLD": "sweep",
    **{f"PEOPLE_DANGLING {link} ": "people" for link in upkeep_statements.PEOPLE_LINKS},
    **{f"PEOPLE_CUT {place} ": "people" for place in range(len(upkeep_statements.PEOPLE_LINKS))},
    "ANSWERS_OLD": "sweep",
}
TENANT = [name for name, table in schema.metadata.tables.items() if table.info["kind"] == "tenant"]
FROM = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:\"?(\w+)\"?)((?:\s*,\s*\"?\w+\"?)*)")


def named() -> Iterator[tuple[str, Statement]]:
    """Every statement with a name, and those that the records make."""
    for name, value in {**vars(statements), **vars(import_statements)}.items():
        if isinstance(value, Statement):
            yield name, value
        elif isinstance(value, Expanding):
            yield name, next(iter(value.batches([1, 2, 3])))[0]
    for name, value in vars(upkeep_statements).items():
        yield from ((f"{name} {place}", one) for place, one in _within(value))
    for noun, table in records.TABLES.items():
        columns = tuple(column.name for column in table.columns if column.name != "account_id")
        key = tuple(column.name for column in table.primary_key.columns if column.name != "account_id")
        rest = tuple(name for name in columns if name not in key)
        for verb, statement in (
            ("selecting all", records.selecting(noun, ())),
            ("selecting", records.selecting(noun, columns)),
            ("adding", records.adding(noun)),
            ("changing", records.changing(noun, key, rest)),
            ("removing", records.removing(noun, key)),
            ("removing all", records.removing(noun, ())),
        ):
            yield f"{verb} {noun.__name__}", statement


def _within(value: Any) -> Iterator[tuple[str, Statement]]:
    """The statements that a value is or has."""
    if isinstance(value, Statement):
        yield "", value
    elif isinstance(value, (dict, list)):
        for place, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from ((f"{place} {deeper}", one) for deeper, one in _within(inner))


NAMED = list(named())


def must_be_of_one_account(sql: str) -> None:
    """Each tenant table that the SQL names is bound by an account, given or of a table it is joined with."""
    tables = {table for first, more in FROM.findall(sql) for table in (first, *re.findall(r"\w+", more))}
    assert tables, sql
    for table in tables.intersection(TENANT):
        if re.match(r"\s*INSERT", sql):
            assert re.search(rf"INTO {table} \([^)]*\baccount_id\b", sql), sql
        else:
            bound = rf"\b{table}\.account_id = |= {table}\.account_id\b"
            assert re.search(bound, sql), (table, sql)
    assert "account_id" in re.sub(r"SELECT .*? \nFROM", "", sql, flags=re.DOTALL) or "accounts" in tables, sql


@pytest.mark.parametrize(("name", "statement"), NAMED, ids=[name for name, _ in NAMED])
def test_statement_is_of_one_account(name: str, statement: Statement) -> None:
    sql = statement.sql(SQLITE)
    if name in NOT_OF_ONE_ACCOUNT:
        assert ":account_id" not in sql or "INSERT" in sql
    else:
        must_be_of_one_account(sql)


def test_the_exceptions_exist() -> None:
    assert set(NOT_OF_ONE_ACCOUNT) <= {name for name, _ in NAMED}


def test_two_dialects_of_one_name_each_have_their_own_text() -> None:
    other: Dialect = registry.load("postgresql.psycopg")(paramstyle="pyformat")
    statement = Statement(statements.CONTACT_BY_UID.element)
    assert ":account_id" in statement.sql(POSTGRES)
    assert "%(account_id)s" in statement.sql(other)


def test_the_check_itself_finds_what_is_not_bound() -> None:
    for sql in (
        "SELECT contacts.number \nFROM contacts \nWHERE contacts.number = :n",
        "SELECT c.number \nFROM contacts JOIN books ON books.number = contacts.book \nWHERE contacts.account_id = :a",
        "DELETE FROM labels WHERE labels.number = :n",
        "INSERT INTO labels (number, name) VALUES (:n, :m)",
        "UPDATE books SET name=:name WHERE books.number = :n",
    ):
        with pytest.raises(AssertionError):
            must_be_of_one_account(sql)


@pytest.mark.parametrize(("name", "statement"), NAMED, ids=[name for name, _ in NAMED])
def test_no_clock_and_no_die_in_sql(name: str, statement: Statement) -> None:
    text = statement.sql(SQLITE).lower()
    assert not re.search(r"\b(now|random|current_timestamp|current_time|datetime|strftime|uuid)\b", text), name


def sample(field: str, op: Op) -> Any:
    if field == "organization_named":
        return [1, 2], "text"
    if field == "custom":
        return "name", "text"
    if field.startswith("after_"):
        return "text", 1
    return (1, 2) if op == "in" else "text"


COMPARED: tuple[Op, ...] = ("eq", "ne", "in", "lt", "le", "gt", "ge")
TEXTS = ("uid", "kind", "external_id", "sort_key")
LISTED = ("phone", "primary_phone", "email", "address", "building", "location", "label", "member_of", "has_member")
OPS: dict[str, tuple[Op, ...]] = {
    **dict.fromkeys(("number", "book", "organization", "created_at", "updated_at", *TEXTS), COMPARED),
    **dict.fromkeys(("given", "family"), ("eq", "ne", "contains")),
    **dict.fromkeys(LISTED, ("eq", "in")),
    "organization_named": ("eq", "ne", "contains"),
    "opted_out": ("eq",),
    "custom": ("eq",),
    "group": ("eq",),
    "after_name": ("gt", "lt"),
    "after_update": ("gt", "lt"),
    "words": ("eq",),
    "common_words": ("eq",),
    **dict.fromkeys(("words_rows", "label_rows", "label_first", "member_of_rows", "opted_out_rows"), ("eq",)),
    **dict.fromkeys(("label_each", "member_of_each", "book_each", "updated_each"), ("eq",)),
}
FILTERS = [(field, op) for field, ops in OPS.items() for op in ops]


def test_every_field_of_a_filter_is_tried() -> None:
    assert set(where.FIELDS) == set(OPS)


@pytest.mark.parametrize(("field", "op"), FILTERS)
def test_filter_is_of_one_account(field: str, op: Op) -> None:
    condition = Condition(field, op, sample(field, op))
    for by in ("number", "name", "email", "created_at", "updated_at"):
        sql, values = where.paging((condition,), Order(by), SQLITE)
        must_be_of_one_account(sql)
        assert set(values) <= set(re.findall(r":(\w+)", sql)), "every value has its place"
    must_be_of_one_account(where.counting((condition,), SQLITE)[0])


@pytest.mark.parametrize("value", ["'", '"; DROP TABLE contacts; --', ":account_id", "%s", "\0"])
def test_values_never_stand_in_the_text_of_a_filter(value: str) -> None:
    plain = where.paging((Condition("given", "eq", "x"), Condition("phone", "eq", "y")), Order(), SQLITE)[0]
    assert where.paging((Condition("given", "eq", value), Condition("phone", "eq", value)), Order(), SQLITE)[0] == plain


def test_a_constant_in_a_statement_is_refused() -> None:
    with pytest.raises(RuntimeError):
        sql_of(schema.books.select().where(schema.books.c.name == "constant"), SQLITE)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=lambda dialect: dialect.name)
def test_a_long_list_is_asked_for_in_few_shapes(dialect: Dialect) -> None:
    shapes = {
        statement.sql(dialect)
        for size in range(1, 600)
        for statement, _ in statements.CONTACTS_BY_NUMBER.batches(range(size))
    }
    assert len(shapes) == len(Expanding.SIZES)
    asked = [value for _, values in statements.CONTACTS_BY_NUMBER.batches(range(1100)) for value in values.values()]
    assert set(asked) == set(range(1100))
