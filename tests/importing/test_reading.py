"""Opening any file: what it is, its headings, and the same rows one by one and block by block."""

import gzip
import io
from collections.abc import Callable
from typing import Any

import pytest

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing import draft
from onebook.importing.draft import Mapping, RowDraft, plan_of, read_block, recognise
from onebook.importing.reading import ReadOptions, Records, open_records
from onebook.importing.rows import CardRow, Row
from onebook.importing.source import Source
from tests.importing import ugly

CSV = b"Name,Email\nAda,ada@example.com\n"
XLSX = ugly.workbook([["Name", "Email"], ["Ada", "ada@example.com"]])
CARDS = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEMAIL:ada@example.com\r\nEND:VCARD\r\n"
LINES = b'{"name": "Ada", "email": "ada@example.com"}\n'
TARGETS = {"name": "name.full", "email": "email", "phone": "phone"}


def opened(data: bytes, **options: Any) -> Records:
    return open_records(Source(data, len(data)), options=ReadOptions(**options))


def drafts(data: bytes, **options: Any) -> list[RowDraft]:
    with opened(data, **options) as records:
        plan = plan_of(records.headings, recognise(records.headings, TARGETS))
        return [draft for block in records.blocks() for draft in read_block(block, plan)]


ALL = {
    "csv": CSV,
    "tsv": CSV.replace(b",", b"\t"),
    "workbook": XLSX,
    "old workbook": ugly.old_workbook([["Name", "Email"], ["Ada", "ada@example.com"]]),
    "open document": ugly.open_document([["Name", "Email"], ["Ada", "ada@example.com"]]),
    "vcard": CARDS,
    "jsonl": LINES,
    "utf-16": CSV.decode().encode("utf-16"),
    "utf-16 cards": CARDS.decode().encode("utf-16"),
    "utf-16 lines": LINES.decode().encode("utf-16-be"),
    "single quotes": b"'Name','Email'\n'Ada','ada@example.com'\n",
    "blanks behind commas": b'Name, Email\n"Ada", "ada@example.com"\n',
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ALL)
def test_every_format_comes_to_the_same_contact(name: str, pack: Callable[[bytes], bytes]) -> None:
    [row] = drafts(pack(ALL[name]))
    assert row.draft is not None, row.issues
    assert (row.index, row.draft.card.full, row.draft.card.emails[0].address) == (0, "Ada", "ada@example.com")


@pytest.mark.parametrize(
    ("name", "format", "encoding", "delimiter", "headings"),
    [
        ("csv", "csv", "utf-8", ",", ("Name", "Email")),
        ("tsv", "tsv", "utf-8", "\t", ("Name", "Email")),
        ("workbook", "workbook", None, None, ("Name", "Email")),
        ("vcard", "vcard", "utf-8", None, ()),
        ("jsonl", "jsonl", "utf-8", None, ("email",)),
        ("utf-16 lines", "jsonl", "utf-16-be", None, ("email",)),
    ],
)
def test_a_file_says_what_it_is(
    name: str, format: str, encoding: str | None, delimiter: str | None, headings: tuple[str, ...]
) -> None:
    with opened(ALL[name]) as records:
        assert (records.format, records.encoding, records.delimiter) == (format, encoding, delimiter)
        assert records.headings == headings


@pytest.mark.parametrize("name", ["csv", "workbook", "jsonl"])
def test_samples_are_shown_and_still_read(name: str) -> None:
    with opened(ALL[name]) as records:
        assert records.samples[0][-1] == "ada@example.com"
        assert len(list(records)) == 1


def test_rows_and_cards_have_their_places() -> None:
    with opened(b"\nName,Email\n\nAda,a\n") as records:
        assert list(records) == [Row(1, 4, ("Ada", "a"))]
    with opened(b"\n" + CARDS * 2) as records:
        assert [(row.index, row.row) for row in records] == [(0, 2), (1, 7)]
    with opened(LINES + b"\n" + LINES) as records:
        assert [(row.index, row.row) for row in records] == [(0, 1), (2, 3)]
        assert all(isinstance(row, CardRow) for row in records)


@pytest.mark.parametrize(
    "data", [b"+33 6 12 34 56 78;Zoe\n+33612345679;Al\n", b"ada@example.com,Ada\nbob@example.com,Bob\n"]
)
def test_a_first_row_of_data_is_no_heading(data: bytes) -> None:
    with opened(data) as records:
        assert records.headings == ("A", "B")
        assert [(row.index, row.row) for row in records] == [(0, 1), (1, 2)]
    with opened(data, headings=True) as records:
        assert len(records.headings) == 2
        assert len(list(records)) == 1


def test_a_workbook_without_headings_keeps_its_first_row() -> None:
    with opened(ugly.workbook([["+33612345678", "Zoe"], ["+33612345679", "Al"]])) as records:
        assert records.headings == ("A", "B")
        assert [(row.index, row.row) for row in records] == [(0, 1), (1, 2)]


PEOPLE: list[list[str]] = [["Name", "Email", "City"], ["Ada", "ada@example.com", "Rome"]]
REPORT: list[list[str]] = [["", "Name", "Phone", "City"], ["", "Ada", "+1 650 555 0134", "Rome"]]
ABOVE: dict[str, tuple[list[list[str]], int]] = {
    "title": ([["Contacts 2026"], [], *PEOPLE], 3),
    "title of two cells": ([["Contacts", "2026"], *PEOPLE], 2),
    "as many cells as headings": ([["Contacts", "2026"], ["Name", "Phone"], ["Ada", "1"]], 2),
    "formatted report": ([["", "Contact Report"], ["", "As of 2026-11-23", "Rep"], ["", "Filtered By"], *REPORT], 4),
    "cover line with an address": ([["info@example.com"], *PEOPLE], 2),
    "nothing": (PEOPLE, 1),
    "unknown headings, data like headings": ([["Imię", "Typ", "Typ"], ["Ada", "Mobile", "Fax"]], 1),
    "headings of which one is known": ([["Name", "Imię"], ["Mobile", "Fax"]], 1),
}


def as_csv(rows: list[list[str]]) -> bytes:
    width = max(map(len, rows))
    return "".join(",".join([*row, *[""] * (width - len(row))]) + "\n" for row in rows).encode()


@pytest.mark.parametrize("write", [as_csv, ugly.workbook])
@pytest.mark.parametrize("name", ABOVE)
def test_headings_are_found_below_words(name: str, write: Callable[[list[list[str]]], bytes]) -> None:
    rows, row = ABOVE[name]
    with opened(write(rows)) as records:
        assert [cell for cell in records.headings if cell] == [cell for cell in rows[row - 1] if cell]
        assert [(found.index, found.row) for found in records] == [(at, row + 1 + at) for at in range(len(rows) - row)]


def test_a_last_column_of_a_workbook_may_have_no_heading() -> None:
    rows = [["Name", "Email"], ["Ada", "ada@example.com", "", "x"]]
    with opened(ugly.workbook(rows)) as records:
        assert records.headings == ("Name", "Email", "", "")
        assert list(records) == [Row(0, 2, ("Ada", "ada@example.com", "", "x"))]
    far = [*rows, ["Bob", *[""] * 2_500, "x"]]
    with opened(ugly.workbook(far)) as records:
        assert len(records.headings) == 4
        assert [(row.fault, row.beyond[-1:]) for row in records if isinstance(row, Row)] == [
            (None, ()),
            ("too_many_cells", ("x",)),
        ]


def test_a_table_without_headings_is_as_wide_as_its_rows() -> None:
    with opened(b"Ada,+1 650 555 0134\nBob,+1 650 555 0135,Rome\n") as records:
        assert records.headings == ("A", "B", "C")


@pytest.mark.parametrize(
    ("data", "country", "headings"),
    [
        (b"Ada Okafor,(650) 555-0134,Oakland\nBob,(650) 555-0135,Rome\n", "US", ("A", "B", "C")),
        (b"Ada Okafor,(650) 555-0134,Oakland\n", None, ("Ada Okafor", "(650) 555-0134", "Oakland")),
        (b"Ada,650 555 0134\nBob,12\nCy,650 555 0135\n", "US", ("A", "B")),
        (b"Shop,2025,2026\nAda,1,2\n", "DE", ("Shop", "2025", "2026")),
        (b"Shop,20250101\nAda,12\n", "DK", ("Shop", "20250101")),
        (b"Name,20260101\nBob,1\n", "DK", ("Name", "20260101")),
    ],
)
def test_a_number_of_the_country_is_no_heading(data: bytes, country: str | None, headings: tuple[str, ...]) -> None:
    with opened(data, country=country) as records:
        assert records.headings == headings
    with opened(ugly.workbook([line.split(",") for line in data.decode().splitlines()]), country=country) as records:
        assert records.headings == headings


def test_encoding_delimiter_and_sheet_can_be_named() -> None:
    data = "Name:Note\nŁukasz:a,b\n".encode("iso8859_2")
    with opened(data, encoding="latin2", delimiter=":") as records:
        assert list(records) == [Row(0, 2, ("Łukasz", "a,b"))]
    book = ugly.openpyxl.Workbook()
    book.worksheets[0].append(["Nothing"])
    book.create_sheet("People").append(["Name"])
    with opened(ugly.saved(book), sheet="People") as records:
        assert records.headings == ("Name",)
    with pytest.raises(InvalidInput, match="none of the name"):
        opened(ugly.saved(book), sheet="Nobody")


def test_too_many_rows_are_a_limit() -> None:
    with opened(CSV + b"Bob,b\n", max_rows=1) as records, pytest.raises(LimitExceeded):
        list(records)


@pytest.mark.parametrize("cut", [9, 30, -9, -4])
def test_a_packed_file_cut_short_is_one_issue(cut: int) -> None:
    with pytest.raises(InvalidInput, match="gzip"), opened(gzip.compress(CSV * 100, mtime=0)[:cut]) as records:
        list(records)


def test_a_packed_file_is_bounded() -> None:
    bomb = gzip.compress(b"Name\n" + b" " * (80 << 20))
    with pytest.raises(InvalidInput, match="far more"):
        opened(bomb)
    with pytest.raises(LimitExceeded):
        opened(bomb, unpacked_bytes=1 << 20)


def test_blocks_and_single_rows_agree() -> None:
    data = b"Name,Note\n" + b'Ada,"a\nb"\n\nBob,c\n"Cy" x,d\n' * 8_000
    with opened(data) as records:
        one_by_one = list(records)
    with opened(data) as records:
        plan = plan_of(records.headings, Mapping({0: "name.full", 1: "notes"}))
        together = [draft for block in records.blocks(10_000) for draft in read_block(block, plan)]
    assert [(row.index, row.row) for row in together] == [(row.index, row.row) for row in one_by_one]
    assert len(together) == 24_000
    assert together[0] == draft._reader(plan).row(one_by_one[0])


def test_blocks_are_the_same_each_time() -> None:
    data = b"Name,Note\n" + b'Ada,"a\nb"\n' * 50_000
    with opened(data) as first, opened(data) as second:
        assert list(first.blocks(5_000)) == list(second.blocks(5_000))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'[{"name": "Ada"},\n{"name": "Bob"}]', "one JSON array"),
        (gzip.compress(b"", mtime=0), "empty"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "PDF"),
        (b"BEGIN:VCARD\n" + b"X:y\n" * (5 << 20), "The card that begins in line 1 "),
    ],
)
def test_what_holds_no_contacts_is_one_issue(data: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says), opened(data) as records:
        list(records)


def test_a_reader_is_not_held_in_memory() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        file.writelines(b"Ada %d,ada@example.com\n" % number for number in range(200_000))
    with opened(b"".join([packed.getvalue()]), headings=False) as records:
        assert sum(block.count for block in records.blocks()) == 200_000


FOOTER = ["Contact Report", "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.", "Generated By:  Ada"]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ([*PEOPLE, [], [], *([line] for line in FOOTER)], 3),
        ([*PEOPLE, [], ["", "Confidential Information - Do Not Distribute"], ["", "Acme"]], 2),
        ([*PEOPLE, *([line] for line in FOOTER)], 0),
        ([*PEOPLE, [], ["Bob"], ["Confidential Smith"]], 0),
        ([*PEOPLE, [], ["Bob"], ["Confidential Information - Do Not Distribute", "", "Rome"]], 0),
    ],
    ids=["report", "second column", "no blank row above", "people", "filled cells"],
)
@pytest.mark.parametrize("write", [as_csv, ugly.workbook])
def test_the_end_of_a_report_is_no_contact(
    rows: list[list[str]], refused: int, write: Callable[[list[list[str]]], bytes]
) -> None:
    data = write([[cell.replace(",", "") if write is as_csv else cell for cell in row] for row in rows])
    found = drafts(data)
    assert [[issue.code for issue in row.issues] for row in found if row.draft is None] == [["footer"]] * refused
    filled = sum(map(any, rows)) - 1
    assert len(found) == filled
