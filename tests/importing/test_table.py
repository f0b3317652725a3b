"""Opening a file: what kind it is, its headings, its rows and how many there may be."""

import pytest

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing.reading import ReadOptions, Records, open_records
from onebook.importing.rows import Row
from onebook.importing.source import Source
from tests.importing import ugly

CSV = b"Name,Email\nAda,ada@example.com\n"
XLSX = ugly.workbook([["Name", "Email"], ["Ada", "ada@example.com"]])


def opened(data: bytes, *, max_rows: int = 100, name: str | None = None, media_type: str | None = None) -> Records:
    options = ReadOptions(field="csv_url", headings=True, tables_only=True, max_rows=max_rows)
    return open_records(Source(data, len(data), media_type, name=name), options=options)


def rows(data: bytes, *, max_rows: int = 100) -> list[Row]:
    with opened(data, max_rows=max_rows) as table:
        return [row for row in table if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("data", "about"),
    [
        (CSV, (None, None)),
        (CSV, ("people.xlsx", "application/vnd.ms-excel")),
        (b"\xef\xbb\xbf" + CSV.replace(b"\n", b"\r\n"), (None, "text/plain")),
        (CSV.replace(b",", b"\t"), ("people.tsv", None)),
        (CSV.replace(b",", b";"), ("people", None)),
        (CSV.decode().encode("utf-16"), (None, None)),
        (XLSX, (None, None)),
        (XLSX, ("people.csv", "text/csv")),
    ],
    ids=["plain", "false name", "mark", "tabs", "semicolons", "utf-16", "workbook", "workbook with a false name"],
)
def test_content_says_what_a_file_is(data: bytes, about: tuple[str | None, str | None]) -> None:
    with opened(data, name=about[0], media_type=about[1]) as table:
        assert table.headings == ("Name", "Email")
        assert list(table) == [Row(0, 2, ("Ada", "ada@example.com"))]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b",,,\n,,\n", "empty"),
        (b"\n" * 5000, "empty"),
        (ugly.workbook([]), "empty"),
        (b"<!DOCTYPE html><p>", "web_page"),
        (b"\xef\xbb\xbf \n<!-- a --> <!-- b --><HTML lang=en>", "web_page"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">', "web_page"),
        (b'<?xml version="1.0"?><Workbook/>', "unreadable"),
        (b"<!--" * 1000, "unreadable"),
        (b"BEGIN:VCARD\r\nVERSION:4.0\r\n", "unreadable"),
        (b"%PDF-1.7\n", "unreadable"),
        (b"\x89PNG\r\n\x1a\n", "unreadable"),
        (b"\x1f\x8b\x08\x00", "unreadable"),
        (b"\x00\x01\x02\x03" * 2000, "unreadable"),
        (b'"Name,Email\nAda,ada@example.com\n', "unreadable"),
        (b"a," * 2_000, "unreadable"),
        (ugly.workbook([["a"] * 2_001]), "unreadable"),
        (XLSX[:1000], "unreadable"),
    ],
)
def test_what_has_no_table_is_an_issue(data: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        opened(data)
    assert [(issue.field, issue.code, issue.index) for issue in caught.value.issues] == [("csv_url", code, None)]


@pytest.mark.parametrize(
    ("about", "says"),
    [
        (("people.xlsx", None), "workbook is damaged"),
        ((None, "application/vnd.oasis.opendocument.spreadsheet"), "workbook is damaged"),
        (("people.csv", "text/csv"), "neither text nor a workbook"),
    ],
)
def test_name_and_media_type_choose_the_words(about: tuple[str | None, str | None], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        opened(b"\x00\x01\x02\x03" * 100, name=about[0], media_type=about[1])


def test_blank_lines_count_for_the_index_alone() -> None:
    found = rows(b"\n\nName,Email\n\nAda,a\n,\n \t,  \nBob,b\n\n")
    assert [(row.index, row.row, row.cells[0]) for row in found] == [(1, 5, "Ada"), (4, 8, "Bob")]


def test_rows_are_as_wide_as_the_headings() -> None:
    found = rows(b"Name,Email,Phone\nAda\nBob,b,1,surplus\n,,,surplus\n")
    assert [row.cells for row in found] == [("Ada", "", ""), ("Bob", "b", "1")]


def test_faulty_row_has_its_place_and_what_can_be_told_of_its_cells() -> None:
    found = rows(b'Name,Email\nAda,a\n"Bob,b\nCy,c\n')
    assert [(row.index, row.cells, row.fault) for row in found] == [
        (0, ("Ada", "a"), None),
        (1, ('"Bob', "b"), "unclosed_quote"),
        (2, ("Cy", "c"), None),
    ]


def test_headings_are_trimmed_and_kept_in_order_even_twice() -> None:
    with opened("\ufeff Name\u00a0x ,Email, Email\t,\n".encode()) as table:
        assert table.headings == ("Name\u00a0x", "Email", "Email", "")


@pytest.mark.parametrize("data", [CSV * 1 + b"\nBob,b\n", ugly.workbook([["Name"], ["Ada"], [], ["Bob"]])])
def test_one_row_too_many_is_a_limit(data: bytes) -> None:
    assert len(rows(data, max_rows=2)) == 2
    with pytest.raises(LimitExceeded) as caught:
        rows(data, max_rows=1)
    assert (caught.value.what, caught.value.limit, caught.value.unit) == ("csv_url", 1, "rows")


def test_encoding_can_be_named() -> None:
    data = "Name\nŁukasz\n".encode("iso8859_2")
    with open_records(Source(data, len(data)), options=ReadOptions(encoding="latin2")) as table:
        assert list(table) == [Row(0, 2, ("Łukasz",))]


def test_most_columns_pass() -> None:
    for data in (b"a," * 1_999 + b"a\nx\n", ugly.workbook([["a"] * 2_000, ["x"]])):
        assert [len(row.cells) for row in rows(data)] == [2_000]


def test_text_in_utf_16_under_a_workbooks_name_is_text() -> None:
    with opened(CSV.decode().encode("utf-16"), name="people.xls") as table:
        assert table.headings == ("Name", "Email")


@pytest.mark.parametrize(("name", "says"), [("report.xls", "under a workbook's name"), ("people.csv", "not a file of")])
def test_a_web_page_under_a_workbooks_name_is_told_apart(name: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        opened(b"<html><head></head><table><tr><td>Name</td></tr></table>", name=name)
