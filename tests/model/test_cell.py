"""A cell that looks like a formula gets one apostrophe, and reading takes exactly that one off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.model.cell import FORMULA_BEGINNINGS, guard, unguard, unguard_digits

TEXTS = st.text() | st.text(st.sampled_from("'=+-@\t\r\n 1a"))


@pytest.mark.parametrize("beginning", FORMULA_BEGINNINGS)
def test_each_beginning_of_a_formula_gets_one_apostrophe(beginning: str) -> None:
    assert guard(f"{beginning}1+1") == f"'{beginning}1+1"


@pytest.mark.parametrize("text", ["", "Ada", "1+1", "a=b", " =1", "t'Hooft"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guard(text) == text


@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    assert unguard(guard(text)) == unguard_digits(guard(text)) == text


@pytest.mark.parametrize("text", ["'t Hooft", "'", "'90s", "' =1", "Ada", ""])
def test_an_apostrophe_that_guards_nothing_is_left(text: str) -> None:
    assert unguard(text) == text


@pytest.mark.parametrize(("cell", "text"), [("'02139", "02139"), ("''02139", "'02139"), ("'=1", "=1"), ("'x1", "'x1")])
def test_an_apostrophe_before_digits_keeps_them(cell: str, text: str) -> None:
    assert unguard_digits(cell) == text


def test_only_one_apostrophe_is_taken_off() -> None:
    assert unguard("'''=1") == "''=1"
