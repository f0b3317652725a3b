"""A file of an import, opened: its headings, what they mean, and its records in blocks that any process can read."""

import itertools
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from onebook.errors import InvalidInput, OnebookError
from onebook.importing.archive import PATIENT, WorkbookLimits
from onebook.importing.blocks import Block
from onebook.importing.draft import Limits, ReadPlan, plan_of
from onebook.importing.headings import propose
from onebook.importing.headless import letters
from onebook.importing.mapping import CUSTOM, Mapping, bound, recognise
from onebook.importing.reading import ReadOptions, Records, open_records
from onebook.importing.rows import CardRow, Row
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions, OriginalRow

# Judgement: so many characters are some thousand rows; a chunk of the store's is several blocks.
BLOCK_CHARACTERS = 192 * 1024
_GZIP = b"\x1f\x8b"


class OpenFile:
    """A file whose headings are known.

    Attributes: plan: how its records are read. records: all of them, once. options: with the mapping that holds.
    """

    def __init__(self, records: Records, options: ImportOptions, country: str | None) -> None:
        self.records = records
        self.options = options
        self.headings = records.headings
        mapping = _mapping(records, options)
        limits = Limits(options.custom_pairs, options.custom_key, options.custom_value)
        self.plan: ReadPlan = plan_of(
            records.headings, mapping, country=options.country or country, limits=limits, rules=options.rules
        )
        self.has_cards = records.format == "vcard"
        self._blocks: Iterator[Block] | None = None
        self.has_kinds = records.format in ("vcard", "jsonl") or "kind" in mapping.columns.values()

    @property
    def is_dear(self) -> bool:
        """Whether opening it again takes long, and all its blocks are still to come."""
        return self.records.format == "workbook" and self._blocks is not None

    def heading_of(self, target: str) -> str:
        """The heading of a target's first column; the target itself if no column is for it."""
        for heading, known in zip(self.plan.headings, self.plan.targets, strict=True):
            if known.partition("/")[0].partition(":")[0] == target:
                return heading
        return target

    def about_rows(self, source: Source) -> int | None:
        """About how many rows the file has, by its beginning; None where that does not tell. To be asked first."""
        blocks = self.records.blocks(BLOCK_CHARACTERS)
        try:
            taken = list(itertools.islice(blocks, 2))
        except OnebookError:  # whoever reads all of it will say what is wrong
            return None
        self._blocks = itertools.chain(taken, blocks)
        if not taken[1:]:
            return sum(block.count for block in taken)
        first = taken[0]
        plain = _plain_bytes(source)
        read = len(first.text.encode(self.records.encoding or "utf-8", "replace"))
        return round(plain / read * first.count) if plain and read else None

    def blocks(self, start: int) -> Iterator[Block]:
        """The records from an index on; a block that begins before it is whole."""
        blocks = self._blocks or self.records.blocks(BLOCK_CHARACTERS)
        return (block for block in blocks if block.index + block.count > start)

    def rows(self) -> Generator[OriginalRow, None, None]:
        """The rows as they stand; of vCards and JSON Lines each is one cell."""
        for row in self.records:
            yield OriginalRow(row.index, row.row, (row.text,) if isinstance(row, CardRow) else self._whole(row))

    def _whole(self, row: Row) -> tuple[str, ...]:
        """The cells, the last with those beyond the headings: most often a text in which the delimiter was not quoted.

        Of the end of a report nothing, so that nobody imports it as the rows beside it that were mended.
        """
        if row.fault == "footer":
            return ()
        *cells, last = row.cells
        beyond = row.beyond[: 1 + max((at for at, cell in enumerate(row.beyond) if cell.strip()), default=-1)]
        return (*cells, (self.records.delimiter or " ").join((last, *beyond)))


def _plain_bytes(source: Source) -> int:
    """How long a file is once unpacked, as gzip says at its end, if only modulo 4 GiB; 0 if that cannot be."""
    if source.head(2) != _GZIP:
        return source.size
    with source.open() as reader:
        reader.seek(-4, os.SEEK_END)
        said = int.from_bytes(reader.read(4), "little")
    return said if said >= source.size else 0


def _mapping(records: Records, options: ImportOptions) -> Mapping:
    """Raises: InvalidInput for a table without a column by which a contact could be known."""
    if options.targets is None:
        mapping = _with_unheaded(records.headings, propose(records.headings, records.samples).mapping())
    elif options.custom_prefix is None:
        mapping = bound(records.headings, options.targets)
    else:
        mapping = recognise(records.headings, options.targets, custom_prefix=options.custom_prefix)
    if records.format in ("vcard", "jsonl"):
        return mapping
    # An overwrite deletes what was there: a file without names is hardly what was meant.
    if (options.rules.name_required or options.overwrite) and not mapping.has_name:
        raise InvalidInput.of("name", "no_column", "The file has no column for the name.")
    if not mapping.columns:
        raise InvalidInput.of(options.field, "no_column", "No column of the file is known.")
    return mapping


def _with_unheaded(headings: tuple[str, ...], mapping: Mapping) -> Mapping:
    """The mapping with every column without a heading: what may stand there is a custom field, and not lost."""
    unheaded = {
        column: CUSTOM + letter
        for column, (heading, letter) in enumerate(zip(headings, letters(len(headings)), strict=True))
        if not heading
    }
    return Mapping({**unheaded, **mapping.columns})


@contextmanager
def open_file(
    source: Source,
    options: ImportOptions,
    country: str | None,
    choose: Callable[[tuple[str, ...]], ImportOptions] | None = None,
    limits: WorkbookLimits = PATIENT,
    heed: Callable[[], None] = lambda: None,
) -> Iterator[OpenFile]:
    """Open a file.

    Args: ``country``: where the options name none. ``choose``: gives the options with the mapping for these headings;
        None: they have it. ``limits``: what a workbook may cost. ``heed``: called once a second while it is read; it
        may raise.

    Raises: TakesLong: that is not enough. InvalidInput: it cannot be read, or none of its
        columns is known.
    """
    how = ReadOptions(
        field=options.field,
        encoding=options.encoding,
        delimiter=options.delimiter,
        sheet=options.sheet,
        headings=True if options.tables_only else None,
        country=options.country or country,
        tables_only=options.tables_only,
        max_rows=options.max_rows,
        workbook=limits,
        heed=heed,
    )
    # A file that was kept has only its bytes and its name.
    media_type, charset = source.media_type or options.media_type, source.charset or options.charset
    source = replace(source, media_type=media_type, charset=charset)
    with open_records(source, options=how) as records:
        yield OpenFile(records, choose(records.headings) if choose else options, country)
