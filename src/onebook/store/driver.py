"""What the store asks of a database driver: run a statement, give rows, nest transactions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Dialect

from onebook.store.statement import Expanding, Statement

Row = tuple[Any, ...]


class Driver(Protocol):
    """One connection of one engine.

    ``rows``, ``run`` and ``many`` raise `UniqueTaken` where something unique is taken.
    """

    dialect: Dialect

    def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
        """All rows that a statement gives."""

    def rows_of(self, expanding: Expanding, values: Iterable[Any], at: Mapping[str, Any]) -> list[Row]:
        """All rows that a select gives for a list of values; for one value after the other, or in no order.

        Args: ``values``: doubled ones count once. ``at``: the other parameters.
        """

    def run(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Run a statement; how many rows it touched."""

    def run_of(self, expanding: Expanding, values: Iterable[Any], at: Mapping[str, Any]) -> None:
        """Run a statement for a list of values; for one value after the other, or for many at once.

        Args: ``values``: none twice. ``at``: the other parameters.
        """

    def many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each set of values."""

    def many_columns(
        self, statement: Statement, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
    ) -> None:
        """As `many`, of sets of values that are there column by column, and those that all have in common.

        Args: ``columns``: by name, of one length.
        """

    def load(self, statement: Statement, rows: Iterable[Row], fixed: Mapping[str, Any]) -> None:
        """Insert many rows. After a `UniqueTaken` the transaction must be given up: some of them may be in.

        Args:
            rows: each in the order of the table's columns, but for the fixed ones.
            fixed: columns that have the same value in all rows.
        """

    def load_columns(
        self, statement: Statement, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
    ) -> None:
        """As `load`, of rows that are there column by column.

        Args: ``columns``: by name, all that are not fixed, of one length.
        """

    def ask(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """Rows of SQL text that the filter builder made."""

    def add_words(self, entries: Iterable[tuple[int, int, str]], *, fresh: bool) -> None:
        """Enter contacts (account, number, search text) in the search index, by the commit at the latest.

        Args: ``fresh``: these contacts, in this order, are the last rows inserted.
        """

    def add_words_of(self, account_id: int, first: int, last: int) -> None:
        """Enter the contacts of a range of numbers, which were just inserted."""

    def remove_words_of(self, account_id: int, first: int, last: int) -> None:
        """Take the contacts of a range of numbers out of the search index, before they are deleted."""

    def add_words_at(self, account_id: int, numbers: Sequence[int]) -> None:
        """Enter these contacts with what they say now."""

    def remove_words_at(self, account_id: int, numbers: Sequence[int]) -> None:
        """Take these contacts out of the search index, before they are changed."""

    def remove_words(self, account_id: int, number: int, text: str) -> None:
        """Take a contact out of the search index; ``text`` is exactly what was entered."""

    def forget_words(self) -> None:
        """Have the next sweep rewrite the search index, which until then only marks what was removed as removed."""

    def asked(self, account_id: int, alternatives: Sequence[Sequence[str]]) -> Any:
        """What the filter builder is given to find an account's contacts by any of the alternatives.

        Args: ``alternatives``: each some tokens of a-z and 0-9, all of which must be the beginnings of words.
        """

    def vocabulary(self, account_id: int, beginning: str, limit: int) -> list[str]:
        """Words of contacts that begin so, where the engine can tell at least of this account's."""


class UniqueTaken(Exception):
    """A unique constraint refused a row."""
