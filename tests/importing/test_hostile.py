"""Broken, hostile and odd files: rows and issues, or one refusal, never more than seconds."""

import datetime as dt
import gzip
import time
from collections import Counter
from collections.abc import Callable
from functools import cache

import msgspec
import pytest

from onebook.errors import InvalidInput
from onebook.importing.draft import RowDraft, plan_of, read_block
from onebook.importing.headings import propose
from onebook.importing.reading import open_records
from onebook.importing.source import Source
from tests.importing import ugly

SECONDS = 10.0  # of processor time: others may use the machine too
CSV = "Name,Phone\nAda,+1 650 555 0134\n"


def drafts(data: bytes, name: str | None = None) -> list[RowDraft]:
    with open_records(Source(data, len(data), name=name)) as records:
        plan = plan_of(records.headings, propose(records.headings, records.samples).mapping(), country="US")
        return [draft for block in records.blocks() for draft in read_block(block, plan)]


def merged() -> bytes:
    book = ugly.openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("Name", "Phone", "Note"), ("Ada", "+1 650 555 0134", None), (None, "+1 650 555 0135", None)):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    return ugly.saved(book)


def hidden() -> bytes:
    book = ugly.openpyxl.Workbook()
    book.worksheets[0].append(["Secret"])
    book.worksheets[0].sheet_state = "hidden"
    people = book.create_sheet("People")
    for row in (["Name", "Phone"], ["Ada", "+1 650 555 0134"]):
        people.append(row)
    return ugly.saved(book)


def typed() -> bytes:
    rows: list[list[object]] = [
        ["Name", "Phone"],
        ["float", 16505550134.0],
        ["date", dt.date(2031, 5, 1)],
        ["text", "'+1 650 555 0134"],
    ]
    return ugly.workbook([*rows, ["formula", "=1+1"], ["lost digits", "1.65056E+10"]])


# What comes of each: (good rows, issues as heading and code).
ODD: dict[str, tuple[bytes, int, list[tuple[str, str]]]] = {
    "unbalanced quotes": (b'Name,Phone\n"Ada,+1\nBob,"x\nCy,\n', 1, [("row", "unclosed_quote")] * 2),
    "ragged rows": (
        b"Name,Phone\nAda\nBob,,, \nCy,,more,and more\n,,x\n,,,\n",
        2,
        [("row", "too_many_cells"), ("row", "too_many_cells")],
    ),
    "a zero": (CSV.encode() + b"B\0b,\n", 1, [("Name", "nul")]),
    "a lone CR": (b"Name,Phone\nA\rda,\n", 1, []),
    "old Mac": (CSV.replace("\n", "\r").encode(), 1, []),
    "old Mac with an end": ((CSV + "Bob,\n").replace("\n", "\r").encode() + b"\n", 2, []),
    "headings twice": (b"Phone,Phone,Name\n+1 650 555 0134,+1 650 555 0135,Ada\n", 1, []),
    "headings missing": (b",,Name\nx,y,Ada\n", 1, []),
    "words before the headings": (b'Notes:\n"Exported, by hand"\n\nFirst Name,Last Name,URL\nAda,O,u\n', 1, []),
    "only headings": (b"Name,Phone\n", 0, []),
    "formulas": (b"Name,Phone,Size\n=1+1,,=HYPERLINK(1)\n", 1, []),
    "cards without an end": (b"BEGIN:VCARD\nFN:Ada\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\n", 1, [("row", "unclosed_card")]),
    "cards of joined files": ((b"\xef\xbb\xbfBEGIN:VCARD\nFN:Ada\nEND:VCARD\n" * 2), 2, []),
    "lines that are no JSON": (b'{"name": "Ada"}\nnonsense\n\n', 1, [("row", "not_json")]),
    "merged cells": (merged(), 2, []),
    "hidden sheet first": (hidden(), 1, []),
    "floats, dates and formulas as phones": (
        typed(),
        3,
        [("Phone", "invalid"), ("Phone", "invalid")],
    ),
    "a workbook called csv": (ugly.workbook([["Name"], ["Ada"]]), 1, []),
    "entities": (
        ugly.raw_workbook(
            f"<sheetData><row r='1'>{ugly.cell('A1', 'Name')}</row>"
            f"<row r='2'>{ugly.cell('A2', '&boom;')}</row></sheetData>",
            prolog="<!DOCTYPE worksheet [<!ENTITY boom 'Ada'>]>",
        ),
        -1,
        [],
    ),
    "lying dimensions": (
        ugly.raw_workbook(
            "<dimension ref='A1:XFD1048576'/><sheetData>"
            f"<row r='1'>{ugly.cell('A1', 'Name')}</row><row r='2'>{ugly.cell('A2', 'Ada')}</row></sheetData>"
        ),
        1,
        [],
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_file_gives_rows_and_issues(name: str) -> None:
    data, good, issues = ODD[name]
    began = time.process_time()
    if good < 0:
        with pytest.raises(InvalidInput):
            drafts(data)
    else:
        rows = drafts(data, "people.csv")
        assert sum(row.draft is not None for row in rows) == good
        found = [(issue.field, issue.code) for row in rows for issue in row.issues]
        assert Counter(found) == Counter(issues)
    assert time.process_time() - began < SECONDS


def huge(before: str, after: str) -> bytes:
    """50 MB between two texts."""
    return (before + "x" * (50 << 20) + after).encode()


# Made when their test runs: some take a second, and hundreds of megabytes.
REFUSED: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "a card of 50 MB": lambda: huge("BEGIN:VCARD\nNOTE:", "\nEND:VCARD\n"),
    "quotes on and on": lambda: b"Name,Note\n" + b'Ada,"x\n' * 300_000,
    "under a password": ugly.under_password,
    "cut short": lambda: ugly.workbook([["Name"], ["Ada"]])[:-200],
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "JSON over several lines": lambda: b'{\n  "name": "Ada"\n}\n',
    "a page": lambda: b"<!DOCTYPE html><table><tr><td>Name</td></tr></table>",
    "an archive": lambda: ugly.zipped({"people.csv": CSV.encode()}),
    "a zip bomb": lambda: ugly.zipped({"xl/workbook.xml": bytes(300 << 20)}),
    "a gzip bomb": lambda: gzip.compress(bytes(200 << 20)),
    "gzip in gzip": lambda: gzip.compress(gzip.compress(CSV.encode())),
    "gzip cut short": lambda: gzip.compress(CSV.encode() * 1000)[:100],
    "zeros": lambda: bytes(100_000),
}


#: Those whose files are of megabytes.
LONG = {"a card of 50 MB", "quotes on and on"}


@cache
def refused_file(name: str) -> bytes:
    """One of them, made once."""
    return REFUSED[name]()


@pytest.mark.parametrize("name", REFUSED)
def test_hopeless_file_is_refused_with_one_sentence(name: str) -> None:
    data = refused_file(name)
    began = time.process_time()
    with pytest.raises(InvalidInput) as caught:
        drafts(data)
    assert len(caught.value.issues) == 1
    assert caught.value.issues[0].message.endswith(".")
    assert time.process_time() - began < SECONDS


# Text before and after 50 MB, in the first of two records; the field that its issue names.
ENDLESS: dict[str, tuple[str, str]] = {
    "a cell": ("Name,Note\nAda,", "\nBob,b\n"),
    "a quoted cell": ('Name,Note\nAda,"', '"\nBob,b\n'),
    "a line": ('{"name": "', '"}\n{"name": "Bob"}\n'),
}


@cache
def endless_file(name: str) -> bytes:
    """One of them, made once."""
    return huge(*ENDLESS[name])


@pytest.mark.parametrize("name", ENDLESS)
def test_fifty_megabytes_in_one_record_cost_only_that(name: str) -> None:
    data = endless_file(name)
    began = time.process_time()
    endless, bob = drafts(data)
    assert [(issue.field, issue.code) for issue in endless.issues] == [("row", "too_long")]
    assert bob.draft is not None
    assert time.process_time() - began < SECONDS


def test_short_rows_below_wide_headings_come_few_at_a_time() -> None:
    data = (",".join(f"h{at}" for at in range(1_999)) + ",Name\n" + "x\n" * 30_000).encode()
    with open_records(Source(data, len(data))) as records:
        counts = [block.count for block in records.blocks()]
    assert (sum(counts), max(counts)) == (30_000, 2_000)


def test_renamed_workbook_that_is_text_is_read_as_text() -> None:
    [row] = drafts(CSV.encode(), "people.xlsx")
    assert row.draft is not None


def test_keys_of_lines_are_no_more_than_a_table_has_columns() -> None:
    lines = [msgspec.json.encode({"name": "Ada"} | {f"k{line}_{at}": "x" for at in range(900)}) for line in range(4)]
    data = b"\n".join(lines)
    with open_records(Source(data, len(data))) as records:
        assert len(records.headings) == 2_000
    assert [len(row.draft.card.custom) for row in drafts(data) if row.draft] == [900] * 4
