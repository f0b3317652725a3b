"""Folding: one plain form for comparing, ordering and searching, in every script and of any length."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.model import fold
from onebook.model.contact import Address, Card, Email, Phone


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ada BYRON", "ada byron"),
        ("\u0141\u00f3d\u017a", "lodz"),
        ("Stra\u00dfe", "strasse"),
        ("cafe\u0301", "cafe"),
        ("\u5317\u4eac", "beijing"),
        ("", ""),
    ],
)
def test_texts_fold_to_plain_letters(text: str, folded: str) -> None:
    assert fold.fold(text) == folded


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold.fold(text).isascii()
    assert fold.fold(fold.fold(text)) == fold.fold(text)


def test_words_are_split_at_everything_else() -> None:
    assert fold.tokens("O'Neil-M\u00fcller, ada@Example.org") == ("o", "neil", "muller", "ada", "example", "org")


CARD = Card(
    full="Dr. Ada Byron",
    given="Ada",
    family="Byron",
    phones=(Phone("(650) 555-0134", "+16505550134", primary=True), Phone("0612 34", None)),
    emails=(Email("ada.byron@example.org", primary=True),),
    addresses=(Address(line1="12 Rue \u00c9mile", city="Paris", postal_code="75002", state="secret"),),
    notes="secret",
    organization="Analytical Engines",
    custom={"plan": "Gold", "story": "secret " * 20, "number": 42, "list": ["secret"]},
)


def test_a_contact_is_found_by_all_that_names_it() -> None:
    words = fold.search_text(CARD, "CRM-77").split(" ")
    for wanted in (
        *("dr", "ada", "byron", "16505550134", "6505550134", "061234", "example", "org", "crm", "77"),
        *("analytical", "engines", "12", "rue", "emile", "paris", "75002", "gold"),
    ):
        assert wanted in words
    assert len(words) == len(set(words))


def test_notes_long_texts_and_values_that_are_no_text_are_left_out() -> None:
    words = fold.search_text(CARD, None).split(" ")
    assert "secret" not in words
    assert "42" not in words


def test_the_search_text_is_bounded_and_ends_with_a_whole_word() -> None:
    card = Card(full=" ".join(f"w{number:05}" for number in range(2000)))
    found = fold.search_text(card, "id" * 2000)
    assert 1990 < len(found) <= 2000
    assert all(len(word) == 6 for word in found.split(" "))


def test_one_endless_word_is_cut() -> None:
    assert fold.search_text(Card(full="\u5317" * 5000), None) == ("bei" * 2000)[:2000]


CARDS = st.builds(
    Card,
    full=st.none() | st.text(),
    phones=st.lists(st.builds(Phone, raw=st.text(), e164=st.none() | st.just("+16505550134")), max_size=3).map(tuple),
    emails=st.lists(st.builds(Email, address=st.text()), max_size=3).map(tuple),
    custom=st.dictionaries(st.text(), st.text() | st.integers(), max_size=3),
)


@given(CARDS, st.none() | st.text())
def test_any_contact_has_a_search_text_and_a_sort_key(card: Card, external_id: str | None) -> None:
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", fold.search_text(card, external_id))
    assert fold.sort_key(card).isascii()
    assert len(fold.sort_key(card)) <= 200


def test_contacts_sort_by_what_they_are_called() -> None:
    cards = [Card(full="zoe"), Card(full="\u00c9mile"), Card(full="Eve"), Card(emails=(Email("ada@example.org"),))]
    assert [fold.sort_key(card) for card in sorted(cards, key=fold.sort_key)] == [
        "ada@example.org",
        "emile",
        "eve",
        "zoe",
    ]
    assert fold.sort_key(Card(full="\u5317" * 500)) == ("bei" * 200)[:200]
