"""The last column of onebook's own sheets, in which stands what cells cannot say.

It is believed field by field, and only where the other cells still show what it says: an edited cell wins.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from onebook.importing.faults import Faults
from onebook.importing.fields import Said, Words, lay_over
from onebook.model import cell as guards
from onebook.model import sheet


def lay_exact(said: Said, text: str, shown: Mapping[str, str], faults: Faults) -> Said:
    """Lay what the column says over what the cells say.

    Args:
        text: of the column, JSON. shown: heading to cell of the other columns.
    """
    try:
        given = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        # Somebody typed in it; the cells still say what they say.
        return said
    plain = Faults(faults.index, any_nul=True)
    found = lay_over(Said(), given, Words(exact=True), plain)
    if plain.issues:
        return said
    believed = {field for field in given if field != "custom" and _still_shown(field, _model(found, field), shown)}
    laid = lay_over(said, {field: given[field] for field in believed}, Words(exact=True), faults)
    if not found.card.custom:
        return laid
    custom = {key: value for key, value in found.card.custom.items() if _still_shown("custom", {key: value}, shown)}
    return msgspec.structs.replace(laid, card=msgspec.structs.replace(laid.card, custom=laid.card.custom | custom))


def _model(said: Said, field: str) -> Any:
    """The value of a field as the sheet's writer had it."""
    if field == "name":
        card = said.card
        return {part: getattr(card, part) for part in ("full", "given", "family") if getattr(card, part) is not None}
    return getattr(said.card if hasattr(said.card, field) else said, field, None)


def _still_shown(field: str, value: Any, shown: Mapping[str, str]) -> bool:
    cells: Iterable[tuple[str, str]] = sheet.shown(field, value) if value else ()
    return all(_same(text, shown[heading]) for heading, text in cells if heading in shown)


def _same(written: str, found: str) -> bool:
    """Whether a cell still shows a text; readers and programs trim cells."""
    return written.strip() == found or guards.guard(written).strip() == found
