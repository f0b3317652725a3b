"""Which column is what: the exports of ten programs in four languages, and look-alikes."""

import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.errors import InvalidInput
from onebook.importing.headings import are_headings, looks_like_data, propose
from onebook.importing.mapping import Mapping, bound, fingerprint, is_target, kept, parse_target
from onebook.importing.proposal import SURE

EXPORTS = msgspec.json.decode((Path(__file__).parent / "headings.json").read_bytes())


def targets(*headings: str) -> list[str]:
    return [column.target for column in propose(headings).columns]


@pytest.mark.parametrize("name", EXPORTS)
def test_export_is_recognised(name: str) -> None:
    expected = EXPORTS[name]
    found = {column.heading: column.target for column in propose(list(expected)).columns}
    custom = {heading: f"custom.{heading}" for heading, target in expected.items() if target is None}
    assert found == {**expected, **custom}


def test_there_are_ten_programs_in_four_languages() -> None:
    programs = {"google", "outlook", "apple", "hubspot", "salesforce", "mailchimp", "linkedin", "apptoto", "packagex"}
    assert {name.split()[0] for name in EXPORTS} >= programs | {"octopush"}
    assert {name.split()[1] for name in EXPORTS} >= {"en", "de", "fr", "es"}


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Telefonnumber", "phone"),
        ("Surnme", "name.family"),
        ("Moblie", "phone:mobile"),
        ("Emial", "email"),
        ("E-Mail-Adresse (privat)", "email:home"),
        ("CUSTOMER_NAME", "name.full"),
        ("customerName", "name.full"),
        ("Company Phone", "phone:work"),
        ("Billing City", "address.city:billing"),
        ("Address2", "address.line2"),
        ("PHONE_2", "phone/2"),
        ("phone/3:mobile", "phone/3:mobile"),
        ("metadata.Shoe size", "custom.Shoe size"),
        ("param3", "custom.param3"),
        ("custom_data.Shoe size", "custom.Shoe size"),
        ("Tlf. móvil", "phone:mobile"),
        ("Tel. G", "phone:work"),
        ("Tél. fixe", "phone"),
        ("Landline", "phone"),
        ("Portable perso", "phone:home mobile"),
        ("Correo-e", "email"),
        ("C.P.", "address.postal_code"),
        ("Addr 2", "address.line2"),
        ("Domicilio", "address.text"),
        ("Kd-Nr.", "external_id"),
        ("Phone (Mobile)", "phone:mobile"),
        ("Phone - Mobile", "phone:mobile"),
        ("Phone (Cell)", "phone:mobile"),
        ("Phonenumber", "phone"),
        ("Phone 1 Number", "phone/1"),
        ("WhatsApp Phone Number", "phone:mobile"),
        ("Contact No", "phone"),
        ("Number", "phone"),
        ("Home Number", "phone:home"),
        ("Mobilfunk", "phone:mobile"),
        ("Tel. gesch.", "phone:work"),
        ("Tél. dom.", "phone:home"),
        ("N° de téléphone", "phone"),
        ("Handy-Nr.", "phone:mobile"),
        ("Direct Phone", "phone:work"),
        ("Kunden-Nr.", "external_id"),
        ("Particular", "phone:home"),
        ("Company Email", "email:work"),
        ("Last Name, First Name", "name.full"),
        ("Nachname, Vorname", "name.full"),
        ("Nom Prénom", "name.full"),
        ("Apellidos, Nombre", "name.full"),
        ("Name (First)", "name.given"),
        ("Street, City, ZIP", "address.text"),
        ("Address (Street, City)", "address.text"),
        ("Customer Number", "external_id"),
    ],
)
def test_look_alike_is_recognised(heading: str, target: str) -> None:
    [column] = propose([heading]).columns
    assert (column.target, column.confidence >= SURE) == (target, True)


def test_an_id_that_is_called_external_is_the_callers() -> None:
    assert targets("Id", "External Id") == ["custom.Id", "external_id"]


@pytest.mark.parametrize(
    "heading",
    [
        *("Shoe size", "Email opt in", "Phone verified", "Contact owner", "Nom complet du conjoint"),
        *("Stage", "Movie", "Station", "Mother Phone", "Invoice Number", "Order Number", "Billing Number"),
        *("Company Number", "PLZ/Ort", "CP Ville", "City/State", "Hausnummer", "Dial code", "Vorwahl"),
    ],
)
def test_what_is_not_recognised_is_proposed_as_a_custom_field(heading: str) -> None:
    [column] = propose([heading]).columns
    assert (column.target, column.confidence) == (f"custom.{heading}", 0.0)
    assert propose([heading]).mapping(custom=False).columns == {}


def test_a_mistyped_heading_is_less_sure() -> None:
    sure, mistyped = propose(["Telephone", "Telephine"]).columns
    assert sure.confidence > mistyped.confidence >= SURE


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("Name", "Vorname"), ["name.family", "name.given"]),
        (("Nom", "Prénom"), ["name.family", "name.given"]),
        (("Nombre", "Apellidos"), ["name.given", "name.family"]),
        (("Nombre", "Teléfono"), ["name.full", "phone"]),
        (("Name", "First Name", "Last Name"), ["name.full", "name.given", "name.family"]),
    ],
)
def test_a_bare_name_means_what_the_others_leave(headings: tuple[str, ...], expected: list[str]) -> None:
    assert targets(*headings) == expected


def test_headings_that_are_doubled_are_told_apart() -> None:
    assert targets("Phone", "Phone", "Phone", "Name", "Name") == [
        *("phone", "phone/2", "phone/3", "name.full", "custom.Name"),
    ]


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Owner Email", "rep@example.com"),
        ("Sales rep email", "rep@example.com"),
        ("Propriétaire du contact", "rep@example.com"),
        ("Zuständiger Mitarbeiter", "rep@example.com"),
        ("Referred by", "bob@example.com"),
        ("Parent Email", "mum@example.com"),
        ("E-mail Display Name", "ada@example.com"),
        ("Nom complet de l'adresse de messagerie", "ada@example.com"),
        ("Nombre de pantalla de correo electrónico 2", "ada@example.com"),
        ("IMAddress", "ada@example.com"),
        ("Skype", "ada@example.com"),
        ("Twitter", "@ada"),
        ("Who", "Ada (ada@example.com)"),
        ("Assistant's Phone", "+1 650 555 0134"),
        ("Emergency Phone", "+1 650 555 0134"),
        ("Latitude", "+33.7490000"),
        ("Y", "+33.749000000"),
        ("Balance", "+12345678901"),
    ],
)
def test_what_is_about_something_else_is_no_phone_and_no_mail_address(heading: str, cell: str) -> None:
    [column] = propose([heading], [[cell]]).columns
    assert (column.target, column.confidence) == (f"custom.{heading}", 0.0)


@pytest.mark.parametrize(
    ("headings", "cells", "expected"),
    [
        ("Kontakt,Erreichbar", "a@x.org,+33612345678", ["email", "phone"]),
        ("Kontakt,Work", "a@x.org; b@x.org,+33612345678", ["email", "phone:work"]),
        ("E-Mail,Kontakt", "a@x.org,b@x.org", ["email", "custom.Kontakt"]),
        ("Phone,Callback", "+33612345678,+33612345679", ["phone", "custom.Callback"]),
        ("Phone,Home", "+33612345678,+33612345679", ["phone", "phone:home"]),
        ("Email,Company Email", "a@x.org,b@x.org", ["email", "custom.Company Email"]),
        ("Nummer,Telefon", "123456,0171 1234567", ["custom.Nummer", "phone"]),
        ("Nummer", "12", ["custom.Nummer"]),
        ("Particular", "no", ["custom.Particular"]),
        ("custom.Number,Phone", "12,+33612345678", ["custom.Number", "phone"]),
        ("Country Code", "+44", ["custom.Country Code"]),
        ("Country Code", "0044", ["custom.Country Code"]),
        ("Country Code", "1-684", ["custom.Country Code"]),
        ("Country Code", "GB", ["address.country_code"]),
        ("Prefix", "44", ["custom.Prefix"]),
        ("Country Code,Phone", "+44,7700900123", ["address.country_code", "phone"]),
        ("Prefix", "Dr.", ["name.prefix"]),
        (",Name,", "x,Ada,", ["custom.A", "name.full", ""]),
        ("Name,", "Ada,a@x.org", ["name.full", "email"]),
        ("Name,,C", "Ada,,x", ["name.full", "", "custom.C"]),
        ("B,", "x,y", ["custom.B", "custom.B 2"]),
    ],
)
def test_cells_say_what_headings_do_not(headings: str, cells: str, expected: list[str]) -> None:
    found = propose(headings.split(","), [cells.split(",")]).columns
    assert [column.target for column in found] == expected


def test_one_cell_that_is_none_keeps_a_column_from_being_guessed() -> None:
    rows = [*([f"{name}@example.com"] for name in "abcdefghi"), ["ask her"]]
    assert propose(["Kontakt"], rows).columns[0].target == "custom.Kontakt"
    assert propose(["A"], rows).columns[0].target == "email"


def test_a_column_that_says_nothing_is_not_sure() -> None:
    assert [column.confidence for column in propose(["", "Interest"]).columns] == [0, 0]


def test_custom_fields_that_are_called_alike_are_told_apart() -> None:
    headings = ("Interest", "Interest", "Interest 2", "Shoe", "Shoe ", "Unsubscribed", "Unsubscribed")
    expected = ["Interest", "Interest 3", "Interest 2", "Shoe", "Shoe 2", "Unsubscribed", "Unsubscribed 2"]
    mapping = propose(headings).mapping()
    assert list(mapping.columns.values()) == [f"custom.{key}" for key in expected]
    assert bound(headings, kept(headings, mapping)) == mapping


def test_columns_without_headings_are_bound_by_their_place() -> None:
    assert bound(("Name", "", ""), {"Name": "name.full", "": "custom.B"}).columns == {0: "name.full", 1: "custom.B"}


@pytest.mark.parametrize("heading", ["Phone", "Interest", "Wort"])
def test_thousands_of_equal_headings_take_no_time(heading: str) -> None:
    began = time.process_time()
    found = propose([heading] * 4_000).columns
    assert len({column.target for column in found}) == len(found)
    assert time.process_time() - began < 5


def test_cells_confirm_deny_and_stand_in_for_headings() -> None:
    rows = [
        ["yes", "a@example.com", "+33 6 12 34 56 78", "person", "x"],
        ["no", "b@example.com", "+44 20 7946 0018", "GROUP", ""],
    ]
    found = propose(["Telefon", "Kontakt", "Erreichbar", "Type", "Y"], rows).columns
    assert [column.target for column in found] == ["custom.Telefon", "email", "phone", "kind", "custom.Y"]


@pytest.mark.parametrize(("heading", "target"), [("Phone", "phone"), ("E-Mail", "email"), ("Telephine", None)])
def test_cells_that_are_none_leave_a_sure_heading_its_meaning(heading: str, target: str | None) -> None:
    [column] = propose([heading], [["12"], ["n/a"], ["see notes"]]).columns
    assert column.target == (target or f"custom.{heading}")
    assert column.confidence < SURE


def test_first_rows_of_data_and_of_headings_are_told_apart() -> None:
    assert looks_like_data(["Ada", "ada@example.com"])
    assert looks_like_data(["+33612345678"])
    assert not looks_like_data(["Name", "Phone 2", "0612345678"])
    assert are_headings(["First Name", "Last Name", "URL"])
    assert not are_headings(["Notes:"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("Ada Byron,+1 650 555 0134", "O'Brien Pat,+1 650 555 0135"), {0: "name.full", 1: "phone"}),
        (("a@b.co,Zoë Ö. Byron,12 High St,London", "b@b.co,Bob Berg,3 Low St,Paris"), {0: "email", 1: "name.full"}),
        (("1,Ada,Byron,a@b.co", "2,Bob,Berg,b@b.co"), {1: "name.given", 2: "name.family", 3: "email"}),
        (("Ada,x@b.co,Rome", "Bob,y@b.co,Oslo"), {0: "name.full", 1: "email"}),
        (("VIP,a@b.co", "VIP,b@b.co", "VIP,c@b.co"), {1: "email"}),
        (("12-34,a@b.co", "x_y,b@b.co"), {1: "email"}),
        ((",a@b.co", ",b@b.co"), {1: "email"}),
    ],
)
def test_names_are_found_without_headings(rows: tuple[str, ...], expected: dict[int, str]) -> None:
    samples = [row.split(",") for row in rows]
    mapping = propose("ABCDE"[: len(samples[0])], samples).mapping(custom=False)
    assert mapping.columns == expected


def test_a_mapping_can_be_kept_and_bound_again() -> None:
    headings = ("E-mail", "E-mail", "Shoe size", "")
    mapping = Mapping({0: "email", 1: "email/2:work", 2: "custom.Shoe size"})
    stored = msgspec.json.decode(msgspec.json.encode(kept(headings, mapping)), type=dict[str, str])
    assert stored == {"E-mail": "email", "E-mail [2]": "email/2:work", "Shoe size": "custom.Shoe size"}
    assert bound(headings, stored) == mapping
    assert bound(("shoe_size", "x", "E-MAIL"), stored) == Mapping({0: "custom.Shoe size", 2: "email"})


def test_a_mapping_names_what_there_is_not() -> None:
    with pytest.raises(InvalidInput) as caught:
        bound(("A", "B"), {"A": "phones", "B": "custom.", "C": ""})
    assert [issue.field for issue in caught.value.issues] == ["mapping.A", "mapping.B"]


@pytest.mark.parametrize("text", ["phone/0", "phone/10000", "name.full/2", "kind:x", "phone.primary", "", "Phone"])
def test_a_target_is_of_its_form(text: str) -> None:
    assert parse_target(text) is None
    assert not is_target(text)


def test_files_with_the_same_headings_have_one_fingerprint() -> None:
    assert fingerprint(["E-mail", "Straße"]) == fingerprint(["E_Mail", "STRASSE"])
    assert fingerprint(["A", "B"]) != fingerprint(["B", "A"])
    assert fingerprint(["?"]) != fingerprint(["!"])


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_headings_have_a_proposal(headings: list[str]) -> None:
    found = propose(headings, [["x"] * len(headings)])
    assert [column.heading for column in found.columns] == headings
    assert all(is_target(target) for target in found.mapping().columns.values())
    assert bound(headings, kept(headings, found.mapping())).columns.keys() == found.mapping().columns.keys()
