"""Plain rows are read column by column, and mean what they mean when they are read one by one."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onebook.importing import draft
from onebook.importing.blocks import Block, rows_of
from onebook.importing.columns import Columns
from onebook.importing.draft import Limits, ReadPlan, RowDraft, Rules, plan_of, read_block
from onebook.importing.headings import propose
from onebook.importing.mapping import Mapping
from onebook.importing.plain import PlainReader
from onebook.importing.record import Record
from onebook.importing.rows import Rows, rows_in
from onebook.importing.source import Source
from onebook.model import fold, lookup, phone
from onebook.model.contact import Card
from onebook.model.imports import ImportOptions
from onebook.operations.imports_prepare import Lookups, Prepared, Wish, prepare
from onebook.operations.imports_reading import open_file

FILES = sorted(path for path in (Path(__file__).parent / "files").iterdir() if path.suffix != ".json")
TARGETS = (
    *("name.full", "name.given", "name.middle", "name.family", "email", "email/2:work", "email.type/2", "phone"),
    *("phone/2:mobile", "phone.type", "country", "organization", "notes", "external_id", "groups", "tags", "lists"),
    *("kind", "exact", "address.line1", "address.city", "address.country", "address.text", "custom.A", "custom.B"),
    *("address.country_code", "address.postal_code", "name.prefix", "name.suffix"),
    *("custom.k\0", "opt_out", "opt_out.phone", ""),
)
CELLS = (
    *("", "", "", " ", "Ada", " Zo\u00eb ", "O'Neil", "'t Hooft", "'=1+1", "' =1", "''x", "\u5317\u4eac", "a\0b", "\0"),
    *(
        "x" * 160,
        "x" * 161,
        "y" * 256,
        "z" * 1001,
        "a b " * 60,
        "\u00df" * 300,
        "12345.0",
        "4155550134.0",
        "'4155550134",
        "'02139",
        "''02139",
    ),
    *("+1 650 555 0134", "(650) 555-0135", "+44 (0)20 7946 0018", "030 123456", "12", "n/a", "+999 123", "1.5E+10"),
    *("+1 650 555 0134 ::: +1 650 555 0135", "+1 650 555 0134 x12", "6505550136\n", "+1\u00a0650-555-0137", "650" * 90),
    *(
        "ada@example.com",
        "Ada@EXAMPLE.com",
        "a@",
        "@b.com",
        "a b@c.com",
        "j\u00f6rg@m\u00fcnchen.de",
        "a@b.com; c@d.org",
    ),
    *(
        "INFO@example.com",
        "a@x.test",
        "none",
        "US",
        "de",
        "Germany",
        "??",
        "group",
        "Person",
        "robot",
        "* Work",
        "SMTP",
    ),
    *(
        "one, two",
        "* A ::: B",
        '{"name": {"full": "Ada"}}',
        '{"name": null}',
        "C-1",
        "1 Main St, Springfield, IL 62701",
    ),
    *("+44", "44", "XX", "Okafor, Ada", "Ada Okafor", "Dr.", "0044 20 7946 0123", "07700 900123", "00442079460124"),
)
RULES = (Rules(), Rules(name_required=True, full_name_wins=True, fields_named=True, surplus_passed_over=True))
LIMITS = (Limits(), Limits(custom_pairs=1, custom_key=3, custom_value=10))


def one_by_one(block: Block, plan: ReadPlan) -> list[RowDraft]:
    rows = rows_in(block, len(plan.headings), strict=not plan.rules.surplus_passed_over)
    return list(map(draft._reader(plan).row, rows))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Block, ReadPlan]:
    targets = draw(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=8))
    cells = st.sampled_from(CELLS) | st.text(max_size=12)
    rows = draw(st.lists(st.lists(cells, max_size=len(targets) + 1), max_size=8))
    headings = tuple(f"H{at}" for at in range(len(targets)))
    mapping = Mapping({at: target for at, target in enumerate(targets) if target})
    country = draw(st.sampled_from((None, "US", "DE")))
    plan = plan_of(
        headings, mapping, country=country, rules=draw(st.sampled_from(RULES)), limits=draw(st.sampled_from(LIMITS))
    )
    records = tuple(Record(2 + at, row) for at, row in enumerate(rows))
    return Block(0, 2, len(records), "records", records=records), plan


@settings(max_examples=400)
@given(tables())
def test_any_rows_mean_what_they_mean_one_by_one(table: tuple[Block, ReadPlan]) -> None:
    assert list(read_block(*table)) == one_by_one(*table)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_ugly_files_mean_what_they_mean_one_by_one(path: Path) -> None:
    with open_file(Source.of_path(path), ImportOptions(), "US") as file:
        for block in file.blocks(0):
            assert list(read_block(block, file.plan)) == one_by_one(block, file.plan)


def is_plain(cells: dict[str, str]) -> bool:
    headings = tuple(cells)
    columns = Columns.found(headings, propose(headings).mapping(), "US", Limits(), Rules())
    block = Block(0, 2, 1, "records", records=(Record(2, tuple(cells.values())),))
    _, odd = PlainReader(columns).read(Rows(block, len(headings)))
    return not odd


SOUND = {"First Name": "Ada", "Last Name": "O'Neil", "Email": "ada@example.com", "Phone": "(650) 555-0134"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Notes": "x" * 5_000},
        {"Phone": "'+1 650 555 0134"},
        {"Phone 2": "+1 650 555 0135"},
        {"City": "Paris", "Country": "USA"},
        {"Shoe size": "44", "Tags": "a, b"},
    ],
    ids=["sound", "long notes", "guarded", "two numbers", "address", "more"],
)
def test_sound_rows_are_plain(more: dict[str, str]) -> None:
    assert is_plain(SOUND | more)


@pytest.mark.parametrize("more", [{"Email": "ada@"}, {"Phone": "12"}, {"Notes": "a\0b"}, {"First Name": "x" * 161}])
def test_what_may_be_at_fault_is_odd(more: dict[str, str]) -> None:
    assert not is_plain(SOUND | more)


def prepared_one_by_one(drafts: Iterable[RowDraft]) -> Prepared:
    """Each column as it is defined, a row at a time."""
    made = Prepared(0)
    for at, row in enumerate(row for row in drafts if row.draft):
        assert row.draft is not None
        card, external_id = row.draft.card, row.draft.external_id
        made.sort_keys.append(fold.sort_key(card))
        made.words.append(fold.index_text(7, card, external_id))
        for column, keys in ((made.phones, lookup.phones(card)), (made.emails, lookup.emails(card))):
            column.at += [at] * len(keys)
            column.keys += keys
            column.more += keys.values()
    made.phones, made.emails = map(in_order, (made.phones, made.emails))
    return made


def words(text: str) -> set[str]:
    """What a contact is found by."""
    return set(text.split())


def in_order(entries: Lookups) -> Lookups:
    """The entries by their keys, and equal keys by their rows."""
    rows = sorted(zip(entries.keys, entries.at, entries.more, strict=True), key=lambda row: row[:2])
    return Lookups([at for _, at, _ in rows], [key for key, _, _ in rows], [more for _, _, more in rows])


@settings(max_examples=200)
@given(tables())
def test_columns_are_prepared_as_they_are_row_by_row(table: tuple[Block, ReadPlan]) -> None:
    drafts = read_block(*table)
    made, expected = prepare(drafts, Wish(7), 0), prepared_one_by_one(drafts)
    for column in ("sort_keys", "phones", "emails"):
        assert getattr(made, column) == getattr(expected, column)
    assert list(map(words, made.words)) == list(map(words, expected.words))
    good = [row for row in drafts if row.draft]
    assert [made.draft(at) for at in range(len(good))] == [row.draft for row in good]
    assert (made.indexes, made.rows) == ([row.index for row in good], [row.row for row in good])
    assert {issue.index for issue in made.issues} == {row.index for row in drafts if row.issues}


@given(st.lists(st.builds(Card, full=st.none() | st.text(), custom=st.dictionaries(st.text(), st.text(), max_size=2))))
def test_texts_fold_together_as_they_fold_alone(cards: list[Card]) -> None:
    ids = [None] * len(cards)
    assert fold.sort_keys(cards) == list(map(fold.sort_key, cards))
    together, alone = fold.index_texts(7, cards, ids), [fold.index_text(7, card, None) for card in cards]
    assert list(map(words, together)) == list(map(words, alone))
    assert all(map(fold.same_words, together, alone))


NUMBERS = (
    st.sampled_from([cell.strip() for cell in CELLS])
    | st.text("+0123456789 .-()e", max_size=20).map(str.strip)
    | st.from_regex(r"00[1-9][0-9]{6,14}", fullmatch=True)
)


@settings(max_examples=500)
@given(
    st.lists(
        st.tuples(NUMBERS, st.sampled_from([None, "US", "DE", "IT", "AR", "ZZ", "AU", "JP", "NG", "RU"])),
        min_size=1,
        max_size=6,
    )
)
def test_numbers_of_a_column_are_read_as_they_are_alone(pairs: list[tuple[str, str | None]]) -> None:
    texts = [phone.clean_cell(cell) for cell, _ in pairs]
    alone = [phone.e164_of_cell(text, country) for text, (_, country) in zip(texts, pairs, strict=True)]
    expected = [(text, e164, phone.national(e164) if e164 else "") for text, e164 in zip(texts, alone, strict=True)]
    assert phone.read_cells([cell for cell, _ in pairs], [country for _, country in pairs]) == expected


def test_records_of_a_block_keep_their_order() -> None:
    text = "Ada,12\nBob,+1 650 555 0134\n\nCy,n/a\n"
    block, plan = Block(0, 2, 4, "table", text), plan_of(("Name", "Phone"), propose(("Name", "Phone")).mapping())
    assert [(row.index, row.draft is None) for row in read_block(block, plan)] == [(0, True), (1, False), (3, True)]
    assert len(list(rows_of(block))) == 4
