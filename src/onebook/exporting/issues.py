"""Every issue of an import as a file: JSON or CSV, streamed, none left out."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from onebook.exporting import delimited
from onebook.exporting.pieces import gathered
from onebook.model.imports import ImportIssue

JSON_TYPE: Final = "application/json"
CSV_TYPE: Final = delimited.MEDIA_TYPE
HEADINGS: Final = ("index", "row", "heading", "value", "code", "message", "outcome")


def object_of(issue: ImportIssue) -> dict[str, Any]:
    """What is told of an issue."""
    values = (issue.index, issue.row, issue.field, issue.value, issue.code, issue.message, issue.outcome)
    return dict(zip(HEADINGS, values, strict=True))


def as_json(issues: Iterable[ImportIssue]) -> Iterator[bytes]:
    """One JSON array, an issue a line."""
    yield from gathered(_array(issues))


def _array(issues: Iterable[ImportIssue]) -> Iterator[bytes]:
    before = b"[\n"
    for one in issues:
        yield before + msgspec.json.encode(object_of(one))
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def as_csv(issues: Iterable[ImportIssue]) -> Iterator[bytes]:
    """A sheet, an issue a row."""
    yield from gathered(delimited.lines(HEADINGS, (_cells(one) for one in issues)))


def _cells(one: ImportIssue) -> list[str]:
    return ["" if value is None else str(value) for value in object_of(one).values()]
