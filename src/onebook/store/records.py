"""The small nouns: which table keeps which, and the statements to get, add, change and remove them.

A record's fields are its table's columns, name by name; tuples, dicts and nested values are kept as JSON text.
Every statement made here carries ``account_id``.
"""

from functools import cache, lru_cache
from typing import Any, Final, TypeVar, get_type_hints

import msgspec
from msgspec import Struct
from sqlalchemy import Table, bindparam, select, tuple_, update

from onebook.model.account import Credential, Key, Subscription, User
from onebook.model.book import Book
from onebook.model.change import Change
from onebook.model.imports import Import, RememberedMapping, SavedMapping
from onebook.model.label import Label
from onebook.model.opt_out import OptOut
from onebook.model.person import Invitation, Membership, Person, SignIn
from onebook.model.place import Location, Organization
from onebook.store import schema, statements
from onebook.store.statement import Statement
from onebook.store.statements import ZERO, A

N = TypeVar("N", bound=Struct)

TABLES: dict[type[Struct], Table] = {
    Book: schema.books,
    Credential: schema.credentials,
    Import: schema.imports,
    Key: schema.keys,
    Label: schema.labels,
    Location: schema.locations,
    Membership: schema.memberships,
    OptOut: schema.opt_outs,
    Organization: schema.organizations,
    RememberedMapping: schema.remembered_mappings,
    SavedMapping: schema.saved_mappings,
    Subscription: schema.subscriptions,
    User: schema.users,
}

_NOUNS: tuple[type[Struct], ...] = (*TABLES, Invitation, Person, SignIn)
_PLAIN = (str, int, bool, bytes, type(None))


def _readers(noun: type[Struct]) -> tuple[tuple[int, Any], ...]:
    """The places of columns that do not hold their value as it is, and what reads them."""
    hints = get_type_hints(noun)
    readers = (_reader(hints[name]) for name in noun.__struct_fields__)
    return tuple((place, read) for place, read in enumerate(readers) if read is not None)


def _reader(hint: Any) -> Any:
    if hint is bool:
        return bool
    origin = getattr(hint, "__origin__", None)
    if origin in (tuple, dict) or (isinstance(hint, type) and issubclass(hint, Struct)):
        decode = msgspec.json.Decoder(hint).decode
        # Tuples of words, such as a book's, are few and cannot change: each is decoded once.
        return lru_cache(maxsize=256)(decode) if origin is tuple else decode
    return None


#: Made while only one thread imports this: msgspec gives what it knows of a type to another thread before it is whole,
#: and reading by that ends the process.
READERS: Final = {noun: _readers(noun) for noun in _NOUNS}


def noun_of(noun: type[Struct]) -> str:
    """The word for a noun in errors and in the log.

    >>> noun_of(OptOut)
    'opt_out'
    """
    return "opt_out" if noun is OptOut else noun.__name__.lower()


def to_row(record: Struct) -> dict[str, Any]:
    """A record as column values."""
    return {name: to_column(getattr(record, name)) for name in record.__struct_fields__}


def to_column(value: object) -> object:
    """A value as its column holds it."""
    return value if isinstance(value, _PLAIN) else msgspec.json.encode(value).decode()


def from_row(noun: type[N], row: tuple[Any, ...]) -> N:
    """Column values, in the order of the record's fields, as a record."""
    values = list(row)
    for place, read in READERS[noun]:
        values[place] = read(values[place])
    return noun(*values)


def change_of(row: tuple[Any, ...]) -> Change:
    """A row of the columns `statements.CHANGE` as an entry of the log."""
    seq, noun, verb, first, last, at, actor, dialect, import_id, before = row
    before = before and msgspec.json.decode(before)
    return Change(seq, noun, verb, first, last, at, actor, dialect, import_id, before)


@cache
def selecting(noun: type[Struct], equal: tuple[str, ...]) -> Statement:
    """Select of a noun's records whose ``equal`` columns have the given values."""
    table = TABLES[noun]
    columns = [table.c[name] for name in noun.__struct_fields__]
    chosen = select(*columns).where(statements.is_given(table, *equal))
    return Statement(chosen.order_by(*table.primary_key.columns))


@cache
def paging(noun: type[Struct], *, first: bool) -> Statement:
    """Select of up to ``limit`` records by key: the first ones, or those after a key (``after_0`` and on)."""
    table = TABLES[noun]
    keys = list(table.primary_key.columns)[1:]
    chosen = select(*(table.c[name] for name in noun.__struct_fields__)).where(table.c.account_id == A)
    if not first:
        chosen = chosen.where(tuple_(*keys) > tuple_(*(bindparam(f"after_{place}") for place in range(len(keys)))))
    return Statement(chosen.order_by(*keys).limit(bindparam("limit")).offset(ZERO))


@cache
def adding(noun: type[Struct]) -> Statement:
    """Insert of one record."""
    return statements.adding(TABLES[noun])


@cache
def changing(noun: type[Struct], key: tuple[str, ...], values: tuple[str, ...]) -> Statement:
    """Update of ``values`` where the ``key`` columns, given as ``at_…``, are equal."""
    table = TABLES[noun]
    changed = update(table).where(table.c.account_id == A, *(table.c[name] == bindparam(f"at_{name}") for name in key))
    return Statement(changed.values({name: bindparam(name) for name in values}))


@cache
def removing(noun: type[Struct], equal: tuple[str, ...]) -> Statement:
    """Delete of the records whose ``equal`` columns have the given values."""
    return statements.removing(TABLES[noun], *equal)
