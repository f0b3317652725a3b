"""The last column of a sheet: believed while the other cells show what it says, field by field."""

from typing import Any

import msgspec
import pytest
from hypothesis import given

from onebook.model import exact, sheet
from onebook.model.contact import Phone
from onebook.model.exported import Exported
from tests.exporting import people


def row_of(one: Exported) -> dict[str, str]:
    """The cells as an import has them: every column there, trimmed."""
    survey = sheet.Survey()
    survey.see(one.contact.card)
    cells = dict(sheet.cells_of(one))
    return {heading: cells.get(heading, "").strip() for heading in survey.layout.headings}


def believed(row: dict[str, str]) -> dict[str, Any]:
    kept, _ = exact.believed(exact.read(row[sheet.EXACT]), row)
    return kept.fields


@given(people.EXPORTED)
def test_an_untouched_row_is_believed_in_everything(one: Exported) -> None:
    row = row_of(one)
    assert believed(row) == exact.read(row[sheet.EXACT]).fields


@given(people.EXPORTED)
def test_what_a_cell_does_not_hold_as_it_is_stands_in_the_last_column(one: Exported) -> None:
    said = believed(row_of(one))
    for field, value in sheet.fields_of(one):
        if field == "custom":
            lost = {key: text for key, text in value.items() if row_of(one).get(sheet.CUSTOM + key) != text}
            assert lost.items() <= said.get("custom", {}).items()
        elif field == "name":
            assert "name" in said or dict(sheet.shown(field, value))["Name"] == value["full"]
        elif field in ("external_id", "organization", "notes"):
            assert said.get(field, dict(sheet.shown(field, value)).popitem()[1]) == value
        elif field in ("phones", "emails", "addresses", "locations"):
            assert field in said or all(getattr(entry, "raw", "") == getattr(entry, "e164", "") for entry in value)


def test_an_edited_cell_wins_and_the_other_fields_stay() -> None:
    row = row_of(people.ada()) | {"Phone 1": "+16505550199"}
    assert {"addresses", "custom"} <= believed(row).keys()
    assert "phones" not in believed(row)


def test_an_added_entry_counts_as_an_edit() -> None:
    row = row_of(people.ada())
    assert "phones" in believed(row)
    assert "phones" not in believed(row | {"Phone 3": "+16505550199"})


def test_a_deleted_column_is_no_objection() -> None:
    row = row_of(people.ada())
    del row["Phone 1 Type"]
    assert believed(row)["phones"] == people.ada().contact.card.phones


def test_custom_fields_are_believed_one_by_one() -> None:
    row = row_of(people.ada()) | {"custom.visits": "4"}
    assert believed(row)["custom"] == {"vip": True, "tags": ["a", {"b": None}]}


def test_a_name_that_is_none_is_believed_until_there_is_one() -> None:
    row = row_of(people.exported(notes="no name"))
    assert believed(row)["name"] is None
    assert "name" not in believed(row | {"Name": "Ada"})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "null", '{"phones":7}', '{"custom":[]}', "[" * 9_000, "{" * 9_000]
)
def test_what_onebook_has_not_written_says_nothing(text: str) -> None:
    assert exact.read(text) == exact.Exact()


@pytest.mark.parametrize("e164", ["+1", "16505550134", "+1 650 555 0134", "=1+1", ""])
def test_no_file_makes_up_the_key_of_a_number(e164: str) -> None:
    text = msgspec.json.encode({"phones": [Phone("650", e164)], "notes": "n"}).decode()
    assert exact.read(text).fields == {"notes": "n"}
