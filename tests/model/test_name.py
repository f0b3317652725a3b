"""Names are split at the last word, joined by a blank, and a contact is always called something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.model import name
from onebook.model.contact import Card, Email, Phone


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ada Byron", ("Ada", "Byron")),
        ("Augusta Ada  King", ("Augusta Ada", "King")),
        ("Ada", ("Ada", None)),
        ("  ", (None, None)),
        ("", (None, None)),
    ],
)
def test_the_last_word_is_the_family_name(full: str, parts: tuple[str | None, str | None]) -> None:
    assert name.split(full) == parts


@pytest.mark.parametrize(
    ("given_name", "family", "full"),
    [
        ("Ada", "Byron", "Ada Byron"),
        ("Ada", None, "Ada"),
        (None, "Byron", "Byron"),
        (" Ada ", "", "Ada"),
        (None, " ", None),
    ],
)
def test_parts_are_joined_by_a_blank(given_name: str | None, family: str | None, full: str | None) -> None:
    assert name.join(given_name, family) == full


@given(st.text())
def test_split_and_joined_only_blanks_are_lost(full: str) -> None:
    assert (name.join(*name.split(full)) or "") == " ".join(full.split())


PHONES = (Phone("650-555-0199"), Phone("650-555-0134", primary=True))
EMAILS = (Email("old@example.org"), Email("ada@example.org", primary=True))


@pytest.mark.parametrize(
    ("card", "called"),
    [
        (Card(full="Ada Byron", phones=PHONES), "Ada Byron"),
        (Card(full="  ", phones=PHONES, emails=EMAILS), "650-555-0134"),
        (Card(phones=PHONES[:1], emails=EMAILS), "650-555-0199"),
        (Card(emails=EMAILS), "ada@example.org"),
        (Card(), "(no name)"),
    ],
)
def test_a_contact_without_a_name_is_called_by_number_or_address(card: Card, called: str) -> None:
    assert name.display(card) == called
