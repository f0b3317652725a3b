"""JSON Lines: one contact a line, every field of it, in the words of the native API."""

import json

from hypothesis import given

from onebook.dialects.native import cards
from onebook.exporting import json_lines
from onebook.exporting.formats import FORMATS
from onebook.model import sheet
from onebook.model.contact import Address
from onebook.model.exported import Exported
from tests.exporting import people


def line_of(one: Exported) -> dict[str, object]:
    data = b"".join(FORMATS["jsonl"].write([one], sheet.Layout()))
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    return dict(json.loads(data))


@given(people.EXPORTED)
def test_a_line_says_everything(one: Exported) -> None:
    said, card = line_of(one), one.contact.card
    assert said["name"] == {"full": card.full, "given": card.given, "family": card.family}
    assert said["phones"] == [json_lines.phone_of(phone) for phone in card.phones]
    assert said["emails"] == [json_lines.email_of(email) for email in card.emails]
    assert said["addresses"] == [
        {part: getattr(address, part) for part in Address.__struct_fields__} for address in card.addresses
    ]
    assert (said["notes"], said["custom"], said["external_id"]) == (card.notes, card.custom, one.contact.external_id)
    around = [said[name] for name in ("organization", "lists", "tags", "groups")]
    assert around == [one.organization, *map(list, (one.lists, one.tags, one.groups))]


def test_a_field_has_the_name_that_the_native_api_gives_it() -> None:
    beyond = {"groups", "places", "locations", "opted_out"}
    native = {out.name for out in cards.CONTACT}
    assert native - beyond == line_of(people.ada()).keys() - beyond
