"""The last column of onebook's own sheets, in which stands what cells cannot say."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from onebook.importing.fields import Said
from onebook.model import exact
from onebook.model.exact import Exact

_OF_CARD: Final = ("organization", "phones", "emails", "addresses", "notes", "locations")
_BESIDE: Final = ("external_id", "lists", "tags", "groups", "places")


def believed(text: str, headings: Sequence[str], cells: Sequence[str]) -> tuple[Exact, list[str]]:
    """What the column says and the other cells still show, and the cells of which nothing else need be read.

    Args:
        text: of the column. headings, cells: of the row, the column itself included.
    """
    kept, spoken = exact.believed(exact.read(text), dict(zip(headings, cells, strict=True)))
    return kept, ["" if heading in spoken else cell for heading, cell in zip(headings, cells, strict=True)]


def lay_exact(said: Said, kept: Exact) -> Said:
    """Lay it over what the cells say."""
    fields = kept.fields
    card: dict[str, Any] = {field: fields[field] for field in _OF_CARD if field in fields}
    if "name" in fields:
        card |= {part: getattr(kept.name, part, None) for part in ("full", "given", "family")}
    if "custom" in fields:
        card["custom"] = said.card.custom | fields["custom"]
    beside: dict[str, Any] = {field: fields[field] for field in _BESIDE if field in fields}
    if "name" in fields:
        beside["parts"] = ()
    return replace(said, card=replace(said.card, **card), **beside, ours=said.ours or "name" in fields)
