"""Rows of files that people and programs make: several entries with types, countries, names in parts, own exports."""

import msgspec
import pytest

from onebook.importing.blocks import Block, rows_of
from onebook.importing.draft import Limits, ReadPlan, RowDraft, plan_of, read_block
from onebook.importing.headings import propose
from onebook.importing.mapping import Mapping
from onebook.importing.record import Record
from onebook.model import cell, sheet
from onebook.model.contact import Address, Card, Contact, Email, Phone
from onebook.model.exported import Exported


def read(cells: dict[str, str], *, country: str | None = "US", limits: Limits | None = None) -> RowDraft:
    headings = tuple(cells)
    plan = plan_of(headings, propose(headings).mapping(), country=country, limits=limits)
    [row] = read_block(Block(4, 6, 1, "records", records=(Record(6, list(cells.values())),)), plan)
    return row


def card(cells: dict[str, str], *, country: str | None = "US") -> Card:
    row = read(cells, country=country)
    assert row.draft is not None, row.issues
    return row.draft.card


def issues(cells: dict[str, str], limits: Limits | None = None) -> list[tuple[str, str]]:
    row = read(cells, limits=limits)
    assert (row.draft is None, row.cells) == (True, tuple(cells.values()))
    return [(issue.field, issue.code) for issue in row.issues]


def test_google_types_stand_in_columns_of_their_own() -> None:
    found = card(
        {
            "Phone 1 - Label": "Mobile",
            "Phone 1 - Value": "+1 650 555 0134 ::: +1 650 555 0135",
            "Phone 2 - Label": "* Work",
            "Phone 2 - Value": "+1 650 555 0136",
            "E-mail 1 - Label": "",
            "E-mail 1 - Value": "a@example.com; b@example.com",
        }
    )
    assert found.phones == (
        Phone("+1 650 555 0134", "+16505550134", "Mobile"),
        Phone("+1 650 555 0135", "+16505550135", "Mobile"),
        Phone("+1 650 555 0136", "+16505550136", "Work", primary=True),
    )
    assert found.emails == (Email("a@example.com", primary=True), Email("b@example.com"))


def test_outlook_types_stand_in_headings() -> None:
    found = card(
        {
            "Business Phone": "650 555 0134",
            "Home Fax": "650 555 0135",
            "E-mail Address": "a@example.com",
            "E-mail Type": "SMTP",
        }
    )
    assert [(phone.e164, phone.type, phone.primary) for phone in found.phones] == [
        ("+16505550134", "work", True),
        ("+16505550135", "home fax", False),
    ]
    assert found.emails == (Email("a@example.com", None, primary=True),)


@pytest.mark.parametrize(
    "cell",
    [
        "\u202aada@example.com\u202c",
        "\ufeffada@example.com",
        "mailto:ada@example.com",
        "Ada <ada@example.com>",
        "\xa0ada@example.com",
    ],
)
def test_what_programs_write_around_an_address_is_none_of_it(cell: str) -> None:
    assert card({"E-mail": cell}).emails == (Email("ada@example.com", primary=True),)


@pytest.mark.parametrize(
    ("heading", "cell", "country", "says"),
    [
        ("Phone", "020 7946 0001", None, "say for the whole import in which country"),
        ("Phone", "12", "GB", "no possible phone number"),
        ("Phone", "+12", None, "no possible phone number"),
        ("Phone", "4.15555E+09", "US", "cut this number short"),
        ("E-mail", "ada@exam\u200bple.com", "US", "cannot be seen"),
        ("E-mail", "ada", "US", "one looks like"),
    ],
)
def test_an_issue_says_what_would_mend_it(heading: str, cell: str, country: str | None, says: str) -> None:
    [issue] = read({heading: cell}, country=country).issues
    assert says in issue.message


def test_several_values_in_a_cell_are_told_apart_unless_they_are_one() -> None:
    assert [phone.e164 for phone in card({"Phone": "650 555 0134 / 650 555 0135"}).phones] == [
        "+16505550134",
        "+16505550135",
    ]
    assert [phone.e164 for phone in card({"Phone": "0711/123456"}, country="DE").phones] == ["+49711123456"]


def test_equal_entries_are_one() -> None:
    assert len(card({"Phone": "650 555 0134", "Mobile": "+1 (650) 555-0134"}).phones) == 1


def test_addresses_are_kept_by_their_columns() -> None:
    found = card(
        {
            "Name": "Ada",
            "Business Street": "1 Main St",
            "Business Street 2": "Apt 4",
            "Business Address PO Box": "PO Box 5",
            "Business State": "IL",
            "Business Country/Region": "United States",
            "Home City": "Paris",
            "Home Country/Region": "fr",
        }
    )
    assert found.addresses == (
        Address("work", "1 Main St", "Apt 4, PO Box 5", None, "Illinois", "IL", None, "United States", "US"),
        Address("home", city="Paris", country="fr", country_code="FR"),
    )


def test_addresses_that_are_a_text_stay_one() -> None:
    text = "1 Main St\nSpringfield, IL 62701"
    assert card({"Name": "Ada", "Address": text}).addresses == (
        Address(line1="1 Main St, Springfield, IL 62701", text=text),
    )


@pytest.mark.parametrize(
    ("country", "e164"),
    [
        ("France", "+33612345678"),
        ("FR", "+33612345678"),
        ("fr", "+33612345678"),
        ("Frankreich", "+33612345678"),
        ("Atlantis", None),
    ],
)
def test_country_of_the_row_says_where_its_numbers_are_dialled(country: str, e164: str | None) -> None:
    row = read({"Name": "Ada", "Mobile": "06 12 34 56 78", "Country": country}, country=None)
    assert (row.draft.card.phones[0].e164 if row.draft else None) == e164


def test_country_of_the_import_stands_in_for_an_empty_cell() -> None:
    assert card({"Mobile": "06 12 34 56 78", "Country": ""}, country="FR").phones[0].e164 == "+33612345678"


@pytest.mark.parametrize(
    ("cells", "e164", "country"),
    [
        ({"Country Code": "+44", "Phone": "07700 900123"}, "+447700900123", None),
        ({"Country Code": "44", "Phone": "7700900123"}, "+447700900123", None),
        ({"Country Code": "0044", "Phone": "447700900123"}, "+447700900123", None),
        ({"Prefix": "+44", "Phone": "7700900123"}, "+447700900123", None),
        ({"Country": "Switzerland", "Country Code": "33", "Phone": "06 12 34 56 78"}, "+33612345678", "Switzerland"),
        ({"Country Code": "+44", "Phone": "+1 650 555 0134"}, "+16505550134", "+44"),
        ({"Country Code": "+44", "Phone": ""}, None, "+44"),
        ({"Country Code": "+999", "Phone": "650 555 0134"}, "+16505550134", "+999"),
        ({"Country Code": "D", "Phone": "650 555 0134"}, "+16505550134", "D"),
        ({"Country Code": "+44"}, None, "+44"),
    ],
)
def test_a_dial_code_belongs_to_the_number_beside_it(
    cells: dict[str, str], e164: str | None, country: str | None
) -> None:
    found = card({"Name": "Ada Okafor", **cells})
    assert (found.full, [phone.e164 for phone in found.phones]) == ("Ada Okafor", [e164] if e164 else [])
    assert [address.country for address in found.addresses] == ([country] if country else [])


@pytest.mark.parametrize(
    ("cells", "custom"),
    [
        ({"Country": "France", "Country Code": "XX"}, {"Country Code": "XX"}),
        ({"Country": "France", "Country Code": "FR"}, {}),
        ({"Prefix": "+44", "Phone": ""}, {"Prefix": "+44"}),
        ({"Prefix": "+44", "Phone": "", "custom.Prefix": "x"}, {"Prefix": "x, +44"}),
    ],
)
def test_a_code_that_belongs_to_nothing_is_a_custom_field(cells: dict[str, str], custom: dict[str, str]) -> None:
    assert card({"Name": "Ada", **cells}).custom == custom


@pytest.mark.parametrize("country", [None, "US", "AU", "DE"])
@pytest.mark.parametrize("cell", ["0044 20 7946 0123", "(0044) 20 7946 0123", "00 44 20 7946 0123"])
def test_00_begins_a_number_abroad_wherever_it_is_read(cell: str, country: str | None) -> None:
    [phone] = card({"Name": "Ada", "Phone": cell}, country=country).phones
    assert (phone.raw, phone.e164) == (cell, "+442079460123")


def test_what_a_country_itself_makes_of_00_goes_first() -> None:
    [phone] = card({"Name": "Ada", "Phone": "0033612345678"}, country="SG").phones  # 003 is a carrier there
    assert phone.e164 == "+3612345678"


@pytest.mark.parametrize(
    ("cells", "address"),
    [
        (
            {"Address": "1 Main St", "City": "Oakland", "State": "CA", "Zip": "94601"},
            Address(line1="1 Main St", city="Oakland", subdivision="CA", postal_code="94601", text="1 Main St"),
        ),
        (
            {"Address": "1 Main St", "Address 2": "Apt 4", "City": "Oakland"},
            Address(line1="1 Main St", line2="Apt 4", city="Oakland", text="1 Main St"),
        ),
        (
            {"Address": "12 rue de Paris", "City": "Paris", "Zip": "75001"},
            Address(line1="12 rue de Paris", city="Paris", postal_code="75001", text="12 rue de Paris"),
        ),
        (
            {"Address": "1 Main St, Oakland, CA", "City": "Oakland"},
            Address(city="Oakland", text="1 Main St, Oakland, CA"),
        ),
        (
            {"Address": "1 Main St Oakland 94601", "City": "Oakland", "Zip": "94601"},
            Address(city="Oakland", postal_code="94601", text="1 Main St Oakland 94601"),
        ),
        (
            {
                "Address 1 - Formatted": "1 Main St\nOakland",
                "Address 1 - Street": "1 Main St",
                "Address 1 - City": "Oakland",
            },
            Address(line1="1 Main St", city="Oakland", text="1 Main St\nOakland"),
        ),
    ],
)
def test_a_text_beside_parts_of_the_address_is_its_street_unless_it_is_all(
    cells: dict[str, str], address: Address
) -> None:
    assert card({"Name": "Ada", **cells}).addresses == (address,)


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"Name": "Ada Okafor"}, ("Ada Okafor", "Ada", "Okafor")),
        ({"First Name": "Ada", "Last Name": "Okafor"}, ("Ada Okafor", "Ada", "Okafor")),
        (
            {"First Name": "Ada", "Middle Name": "M.", "Last Name": "Okafor", "Suffix": "Jr"},
            ("Ada M. Okafor Jr", "Ada", "Okafor"),
        ),
        ({"Name": "Okafor, Ada", "First Name": "Ada", "Last Name": "Okafor"}, ("Okafor, Ada", "Ada", "Okafor")),
        ({"Email": "a@example.com", "Name": ""}, (None, None, None)),
        ({"Name": "Okafor, Ada"}, ("Okafor, Ada", "Ada", "Okafor")),
        ({"Name": "Miller, Smith", "Company": "Miller, Smith"}, ("Miller, Smith", "Miller,", "Smith")),
        ({"Anrede": "Frau", "Name": "Ada Okafor"}, ("Frau Ada Okafor", "Ada", "Okafor")),
        ({"Name": "Ada Okafor", "Middle Name": "M."}, ("Ada M. Okafor", "Ada", "Okafor")),
        ({"Full Name": "Ada Okafor", "First Name": "Ada"}, ("Ada Okafor", "Ada", "Okafor")),
        ({"Name": "Countess Lovelace", "First Name": "Ada", "Last Name": "King"}, ("Countess Lovelace", "Ada", "King")),
    ],
)
def test_name_comes_whole_or_in_parts(cells: dict[str, str], name: tuple[str | None, ...]) -> None:
    found = card(cells)
    assert (found.full, found.given, found.family) == name


def test_tags_lists_groups_notes_and_the_rest() -> None:
    row = read(
        {
            "Name": "Ada",
            "Tags": "a, b;c",
            "Lists": "x; y, z",
            "Labels": "",
            "Groups": "Night shift; Day",
            "Notes": "n",
            "Company": "Acme",
            "External ID": "7",
            "Kind": "Group",
            "Shoe size": "44",
        }
    )
    assert row.draft is not None
    assert (row.tags, row.lists, row.groups) == (("a, b", "c"), ("x", "y, z"), "Night shift; Day")
    assert (row.draft.kind, row.draft.external_id) == ("group", "7")
    assert (row.draft.card.notes, row.draft.card.organization) == ("n", "Acme")
    assert row.draft.card.custom == {"Shoe size": "44"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {"Mobile": "12", "E-mail": "x", "Kind": "robot"},
            [("E-mail", "invalid"), ("Mobile", "invalid"), ("Kind", "invalid")],
        ),
        ({"Mobile": "", "Work phone": "+1 650 555 0134 ::: 12"}, [("Work phone", "invalid")]),
        ({"Shoe size": "44"}, [("name", "required")]),
        ({"Vorname": "", "Ort": "Bonn"}, [("Vorname", "required")]),
        ({"Name": "Ada", "Notes": "a\0b"}, [("Notes", "nul")]),
        ({"Name": "Ada", "Shoe size": "a\0b"}, [("Shoe size", "nul")]),
        ({"Name": "A" * 1001}, [("Name", "too_long")]),
        ({"Name": "Ada", "Customer ID": "7" * 256}, [("Customer ID", "too_long")]),
        ({"Name": "Ada", "Street": "x" * 501}, [("Street", "too_long")]),
    ],
)
def test_faults_are_issues_of_the_heading(cells: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert issues(cells) == expected


def test_custom_fields_have_limits() -> None:
    assert issues({"Name": "Ada", "x": "12345"}, limits=Limits(9, 9, 4)) == [("x", "too_long")]
    assert issues({"Name": "Ada", "key": "1"}, limits=Limits(9, 2, 4)) == [("key", "bad_key")]


@pytest.mark.parametrize("name", ["=1+1", "+a", "-a", "@a", "'a", "''a", "'t Hooft", "a"])
def test_exactly_the_one_apostrophe_is_taken_off(name: str) -> None:
    assert card({"Name": cell.guard(name)}).full == name


def test_an_apostrophe_before_digits_is_none_of_a_code_or_an_id() -> None:
    row = read({"Name": "'68", "Zip": "'02139", "Customer ID": "'6123", "Shoe size": "'44"})
    assert row.draft is not None, row.issues
    found = row.draft.card
    assert (found.addresses, row.draft.external_id) == ((Address(postal_code="02139"),), "6123")
    assert (found.full, found.custom) == ("'68", {"Shoe size": "'44"})


def exported(found: Card) -> Exported:
    contact = Contact(1, "u", 1, "individual", "x 1", None, 1, 0, 0, found)
    return Exported(contact, found.organization, lists=("a, b",), tags=("t",), groups=("g; h",))


ODD = Card(
    full=" Ada ",
    given="Ada",
    phones=(Phone("555", None, "Home Fax"), Phone("+1 650 555 0134", "+16505550134", primary=True)),
    emails=(Email("nonsense", "x", primary=True),),
    addresses=(Address("work", "1 Main St", country="FR"),),
    notes="two\nlines ",
    organization="Acme ",
    custom={"n": 7, "list": [1, {"a": None}], "text": "=1", "blank": ""},
)


def cells_of(found: Exported) -> dict[str, str]:
    survey = sheet.Survey()
    survey.see(found.contact.card)
    cells = dict(sheet.cells_of(found))
    return {heading: cell.guard(cells.get(heading, "")) for heading in survey.layout.headings}


def test_our_own_sheet_comes_back_exactly() -> None:
    row = read(cells_of(exported(ODD)), country="FR")
    assert row.draft is not None, row.issues
    assert row.draft.card == ODD
    assert (row.draft.external_id, row.tags, row.lists, row.named_groups) == ("x 1", ("t",), ("a, b",), ("g; h",))


def test_an_edited_cell_wins_over_the_last_column() -> None:
    cells = cells_of(exported(ODD)) | {"Email 1": "ada@example.com", "custom.n": "8"}
    row = read(cells, country="FR")
    assert row.draft is not None, row.issues
    assert row.draft.card.emails == (Email("ada@example.com", "x", primary=True),)
    assert row.draft.card.custom["n"] == "8"
    assert row.draft.card.phones == ODD.phones


@pytest.mark.parametrize("text", ["x", "[]", '{"phones": 7}', '{"custom": {"a": 1}, "zzz": 1}'])
def test_a_spoilt_last_column_is_passed_over(text: str) -> None:
    assert card({"Name": "Ada", "onebook": text}).full == "Ada"


def lines(*objects: object, country: str | None = "US") -> list[RowDraft]:
    text = "\n".join(one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in objects)
    block = Block(0, 1, len(objects), "lines", text)
    headings = ("first_name", "mobile", "size")
    mapping = Mapping({0: "name.given", 1: "phone:mobile", 2: "custom.size"})
    assert len(list(rows_of(block))) == len(objects)
    return list(read_block(block, plan_of(headings, mapping, country=country)))


def test_flat_objects_are_read_like_rows() -> None:
    [row] = lines({"first_name": "Ada", "mobile": "650 555 0134", "size": 44, "more": [1], "nothing": None})
    assert row.draft is not None, row.issues
    assert row.draft.card.given == "Ada"
    assert row.draft.card.phones == (Phone("650 555 0134", "+16505550134", "mobile", primary=True),)
    assert row.draft.card.custom == {"size": 44, "more": [1]}


def test_objects_in_our_words_are_read_field_by_field() -> None:
    said = {
        "name": {"given": "Ada", "family": "Okafor"},
        "phones": ["650 555 0134", {"number": "+33612345678", "type": "home", "primary": True}],
        "emails": [{"value": "A@EXAMPLE.com"}],
        "addresses": [{"city": "Paris", "country": "France"}],
        "kind": "person",
        "custom": {"a": 1},
        "b": "2",
        "tags": ["t"],
    }
    [row] = lines(said)
    assert row.draft is not None, row.issues
    found = row.draft.card
    assert (found.full, found.emails) == ("Ada Okafor", (Email("A@example.com", primary=True),))
    assert [(phone.e164, phone.primary) for phone in found.phones] == [("+16505550134", False), ("+33612345678", True)]
    assert found.addresses == (Address(city="Paris", country="France", country_code="FR"),)
    assert (found.custom, row.tags) == ({"a": 1, "b": "2"}, ("t",))


@pytest.mark.parametrize(
    ("line", "issue"),
    [
        ("x", ("row", "not_json")),
        ("[1]", ("row", "not_json")),
        ('{"name": "Ada"', ("row", "not_json")),
        ("{" * 5000, ("row", "not_json")),
        ('{"phones": [7]}', ("phones", "invalid")),
        ('{"name": "Ada", "phones": ["12"]}', ("phones", "invalid")),
        ('{"name": "Ada\\u0000"}', ("name", "nul")),
        ('{"name": "Ada", "notes": "a\\u0000"}', ("notes", "nul")),
        ('{"name": "Ada", "x": "a\\u0000"}', ("x", "nul")),
        ("{}", ("first_name", "required")),
    ],
)
def test_a_broken_line_is_an_issue(line: str, issue: tuple[str, str]) -> None:
    [row] = lines(line)
    assert row.draft is None
    assert (row.issues[0].field, row.issues[0].code) == issue


def test_a_plan_can_be_sent_and_kept() -> None:
    plan = plan_of(("A", "B"), Mapping({1: "phone:work"}), country="FR")
    assert msgspec.json.decode(msgspec.json.encode(plan), type=ReadPlan) == plan
    assert plan.mapping == Mapping({1: "phone:work"})
