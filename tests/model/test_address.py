"""Postal addresses: taken apart where we can, kept whole where we cannot, and known by what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from onebook.model import address, country
from onebook.model.contact import Address

UNITED_STATES = [
    ("123 Main St Apt 4, Springfield, IL 62704", "123 Main St", "Apt 4", "Springfield", "IL", "62704"),
    ("1600 Plymouth St, Mountain View, CA 94043, USA", "1600 Plymouth St", None, "Mountain View", "CA", "94043"),
    ("350 5th Ave Fl 33 New York NY 10118", "350 5th Ave", "Fl 33", "New York", "NY", "10118"),
    ("350 5th Ave, New York, New York 10118-3299", "350 5th Ave", None, "New York", "NY", "10118-3299"),
    ("1600 K St NW, Washington DC 20500, United States", "1600 K St NW", None, "Washington", "DC", "20500"),
    ("PO Box 12, Anchorage, Alaska", "PO Box 12", None, "Anchorage", "AK", None),
    ("1 Infinite Loop, cupertino, ca 95014", "1 Infinite Loop", None, "cupertino", "CA", "95014"),
    ("1 Main Street\nSuite 200\nAustin, TX 78701\nUSA", "1 Main Street", "Suite 200", "Austin", "TX", "78701"),
    ("12 Elm St. #3B, Portland, OR 97201", "12 Elm St.", "#3B", "Portland", "OR", "97201"),
    ("123 Main St, Atlanta, Georgia", "123 Main St", None, "Atlanta", "GA", None),
    ("200 Calle Sol, San Juan, Puerto Rico 00901", "200 Calle Sol", None, "San Juan", "PR", "00901"),
    ("123 Main St Springfield 62704", "123 Main St", None, "Springfield", None, "62704"),
    ("Springfield, IL", None, None, "Springfield", "IL", None),
]


@pytest.mark.parametrize(("text", "line1", "line2", "city", "state", "zip_code"), UNITED_STATES)
def test_an_address_in_the_united_states_is_taken_apart(
    text: str, line1: str | None, line2: str | None, city: str, state: str | None, zip_code: str | None
) -> None:
    found = address.parse(text)
    assert (found.line1, found.line2, found.city) == (line1, line2, city)
    assert (found.subdivision, found.postal_code, found.country_code) == (state, zip_code, "US")
    assert found.text == text


def test_a_state_has_its_words_beside_its_code() -> None:
    found = address.parse("123 Main St, Springfield, IL 62704")
    assert (found.state, found.subdivision, found.country) == ("Illinois", "IL", "United States")


@pytest.mark.parametrize(
    ("text", "line1", "postal_code", "code"),
    [
        ("10 Downing Street, London SW1A 2AA, UK", "10 Downing Street, London", "SW1A 2AA", "GB"),
        ("10 Downing Street London SW1A 2AA UK", "10 Downing Street London", "SW1A 2AA", "GB"),
        ("5 High St, Oxford, England", "5 High St, Oxford", None, "GB"),
        ("12 rue de la Paix, 75002 Paris, France", "12 rue de la Paix, Paris", "75002", "FR"),
        ("12 rue de Madagascar, Paris", "12 rue de Madagascar, Paris", None, None),
        ("Unter den Linden 5, 10117 Berlin, Deutschland", "Unter den Linden 5, Berlin", "10117", "DE"),
        ("Unter den Linden 5, 10117 Berlin, DE", "Unter den Linden 5, Berlin", "10117", "DE"),
        ("Unter den Linden 5 10117 Berlin Germany", "Unter den Linden 5 Berlin", "10117", "DE"),
        ("Avenida Corrientes 1234, Buenos Aires, Argentina", "Avenida Corrientes 1234, Buenos Aires", None, "AR"),
        ("1234 George St, Sydney NSW 2000, Australia", "1234 George St, Sydney NSW", "2000", "AU"),
        ("100 Queen St W, Toronto, ON M5H 2N2, CA", "100 Queen St W, Toronto, ON", "M5H 2N2", "CA"),
        ("100 Queen St W, Toronto, ON M5H 2N2", "100 Queen St W, Toronto, ON", "M5H 2N2", None),
        ("Herengracht 1, 1015 BA Amsterdam, Netherlands", "Herengracht 1, Amsterdam", "1015 BA", "NL"),
        ("ul. Prosta 1, 00-838 Warszawa, Polska", "ul. Prosta 1, Warszawa", "00-838", "PL"),
        ("\u6771\u4eac\u90fd1-1, 100-8111, \u65e5\u672c", "\u6771\u4eac\u90fd1-1", "100-8111", "JP"),
        ("1 Rustaveli Ave, Tbilisi 0105, Georgia", "1 Rustaveli Ave, Tbilisi", "0105", "GE"),
        ("Calle Mayor 5 de 28001", "Calle Mayor 5 de 28001", None, None),
        ("France", None, None, "FR"),
        ("12345", "12345", None, None),
        ("somewhere", "somewhere", None, None),
    ],
)
def test_elsewhere_country_and_postal_code_are_recognised(
    text: str, line1: str | None, postal_code: str | None, code: str | None
) -> None:
    found = address.parse(text)
    assert (found.line1, found.postal_code, found.country_code) == (line1, postal_code, code)
    assert (found.city, found.state, found.line2, found.text) == (None, None, None, text)


@pytest.mark.parametrize(
    ("text", "given_unit", "line1", "line2"),
    [
        ("123 Main St, Springfield, IL 62704", " Apt 4 ", "123 Main St", "Apt 4"),
        ("123 Main St Apt 4, Springfield, IL 62704", "apt 4", "123 Main St", "apt 4"),
        ("123 Main St Apt 4, Springfield, IL 62704", "2nd door", "123 Main St", "Apt 4, 2nd door"),
        ("500 Oracle Pkwy Suite 300", None, "500 Oracle Pkwy", "Suite 300"),
        ("500 Oracle Pkwy", "", "500 Oracle Pkwy", None),
        ("", "Apt 4", None, "Apt 4"),
    ],
)
def test_the_unit_goes_to_the_second_line(text: str, given_unit: str | None, line1: str | None, line2: str) -> None:
    found = address.parse(text, given_unit)
    assert (found.line1, found.line2) == (line1, line2)


def test_an_address_is_written_in_one_line_or_as_on_a_letter() -> None:
    springfield = address.parse("123 Main St Apt 4, Springfield, IL 62704")
    assert address.formatted(springfield) == "123 Main St, Apt 4, Springfield, IL 62704, United States"
    assert address.textarea(springfield) == "123 Main St\nSpringfield, IL 62704\nUnited States"
    berlin = Address(line1="Unter den Linden 5", city="Berlin", postal_code="10117", country_code="DE")
    assert address.formatted(berlin) == "Unter den Linden 5, 10117 Berlin, DE"
    assert address.formatted(Address()) == address.textarea(Address()) == ""


def test_two_units_of_one_building_share_its_hash() -> None:
    first, second = (address.parse(f"123 Main St Apt {unit}, Springfield, IL 62704") for unit in (4, 5))
    assert address.building_hash(first) == address.building_hash(second)
    assert address.address_id(first) != address.address_id(second)


def test_the_id_is_a_prefix_and_22_characters_that_stay_the_same_for_ever() -> None:
    found = address.address_id(Address(line1="123 Main St", city="Springfield", subdivision="IL"))
    assert found == "addr_5sR4QQ48zUGNXv8qw6CtHo"


LETTERS = st.text("abcXYZ 12.,-\u00e9\u00df\u0416\u4eac\udc80\x00", max_size=12)
FIELDS = st.fixed_dictionaries(
    {name: st.none() | LETTERS for name in Address.__struct_fields__ if name not in {"type", "text"}}
)


@given(FIELDS)
def test_letter_case_blanks_type_and_text_do_not_change_the_id(fields: dict[str, str | None]) -> None:
    plain = Address(**fields)
    spelled = {name: value and "  " + value.replace(" ", " \t").swapcase() + "\n" for name, value in fields.items()}
    other = Address(**spelled, type="home", text="anything")
    assert address.address_id(plain) == address.address_id(other)
    assert address.building_hash(plain) == address.building_hash(other)


@given(
    FIELDS,
    st.sampled_from(["line1", "line2", "city", "state", "subdivision", "postal_code", "country", "country_code"]),
)
def test_any_field_changes_the_id_and_only_the_unit_not_the_hash(fields: dict[str, str | None], field: str) -> None:
    plain = Address(**fields)
    other = replace(plain, **{field: (fields[field] or "") + "x"})
    assert address.address_id(plain) != address.address_id(other)
    assert (address.building_hash(plain) == address.building_hash(other)) is (field == "line2")


WORDS = st.sampled_from(
    [
        "12",
        "Main St",
        ",",
        "\n",
        "IL",
        "62704",
        "Paris",
        "75002",
        "France",
        "UK",
        "SW1A 2AA",
        "#4",
        "(",
        "in",
        "Georgia",
        "CA",
    ]
)


@given(st.text() | st.lists(WORDS).map(" ".join), st.none() | st.text(max_size=5))
def test_any_text_may_be_parsed_and_is_kept(text: str, line2: str | None) -> None:
    found = address.parse(text, line2)
    assert found.text == text
    assert address.address_id(found) == address.address_id(address.parse(text, line2))
    assert address.formatted(found) or not text.strip(" ,;\n\r\t") or not asdict(found)["line1"]


def test_an_endless_text_is_kept_as_it_is() -> None:
    text = "1 Main St, " * 10_000
    assert address.parse(text) == Address(line1=text.strip(), text=text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("France", "FR"),
        ("Frankreich", "FR"),
        ("\u0420\u043e\u0441\u0441\u0438\u044f", "RU"),
        ("South Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("DEU", "DE"),
        ("in", None),
        ("Nowhere", None),
        ("", None),
    ],
)
def test_countries_are_known_by_their_names_in_many_languages(text: str, code: str | None) -> None:
    assert country.code_of(text) == code


def test_a_country_has_the_name_that_people_use() -> None:
    assert country.name_of("KR") == "South Korea"
    assert country.name_of("FR") == "France"
    assert country.name_of("XX") is None
