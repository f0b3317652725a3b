"""A file of an import, opened: its headings, what they mean, and its rows in batches that any process can read."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

from msgspec import Struct

from onebook.errors import InvalidInput
from onebook.importing.draft import Limits, Mapping, RowDraft, read_rows, recognise
from onebook.importing.source import Source
from onebook.importing.table import Row, Table, open_table
from onebook.model.imports import ImportOptions, OriginalRow

BATCH_ROWS = 2_000


class Reading(Struct, frozen=True):
    """What reading a batch depends on: which column is what, the country of national numbers, the bounds."""

    columns: dict[int, str]
    country: str | None
    limits: Limits


class Batch(Struct, frozen=True, array_like=True):
    """Rows that stand together, not blank; ``next_index`` is that of the record behind them."""

    next_index: int
    rows: list[Row]


class OpenFile:
    """A file whose headings are known."""

    def __init__(self, table: Table, options: ImportOptions, country: str | None) -> None:
        self._table = table
        self.headings = table.headings
        mapping = recognise(table.headings, options.targets or {})
        if not mapping.has_name:
            raise InvalidInput.of("name", "no_column", "The file has no column for the name.")
        limits = Limits(options.custom_pairs, options.custom_key, options.custom_value)
        self.reading = Reading(mapping.columns, options.country or country, limits)
        self.heading_of = {
            field: self.headings[column]
            for column, target in sorted(mapping.columns.items(), reverse=True)
            for field in (target, target.partition(".")[0])
        }

    def batches(self, start: int) -> Iterator[Batch]:
        """The rows from an index on."""
        rows: list[Row] = []
        for row in self._table:
            if row.index >= start:
                rows.append(row)
            if len(rows) == BATCH_ROWS:
                yield Batch(row.index + 1, rows)
                rows = []
        if rows:
            yield Batch(rows[-1].index + 1, rows)

    def rows(self) -> Generator[OriginalRow, None, None]:
        """The rows as they stand."""
        return (OriginalRow(row.index, row.row, row.cells) for row in self._table)


@contextmanager
def open_file(source: Source, options: ImportOptions, country: str | None) -> Iterator[OpenFile]:
    """Open a file; ``country`` is the account's.

    Raises: InvalidInput: it cannot be read, or has no column for a name.
    """
    with open_table(source, max_rows=options.max_rows, field="file", encoding=options.encoding) as table:
        yield OpenFile(table, options, country)


def drafts_of(batch: Batch, reading: Reading) -> Iterator[RowDraft]:
    """Drafts of a batch's rows."""
    return read_rows(batch.rows, Mapping(reading.columns), country=reading.country, limits=reading.limits)
