"""How the native API shows imports.

Source:   docs/dialects/native.md, "Imports"
"""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from onebook.dialects.base import Answer, Event, Events, Out, Request, Schema, Write, schema_of, write_fields
from onebook.dialects.native.answers import (
    ANY_OBJECT,
    FLAG,
    INTEGER,
    INTEGER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    TIME,
    array_of,
)
from onebook.model.imports import AT_REST, OUTCOMES, ImportOptions, MappingFrom, Outcome
from onebook.model.moment import rfc3339
from onebook.operations.imports_mappings import missing_in
from onebook.operations.imports_preview import Preview, PreviewColumn
from onebook.operations.imports_views import View

NUMBER: Final[Schema] = {"type": "number"}
NUMBER_OR_NULL: Final[Schema] = {"type": ["number", "null"]}
TIME_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}

OPTIONS: Final[tuple[Out[ImportOptions], ...]] = (
    Out("match", lambda options: options.match, TEXT),
    Out("found", lambda options: options.found, TEXT),
    Out("overwrite", lambda options: options.overwrite, FLAG),
    Out("skip_opted_out", lambda options: options.skip_opted_out, FLAG),
    Out("demand_valid", lambda options: options.demand_valid, FLAG),
    Out("make_groups", lambda options: options.make_groups, FLAG),
    Out("country", lambda options: options.country, TEXT_OR_NULL),
    Out("mapping", lambda options: options.targets, {"type": ["object", "null"], "additionalProperties": TEXT}),
)


def _count(name: Outcome) -> Callable[[View], int]:
    return lambda view: getattr(view.imported.counts, name)


def _moment_or_none(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else rfc3339(milliseconds)


def _mapping_from(options: ImportOptions) -> MappingFrom:
    return options.mapping_from or ("recognised" if options.targets is None else "given")


def _estimated_end(view: View) -> str | None:
    """When it will be done, as far as its speed tells; None at rest."""
    left = view.progress.seconds_left
    if left is None or view.imported.state in AT_REST:
        return None
    return rfc3339(time.time_ns() // 1_000_000 + round(left * 1000))


IMPORT: Final[tuple[Out[View], ...]] = (
    Out("uid", lambda view: view.imported.id, TEXT),
    Out("state", lambda view: view.imported.state, TEXT),
    Out("file", lambda view: view.imported.name, TEXT_OR_NULL),
    Out("size", lambda view: view.imported.size, INTEGER),
    Out("fetching", lambda view: view.imported.options.address is not None, FLAG),
    Out("headings", lambda view: view.imported.headings, TEXTS),
    Out("mapping_from", lambda view: _mapping_from(view.imported.options), TEXT),
    Out("headings_missing", lambda view: missing_in(view.imported), TEXTS),
    Out("book", lambda view: view.imported.book, INTEGER),
    Out("options", lambda view: write_fields(OPTIONS, view.imported.options), schema_of(OPTIONS)),
    Out("rows", lambda view: view.progress.rows, INTEGER),
    *(Out(name, _count(name), INTEGER) for name in OUTCOMES),
    Out("rows_total", lambda view: view.progress.rows_total, INTEGER_OR_NULL),
    Out("rows_per_second", lambda view: round(view.progress.rows_per_second, 1), NUMBER),
    Out("seconds_left", lambda view: view.progress.seconds_left, NUMBER_OR_NULL),
    Out("estimated_end", _estimated_end, TIME_OR_NULL),
    Out("code", lambda view: view.imported.code, TEXT_OR_NULL),
    Out("message", lambda view: view.imported.message, TEXT_OR_NULL),
    Out("samples", lambda view: msgspec.to_builtins(view.imported.samples), {"type": "array", "items": ANY_OBJECT}),
    Out("kept", lambda view: view.kept, TEXTS),
    Out("kept_count", lambda view: len(view.imported.kept), INTEGER),
    Out("created_at", lambda view: rfc3339(view.imported.created_at), TIME),
    Out("updated_at", lambda view: rfc3339(view.imported.updated_at), TIME),
    Out("ended_at", lambda view: _moment_or_none(view.imported.ended_at), TIME_OR_NULL),
)
COLUMN: Final[tuple[Out[PreviewColumn], ...]] = (
    Out("heading", lambda column: column.heading, TEXT),
    Out("target", lambda column: column.target, TEXT),
    Out("confidence", lambda column: column.confidence, NUMBER),
    Out("samples", lambda column: column.samples, TEXTS),
)
PREVIEW: Final[tuple[Out[Preview], ...]] = (
    Out("file", lambda preview: preview.name, TEXT_OR_NULL),
    Out("size", lambda preview: preview.size, INTEGER),
    Out("format", lambda preview: preview.format, TEXT),
    Out("encoding", lambda preview: preview.encoding, TEXT_OR_NULL),
    Out("delimiter", lambda preview: preview.delimiter, TEXT_OR_NULL),
    Out("mapping_from", lambda preview: preview.mapping_from, TEXT),
    Out("headings_missing", lambda preview: preview.missing, TEXTS),
    Out("columns", lambda preview: [write_fields(COLUMN, one) for one in preview.columns], array_of(COLUMN)),
)
PREVIEW_SCHEMA: Final[Schema] = schema_of(PREVIEW)
_PROGRESS: Final = (
    *("uid", "state", "size", "fetching", "rows", *OUTCOMES, "rows_total"),
    *("rows_per_second", "seconds_left", "estimated_end", "code", "message"),
)
PROGRESS: Final[tuple[Out[View], ...]] = tuple(out for out in IMPORT if out.name in _PROGRESS)
IMPORT_SCHEMA: Final[Schema] = schema_of(IMPORT)
LIST_SCHEMA: Final[Schema] = {"type": "object", "properties": {"imports": array_of(IMPORT)}, "required": ["imports"]}


def write_one(status: int) -> Write:
    """A writer of one import."""
    return lambda _request, view: Answer(status, write_fields(IMPORT, view))


def write_preview(_request: Request, preview: Preview) -> Answer:
    """What a file seems to be."""
    return Answer(200, write_fields(PREVIEW, preview))


def event_of(view: View) -> Event:
    """How far an import is, as an event: ``progress``, or ``end`` once it is at rest."""
    imported = view.imported
    last = imported.state in AT_REST
    id_ = f"{imported.updated_at}-{imported.state}-{view.progress.rows}"
    return Event(id_, "end" if last else "progress", write_fields(PROGRESS, view), last)


def write_events(_request: Request, events: Events | None) -> Answer:
    """The events; to a client that has had the last one 204, by which it knows not to come back."""
    return Answer(204) if events is None else Answer(200, events, content_type="text/event-stream")


def write_all(_request: Request, views: list[View]) -> Answer:
    """The newest imports, under their noun's plural."""
    shown: list[dict[str, Any]] = [write_fields(IMPORT, view) for view in views]
    return Answer(200, {"imports": shown})
