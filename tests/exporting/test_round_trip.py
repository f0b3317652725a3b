"""What is exported is imported again with nothing lost: from every format, into an account of any country."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from onebook.exporting.formats import FORMATS
from onebook.importing.draft import RowDraft, plan_of, read_block
from onebook.importing.headings import propose
from onebook.importing.reading import open_records
from onebook.importing.source import Source
from onebook.model import sheet
from onebook.model.contact import Card, Email, Phone
from onebook.model.exported import Exported
from tests.exporting import people

SHEETS = ("csv", "xlsx")


def written(format_name: str, rows: Sequence[Exported]) -> Source:
    survey = sheet.Survey()
    for row in rows:
        survey.see(row.contact.card)
    data = b"".join(FORMATS[format_name].write(rows, survey.layout))
    return Source(data, len(data), name=f"contacts.{FORMATS[format_name].extension}")


def imported(format_name: str, rows: Sequence[Exported]) -> list[RowDraft]:
    with open_records(written(format_name, rows)) as records:
        plan = plan_of(records.headings, propose(records.headings, records.samples).mapping())
        return [draft for block in records.blocks() for draft in read_block(block, plan)]


def must_come_back(format_name: str, rows: Sequence[Exported]) -> None:
    for row, again in zip(rows, imported(format_name, rows), strict=True):
        assert again.issues == ()
        assert again.draft is not None
        assert again.draft.card == in_card(row)
        assert (again.draft.kind, again.draft.external_id) == (row.contact.kind, row.contact.external_id)
        assert (again.lists, again.tags) == (row.lists, row.tags)
        assert format_name in SHEETS or again.named_groups == row.groups
        assert again.places == row.places


def in_card(row: Exported) -> Card:
    """The card as it comes back: the organization by its name."""
    card = row.contact.card
    return Card(**{**{name: getattr(card, name) for name in Card.__struct_fields__}, "organization": row.organization})


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_contact_with_everything_comes_back(format_name: str) -> None:
    must_come_back(format_name, [people.ada()])


@pytest.mark.parametrize("format_name", FORMATS)
def test_hostile_texts_come_back(format_name: str) -> None:
    must_come_back(format_name, list(people.hostile()))


@pytest.mark.parametrize("format_name", ["csv", "jsonl", "vcard", "vcard3"])
def test_any_contact_comes_back(format_name: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(people.EXPORTED.filter(people.is_known))
    def comes_back(one: Exported) -> None:
        must_come_back(format_name, [one])

    comes_back()


@pytest.mark.parametrize("format_name", FORMATS)
def test_numbers_and_addresses_that_only_another_dialect_takes_come_back(format_name: str) -> None:
    odd = people.exported(
        full="Odd",
        given="Odd",
        phones=(Phone("call the desk", None, "Desk"), Phone("12", None, None, primary=True)),
        emails=(Email("not an address", None, primary=True),),
    )
    must_come_back(format_name, [odd, people.ada(2)])


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_contact_without_a_name_comes_back(format_name: str) -> None:
    must_come_back(
        format_name, [people.exported(phones=(Phone("0612 345", None, primary=True),)), people.exported(2, notes="n")]
    )


@pytest.mark.parametrize("format_name", SHEETS)
def test_groups_come_back_by_their_names(format_name: str) -> None:
    rows = [people.exported(full="Ada", groups=("Family",)), people.exported(2, full="B", groups=("A, B; C", "D|E"))]
    first, second = imported(format_name, rows)
    assert first.named_groups == ("Family",) or first.groups == "Family"
    assert second.named_groups == ("A, B; C", "D|E")


@pytest.mark.parametrize("format_name", SHEETS)
def test_columns_that_only_tell_become_no_custom_fields(format_name: str) -> None:
    [again] = imported(format_name, [people.exported(full="Ada", opted_out=("+16505550134",))])
    assert again.draft is not None
    assert again.draft.card.custom == {}
