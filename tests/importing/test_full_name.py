"""Full names in cells, taken apart and told together with their parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.importing.full_name import completed, listed
from onebook.model import name


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Okafor, Ada", ("Ada", "Okafor")),
        ("van der Berg, Ada Maria", ("Ada Maria", "van der Berg")),
        ("Okafor,Ada", ("Ada", "Okafor")),
        ("Okafor, Ada, MD", ("Ada", "Okafor")),
        ("Ada Okafor, Ph.D.", ("Ada", "Okafor")),
        ("Ada Okafor, Jr.", ("Ada", "Okafor")),
        ("Acme Bau, GmbH & Co. KG", ("Acme", "Bau")),
        ("Acme, Inc.", ("Acme", None)),
        ("Kim, Do", ("Do", "Kim")),
        ("Okafor,", ("Okafor", None)),
        (",", (None, None)),
        ("Smith, Jones & Partners", name.split("Smith, Jones & Partners")),
        ("Clinic, Building 4", name.split("Clinic, Building 4")),
        ("Okafor, Ada, Sales", name.split("Okafor, Ada, Sales")),
    ],
)
def test_the_family_name_may_stand_first(full: str, parts: tuple[str | None, str | None]) -> None:
    assert listed(full) == parts


@given(st.text().filter(lambda text: "," not in text))
def test_without_a_comma_it_is_split_as_any_name(full: str) -> None:
    assert listed(full) == name.split(full)


@pytest.mark.parametrize(
    ("full", "given_name", "family", "parts", "expected"),
    [
        ("Ada Okafor", "", "", ("Frau", "", "", "", ""), ("Frau Ada Okafor", "Ada", "Okafor")),
        ("Ada Okafor", "", "", ("", "", "M.", "", ""), ("Ada M. Okafor", "Ada", "Okafor")),
        ("Ada Okafor", "", "", ("", "", "", "", "PhD"), ("Ada Okafor PhD", "Ada", "Okafor")),
        ("Okafor, Ada", "", "", ("Frau", "", "M.", "", ""), ("Frau Ada M. Okafor", "Ada", "Okafor")),
        ("Dr. Ada M. Okafor", "", "", ("Dr.", "", "M", "", ""), ("Dr. Ada M. Okafor", "Ada", "Okafor")),
        ("Okafor, Dr. Ada", "", "", ("Dr.", "", "", "", ""), ("Okafor, Dr. Ada", "Dr. Ada", "Okafor")),
        ("Ada Okafor", "Ada", "Okafor", ("Dr.", "Ada", "", "Okafor", ""), ("Dr. Ada Okafor", "Ada", "Okafor")),
        ("Countess", "Ada", "King", ("", "Ada", "M.", "King", ""), ("Countess M.", "Ada", "King")),
        ("Ada van der Berg", "Ada", "", (), ("Ada van der Berg", "Ada", "van der Berg")),
        ("Ada M. Okafor", "Ada", "", ("", "Ada", "M.", "", ""), ("Ada M. Okafor", "Ada", "Okafor")),
        ("Ada M. Okafor", "", "Okafor", (), ("Ada M. Okafor", "Ada M.", "Okafor")),
        ("Okafor, Ada", "Ada", "", (), ("Okafor, Ada", "Ada", "Okafor")),
        ("Okafor", "Ada", "", (), ("Okafor", "Ada", None)),
        ("Ada", "Ada", "", (), ("Ada", "Ada", None)),
    ],
)
def test_what_the_one_lacks_the_others_say(
    full: str, given_name: str, family: str, parts: tuple[str, ...], expected: tuple[str | None, ...]
) -> None:
    assert completed(full, given_name, family, parts) == expected
