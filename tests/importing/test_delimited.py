"""Text with delimiters: sound, sloppy, broken and hostile."""

import csv
import io
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onebook.errors import InvalidInput
from onebook.importing.delimited import DELIMITERS, records, text_pieces
from onebook.importing.encoding import Encoding
from onebook.importing.record import Record

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def read(data: bytes | str, encoding: str = "utf-8") -> list[Record]:
    raw = data.encode(encoding) if isinstance(data, str) else data
    return list(records(io.BytesIO(raw), Encoding(encoding), field="csv_url"))


def cells(data: bytes | str) -> list[list[str]]:
    return [list(record.cells) for record in read(data)]


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\ufeff", exclude_categories=["Cc"]) | st.just("\n"), max_size=8
)


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(DELIMITERS),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read(rows: list[list[str]], delimiter: str, end: str) -> None:
    file = io.StringIO()
    table = [["Name", "Email", "Phone"], *rows]
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
    assert cells(file.getvalue()) == table


@given(st.text(st.sampled_from('ab",;\t|\r\n \0é'), max_size=60))
@example('a,"b\n"c",d\n"')
def test_any_text_is_read_row_by_row(text: str) -> None:
    # The blanks keep a few zeros from being taken for a program.
    found = read(text + "\n" + " " * 6000)
    assert [record.row for record in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name,Email\nBob,b", [["Name", "Email"], ["Bob", "b"]]),
        ("Name;Email, work;Phone\nBob;b;1", [["Name", "Email, work", "Phone"], ["Bob", "b", "1"]]),
        ("Name\tEmail\nBob, Jr\tb", [["Name", "Email"], ["Bob, Jr", "b"]]),
        ("Name|Email\nBob|b", [["Name", "Email"], ["Bob", "b"]]),
        ("Name\nBob; Al\nAl|x", [["Name"], ["Bob; Al"], ["Al|x"]]),
        ("Name,Groups\nBob,A;B;C\nAl,A;B;D", [["Name", "Groups"], ["Bob", "A;B;C"], ["Al", "A;B;D"]]),
        ("sep=;\nName;Email,x\nBob;b", [["Name", "Email,x"], ["Bob", "b"]]),
        ('"sep=^"\r\nName^Email\nBob^b', [["Name", "Email"], ["Bob", "b"]]),
        ("sep=a\nName;Email", [["sep=a"], ["Name;Email"]]),
        ("Name,Email\rBob,b\rAl,a", [["Name", "Email"], ["Bob", "b"], ["Al", "a"]]),
        ("Name,Email\nBob\rSmith,b\n", [["Name", "Email"], ["Bob Smith", "b"]]),
        ("Name\r\nBob\r", [["Name"], ["Bob"]]),
        ('Name,Email\n"Bob\r\nSmith",b\n', [["Name", "Email"], ["Bob\nSmith", "b"]]),
        ("Name,Email\n\nBob,b\n\n", [["Name", "Email"], [], ["Bob", "b"], []]),
        ("Name,Email\nBob\u2028Smith\x0b\x0c\x85,b\n", [["Name", "Email"], ["Bob\u2028Smith\x0b\x0c\x85", "b"]]),
        ('Name,Email\n5" pipe,b\n', [["Name", "Email"], ['5" pipe', "b"]]),
        ('Name,Email\n"Bob" Smith,b\nAl,a', [["Name", "Email"], ["Bob Smith", "b"], ["Al", "a"]]),
        ('Name,Email\n"Bob ""B"" Smith",b\n', [["Name", "Email"], ['Bob "B" Smith', "b"]]),
        ("", []),
    ],
)
def test_text_is_split(text: str, expected: list[list[str]]) -> None:
    assert cells(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Name,Email\n"Bob,b\nAl,a\n', [(2, "unclosed_quote"), (3, None)]),
        ('Name,Email\nBob,"b\nAl,"a"\nCy,c\n', [(2, "unclosed_quote"), (3, None), (4, None)]),
        ('Name,Email\nBob,"b\nAl,"a, x"\n', [(2, "unclosed_quote"), (3, None)]),
        ('Name,Email\nBob,b\nAl,"a', [(2, None), (3, "unclosed_quote")]),
        ('Name,Email\nBob,"b\nAl,a"x\n', [(2, "unclosed_quote"), (3, None)]),
        ("Name,Email\nBob," + "b" * 131_073 + "\nAl,a\n", [(2, "too_long"), (3, None)]),
        ("Name,Email\nBob," + "b" * (3 << 20) + "\nAl,a\n", [(2, "too_long"), (3, None)]),
        ("Name,Email\nBob,b\nAl," + '"a"' * (1 << 20), [(2, None), (3, "too_long")]),
        ('Name,Email\nBob,"' + "b\n" * 9_000 + '"\nAl,a\n', [(2, None), (3, None)]),
        ('Name,Email\nBob,"' + ("b" * 99 + "\n") * 9_000 + '"\nAl,a\n', [(2, "too_long"), (3, None)]),
        ('Name,Email\nBob,"' + ("b" * 999 + "\n") * 140 + '"\nAl,a\n', [(2, "too_long"), (3, None)]),
        ("Name,Email\nBob," + "b" * 131_072 + "\nAl,a\n", [(2, None), (3, None)]),
        ('Name,Email\n"Bob,b\n' + "Al,a\n" * 2000, [(2, "unclosed_quote"), *((row, None) for row in range(3, 2003))]),
        (
            'Name,Email\n"Bob,b\n' + ("x" * 1000 + "\n") * 200,
            [(2, "unclosed_quote"), *((row, None) for row in range(3, 203))],
        ),
    ],
)
def test_broken_row_costs_only_itself(text: str, expected: list[tuple[int, str | None]]) -> None:
    assert [(record.row, record.fault) for record in read(text)][1:] == expected


def test_sloppy_quotes_may_be_many() -> None:
    found = read("Name,Email\n" + '"Bob" Smith,b\n' * 5000)
    assert {tuple(record.cells) for record in found[1:]} == {("Bob Smith", "b")}
    assert (len(found), found[-1].row) == (5001, 5001)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03" * 100,
        bytes(range(256)) * 4,
        b"Name\n" + ('x","\n' * 1000 + "\n").encode() * 200,
    ],
    ids=["zeros", "all bytes", "quotes without end"],
)
def test_what_is_no_table_is_an_issue(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(records(io.BytesIO(data), Encoding("latin-1"), field="csv_url"))
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("csv_url", "unreadable")]


def test_wrong_encoding_is_an_issue() -> None:
    with pytest.raises(InvalidInput) as caught:
        read("Name\nJosé".encode("cp1252"))
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("csv_url", "encoding")]


def test_files_that_were_joined_have_marks_only_where_lines_begin() -> None:
    files = "\ufeffName,Email\r\n" + "Ada,a\r\n" * 40_000, "\ufeffBob,b\r\n", "\ufeff\r\n", "Cy\ufeff,c\r\n"
    found = cells("".join(files))
    assert found[0] == ["Name", "Email"]
    assert found[-3:] == [["Bob", "b"], [], ["Cy\ufeff", "c"]]


@pytest.mark.parametrize("length", range(1, 6))
def test_a_mark_is_found_wherever_the_text_is_read_in_pieces(length: int) -> None:
    text = "x" * (256 * 1024 - length) + "\r\n\ufeffAda\n"
    assert "\ufeff" not in "".join(text_pieces(io.BytesIO(text.encode()), Encoding("utf-8"), "file"))


def test_nul_in_a_cell_is_left_for_whoever_reads_the_cell() -> None:
    assert cells("Name,Email\n" + "Bob,b\n" * 50 + "A\0l,a\n")[-1] == ["A\0l", "a"]


class Repeated(io.RawIOBase):
    """A file of so many times the same line, that nowhere exists as a whole."""

    def __init__(self, line: bytes, times: int) -> None:
        super().__init__()
        self._piece = line * 100
        self._left = times // 100

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if self._left == 0:
            return 0
        self._left -= 1
        memoryview(buffer).cast("B")[: len(self._piece)] = self._piece
        return len(self._piece)


def test_memory_is_flat() -> None:
    line = b"Ada Okafor,ada@example.com,+14155550134,1 Main St\n"
    peaks = []
    for times in (10_000, 60_000):
        tracemalloc.start()
        file = io.BufferedReader(Repeated(line, times))
        count = sum(1 for _ in records(file, Encoding("utf-8"), field="csv_url"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == times
    assert peaks[1] < peaks[0] * 1.2 + 100_000


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('Name,Note\nAda,"tea, nuts\n', ["Ada", '"tea', " nuts"]),
        ('Name;Note\n"Ada; B";x;"tea;\nBob;y\n', ["Ada; B", "x", '"tea', ""]),
    ],
)
def test_a_row_with_an_open_quote_shows_its_cells(text: str, row: list[str]) -> None:
    found = read(text)
    assert (found[1].cells, found[1].fault) == (row, "unclosed_quote")


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("Contacts 2026\n\nName;Phone\nAda;1\n", 2),
        ("Report: Contacts, 2026\nName;Phone;City\nAda;1;Rome\nBob;2;Oslo\n", 3),
        ("Name,Note\nAda,a;b\nBob,c;d\n", 2),
        ("Name;Note\nAda\nBob\n", 2),
        ("Name\nAda\nOkafor; Bob\nOkafor; Cy\n", 1),
    ],
    ids=["title", "title with a comma", "semicolons in cells", "short rows", "semicolons in one column"],
)
def test_a_title_above_does_not_hide_the_delimiter(text: str, width: int) -> None:
    assert max(map(len, cells(text))) == width
