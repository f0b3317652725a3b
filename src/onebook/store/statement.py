"""A statement: built once, compiled once for an engine, and run with its values."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Insert, Table, bindparam, literal_column
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler


def sql_of(element: ClauseElement, dialect: Dialect) -> str:
    """SQL text whose parameters are all named by us: a constant that slipped in as a parameter is a mistake."""
    compiled = element.compile(dialect=dialect)
    unnamed = [name for name, value in compiled.params.items() if value is not None]
    if unnamed:
        raise RuntimeError(unnamed)
    return str(compiled)


class Statement:
    """One statement, compiled on first use for the engine that asks."""

    def __init__(self, element: ClauseElement) -> None:
        self.element = element
        # By the dialect itself: two of one name may write parameters in two ways.
        self._sql: dict[Dialect, str] = {}
        self._placed: dict[Dialect, tuple[str, tuple[str, ...]]] = {}

    def placed(self, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
        """The SQL text with parameters told by their place, and the name of what stands in each.

        Args: ``dialect``: whose parameters are told by their place.
        """
        known = self._placed.get(dialect)
        if known is None:
            compiled = self.element.compile(dialect=dialect)
            places = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
            known = self._placed[dialect] = (sql_of(self.element, dialect), tuple(places or ()))
        return known

    def sql(self, dialect: Dialect) -> str:
        """The SQL text with named parameters."""
        sql = self._sql.get(dialect)
        if sql is None:
            sql = self._sql[dialect] = sql_of(self.element, dialect)
        return sql


def table_of(statement: Statement) -> Table:
    """The table that a statement inserts into. Raises: TypeError if it does not."""
    if not isinstance(statement.element, Insert) or not isinstance(statement.element.table, Table):
        raise TypeError(statement)
    return statement.element.table


class Expanding:
    """A statement with one list of values, ``values``; compiled for lists of 1, 8, 64 and 512."""

    SIZES = (1, 8, 64, 512)
    _NAMES = tuple(f"v{position}" for position in range(SIZES[-1]))

    def __init__(self, build: Callable[[Any], ClauseElement]) -> None:
        self._build = build
        self._made: dict[int, Statement] = {}
        self._each: dict[str, str] = {}

    def batches(self, values: Iterable[Any]) -> Iterable[tuple[Statement, dict[str, Any]]]:
        """Statement and list parameters for each slice; the last value is repeated to fill a slice."""
        rest = list(values)
        while rest:
            chunk, rest = rest[: self.SIZES[-1]], rest[self.SIZES[-1] :]
            size = next(s for s in self.SIZES if s >= len(chunk))
            chunk += [chunk[-1]] * (size - len(chunk))
            yield self._sized(size), dict(zip(self._NAMES, chunk, strict=False))

    def singly(self, values: Iterable[Any]) -> tuple[Statement, list[dict[str, Any]]]:
        """The statement for a list of one value, and its parameter for each of these."""
        return self._sized(1), [{self._NAMES[0]: value} for value in values]

    def each(self, dialect: Dialect, of: str) -> str:
        """SQL text for PostgreSQL that finds the rows of one value after the other, each by the index for it.

        Where nothing is known of a table yet, as while it is filled, its planner may think that walking through all of
        an account takes less than looking hundreds of values up; so it is given no choice.

        Args: ``of``: the type of the values, whose list is the parameter ``values``.
        """
        text = self._each.get(of)
        if text is None:
            # The columns' own order of text, else their indexes would be passed over.
            one: ColumnElement[Any] = literal_column("one.value" if of == "BIGINT" else 'one.value COLLATE "C"')
            inner = sql_of(self._build([one]), dialect)
            text = self._each[of] = (
                f"SELECT found.* FROM unnest(%(values)s::{of}[]) AS one(value) "  # noqa: S608 - our own
                f"CROSS JOIN LATERAL ({inner} OFFSET 0) AS found"
            )
        return text

    def _sized(self, size: int) -> Statement:
        made = self._made.get(size)
        if made is None:
            made = self._made[size] = Statement(self._build([bindparam(f"v{position}") for position in range(size)]))
        return made
