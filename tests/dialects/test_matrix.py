"""The page of fields is what the tables say."""

from pathlib import Path

from onebook.bootstrap import DIALECTS
from onebook.dialects import matrix

PAGE = Path(__file__).parents[2] / "docs" / "dialects" / "matrix.md"


def test_the_page_is_what_its_generator_makes() -> None:
    assert PAGE.read_text("utf-8") == matrix.matrix(DIALECTS), "run make matrix"


def test_the_page_knows_everything_that_is_stored() -> None:
    assert matrix.unknown(DIALECTS) == set()


def test_a_field_that_is_only_taken_says_so() -> None:
    assert "`param1` in" in matrix.matrix(DIALECTS)
