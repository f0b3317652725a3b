"""What columns and cells mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.errors import Issue
from onebook.importing.draft import Limits, Mapping, RowDraft, recognise
from onebook.importing.record import Record
from onebook.model.contact import Address, Card, Email, Phone
from tests.importing.strictly import LIMITS, read_records, strict_plan

NAMES = {
    "name": "name.full",
    "first name": "name.given",
    "last name": "name.family",
    "email": "email",
    "phone": "phone",
    "address": "address.text",
    "address line2": "address.line2",
    "type": "kind",
    "groups": "groups",
}


def drafts(cells: dict[str, str], *, country: str | None = "US", limits: Limits = LIMITS) -> list[RowDraft]:
    plan = strict_plan(tuple(cells), recognise(cells, NAMES), country, limits)
    return read_records(plan, Record(6, tuple(cells.values())))


def card(**cells: str) -> Card:
    [row] = drafts({name.replace("__", "."): text for name, text in cells.items()})
    assert row.draft is not None, row.issues
    return row.draft.card


def issues(cells: dict[str, str], *, country: str | None = "US", limits: Limits = LIMITS) -> list[tuple[str, str]]:
    [row] = drafts(cells, country=country, limits=limits)
    assert (row.draft is None) == bool(row.issues)
    assert all(issue.index == 4 for issue in row.issues)
    return [(issue.field, issue.code) for issue in row.issues]


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Name", "name.full"),
        ("  NAME ", "name.full"),
        ("First_Name", "name.given"),
        ("last   name", "name.family"),
        ("Address Line2", "address.line2"),
        ("address_line2", "address.line2"),
        ("metadata.csv_import", "custom.csv_import"),
        (" MetaData.Key With Blanks ", "custom.Key With Blanks"),
        ("metadata.a.b", "custom.a.b"),
        ("metadata.name", "custom.name"),
        ("metadata.", None),
        ("metadata", None),
        ("Shoe size", None),
        ("", None),
    ],
)
def test_heading_is_recognised(heading: str, target: str | None) -> None:
    assert recognise([heading], NAMES).columns == ({0: target} if target else {})


def test_mapping_says_whether_there_is_a_name() -> None:
    assert recognise(["x", "Last Name"], NAMES).has_name
    assert not recognise(["Email", "metadata.name"], NAMES).has_name


def test_prefix_of_custom_fields_is_the_callers() -> None:
    assert recognise(["X-a", "metadata.b"], {}, custom_prefix="x-").columns == {0: "custom.a"}


def test_first_of_two_equal_columns_counts_unless_it_is_blank() -> None:
    mapping = Mapping({0: "name.full", 1: "name.full", 2: "custom.k", 3: "custom.k"})
    table = (Record(2, ("Ada", "Bob", " ", "v")), Record(3, (" ", "Bob", "u", "v")))
    plan = strict_plan(("Name", "Name", "k", "k"), mapping, None)
    found = [row.draft.card for row in read_records(plan, *table) if row.draft]
    assert [(one.full, one.custom) for one in found] == [("Ada", {"k": "v"}), ("Bob", {"k": "u"})]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"Name": " Ada M. Okafor "}, ("Ada M. Okafor", "Ada M.", "Okafor")),
        ({"Name": "Ada"}, ("Ada", "Ada", None)),
        ({"First Name": "Ada", "Last Name": "Okafor"}, ("Ada Okafor", "Ada", "Okafor")),
        ({"First Name": "Ada M.", "Last Name": ""}, ("Ada M.", "Ada M.", None)),
        ({"First Name": "", "Last Name": "Okafor"}, ("Okafor", None, "Okafor")),
        ({"Name": "Thor", "First Name": "Ada", "Last Name": "Okafor"}, ("Thor", "Thor", None)),
        ({"Name": " ", "First Name": "Ada", "Last Name": "Okafor"}, ("Ada Okafor", "Ada", "Okafor")),
    ],
)
def test_name_comes_whole_or_in_parts(cells: dict[str, str], name: tuple[str, ...]) -> None:
    made = card(**cells)
    assert (made.full, made.given, made.family) == name


@pytest.mark.parametrize(
    ("cell", "raw", "e164"),
    [
        ("(415) 555-0134", "(415) 555-0134", "+14155550134"),
        ("4155550134.0", "4155550134", "+14155550134"),
        ("+44 20 7946 0018", "+44 20 7946 0018", "+442079460018"),
        ("'+33199001234", "+33199001234", "+33199001234"),
    ],
)
def test_phone_is_kept_as_written_with_its_e164(cell: str, raw: str, e164: str) -> None:
    assert card(Name="Ada", Phone=cell).phones == (Phone(raw, e164, primary=True),)


def test_address_is_read_with_its_unit() -> None:
    [address] = card(Name="Ada", Address="1 Main St, Springfield, IL 62701", Address_Line2="Apt 4").addresses
    assert (address.line1, address.line2, address.postal_code) == ("1 Main St", "Apt 4", "62701")
    assert card(Name="Ada", Address_Line2="Apt 4").addresses == (Address(line2="Apt 4"),)


def test_empty_cells_are_not_given() -> None:
    blank = {"Email": "", "Phone": "  ", "Address": "", "Type": " ", "metadata.a": " "}
    assert card(Name="Ada", **{name.replace(".", "__"): text for name, text in blank.items()}) == Card("Ada", "Ada")


def test_email_is_normalised_and_custom_fields_stay_text() -> None:
    made = card(Name="Ada", Email=" Ada@EXAMPLE.com ", metadata__n=" 007 ")
    assert made.emails == (Email("Ada@example.com", primary=True),)
    assert made.custom == {"n": "007"}


@pytest.mark.parametrize(
    ("cell", "kind"), [("", "individual"), ("person", "individual"), ("PERSON", "individual"), (" Group ", "group")]
)
def test_type_is_the_kind(cell: str, kind: str) -> None:
    [row] = drafts({"Name": "Ada", "Type": cell})
    assert row.draft is not None
    assert row.draft.kind == kind


def test_groups_are_left_as_they_stand() -> None:
    [row] = drafts({"Name": "Ada", "Groups": " Night, day; A "})
    assert (row.index, row.row, row.groups) == (4, 6, "Night, day; A")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Name": " ", "Shoe size": "44"}, [("name", "required")]),
        ({"Email": "thor@example.com"}, [("name", "required")]),
        ({"Name": "Thor", "Email": "thor@example"}, [("email", "invalid")]),
        ({"Name": "Thor", "Phone": "12"}, [("phone", "invalid")]),
        ({"Name": "Thor", "Phone": "2031-05-01"}, [("phone", "invalid")]),
        ({"Name": "Thor", "Phone": "4.15555E+09"}, [("phone", "invalid")]),
        ({"Name": "Thor", "Type": "robot"}, [("type", "invalid")]),
        ({"Name": "T\0"}, [("name", "nul")]),
        ({"Name": "Thor", "Email": "t\0@example.com"}, [("email", "nul")]),
        ({"Name": "Thor", "Phone": "415555\x000134"}, [("phone", "nul")]),
        ({"Name": "Thor", "Address Line2": "\0x"}, [("address", "nul")]),
        ({"Name": "Thor", "metadata.a": "x\0x"}, [("metadata", "nul")]),
        ({"Name": "Thor", "metadata.a\0": "x"}, [("metadata", "bad_key")]),
        (
            {"metadata.a": "x" * 501, "Type": "?", "Address": "\0x", "Phone": "1", "Email": "x", "Name": ""},
            [
                ("name", "required"),
                ("email", "invalid"),
                ("phone", "invalid"),
                ("address", "nul"),
                ("type", "invalid"),
                ("metadata", "too_long"),
            ],
        ),
    ],
)
def test_row_collects_its_faults_in_the_order_of_the_fields(
    cells: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert issues(cells) == expected


@pytest.mark.parametrize(
    ("custom", "code"),
    [
        ({f"metadata.{number}": "x" for number in range(25)}, None),
        ({f"metadata.{number}": "x" for number in range(26)}, "too_many"),
        ({f"metadata.{number}": "x" * (number < 25) for number in range(26)}, None),
        ({"metadata." + "k" * 100: "x"}, None),
        ({"metadata." + "k" * 101: "x"}, "bad_key"),
        ({"metadata." + "k" * 101: ""}, None),
        ({"metadata.a": "x" * 500}, None),
        ({"metadata.a": "x" * 501}, "too_long"),
    ],
    ids=["25", "26", "26, one empty", "key of 100", "key of 101", "the same, empty", "value of 500", "value of 501"],
)
def test_custom_fields_have_limits(custom: dict[str, str], code: str | None) -> None:
    assert issues({"Name": "Ada"} | custom) == ([("metadata", code)] if code else [])


def test_without_a_country_national_numbers_are_faults() -> None:
    assert issues({"Name": "Ada", "Phone": "(415) 555-0134"}, country=None) == [("phone", "invalid")]


def test_faulty_row_is_one_issue_of_the_row() -> None:
    plan = strict_plan(["Name"], recognise(["Name"], NAMES), None)
    [row] = read_records(plan, Record(5, (), "unclosed_quote"))
    [issue] = row.issues
    assert (issue.field, issue.code, issue.index) == ("row", "unclosed_quote", 3)
    assert "quotation mark" in issue.message


def test_issue_shows_the_beginning_of_the_cell() -> None:
    [row] = drafts({"Name": "Ada", "Email": "x" * 5000})
    assert row.issues == (Issue("email", "invalid", row.issues[0].message, 4, "x" * 200),)


@given(st.lists(st.text(max_size=30), min_size=10, max_size=10))
def test_any_cells_become_a_draft_or_issues(cells: list[str]) -> None:
    headings = [*NAMES, "metadata.a"]
    found = read_records(strict_plan(headings, recognise(headings, NAMES), "US"), Record(2, cells))
    assert len(found) == any(map(str.strip, cells)), "a blank row is none"
    for row in found:
        assert (row.draft is None) == bool(row.issues)
        order = ["name", "email", "phone", "address", "type", "metadata"]
        fields = [issue.field for issue in row.issues]
        assert fields == [field for field in order if field in fields]
