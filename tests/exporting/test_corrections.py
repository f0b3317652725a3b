"""The correction workbook: refused rows as they stood, marked and explained, and able to find their way back."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from onebook.errors import InvalidInput
from onebook.exporting import corrections
from onebook.importing.reading import open_records
from onebook.importing.rows import Row
from onebook.importing.source import Source
from onebook.model.correction import RefusedRow, correction_of
from onebook.model.imports import ImportIssue

IMPORT_ID = "0190a000-0000-7000-8000-00000000abcd"
HEADINGS = ("Name", "Phone", "E-mail", "Phone")
RED = "FFFFC7CE"


def issue(row: int, field: str, message: str = "This is wrong.", *, value: str | None = None) -> ImportIssue:
    return ImportIssue(row - 2, 0, row, field, value, "invalid", message, "refused")


def refused(row: int, cells: Sequence[str], *issues: ImportIssue) -> RefusedRow:
    return RefusedRow(row, cells, issues)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "corrections.xlsx"


def tab_of(path: Path, rows: Iterable[RefusedRow], headings: Sequence[str] = HEADINGS) -> Any:
    """The workbook's sheet as another program sees it."""
    corrections.write(path, IMPORT_ID, headings, rows)
    return openpyxl.load_workbook(path).active


def values_of(tab: Any) -> list[list[str | None]]:
    return [[cell.value for cell in row] for row in tab.iter_rows()]


def test_it_has_the_files_own_columns_in_their_order_and_the_reason_beside_them(path: Path) -> None:
    row = refused(3, ("Ada", "12", "ada@", ""), issue(3, "E-mail", "No address."), issue(3, "row", "Odd."))
    assert values_of(tab_of(path, [row])) == [
        [*HEADINGS, "onebook reason", "onebook import", "onebook row"],
        ["Ada", "12", "ada@", None, "E-mail: No address.\nrow: Odd.", IMPORT_ID, "3"],
    ]


def test_faulty_cells_are_coloured_and_say_why(path: Path) -> None:
    row = refused(3, ("Ada", "12", "ada@", ""), issue(3, "E-mail", "No address."))
    name, phone, email, _, reason, *_ = next(tab_of(path, [row]).iter_rows(min_row=2))
    assert [cell.fill.fgColor.rgb == RED for cell in (name, phone, email, reason)] == [False, False, True, False]
    assert email.comment.text == "No address."
    assert (name.comment, reason.comment) == (None, None)


def test_a_faulty_cell_that_is_empty_is_coloured_too(path: Path) -> None:
    tab = tab_of(path, [refused(2, ("", "12", "", ""), issue(2, "Name", "A contact needs a name."))])
    assert tab["A2"].fill.fgColor.rgb == RED
    assert tab["A2"].comment.text == "A contact needs a name."


def test_of_two_columns_with_one_heading_the_one_with_the_value_is_marked(path: Path) -> None:
    row = refused(2, ("Ada", "+16505550134", "", "abc"), issue(2, "Phone", value="abc"))
    tab = tab_of(path, [row])
    assert (tab["B2"].fill.fgColor.rgb == RED, tab["D2"].fill.fgColor.rgb == RED) == (False, True)


def test_the_columns_that_lead_back_are_hidden(path: Path) -> None:
    tab = tab_of(path, [refused(2, ("Ada",), issue(2, "Name"))])
    hidden = {cell.value for cell in next(tab.iter_rows(max_row=1)) if tab.column_dimensions[cell.column_letter].hidden}
    # Columns that are alike are kept as one range, told by its first.
    assert hidden == {"onebook import"}
    assert (tab.column_dimensions["F"].min, tab.column_dimensions["F"].max) == (6, 7)


def test_cells_are_text_whatever_they_look_like(path: Path) -> None:
    cells = ("=1+1", "+1 650", "https://example.org", "007")
    tab = tab_of(path, [refused(2, cells, issue(2, "Name"))])
    assert [cell.value for cell in tab[2]][:4] == list(cells)
    assert {cell.data_type for cell in tab[2]} == {"s"}
    assert {cell.number_format for cell in tab[2]} == {"@"}


def test_what_stands_in_a_file_comes_back_as_it_stood(path: Path) -> None:
    cells = (
        *(
            "=1+1",
            "+1",
            "-x",
            "@a",
            "'+33 6 12",
            "''t Hooft",
            "'t Hooft",
            " x ",
            "\tx",
            "_x0041_",
            "a\r\nb",
            "a\x00\x01b",
        ),
        *("\ufeffz", "a\u2028b", "007", "1e5", "TRUE", "12/05/2031", "#N/A", "https://example.org", "<b>&amp;"),
    )
    headings = tuple(f"Column {at}" for at in range(len(cells)))
    corrections.write(path, IMPORT_ID, headings, [refused(2, cells)])
    with open_records(Source.of_path(path)) as table:
        [row] = table
    assert isinstance(row, Row)
    assert row.cells[: len(cells)] == cells


def test_a_row_that_could_not_be_split_is_there_with_its_reason(path: Path) -> None:
    tab = tab_of(path, [refused(9, (), issue(9, "row", "A quotation mark is never closed."))])
    assert values_of(tab)[1][4:] == ["row: A quotation mark is never closed.", IMPORT_ID, "9"]


def test_a_cell_that_was_cut_short_cannot_come_back_so(path: Path) -> None:
    long = "x" * 40_000
    short, whole = values_of(
        tab_of(path, [refused(2, (long,), issue(2, "Name")), refused(3, ("B",), issue(3, "Name"))])
    )[1:]
    assert (short[0], short[5:]) == ("x" * 32_767, [None, None])
    assert "mend the row in the file itself" in str(short[4])
    assert whole[5:] == [IMPORT_ID, "3"]


def test_a_cell_is_cut_between_characters(path: Path) -> None:
    tab = tab_of(path, [refused(2, ("x" + "\U0001f600" * 20_000,), issue(2, "Name"))])
    assert tab["A2"].value == "x" + "\U0001f600" * 16_383


def test_a_mended_workbook_tells_which_rows_of_which_import_it_has(path: Path) -> None:
    rows = [refused(number, (f"Row {number}", "12", "ada@", ""), issue(number, "E-mail")) for number in (3, 17, 900)]
    corrections.write(path, IMPORT_ID, HEADINGS, rows)
    with open_records(Source.of_path(path)) as table:
        correction = correction_of(table.headings)
        assert correction is not None
        assert table.headings[: correction.width] == HEADINGS
        places = [correction.place_of(row.cells) for row in table if isinstance(row, Row)]
    assert places == [(IMPORT_ID, number) for number in (3, 17, 900)]


@pytest.mark.parametrize("row", ["", "x", "1.5", "-1", "²", "9" * 16])
def test_a_row_that_a_person_has_added_is_none_of_the_import(row: str) -> None:
    correction = correction_of(("Name", "onebook reason", "onebook import", "onebook row"))
    assert correction is not None
    assert correction.place_of(("Ada", "", IMPORT_ID, row)) is None
    assert correction.place_of(("Ada", "", "", "3")) is None


@pytest.mark.parametrize("headings", [(), ("Name",), ("onebook row", "onebook import", "onebook reason")])
def test_another_file_is_no_correction(headings: tuple[str, ...]) -> None:
    assert correction_of(headings) is None


def test_colours_have_no_end_but_comments_have(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "MOST_COMMENTS", 2)
    tab = tab_of(path, [refused(number, ("",), issue(number, "Name")) for number in range(2, 7)])
    cells = [tab.cell(row, 1) for row in range(2, 7)]
    assert [cell.comment is not None for cell in cells] == [True, True, False, False, False]
    assert {cell.fill.fgColor.rgb for cell in cells} == {RED}


def test_more_rows_than_a_workbook_holds_are_refused_and_leave_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "ROWS", 3)
    rows = [refused(number, ("",), issue(number, "Name")) for number in range(2, 7)]
    with pytest.raises(InvalidInput, match="as CSV"):
        corrections.write(path, IMPORT_ID, HEADINGS, rows)
    assert not path.exists()


def test_a_heading_that_no_cell_holds_is_cut_short(path: Path) -> None:
    tab = tab_of(path, [refused(2, ("Ada",), issue(2, "x" * 40_000))], ("x" * 40_000,))
    assert tab["A1"].value == "x" * 32_767


def test_it_can_be_sent_in_pieces(path: Path) -> None:
    rows = [refused(number, ("",), issue(number, "Name")) for number in range(2, 1_300)]
    pieces = list(corrections.pieces(IMPORT_ID, HEADINGS, rows))
    assert pieces[:2] == [b"", b""]
    path.write_bytes(b"".join(pieces))
    assert openpyxl.load_workbook(path).active.max_row == 1_299
