"""Workbooks as people save them, and what the process that reads them makes of their cells."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from onebook.errors import InvalidInput
from onebook.importing import workbook
from onebook.importing.archive import WorkbookLimits
from onebook.importing.record import Record, records_in
from onebook.importing.source import SPOOL_BYTES, Source, Spool
from onebook.importing.workbook_process import text_of
from tests.importing import ugly


def read(data: bytes, limits: WorkbookLimits | None = None) -> list[Record]:
    stretches = workbook.stretches(Source(data, len(data)), limits or WorkbookLimits(), field="csv_url")
    return [record for stretch in stretches for record in records_in(stretch.packed)]


def test_cells_become_the_text_that_a_person_would_type() -> None:
    moment = dt.datetime(2031, 5, 1, 9, 30)  # noqa: DTZ001 -- a spreadsheet knows no time zones
    cells = [
        "Ada",
        4155550134,
        4155550134.0,
        1.5,
        True,
        False,
        dt.date(2031, 5, 1),
        moment,
        dt.time(9, 30),
        None,
        " x ",
    ]
    [(row, texts, _)] = read(ugly.workbook([cells]))
    expected = ["Ada", "4155550134", "4155550134", "1.5", "true", "false", "2031-05-01"]
    assert (row, texts) == (1, [*expected, "2031-05-01T09:30:00", "09:30:00", "", " x "])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (33612345678.0, "33612345678"),
        (-5.0, "-5"),
        (1e14, "100000000000000"),
        (12345678901234568.0, "12345678901234568"),
        (1e300, "1e+300"),
        (0.1, "0.1"),
        (float("nan"), ""),
        (float("inf"), ""),
        (7, "7"),
        (dt.timedelta(hours=30), "1 day, 6:00:00"),
    ],
)
def test_odd_numbers_become_text(cell: float | dt.timedelta, text: str) -> None:
    assert text_of(cell) == text


def test_row_numbers_are_the_sheets_own() -> None:
    book = ugly.openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["C3"], sheet["D3"], sheet["C4"], sheet["C7"] = "Name", "Phone", "  ", "Ada"
    assert [(record.row, list(record.cells)) for record in read(ugly.saved(book))] == [
        (3, ["Name", "Phone"]),
        (7, ["Ada"]),
    ]


def test_first_visible_sheet_counts() -> None:
    book = ugly.openpyxl.Workbook()
    hidden, first, second = book.worksheets[0], book.create_sheet("People"), book.create_sheet("More")
    hidden["A1"], first["A1"], second["A1"] = "Hidden", "Name", "Other"
    hidden.sheet_state = "hidden"
    book.active = 1
    assert [list(record.cells) for record in read(ugly.saved(book))] == [["Name"]]


def test_merged_cells_hold_their_text_once_and_formulas_what_was_saved() -> None:
    book = ugly.openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["Name", "Email", "Phone"], ["Ada", None, "=1/0"], ["=A2", "#N/A", "x"]):
        sheet.append(row)
    sheet.merge_cells("A2:B2")
    sheet["B3"].data_type = "e"
    assert [list(record.cells) for record in read(ugly.saved(book))] == [
        ["Name", "Email", "Phone"],
        ["Ada"],
        ["", "", "x"],
    ]


def test_rows_are_as_wide_as_they_are_filled() -> None:
    rows: list[list[object]] = [["Contacts"], ["Name", "Phone"], ["Ada", "1", "note", "  ", None], [None, None, "note"]]
    found = [list(record.cells) for record in read(ugly.workbook(rows))]
    assert found == [["Contacts"], ["Name", "Phone"], ["Ada", "1", "note"], ["", "", "note"]]


@pytest.mark.parametrize(("place", "width"), [("GR3", 200), ("XFD3", 2_001)])
def test_a_stray_cell_makes_but_its_own_row_wide(place: str, width: int) -> None:
    rows = HEAD + ADA + '<row r="3">' + ugly.cell("A3", "Bob") + ugly.cell(place, "x") + "</row>"
    found = [list(record.cells) for record in read(ugly.raw_workbook(rows + TAIL))]
    assert [len(cells) for cells in found] == [2, 1, width]
    assert found[2] == ["Bob", *[""] * (width - 2), "x"]


def test_of_several_sheets_the_first_with_any_row_counts() -> None:
    book = ugly.openpyxl.Workbook()
    blank, people, more = book.worksheets[0], book.create_sheet("People"), book.create_sheet("More")
    blank["B2"], people["A1"], more["A1"] = " ", "Name", "Other"
    assert [list(record.cells) for record in read(ugly.saved(book))] == [["Name"]]
    people["A1"] = more["A1"] = None
    assert read(ugly.saved(book)) == []


@pytest.mark.parametrize(
    "data",
    [
        ugly.old_workbook([["Name", "Phone"], ["Ad\xe9", 4155550134.0]]),
        ugly.open_document([["Name", "Phone"], ["Adé", "4155550134"]]),
    ],
    ids=["xls", "ods"],
)
def test_other_kinds_of_workbook_are_read(data: bytes) -> None:
    assert [list(record.cells) for record in read(data)] == [["Name", "Phone"], ["Adé", "4155550134"]]


def test_workbook_may_lie_in_memory_on_disk_or_under_a_path(tmp_path: Path) -> None:
    data = ugly.workbook([["Name"], *([os.urandom(600).hex()] for _ in range(2_000))])
    path = tmp_path / "people.xlsx"
    path.write_bytes(data)
    with Spool(1 << 30, field="csv_url") as spool:
        spool.write(data)
        spooled = spool.source()
    assert spooled.size > SPOOL_BYTES
    with spooled:
        sources = (Source(data, len(data)), spooled, spooled, Source.of_path(path))
        read = [list(workbook.stretches(source, WorkbookLimits(), field="x")) for source in sources]
    assert [(stretches[0].first, stretches[-1].last) for stretches in read] == [(1, 2_001)] * 4
    assert read[1:] == read[:1] * 3


def test_process_ends_when_the_caller_stops_reading() -> None:
    before = children()
    cells = "".join(f'<row r="{row}">' + ugly.cell(f"A{row}", "x" * 100) + "</row>" for row in range(2, 20_000))
    data = ugly.raw_workbook(HEAD + cells + TAIL)
    rows = workbook.stretches(Source(data, len(data)), WorkbookLimits(), field="csv_url")
    assert next(records_in(next(rows).packed)).cells == ["Name", "Phone"]
    assert len(children()) == len(before) + 1
    rows.close()
    assert children() == before


def children() -> set[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}


def test_process_sees_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    real: Any = subprocess.Popen

    def started(*args: Any, env: dict[str, str], **other: Any) -> Any:
        seen.append(env)
        return real(*args, env=env, **other)

    monkeypatch.setattr(subprocess, "Popen", started)
    monkeypatch.setenv("ONEBOOK_SECRET", "hidden")
    read(ugly.workbook([["Name"]]))
    assert [set(env) for env in seen] == [{"PYTHONPATH"}]


def test_reading_a_workbook_loads_no_reader_of_workbooks_here() -> None:
    code = "import sys, onebook.importing.reading; print('python_calamine' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


HEAD = '<sheetData><row r="1">' + ugly.cell("A1", "Name") + ugly.cell("B1", "Phone") + "</row>"
TAIL = "</sheetData>"
ADA = '<row r="2">' + ugly.cell("A2", "Ada") + "</row>"
STRINGS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {}>{}</sst>'


def test_lying_dimensions_are_not_believed() -> None:
    data = ugly.raw_workbook('<dimension ref="A1:XFD1048576"/>' + HEAD + ADA + TAIL)
    assert [list(record.cells) for record in read(data)] == [["Name", "Phone"], ["Ada"]]


def test_far_row_keeps_its_number() -> None:
    data = ugly.raw_workbook(HEAD + '<row r="300000">' + ugly.cell("A300000", "Ada") + "</row>" + TAIL)
    assert [record.row for record in read(data)] == [1, 300_000]


def laughs(times: int) -> str:
    """Entities of entities: a dozen of lines that unpack to a million million laughs."""
    steps = (f'<!ENTITY {chr(98 + step)} "{f"&{chr(97 + step)};" * 10}">' for step in range(times))
    return '<!DOCTYPE x [<!ENTITY a "lol">' + "".join(steps) + "]>"


def shared(place: str, number: int) -> str:
    return f'<c r="{place}" t="s"><v>{number}</v></c>'


def amplified() -> bytes:
    """One long text that every row uses again."""
    rows = "".join(f'<row r="{row}">' + shared(f"A{row}", 1) + "</row>" for row in range(2, 6_000))
    texts = "<si><t>Name</t></si><si><t>" + "x" * 100_000 + "</t></si>"
    sheet = '<sheetData><row r="1">' + shared("A1", 0) + "</row>" + rows + TAIL
    return ugly.raw_workbook(sheet, STRINGS.format("", texts))


def damaged_middle(data: bytes) -> bytes:
    half = len(data) // 2
    return data[:half] + bytes(64) + data[half + 64 :]


def encrypted_entry(data: bytes) -> bytes:
    patched = bytearray(data)
    at = patched.find(b"PK\x01\x02")
    patched[at + 8] |= 1
    return bytes(patched)


SOUND = ugly.workbook([["Name", "Phone"], *([f"Ada {row}", row] for row in range(200))])


@cache
def bomb() -> bytes:
    return ugly.raw_workbook(HEAD + " " * 200_000_000 + TAIL)


# Made when their test runs: some take a second, and hundreds of megabytes.
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "truncated": (lambda: SOUND[:-2000], "damaged"),
    "first bytes only": (lambda: SOUND[:4], "damaged"),
    "damaged in the middle": (lambda: damaged_middle(SOUND), "damaged"),
    "empty zip": (lambda: ugly.zipped({}), "not a workbook"),
    "zip of a CSV": (lambda: ugly.zipped({"people.csv": b"Name\nAda\n"}), "not a workbook"),
    "document of another kind": (lambda: ugly.zipped({"word/document.xml": b"<x/>"}), "not a workbook"),
    "workbook without its parts": (lambda: ugly.zipped({"xl/workbook.xml": b"<x/>"}), "damaged|no sheet"),
    "container of nothing": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "damaged"),
    "under a password": (ugly.under_password, "password"),
    "encrypted entry": (lambda: encrypted_entry(SOUND), "password"),
    "bomb": (bomb, "unpacks to more"),
    "bomb whose directory lies": (lambda: ugly.lying_zip(bomb(), "xl/worksheets/sheet1.xml", 1000), "damaged"),
    "too many entries": (lambda: ugly.zipped({f"{number}": b"" for number in range(10_001)}), "unpacks to more"),
    "directory of megabytes": (
        lambda: ugly.zipped({"x" * 60_000 + f"{n}": b"" for n in range(100)}),
        "unpacks to more",
    ),
    "billion laughs": (
        lambda: ugly.raw_workbook(HEAD + ADA.replace("Ada", "&m;") + TAIL, prolog=laughs(12)),
        "damaged",
    ),
    "laughs in shared strings": (
        lambda: ugly.raw_workbook(
            '<sheetData><row r="1">' + shared("A1", 0) + "</row>" + TAIL,
            laughs(12) + STRINGS.format("", "<si><t>&amp;&m;</t></si>"),
        ),
        "damaged",
    ),
    "entity of a file": (
        lambda: ugly.raw_workbook(
            HEAD + ADA.replace("Ada", "&x;") + TAIL, prolog='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        ),
        "damaged",
    ),
    "cell in the farthest corner": (
        lambda: ugly.raw_workbook(HEAD + '<row r="1048576">' + ugly.cell("XFD1048576", "x") + "</row>" + TAIL),
        "memory or time",
    ),
    "place beyond all sheets": (
        lambda: ugly.raw_workbook(
            HEAD + '<row r="99999999999">' + ugly.cell("ZZZZZZ99999999999", "x") + "</row>" + TAIL
        ),
        "damaged",
    ),
    "lying count of strings": (
        lambda: ugly.raw_workbook(
            '<sheetData><row r="1">' + shared("A1", 0) + "</row>" + TAIL,
            STRINGS.format('count="4000000000" uniqueCount="4000000000"', "<si><t>Name</t></si>"),
        ),
        "memory or time",
    ),
    "one text in every row": (amplified, "memory or time|unpacks to more"),
    "cell of megabytes": (lambda: ugly.raw_workbook(HEAD + ADA.replace("Ada", "x" * 50_000_000) + TAIL), "131,072"),
}


@pytest.mark.parametrize(("data", "says"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_workbook_is_an_issue(data: Callable[[], bytes], says: str) -> None:
    made = data()
    with pytest.raises(InvalidInput, match=says) as caught:
        read(made)
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("csv_url", "unreadable")]


LIMITED = {
    "memory": WorkbookLimits(memory_bytes=90 << 20),
    "patience": WorkbookLimits(wait_seconds=0.001),
}


@pytest.mark.parametrize("limits", LIMITED.values(), ids=LIMITED)
def test_costly_workbook_is_an_issue(limits: WorkbookLimits) -> None:
    far = '<row r="1048576">' + ugly.cell("A1048576", "x") + "</row>"
    data = ugly.raw_workbook(HEAD.replace('r="B1"', 'r="H1"') + far + TAIL)
    with pytest.raises(InvalidInput, match="memory or time"):
        read(data, limits)


def test_busy_workbook_is_stopped_at_its_time() -> None:
    data = ugly.raw_workbook("<sheetData>" + ("<row>" + "<c><v>1</v></c>" * 20 + "</row>") * 100_000 + TAIL)
    with pytest.raises(InvalidInput, match="memory or time"):
        read(data, WorkbookLimits(cpu_seconds=1))


def test_all_cells_together_have_a_limit() -> None:
    with pytest.raises(InvalidInput, match="unpacks to more"):
        read(SOUND, WorkbookLimits(text_characters=1000))
