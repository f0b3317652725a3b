"""Rows on their way from one database to another, of whichever engines: copied, copied again, and compared."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Table, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from onebook.store.copying import copied
from onebook.store.moving_notes import TABLES, Keys
from onebook.store.schema import contacts

_AT_A_TIME: Final = 2_000
_KEYS_AT_A_TIME: Final = 200
Sums = Counter[int]
Key = tuple[Any, ...]
_LEAVE_WORDS = (
    "INSERT INTO contacts_words(contacts_words, rowid, search_text) "
    "SELECT 'delete', row_id, search_text FROM contacts WHERE account_id = ? AND number = ?"
)
_ENTER_WORDS = (
    "INSERT INTO contacts_words(rowid, search_text) "
    "SELECT row_id, search_text FROM contacts WHERE account_id = ? AND number = ?"
)


def size(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def copy(here: Connection, target: Engine, table: Table, *, resumed: bool) -> None:
    """Copy a table in the order of its key, after what an earlier run has copied.

    A row that the target refuses has changed since notes are taken, as has the one that is in its way: both are
    copied again.
    """
    with target.connect() as there:
        after = _last_key(there, table) if resumed else None
    adding = (sqlite if target.dialect.name == "sqlite" else postgresql).insert(table).on_conflict_do_nothing()
    for rows in _pieces(here, table, after):
        if target.dialect.name == "postgresql" and _loaded(target, table, rows):
            continue
        with target.begin() as there:
            there.execute(adding, [_values(row) for row in rows])


def _loaded(target: Engine, table: Table, rows: Sequence[Row[Any]]) -> bool:
    """Copy rows by COPY; whether it took them, as it does unless one of them is in another's way."""
    from psycopg.errors import UniqueViolation  # noqa: PLC0415 - not there where all is SQLite

    columns = dict(zip(table.c.keys(), zip(*rows, strict=True), strict=True))
    named = ", ".join(map(target.dialect.identifier_preparer.quote, columns))
    text = copied(table, columns, {})
    try:
        with target.begin() as there:
            cursor: Any = there.connection.cursor()  # the driver's own
            with cursor.copy(f"COPY {table.name} ({named}) FROM STDIN") as copy:
                copy.write(text)
    except UniqueViolation:
        return False
    return True


def copy_again(here: Connection, target: Engine, table: Table) -> None:
    """Copy a table in place of what is there."""
    with target.begin() as there:
        there.execute(table.delete())
    copy(here, target, table, resumed=False)


def bring_up(here: Connection, target: Engine, keys: Keys, *, indexed: bool) -> None:
    """Make the rows of these keys in the target what they are here, in one transaction.

    All of them go before the first one comes: what is unique is then never in the way of itself.

    Args: ``indexed``: whether the target has a search index of its own that knows its contacts.
    """
    words = [] if not indexed else sorted(keys.get(contacts.name, ()))
    with target.begin() as there:
        if words:
            there.exec_driver_sql(_LEAVE_WORDS, words)
        for table in TABLES:
            for some in _some(keys.get(table.name, ())):
                there.execute(delete(table).where(_is_one_of(table, some)))
        for table in TABLES:
            for some in _some(keys.get(table.name, ())):
                rows = _rows_of(here, table, some)
                if rows:
                    there.execute(table.insert(), [_values(row) for row in rows])
        if words:
            there.exec_driver_sql(_ENTER_WORDS, words)


def different(here: Connection, there: Connection, keys: Keys) -> list[str]:
    """Names of the tables in which rows of these keys differ."""
    return [
        table.name
        for table in TABLES
        for some in _some(keys.get(table.name, ()))
        if set(map(tuple, _rows_of(here, table, some))) != set(map(tuple, _rows_of(there, table, some)))
    ]


def sums(connection: Connection, table: Table) -> Sums:
    """A sum of hashes for each account (0 where rows have none): equal for equal rows, in whatever order."""
    found: Sums = Counter()
    at = [column.name for column in table.columns].index("account_id") if "account_id" in table.c else None
    for rows in _pieces(connection, table, None):
        for row in rows:
            found[0 if at is None else row[at]] += hash(tuple(row))
    return found


def _values(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - its public name


def _last_key(connection: Connection, table: Table) -> Key | None:
    keys = list(table.primary_key.columns)
    found = connection.execute(select(*keys).order_by(*(key.desc() for key in keys)).limit(1)).first()
    return None if found is None else tuple(found)


def _pieces(connection: Connection, table: Table, after: Key | None) -> Iterator[Sequence[Row[Any]]]:
    """The rows of a table in the order of its key, some at a time."""
    keys = list(table.primary_key.columns)
    while True:
        chosen = select(table).order_by(*keys).limit(_AT_A_TIME)
        if after is not None:
            chosen = chosen.where(tuple_(*keys) > tuple_(*after))
        rows = connection.execute(chosen).all()
        if rows:
            yield rows
        if len(rows) < _AT_A_TIME:
            return
        last = rows[-1]._mapping  # noqa: SLF001 - its public name
        after = tuple(last[key] for key in keys)


def _some(keys: Iterable[Key]) -> Iterator[list[Key]]:
    listed = sorted(keys)
    for begin in range(0, len(listed), _KEYS_AT_A_TIME):
        yield listed[begin : begin + _KEYS_AT_A_TIME]


def _is_one_of(table: Table, keys: list[Key]) -> Any:
    return tuple_(*table.primary_key.columns).in_(keys)


def _rows_of(connection: Connection, table: Table, keys: list[Key]) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(_is_one_of(table, keys))).all()
