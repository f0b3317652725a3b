"""CSV and workbooks: the same cells in both, none of them a formula, and none that an import reads otherwise."""

import csv
import io
from collections.abc import Generator, Sequence
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from onebook.errors import InvalidInput
from onebook.exporting import xlsx
from onebook.exporting.formats import FORMATS
from onebook.importing.reading import open_records
from onebook.importing.rows import Row
from onebook.importing.source import Source
from onebook.model import cell, sheet
from onebook.model.contact import Phone
from onebook.model.exported import Exported
from tests.exporting import people

SHEETS = ("csv", "xlsx")


def layout_of(rows: Sequence[Exported]) -> sheet.Layout:
    survey = sheet.Survey()
    for row in rows:
        survey.see(row.contact.card)
    return survey.layout


def written(format_name: str, rows: Sequence[Exported]) -> bytes:
    return b"".join(FORMATS[format_name].write(rows, layout_of(rows)))


def read_again(format_name: str, rows: Sequence[Exported]) -> list[dict[str, str]]:
    """The rows as an import has them before it looks at what they mean."""
    data = written(format_name, rows)
    with open_records(Source(data, len(data))) as table:
        return [dict(zip(table.headings, row.cells, strict=True)) for row in table if isinstance(row, Row)]


def test_a_sheet_has_its_headings_and_a_line_for_each_contact() -> None:
    text = written("csv", [people.ada()]).decode("utf-8-sig")
    headings, row = csv.reader(io.StringIO(text, newline=""))
    assert headings == [
        *("UID", "Kind", "Name", "First Name", "Last Name", "External ID", "Organization"),
        *("Phone 1", "Phone 1 Type", "Phone 2", "Phone 2 Type", "Email 1", "Email 1 Type"),
        *("Address 1 Type", "Address 1 Line 1", "Address 1 Line 2", "Address 1 City", "Address 1 State"),
        *("Address 1 Postal Code", "Address 1 Country", "Notes", "Lists", "Tags", "Groups", "Opted Out"),
        *("custom.tier", "custom.visits", "custom.vip", "custom.tags", "Created", "Updated", "onebook"),
    ]
    shown = dict(zip(headings, row, strict=True))
    assert shown["Phone 1"] == "'+16505550134"
    assert shown["Notes"] == "Likes engines.\nWrites."
    assert shown["Tags"] == "poets; weavers"
    assert shown["custom.visits"] == "3"
    assert shown["Created"] == "2026-01-01T00:00:00.123Z"


def test_a_csv_has_a_mark_for_spreadsheets_and_lines_after_the_standard() -> None:
    data = written("csv", [people.exported(full="Ada")])
    assert data.startswith(b"\xef\xbb\xbfUID,Kind,")
    assert data.count(b"\r\n") == 2
    assert data.endswith(b"\r\n")


@pytest.mark.parametrize("format_name", SHEETS)
def test_an_export_of_nobody_is_headings_alone(format_name: str) -> None:
    assert read_again(format_name, []) == []


def test_no_cell_of_a_csv_begins_like_a_formula() -> None:
    text = written("csv", list(people.hostile())).decode("utf-8-sig")
    cells = [one for row in csv.reader(io.StringIO(text, newline="")) for one in row]
    assert any(one.startswith("'=cmd") for one in cells)
    assert [one for one in cells if one.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert [one for one in cells if one.startswith("'") and not one.startswith(cell.FORMULA_BEGINNINGS, 1)] == []


def test_a_workbook_holds_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "contacts.xlsx"
    path.write_bytes(written("xlsx", list(people.hostile())))
    tab = openpyxl.load_workbook(path).active
    cells = [one for row in tab.iter_rows() for one in row if one.value is not None]
    assert {one.data_type for one in cells} == {"s"}
    assert {one.number_format for one in cells} == {"@"}
    with ZipFile(path) as archive:
        assert not any("hyperlink" in archive.read(name).decode() for name in archive.namelist() if "sheet" in name)


@pytest.mark.parametrize("format_name", SHEETS)
def test_every_cell_is_read_again_as_it_was_shown(format_name: str) -> None:
    rows = list(people.hostile())
    for row, again in zip(rows, read_again(format_name, rows), strict=True):
        shown = dict(sheet.cells_of(row))
        assert {heading: cell.unguard(text).strip() for heading, text in again.items()} == {
            heading: shown.get(heading, "").strip() for heading in again
        }


@settings(max_examples=15, deadline=None)
@given(people.EXPORTED)
def test_a_workbook_says_what_the_csv_says(one: Exported) -> None:
    book, text = ([list(map(str.strip, row.values())) for row in read_again(name, [one])] for name in ("xlsx", "csv"))
    assert book == text, "but for blanks around a cell, which a text may be read without"


def test_what_has_no_column_stands_in_the_last_one() -> None:
    crowd = tuple(Phone(f"+1650555{at:04}", f"+1650555{at:04}", None, at == 0) for at in range(30))
    custom = {f"field {at}": "x" for at in range(600)} | {"two\nlines": "y", "k" * 200: "z"}
    row = people.exported(full="Ada", phones=crowd, custom=custom)
    [again] = read_again("csv", [row])
    assert len(again) < 1_000
    assert again["Phone 20"] == "'+16505550019"
    assert "Phone 21" not in again
    assert '"+16505550029"' in again["onebook"]
    assert "two\\nlines" in again["onebook"]
    assert "k" * 200 in again["onebook"]


def test_columns_are_as_many_as_the_contact_with_most_needs() -> None:
    layout = layout_of([people.exported(full="Ada"), people.ada(2)])
    assert (layout.phones, layout.emails, layout.addresses) == (2, 1, 1)
    assert layout.custom == ("tier", "visits", "vip", "tags")


@pytest.mark.parametrize(("format_name", "characters"), [("csv", 131_072), ("xlsx", 32_767)])
def test_a_text_that_no_cell_holds_is_refused_with_its_contact(format_name: str, characters: int) -> None:
    fits = people.exported(full="Ada", notes="x" * (characters - 10))
    FORMATS[format_name].must_hold(fits)
    too_long = replace(fits, contact=people.contact(7, full="Ada", notes="x" * (characters + 1)))
    with pytest.raises(InvalidInput, match=people.UIDS.format(7)) as refused:
        FORMATS[format_name].must_hold(too_long)
    assert refused.value.issues[0].code == "too_long"


def test_a_workbook_counts_as_excel_does() -> None:
    row = people.exported(full="Ada", notes="\U0001f600" * 16_384)
    with pytest.raises(InvalidInput):
        FORMATS["xlsx"].must_hold(row)
    FORMATS["csv"].must_hold(row)


def test_json_lines_hold_everything() -> None:
    FORMATS["jsonl"].must_hold(people.exported(full="Ada", notes="x" * 10_000_000))


def test_more_contacts_than_a_workbook_has_rows_are_refused() -> None:
    FORMATS["xlsx"].must_have_room(xlsx.ROWS)
    with pytest.raises(InvalidInput, match="1,048,575"):
        FORMATS["xlsx"].must_have_room(xlsx.ROWS + 1)
    FORMATS["csv"].must_have_room(10_000_000)


def test_a_workbook_that_is_given_up_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = [people.ada(number) for number in range(1, 1_200)]
    pieces = FORMATS["xlsx"].write(rows, layout_of(rows))
    assert next(pieces) == b""
    assert list(tmp_path.iterdir()) != []
    assert isinstance(pieces, Generator)
    pieces.close()
    assert list(tmp_path.iterdir()) == []
