"""Moving all that is stored from one database to another, of whichever engine, and comparing both row by row.

A table that is there already, whole, is not copied again: a run after an interruption goes on with the next one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Table, func, select, text, tuple_

from onebook.errors import Conflict
from onebook.store.schema import accounts, metadata

_AT_A_TIME: Final = 2_000
Sums = Counter[int]


def move(source: Connection, target: Engine) -> Iterator[tuple[str, int]]:
    """Copy every table; gives its name and how many rows it has. Nobody else may write meanwhile.

    Args: ``target``: of the same schema, and empty, or as an earlier run that was interrupted left it.

    Raises: Conflict if there are other accounts in the target, or what has come differs from what was sent.
    """
    if source.dialect.name == "postgresql":
        # Until the end nobody writes there, whatever process he is in; readers go on.
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        source.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
    with target.connect() as there:
        _must_be_for(source, there)
    for table in metadata.sorted_tables:
        sent = _sums(source, table)
        with target.begin() as there:
            if _size(there, table):
                if _sums(there, table) == sent:
                    yield table.name, _size(source, table)
                    continue
                there.execute(table.delete())
        _copy(source, target, table)
        with target.connect() as there:
            _must_be_equal(table, sent, _sums(there, table))
        yield table.name, _size(source, table)


def _copy(source: Connection, target: Engine, table: Table) -> None:
    for rows in _pieces(source, table):
        with target.begin() as there:
            there.execute(table.insert(), [dict(row._mapping) for row in rows])  # noqa: SLF001 - its public name


def _must_be_for(source: Connection, there: Connection) -> None:
    """Raises: Conflict if the target has accounts that the source has not."""
    uids = {row[0] for row in source.execute(select(accounts.c.uid))}
    if not {row[0] for row in there.execute(select(accounts.c.uid))} <= uids:
        raise Conflict("database", None, message="The database to move to has accounts of its own.")


def _must_be_equal(table: Table, sent: Sums, come: Sums) -> None:
    """Raises: Conflict if what has come differs, with the accounts that it differs for."""
    wrong = sorted(account for account in sent.keys() | come.keys() if sent[account] != come[account])
    if wrong:
        message = f"What has come of the table {table.name} differs for these accounts: {wrong[:20]}."
        raise Conflict("database", table.name, message=message)


def _pieces(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """The rows of a table in the order of its key, some at a time."""
    keys = list(table.primary_key.columns)
    after: tuple[Any, ...] | None = None
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


def _sums(connection: Connection, table: Table) -> Sums:
    """A sum of hashes for each account (0 where rows have none): equal for equal rows, in whatever order."""
    sums: Sums = Counter()
    at = [column.name for column in table.columns].index("account_id") if "account_id" in table.c else None
    for rows in _pieces(connection, table):
        for row in rows:
            sums[0 if at is None else row[at]] += hash(tuple(row))
    return sums


def _size(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
