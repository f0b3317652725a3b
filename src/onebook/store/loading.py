"""Many rows put into a table of SQLite by few statements.

One statement a row costs more than the row: it is begun and ended, and Python hands its lock away and back. Several
rows a statement would have SQLite keep a copy of each page that it changes, in case a later row of the same statement
fails: ``OR FAIL`` spares that, since whoever loads rows gives the whole transaction up if one of them fails.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from onebook.store.driver import Row
from onebook.store.statement import Statement, table_of

# Measured: twice as many save nothing more, and half as many cost a tenth.
ROWS_A_STATEMENT = 32


def loads(statement: Statement, rows: Iterable[Row], fixed: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """SQL text and values of one statement after the other.

    Args: as `Driver.load`.
    """
    return _parts(statement, list(chain.from_iterable(rows)), len(table_of(statement).c) - len(fixed), fixed)


def column_loads(
    statement: Statement, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any]]]:
    """As `loads`. Args: as `Driver.load_columns`."""
    free = [name for name in table_of(statement).c.keys() if name not in fixed]  # noqa: SIM118 - by name
    width = len(free)
    values: list[Any] = [None] * (width * len(columns[free[0]]))
    for place, name in enumerate(free):  # a row of values after the other, without a tuple for each
        values[place::width] = columns[name]
    return _parts(statement, values, width, fixed)


def _parts(
    statement: Statement, values: list[Any], width: int, fixed: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any]]]:
    """The statements that insert rows of so many values each."""
    names, same = tuple(fixed), list(fixed.values())
    start, rows = 0, ROWS_A_STATEMENT
    while start < len(values):
        while start + rows * width > len(values):
            rows //= 2  # half as many, and half again: six statements of a table are kept at most, not thirty-two
        end = start + rows * width
        yield _text(statement, names, rows), same + values[start:end]
        start = end


@lru_cache(maxsize=512)
def _text(statement: Statement, fixed: tuple[str, ...], rows: int) -> str:
    """An insert of so many rows; the fixed values come first among its parameters, and once.

    A bare ``?`` is the parameter behind the last one (https://sqlite.org/lang_expr.html#varparam): short, since the
    driver reads the whole text each time to find the statement that it has prepared.
    """
    table = table_of(statement)
    columns = (*fixed, *(name for name in table.c.keys() if name not in fixed))  # noqa: SIM118 - by name
    row = ",".join(f"?{place}" if place <= len(fixed) else "?" for place in range(1, len(columns) + 1))
    named = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT OR FAIL INTO {table.name} ({named}) VALUES {','.join([f'({row})'] * rows)}"  # noqa: S608 - our own tables
