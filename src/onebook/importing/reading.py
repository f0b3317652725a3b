"""A file of contacts as it is read: what it is, its headings, and its records one by one or in blocks.

Tables (CSV, TSV, workbooks) have headings and cells. vCards and JSON Lines have none: a record of theirs is its text.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal, Self

from msgspec import Struct

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing import json_keys, workbook
from onebook.importing.archive import WorkbookLimits
from onebook.importing.blocks import (
    BLOCK_CHARACTERS,
    Block,
    TableText,
    card_blocks,
    line_blocks,
    stretch_blocks,
)
from onebook.importing.delimited import PREAMBLE, opened, text_pieces
from onebook.importing.encoding import encoding_of
from onebook.importing.headings import has_numbers_of, looks_like_data
from onebook.importing.headless import letters
from onebook.importing.kind import kind_of, kind_of_text
from onebook.importing.packed import Unpacked, unpacked
from onebook.importing.patience import Heed, heeded
from onebook.importing.record import COLUMNS, Record, records_in
from onebook.importing.rows import CardRow, Row, rows_in
from onebook.importing.source import Source
from onebook.importing.table import Head, head_of, heading_row, refuse_false_workbook

Format = Literal["csv", "tsv", "workbook", "vcard", "jsonl"]

_SAMPLES: Final = 100
_COMPARED: Final = 5  # rows that tell whether a first one is like them
# Judgement: so many, of some dozen bytes each, are far below what an import may take.
_CELLS_OF_BLOCK: Final = 4_000_000


class ReadOptions(Struct, frozen=True, kw_only=True):
    """How to read a file.

    Args:
        field: the caller's name of the file (``csv_url``), for what is wrong with all of it.
        encoding, delimiter: of a text. sheet: of a workbook, its name. headings: whether the first row of a table is
            one of headings. Each is found out if None; the sheet is then the first with any row that a person sees.
        country: where numbers of a first row may be dialled, by which it is known to be none of headings.
        tables_only: refuse files that are no table, and those that are packed.
        max_rows: the most rows that are not blank; `blocks` leaves them to whoever counts.
        unpacked_bytes: the most that a packed file may unpack to.
        workbook: what reading a workbook may cost. heed: called once a second while the file is read; it may raise.
    """

    field: str = "file"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    headings: bool | None = None
    country: str | None = None
    tables_only: bool = False
    max_rows: int = 10_000_000
    unpacked_bytes: int = 8 << 30
    workbook: WorkbookLimits = WorkbookLimits()
    heed: Heed = lambda: None


class Records:
    """The records of an open file, once; close it, or use it with ``with``.

    Args:
        format: what the file is. encoding, delimiter: of a text; None elsewhere.
        headings: of a table; of JSON Lines the keys that are like headings; of vCards none.
        samples: cells of the first rows, under the headings.
    """

    def __init__(self, kind: "_Known", blocks: Callable[[int], Iterator[Block]], options: ReadOptions) -> None:
        self.format, self.encoding, self.delimiter = kind.format, kind.encoding, kind.delimiter
        self.headings, self.samples = kind.headings, kind.samples
        self._blocks = blocks
        self._options = options
        self._closing = contextlib.ExitStack()

    def blocks(self, characters: int = BLOCK_CHARACTERS) -> Iterator[Block]:
        """All records in blocks, the same ones each time that the file is opened.

        Args:
            characters: about so many a block.

        Raises:
            InvalidInput: if the file turns out to be broken beyond a record.
        """
        return self._blocks(characters)

    def __iter__(self) -> Iterator[Row | CardRow]:
        """The records that are not blank, one by one.

        Raises:
            InvalidInput: as `blocks`. LimitExceeded: if there are too many.
        """
        width, strict = len(self.headings), not self._options.tables_only
        rows = itertools.chain.from_iterable(rows_in(block, width, strict=strict) for block in self.blocks())
        for count, row in enumerate(rows, 1):
            if count > self._options.max_rows:
                raise LimitExceeded(self._options.field, self._options.max_rows, "rows")
            yield row

    def owns(self, closing: contextlib.ExitStack) -> Self:
        """Take over what is to be closed together with the records."""
        self._closing = closing
        return self

    def close(self) -> None:
        """End the reading, and with it the process that may be doing it."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Known(Struct, frozen=True):
    """What is known of a file before its records are read; see `Records`."""

    format: Format
    encoding: str | None = None
    delimiter: str | None = None
    headings: tuple[str, ...] = ()
    samples: tuple[tuple[str, ...], ...] = ()


def open_records(source: Source, *, options: ReadOptions | None = None) -> Records:
    """Open a file of contacts, whatever kind of file it is.

    Args:
        source: the file, perhaps packed with gzip; it stays open and stays the caller's.
        options: how to read it.

    Raises:
        InvalidInput: if it is empty, holds no contacts, is damaged, or under a password.
        LimitExceeded: if it unpacks to too much.
    """
    options = options or ReadOptions()
    with contextlib.ExitStack() as closing:
        plain = source if options.tables_only else unpacked(source, options.unpacked_bytes, field=options.field)
        if kind_of(plain, field=options.field) == "workbook":
            records = _open_workbook(plain, options, closing)
        else:
            records = _open_text(plain, options, closing)
        return records.owns(closing.pop_all())


def _open_workbook(source: Source, options: ReadOptions, closing: contextlib.ExitStack) -> Records:
    if isinstance(source, Unpacked):
        source = closing.enter_context(source.spooled(options.workbook.unpacked_bytes))
    stretches = workbook.stretches(
        source, options.workbook, field=options.field, sheet=options.sheet, heed=options.heed
    )
    closing.enter_context(contextlib.closing(stretches))
    taken = list[Record]()
    for stretch in stretches:
        taken += records_in(stretch.packed)
        if len(taken) > _SAMPLES + PREAMBLE:
            break
    if options.headings is None:
        del taken[: heading_row([record.cells for record in taken[: PREAMBLE + 1]])]
    head = head_of(iter(taken[:1]), field=options.field)
    is_data = _is_data(head.cells, [record.cells for record in taken[1:_COMPARED]], options)
    taken[0] = Record(head.row, head.cells)
    first = head.row if is_data else head.row + 1
    del taken[: not is_data]
    cells = [record.cells for record in taken[:_SAMPLES]]
    headings = letters(_width(head, cells)) if is_data else head.cells
    if options.headings is None:
        # The blank end of a row is not kept, and so no blank heading at the end.
        headings += ("",) * (_width(head, cells) - len(headings))
    samples = _samples(cells, len(headings))
    known = _Known("workbook", headings=headings, samples=samples)
    return Records(known, lambda _: stretch_blocks(taken, stretches, first_row=first), options)


def _open_text(source: Source, options: ReadOptions, closing: contextlib.ExitStack) -> Records:
    refuse_false_workbook(source, options.field)
    encoding = encoding_of(source, options.encoding, field=options.field, heed=options.heed)
    reader = closing.enter_context(source.open())
    pieces = heeded(text_pieces(reader, encoding, options.field), options.heed)
    first = next(pieces, "")
    kind = kind_of_text(first, field=options.field)
    if options.tables_only and kind != "text":
        message = "The file holds no table; save the contacts as CSV or Excel."
        raise InvalidInput.of(options.field, "unreadable", message)
    pieces = itertools.chain([first], pieces)
    field = options.field
    if kind == "cards":
        known = _Known("vcard", encoding.name)
        return Records(known, lambda size: card_blocks(pieces, field=field, characters=size), options)
    if kind == "lines":
        lines = first.split("\n")
        keys = json_keys.keys_of(lines)
        samples = tuple(tuple(json_keys.cells_of(line, keys)) for line in lines[:_SAMPLES] if line.strip())
        known = _Known("jsonl", encoding.name, headings=keys, samples=samples)
        return Records(known, lambda size: line_blocks(pieces, characters=size), options)
    return _open_table(pieces, encoding.name, options)


def _open_table(pieces: Iterator[str], encoding: str, options: ReadOptions) -> Records:
    dialect, pieces = opened(pieces, options.delimiter)
    text = TableText(pieces, dialect, field=options.field)
    head = head_of(iter(text.next, None), field=options.field)
    if options.headings is None:
        head = _below_preamble(head, text)
    first, headings = head.row + 1, head.cells
    if _is_data(head.cells, text.ahead(_COMPARED), options):
        text.back()
        first, headings = head.row, letters(_width(head, text.ahead(_SAMPLES)))
    samples = _samples(text.ahead(_SAMPLES), len(headings))
    format_: Format = "tsv" if dialect.delimiter == "\t" else "csv"
    known = _Known(format_, encoding, dialect.delimiter, headings, samples)
    # A row of one short cell becomes as wide as the headings: so many of them would fill the memory.
    most = max(_CELLS_OF_BLOCK // len(headings), 1)
    return Records(known, lambda size: text.blocks(first, size, most=most), options)


def _below_preamble(head: Head, text: TableText) -> Head:
    """The headings, or those below some lines of words."""
    below = heading_row([head.cells, *text.ahead(PREAMBLE)])
    if not below:
        return head
    *_, record = itertools.islice(iter(text.next, None), below)
    return Head(record.row, tuple(map(str.strip, record.cells)))


def _is_data(cells: tuple[str, ...], below: Sequence[Sequence[str]], options: ReadOptions) -> bool:
    if options.headings is not None:
        return not options.headings
    return looks_like_data(cells) or (options.country is not None and has_numbers_of(options.country, cells, below))


def _width(head: Head, rows: Iterable[Sequence[str]]) -> int:
    """How wide a table is by its first rows; a cell that strayed too far is none of its columns."""
    return max(len(head.cells), *(size for cells in rows if (size := len(cells)) <= COLUMNS), 0)


def _samples(rows: Iterable[Sequence[str]], width: int) -> tuple[tuple[str, ...], ...]:
    padding = ("",) * width
    return tuple((*cells, *padding)[:width] for cells in rows)
