"""Telephone numbers: phonenumbers' reading, letters that are never digits, and never an exception."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.phones import by_library, compare
from onebook.model import phone
from onebook.model.contact import Phone

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
COUNTRIES = st.sampled_from([*REGIONS, None, "", "ZZ", "us", "001"])


def test_our_reading_and_the_librarys_are_the_same() -> None:
    differing, _, _ = compare(20_000, seed=3)
    assert differing == []


@given(
    st.text("0123456789+ -.()/*#,;~x\u00a0\u0661\uff0b", max_size=24).filter(lambda text: "x" not in text), COUNTRIES
)
@example("+", "US")
@example("00", "FR")
@example("0" * 20, "IT")
@example("9" * 300, "US")
def test_a_text_without_letters_is_read_as_the_library_reads_it(raw: str, country: str | None) -> None:
    assert phone.e164_of(raw, country) == by_library(raw, country)


@given(st.sampled_from(REGIONS), st.data())
def test_the_example_numbers_of_all_regions_are_read_in_every_format(region: str, data: st.DataObject) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    style = data.draw(st.sampled_from([0, 1, 2, 3]))
    raw = phonenumbers.format_number(number, style)
    assert phone.e164_of(raw, region) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.text() | st.text("+0123456789 aext.()x;=:", max_size=40), COUNTRIES)
@example("\x00", "US")
@example("\udc80+33612345678", None)
@example("tel:;phone-context=", "US")
@example("+33612345678;phone-context=" + "a" * 300, "FR")
def test_any_text_may_be_read(raw: str, country: str | None) -> None:
    found = phone.e164_of(raw, country)
    assert found is None or (found[0] == "+" and found[1:].isascii() and found[1:].isdigit())


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("650-555-0134", "US", "+16505550134"),
        ("650-555-0134", None, None),
        ("+1 (650) 555-0134", None, "+16505550134"),
        ("+11234567890", None, "+11234567890"),  # possible by its length, though no such area is assigned
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0044 7700 900123", "FR", "+447700900123"),
        ("33612345678", "FR", "+33612345678"),
        ("+39 06 698 12345", None, "+390669812345"),  # in Italy the zero belongs to the number
        ("011 15 1234-5678", "AR", "+5491112345678"),  # a rule of Argentina rewrites mobile numbers
        ("12345", "US", None),
        ("+999 123456789", None, None),
        ("", "US", None),
    ],
)
def test_numbers_are_read_where_they_would_be_dialled(raw: str, country: str | None, e164: str | None) -> None:
    assert phone.e164_of(raw, country) == e164


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("070 123 45 67 (Axel)", "SE", "+46701234567"),
        ("(650) 555-0134 (Axel 2)", "US", "+16505550134"),
        ("650-555-0134 ext. 12", "US", "+16505550134"),
        ("650-555-0134 x302/x2303", "US", "+16505550134"),
        ("+7 495 123-45-67 \u0434\u043e\u0431. 12", None, "+74951234567"),
        ("Tel: 650-555-0134", "US", "+16505550134"),
        ("T\u00e9l. 06 12 34 56 78", "FR", "+33612345678"),
        ("tel:+1-650-555-0134;ext=5", None, "+16505550134"),
        ("1-800-FLOWERS", "US", None),
        ("650-555-0134 Axel", "US", None),
        ("A6505550134", "US", None),
        ("3.36123E+10", "FR", None),
    ],
)
def test_letters_are_taken_off_or_refused(raw: str, country: str, e164: str | None) -> None:
    assert phone.e164_of(raw, country) == e164


@given(st.from_regex(r"\A\+?[0-9 -]{6,12}[A-Za-z]{3,7}[0-9]*\Z"), st.sampled_from(["US", "DE", "JP"]))
def test_letters_never_become_digits(raw: str, country: str) -> None:
    found = phone.e164_of(raw, country)
    assert found is None or found == by_library(raw[: next(at for at, c in enumerate(raw) if c.isalpha())], country)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (33612345678.0, "33612345678"),
        (6505550134, "6505550134"),
        ("3.3612345678E10", "33612345678"),
        ("3,3612345678E+10", "33612345678"),
        ("6505550134.0", "6505550134"),
        ("3.36123E+10", "3.36123E+10"),
        ("06.12.34.56.78", "06.12.34.56.78"),
        (" \u202a+33\u202f612345678\u202c ", "+33 612345678"),
        ("'+33612345678", "+33612345678"),
        (None, ""),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (1.5, "1.5"),
    ],
)
def test_cells_of_spreadsheets_become_digits(cell: object, text: str) -> None:
    assert phone.clean_cell(cell) == text


@given(st.text() | st.floats() | st.integers() | st.none() | st.booleans())
def test_any_cell_may_be_cleaned_and_stays_clean(cell: object) -> None:
    cleaned = phone.clean_cell(cell)
    assert phone.clean_cell(cleaned) == cleaned


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("650-555.0134", "6505550134"),
        (" +44 (0) 20/7946 0018", "+4402079460018"),
        ("0650 555", "0650555"),
        ("call me", "call me"),
        ("1-800-Flowers", "1800flowers"),
        ("", ""),
    ],
)
def test_without_e164_the_key_is_the_text_without_punctuation(raw: str, key: str) -> None:
    assert phone.key_of(Phone(raw)) == key


def test_with_e164_that_is_the_key() -> None:
    assert phone.key_of(phone.read("(650) 555-0134", "US")) == "+16505550134"


@given(st.text())
def test_a_key_is_its_own_key(raw: str) -> None:
    key = phone.key_of(Phone(raw))
    assert phone.key_of(Phone(key)) == key


@given(st.text())
def test_a_key_never_changes_digits(raw: str) -> None:
    assert [c for c in phone.key_of(Phone(raw)) if c.isdigit()] == [c for c in raw if c.isdigit()]


@pytest.mark.parametrize(
    ("e164", "valid"),
    [("+16505550134", True), ("+11234567890", False), ("+33612345678", True), ("", False), ("x", False)],
)
def test_a_number_is_valid_in_an_assigned_range(e164: str, valid: bool) -> None:
    assert phone.is_valid(e164) is valid


@pytest.mark.parametrize(
    ("e164", "digits"),
    [("+16505550134", "6505550134"), ("+33612345678", "612345678"), ("+35312345678", "12345678"), ("+999", "999")],
)
def test_the_national_number_leaves_out_the_country(e164: str, digits: str) -> None:
    assert phone.national(e164) == digits


def test_reading_keeps_what_was_sent() -> None:
    assert phone.read("650-555-0134", "US", type="work", primary=True) == Phone(
        "650-555-0134", "+16505550134", "work", primary=True
    )
