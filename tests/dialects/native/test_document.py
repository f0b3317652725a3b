"""The page of the native API names every path, every parameter and every field."""

from pathlib import Path

import pytest

from onebook.dialects.native import DIALECT, cards, filters
from onebook.dialects.native.problems import REFUSALS
from onebook.model.account import SCOPES

PAGE = (Path(__file__).parents[3] / "docs" / "dialects" / "native.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted({route.path for route in DIALECT.routes}))
def test_every_path_is_named(path: str) -> None:
    assert f"`{path}`" in PAGE


@pytest.mark.parametrize("name", sorted({field.name for field in filters.QUERY}))
def test_every_filter_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    "name",
    sorted(
        {field.name for field in (*cards.PATCH, *cards.CREATE, *cards.ADDRESS)} | {out.name for out in cards.CONTACT}
    ),
)
def test_every_field_of_a_contact_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("status", sorted({status for status, _, _ in REFUSALS.values()}))
def test_every_status_is_named(status: int) -> None:
    assert f"| {status} |" in PAGE


def test_the_scopes_are_named() -> None:
    assert all(f"`{scope}`" in PAGE for scope in SCOPES)
