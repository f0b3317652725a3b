"""Where cards begin and end: none is lost and none becomes part of another, however their files were joined."""

import pytest

from onebook.importing.blocks import card_blocks
from onebook.importing.draft import Limits, Mapping, RowDraft, read_block
from tests.importing.strictly import strict_plan

ADA, BOB = ("BEGIN:VCARD\nFN:Ada\nTEL:+16505550134\nEND:VCARD\n", "BEGIN:VCARD\nFN:Bob\nTEL:+16505550135\nEND:VCARD\n")


def read(text: str, size: int) -> list[RowDraft]:
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    plan = strict_plan((), Mapping({}), None, Limits())
    return [row for block in card_blocks(pieces, field="file", characters=size) for row in read_block(block, plan)]


def indented(text: str, blanks: str = "  ") -> str:
    return "".join(blanks + line for line in text.splitlines(keepends=True))


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (ADA + BOB, [1, 5]),
        (ADA.rstrip() + BOB, [1, 4]),
        (ADA.rstrip() + " \t" + BOB, [1, 4]),
        (ADA.rstrip() + "\ufeff" + BOB, [1, 4]),
        (indented(ADA) + indented(BOB), [1, 5]),
        (indented(ADA.rstrip()) + indented(BOB, "\t"), [1, 4]),
        ("  " + ADA + BOB, [1, 5]),
        (ADA + "  " + BOB, [1, 5]),
        (ADA + indented(BOB), [1, 5]),
        (ADA.replace("END", " END") + indented(BOB), [1, 5]),
        (ADA + "----\n" + BOB, [1, 6]),
        (ADA + "the next one:\n" + BOB, [1, 6]),
        ("mine:\n\n" + ADA + "\n\n" + indented(BOB) + "end\n", [3, 9]),
        (ADA.replace("END", "AGENT:\nBEGIN:VCARD\nFN:Cy\nEND:VCARD\nEND") + BOB, [1, 9]),
        (ADA.replace("FN:Ada", "NOTE:it says\n BEGIN:VCARD\nFN:Ada") + BOB, [1, 7]),
        (ADA.replace("FN:Ada", "NOTE:it says\n END:VCARD\nFN:Ada") + BOB, [1, 7]),
        (ADA + "END:VCARD\n" + BOB, [1, 6]),
    ],
)
def test_each_card_is_a_contact(text: str, rows: list[int], size: int) -> None:
    found = read(text, size)
    assert [row.issues for row in found] == [(), ()]
    assert [(row.draft.card.full, len(row.draft.card.phones)) for row in found if row.draft] == [("Ada", 1), ("Bob", 1)]
    assert [row.row for row in found] == rows
    assert [row.index for row in found] == [0, 1]


def test_an_indented_card_keeps_its_long_lines() -> None:
    [row] = read(indented(ADA.replace("Ada", "Ada Oka\n for")), 1000)
    assert row.draft is not None
    assert row.draft.card.full == "Ada Okafor"


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_card_without_its_beginning_is_an_issue(size: int) -> None:
    first, second, third = read(ADA + BOB.partition("\n")[2] + ADA, size)
    assert (first.issues, third.issues) == ((), ())
    assert [(issue.field, issue.code) for issue in second.issues] == [("row", "unopened_card")]
    assert (second.row, second.cells) == (5, (BOB.partition("\n")[2].rstrip(),))
