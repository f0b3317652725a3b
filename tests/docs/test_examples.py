"""The example file is what its generator makes, its faults are real, and no number or address in it is anybody's."""

import csv
import io
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import email_validator
import phonenumbers
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
TEXT = (EXAMPLES / "contacts.csv").read_text("utf-8")
ROWS = list(csv.DictReader(io.StringIO(TEXT)))
GENERATOR: dict[str, Any] = runpy.run_path(str(EXAMPLES / "make_contacts.py"))
FAULTS: dict[int, dict[str, str]] = GENERATOR["FAULTS"]
GOOD = [row for index, row in enumerate(ROWS) if index not in FAULTS]

# Kept for films and books by the regulators: NANPA 555-01XX; Ofcom; ARCEP; BNetzA; ACMA; ComReg; PTS.
RESERVED = re.compile(
    r"\+1\d{3}55501\d\d|\+447700900\d{3}|\+442079460\d{3}|\+3363998\d{4}|\+3319900\d{4}|\+493023125\d{3}|\+496990009\d{3}"
    r"|\+494066969\d{3}|\+498999998\d{3}|\+6125550\d{4}|\+6127010\d{4}|\+3532091\d{5}|\+46846500[4]\d\d|\+46313900[6]\d\d"
)


def test_the_file_is_what_the_generator_makes() -> None:
    assert GENERATOR["text"]() == TEXT


def test_there_are_a_thousand_people_and_some_groups_with_members() -> None:
    groups = [row["Name"] for row in ROWS if row["Type"].lower() == "group"]
    assert len(ROWS) - len(groups) == 1000
    assert all(any(name in row["Groups"] for row in GOOD) for name in groups)


def test_nobody_can_be_called_by_a_number_of_the_file() -> None:
    for row in GOOD:
        if row["Phone"]:
            number = phonenumbers.parse(row["Phone"], "US")
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            assert phonenumbers.is_possible_number(number), row
            assert RESERVED.fullmatch(e164) or not phonenumbers.is_valid_number(number), row


def test_nobody_can_be_written_to_at_an_address_of_the_file() -> None:
    for row in GOOD:
        if row["Email"]:
            parts = email_validator.validate_email(row["Email"], check_deliverability=False)
            assert parts.domain in {"example.org", "example.com", "example.net"}, row


def test_numbers_do_not_repeat() -> None:
    phones = [row["Phone"] for row in GOOD if row["Phone"]]
    assert len(phones) == len(set(phones)) > 850


def usable_phone(cell: str) -> bool:
    if not cell:
        return True
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(cell, "US"))
    except phonenumbers.NumberParseException:
        return False


def usable_email(cell: str) -> bool:
    if not cell:
        return True
    try:
        email_validator.validate_email(cell, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError:
        return False
    return True


USABLE: dict[str, Callable[[str], bool]] = {
    "Name": lambda cell: bool(cell.strip()),
    "Email": usable_email,
    "Phone": usable_phone,
    "Type": lambda cell: cell.lower() in {"", "person", "group"},
}


@pytest.mark.parametrize("index", FAULTS)
def test_a_row_is_wrong_in_exactly_the_cells_that_are_said_to_be(index: int) -> None:
    row = ROWS[index]
    wrong = {heading for heading, usable in USABLE.items() if not usable(row[heading])}
    assert wrong == set(FAULTS[index])
