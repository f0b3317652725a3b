"""Blocks: cut anywhere, they hold the same records under the same numbers as the file read from end to end."""

import io
import tracemalloc
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onebook.errors import InvalidInput
from onebook.importing.blocks import Block, TableText, card_blocks, line_blocks, rows_of
from onebook.importing.delimited import Dialect, opened, records, text_pieces, without_endless
from onebook.importing.encoding import Encoding
from onebook.importing.record import CELL_CHARACTERS, Record

Kept = list[tuple[int, list[str], str | None]]


def shown(found: Iterator[Record]) -> Kept:
    return [(row, list(cells), fault) for row, cells, fault in found if fault or "".join(cells).strip()]


def pieces_of(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def cut(text: str, size: int, dialect: Dialect | None = None) -> list[Block]:
    return list(TableText(pieces_of(text, size), dialect or Dialect(), field="file").blocks(1, size))


def through_blocks(text: str, size: int, dialect: Dialect | None = None) -> Kept:
    return [row for block in cut(text, size, dialect) for row in shown(rows_of(block))]


def from_end_to_end(text: str, dialect: Dialect | None = None) -> Kept:
    return shown(TableText(iter([text]), dialect or Dialect(), field="file").records())


@settings(max_examples=600)
@given(st.text(st.sampled_from('ab"",,\n\n \0\x01é'), max_size=80), st.integers(1, 30), st.booleans())
@example('a,"b\n"c",d\n"', 3, False)
@example('"""a"""\n,"",\n""""\n', 4, False)
@example('a,""b\nc,"d\n', 2, True)
@example("a, b\n\n,\nc", 30, False)
@example("a, b\n\n,\nc", 30, True)
def test_any_text_has_the_same_records(text: str, size: int, skip: bool) -> None:
    dialect = Dialect(skip=skip)
    assert through_blocks(text, size, dialect) == from_end_to_end(text, dialect)


CELL = st.text(st.sampled_from('ab",;\n é'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=12), st.integers(5, 60), st.booleans())
def test_sound_text_is_cut_and_never_split_beforehand(rows: list[list[str]], size: int, everything: bool) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if everything or set(cell) & set('",\n') else cell

    text = "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    blocks = cut(text, size)
    assert {block.shape for block in blocks} <= {"table"} or size < max(map(len, text.split("\n")), default=0) * 2
    assert through_blocks(text, size) == from_end_to_end(text)


@given(st.text(st.sampled_from('ab",\n'), max_size=80), st.integers(1, 30))
def test_numbers_of_blocks_follow_each_other(text: str, size: int) -> None:
    at = 1
    for block in cut(text, size):
        assert block.row >= at
        assert block.index == block.row - 1
        at = block.row + block.count
        assert sum(1 for _ in rows_of(block)) == block.count


def lines_in_cell(count: int) -> str:
    return 'a,b\n"' + "x\n" * count + '",c\nd,e\n'


@pytest.mark.parametrize("count", [9_998, 9_999, 10_000, 10_001])
def test_long_records_are_judged_alike(count: int) -> None:
    assert through_blocks(lines_in_cell(count), 64) == from_end_to_end(lines_in_cell(count))


@pytest.mark.parametrize("length", [CELL_CHARACTERS - 1, CELL_CHARACTERS, CELL_CHARACTERS + 1])
@pytest.mark.parametrize(
    "pattern", ['a,b\n{}\n"c\nd",e\n', 'a,"b\n{}",c\n"d\ne",f\n', '{},"b\nc"\nd,e\n', '"{}""x\ny"\nz\n']
)
def test_long_cells_are_judged_alike(pattern: str, length: int) -> None:
    text = pattern.format("x" * length)
    assert through_blocks(text, 1 << 20) == from_end_to_end(text)


def test_quotes_without_end_are_refused_alike() -> None:
    text = "a\n" + 'x","\n' * 1000 * 200
    for read in (from_end_to_end, lambda text: through_blocks(text, 1 << 16)):
        with pytest.raises(InvalidInput, match="do not pair up"):
            read(text)


@pytest.mark.parametrize(
    "text", ["a\n\nb\n" * 200, 'a\n"b"x\n' * 200, "a\n" * 50 + '"b\n' + "c\n" * 50, '"a\nb",c\n' * 99 + "d"]
)
def test_no_block_has_more_records_than_asked_for(text: str) -> None:
    blocks = list(TableText(pieces_of(text, 64), Dialect(), field="file").blocks(1, 1 << 20, most=7))
    assert max(block.count for block in blocks) == 7
    assert [row for block in blocks for row in shown(rows_of(block))] == from_end_to_end(text)


def test_sloppy_rows_cost_only_their_block_its_speed() -> None:
    text = "Name,Email\n" + 'Ada,"a"\n' * 50 + '"Bob" Smith,b\n' + 'Cy,"c"\n' * 50
    shapes = [block.shape for block in cut(text, 64)]
    assert shapes.count("records") == 1
    assert through_blocks(text, 64) == from_end_to_end(text)


def test_headings_are_taken_off_before() -> None:
    text = TableText(iter(['\nName,"E\nmail"\nAda,a\n', "Bob,b\n"]), Dialect(), field="file")
    assert text.next() == Record(1, [])
    assert text.next() == Record(2, ["Name", "E\nmail"])
    [block] = text.blocks(first_row=3)
    assert (block.index, block.row, block.count, block.text) == (0, 3, 2, "Ada,a\nBob,b\n")
    assert text.next() is None


def test_a_block_can_be_sent() -> None:
    for block in (*cut('a,"b"\n', 9), *cut('a,"b"c\n', 9), Block(0, 1, 1, "lines", "{}")):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(block), type=Block) == block


def test_blocks_of_bytes_agree_with_records_of_bytes() -> None:
    data = ("sep=;\r\nName;Note\r\n" + 'Zoë;"two\r\nlines"\r\n\r\nB\rob;x\r\n' * 40_000).encode("utf-16")
    expected = shown(records(io.BytesIO(data), Encoding("utf-16"), field="file"))
    dialect, pieces = opened(text_pieces(io.BytesIO(data), Encoding("utf-16"), "file"))
    text = TableText(pieces, dialect, field="file")
    assert shown(iter(())) + [row for block in text.blocks(1) for row in shown(rows_of(block))] == expected


def test_memory_stays_flat() -> None:
    tracemalloc.start()
    pieces = ('Ada,"a\nb",c\n' * 20_000 for _ in range(12))
    for block in TableText(pieces, Dialect(), field="file").blocks(1):
        assert block.shape == "table"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 << 20


@given(st.lists(st.sampled_from(["{}", "", "x", '{"a": 1}']), max_size=20), st.integers(1, 20))
def test_lines_keep_their_numbers(lines: list[str], size: int) -> None:
    text = "\n".join(lines)
    found = [row for block in line_blocks(pieces_of(text, size), characters=size) for row in rows_of(block)]
    kept = [(row, cells[0]) for row, cells, _ in found if cells[0]]
    assert kept == [(row, line) for row, line in enumerate(lines, 1) if line]


CARD = "BEGIN:VCARD\nFN:Ada\nEND:VCARD\n"


def begins_of(parts: list[str]) -> Iterator[int]:
    """The rows in which cards begin behind a row of junk; one within another counts only where none is open."""
    row, is_open = 2, False
    for part in parts:
        if part.startswith("AGENT:") and not is_open:
            yield row + 1
        elif part.upper().startswith("BEGIN:"):
            yield row
            is_open = not part.endswith("END:VCARD\n")
        row += part.count("\n")


@given(
    st.lists(st.sampled_from([CARD, "\n", "AGENT:\n" + CARD, "begin:vcard \nFN:cut\n"]), max_size=12),
    st.integers(1, 90),
)
def test_cards_keep_their_numbers(parts: list[str], size: int) -> None:
    text = "junk\n" + "".join(parts)
    blocks = list(card_blocks(pieces_of(text, size), field="file", characters=size))
    found = [row for block in blocks for row in rows_of(block)]
    assert [row for row, _, _ in found] == list(begins_of(parts))
    assert sum(block.count for block in blocks) == len(found)


def test_a_card_without_end_is_refused_with_its_line() -> None:
    text = "junk\n" + CARD * 3 + CARD[:12] + "x\n" * (9 << 20)
    with pytest.raises(InvalidInput, match="begins in line 11 "):
        list(card_blocks(pieces_of(text, 256 * 1024), field="file"))


# Lines of a record, in the order in which they stand; X is what is endless.
@pytest.mark.parametrize(
    "record", ["Ada,X", 'Ada,"X"', 'Ada,"X\nmore",x', 'Ada,"a ""b\nX"",x\n"', 'Ada,"a\nX",b', '"a, b",X,"c\nd"']
)
@pytest.mark.parametrize("size", [700 << 10, 256 << 10])
def test_an_endless_line_costs_only_its_record(record: str, size: int) -> None:
    text = f"Name,Note\n{record}\nBob,b\n".replace("X", "x" * (3 << 20))
    found = [
        row
        for block in TableText(without_endless(pieces_of(text, size)), Dialect(), field="file").blocks(1)
        for row in shown(rows_of(block))
    ]
    assert found == [(1, ["Name", "Note"], None), (2, [], "too_long"), (3, ["Bob", "b"], None)]


@pytest.mark.parametrize("shape", ["table", "lines"])
def test_memory_stays_flat_below_endless_lines(shape: str) -> None:
    tracemalloc.start()
    text = (chr(ord("a") + at % 26) * (256 << 10) if at < 200 else "\nBob\n" for at in range(201))
    blocks = (
        line_blocks(text) if shape == "lines" else TableText(without_endless(text), Dialect(), field="file").blocks(1)
    )
    assert sum(block.count for block in blocks) == 2
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 << 20
