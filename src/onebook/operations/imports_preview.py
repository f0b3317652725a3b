"""A look at a file before it is imported: what it is, its headings, what they seem to mean. Nothing is kept."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from onebook.importing.archive import WorkbookLimits
from onebook.importing.headings import propose
from onebook.importing.mapping import bound, missing
from onebook.importing.patience import until
from onebook.importing.reading import ReadOptions, Records, open_records
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions, MappingFrom

_SAMPLES: Final = 3
_ROWS: Final = 5
_LONGEST: Final = 200  # characters of a cell


class PreviewColumn(Struct, frozen=True):
    """One column.

    Args:
        heading: as it stands. target: as in `importing.mapping`; empty for a column that is left aside.
        confidence: 0 to 1; 1 where a mapping says it, 0 for a custom field that is merely proposed.
        samples: the first three values that are not blank, cut to 200 characters.
        filled: 0 to 1; in how many of the first rows it is not blank.
    """

    heading: str
    target: str
    confidence: float
    samples: tuple[str, ...]
    filled: float = 1.0


class Preview(Struct, frozen=True):
    """What a file seems to be.

    Args:
        format: csv, tsv, workbook, vcard or jsonl. encoding, delimiter: of a text; None elsewhere.
        mapping_from: where the targets are from. columns: in their order; vCards have none.
        rows: the first rows as they stand, cut likewise.
        missing: headings that a mapping names and the file has not.
    """

    name: str | None
    size: int
    format: str
    encoding: str | None
    delimiter: str | None
    mapping_from: MappingFrom
    columns: tuple[PreviewColumn, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    missing: tuple[str, ...] = ()


def preview(
    source: Source,
    options: ImportOptions,
    choose: Callable[[tuple[str, ...]], ImportOptions],
    limits: WorkbookLimits,
    country: str | None = None,
) -> Preview:
    """Look at a file.

    Args: ``choose``: gives the options with the mapping for these headings. ``limits``: what it may cost.
        ``country``: the account's.

    Raises: TakesLong: it takes longer. InvalidInput: it cannot be read. LimitExceeded: it unpacks to too much.
    """
    how = ReadOptions(
        encoding=options.encoding,
        delimiter=options.delimiter,
        sheet=options.sheet,
        country=options.country or country,
        workbook=limits,
        heed=until(limits.wait_seconds, options.field),
    )
    with open_records(source, options=how) as records:
        chosen = choose(records.headings)
        columns = tuple(
            PreviewColumn(heading, target, confidence, _first_filled(cells), _filled(cells))
            for (heading, target, confidence), cells in zip(_columns(records, chosen), _cells(records), strict=True)
        )
        rows = tuple(tuple(cell.strip()[:_LONGEST] for cell in row) for row in records.samples[:_ROWS])
        return Preview(
            source.name, source.size, records.format, records.encoding, records.delimiter,
            chosen.mapping_from or "recognised", columns, rows, missing(records.headings, chosen.targets or {}),
        )  # fmt: skip


def _columns(records: Records, chosen: ImportOptions) -> Iterator[tuple[str, str, float]]:
    if chosen.targets is None:
        for column in propose(records.headings, records.samples).columns:
            yield column.heading, column.target, column.confidence
        return
    known = bound(records.headings, chosen.targets).columns
    for position, heading in enumerate(records.headings):
        yield heading, known.get(position, ""), float(position in known)


def _cells(records: Records) -> Iterator[list[str]]:
    for position in range(len(records.headings)):
        yield [row[position] for row in records.samples]


def _filled(cells: Sequence[str]) -> float:
    return sum(1 for cell in cells if cell.strip()) / len(cells) if cells else 0.0


def _first_filled(cells: Sequence[str]) -> tuple[str, ...]:
    filled = (cell.strip()[:_LONGEST] for cell in cells if cell.strip())
    return tuple(cell for cell, _ in zip(filled, range(_SAMPLES), strict=False))
