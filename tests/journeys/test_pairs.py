"""For every ordered pair of dialects: what comes in by one is seen and changed by the other, and nothing else is lost.

What a dialect has no word for stands in docs/dialects/matrix.md, which is made of the same tables that are used here:
a change by a dialect may alter only the parts that the fields in it name.
"""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from onebook.bootstrap import DIALECTS
from tests.harness import Account, Server
from tests.journeys.doors import ALLOY, APPTOTO, DOORS, PLACES, Door, Json, head, primary

PAIRS = [pytest.param(first, second, id=f"{first.name}-{second.name}") for first, second in permutations(DOORS, 2)]
EXAMPLES = 12
# The parts of a contact, as the native API shows them.
PARTS = (
    *("kind", "book", "name", "phones", "emails", "addresses", "notes", "organization", "external_id", "custom"),
    *("lists", "tags", "members", "locations", "opt_out"),
)


@pytest.fixture(scope="module")
def traveller(server: Server) -> Iterator[Account]:
    """One account for all made-up contacts, which holds one of them at a time."""
    account = server.new_account()
    yield account
    account.close()


def only(account: Account) -> Json:
    """The one contact that there is."""
    (found,) = account.native.get("/contacts").json()["contacts"]
    contact: Json = found
    return contact


def clear(account: Account) -> None:
    for contact in account.native.get("/contacts").json()["contacts"]:
        account.native.delete(f"/contacts/{contact['uid']}")


def test_every_dialect_has_a_door() -> None:
    assert {door.name for door in DOORS} == {dialect.name for dialect in DIALECTS} - {"native"}


@pytest.mark.parametrize(("writer", "reader"), PAIRS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_nothing_is_lost_on_the_way(traveller: Account, writer: Door, reader: Door, data: st.DataObject) -> None:
    clear(traveller)
    answer = writer.create(traveller, data.draw(writer.bodies, "new contact"))
    assert answer.is_success, answer.text
    before = only(traveller)
    shown = writer.show(traveller, before) if writer.show else {}
    if reader.show:
        seen, expected = reader.show(traveller, before), reader.expected(before)
        assert {key: seen.get(key) for key in expected} == expected
    change = data.draw(reader.changes, "change")
    answer = reader.change(traveller, before, change)
    assert answer.is_success, answer.text
    after = only(traveller)
    note(f"before {before}\nafter {after}")
    touched = reader.touched(change)
    assert after["uid"] == before["uid"]
    for part in PARTS:
        if part not in touched:
            assert after[part] == before[part], part
    must_keep_what_was_not_named(reader, change, before, after)
    must_show_as_before(writer, shown, traveller, after, touched)


@pytest.mark.parametrize("door", [door for door in DOORS if door.show], ids=lambda door: door.name)
@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
def test_what_was_read_may_be_sent_back(account: Account, door: Door, *, named: bool) -> None:
    """Clients read a whole contact, change one thing, and send the whole: what they were not shown stays as it was."""
    stored: Json = {
        "phones": [{"raw": "(650) 555-0134", "primary": True}, {"raw": "+33 6 12 34 56 78", "type": "mobile"}],
        "emails": [{"address": "Ada@Example.org"}, {"address": "b@example.org", "type": "work"}],
        "addresses": [{**PLACES, "line2": "3rd floor", "type": "home"}, {"line1": "Kai 1", "country_code": "DE"}],
        "notes": "likes tea",
        "organization": "Analytical Engines",
        "custom": {"level": 3, "param1": "x", "deep": {"a": [1, None]}},
        "lists": ["club"],
    }
    if named:
        stored["name"] = {"full": "Prof. Ursula  von der Leyen", "given": "Ursula", "family": "von der Leyen"}
    account.native.patch("/account", json={"default_country": "US"})
    account.native.post("/contacts", json=stored)
    before = only(account)
    assert door.show is not None
    answer = door.change(account, before, door.show(account, before))
    assert answer.is_success, answer.text
    after = only(account)
    assert {part: after[part] for part in PARTS} == {part: before[part] for part in PARTS}


def must_show_as_before(writer: Door, shown: Json, account: Account, after: Json, touched: set[str]) -> None:
    """The writer's client sees what it saw, wherever the change did not touch."""
    if not writer.show:
        return
    now = writer.show(account, after)
    for out in writer.shown:
        if out.of and head(out.of) not in touched | {"updated_at", "version"}:
            assert now.get(out.name) == shown.get(out.name), out.name
    assert {key: now.get(key) for key in writer.expected(after)} == writer.expected(after)


def must_keep_what_was_not_named(reader: Door, change: Json, before: Json, after: Json) -> None:
    """Within a part that a change touches, what it did not name stays."""
    if "custom" in reader.touched(change):
        assert after["custom"] == _custom_after(reader, change, before["custom"])
    for part, key in (("phones", "raw"), ("emails", "address")):
        slot = _slot(reader, part)
        if slot in change:
            assert primary(after[part], key) is not None
            rest = [one[key] for one in before[part] if not one["primary"]]
            gone = {value for value in rest if value not in [one[key] for one in after[part]]}
            assert gone <= {change[slot]} or {v.casefold() for v in gone} <= {change[slot].casefold()}
    for field, part in (
        ("firstName", "family"),
        ("first_name", "family"),
        ("lastName", "given"),
        ("last_name", "given"),
    ):
        others = {"firstName", "first_name", "lastName", "last_name", "name"} - {field}
        if field in change and not others.intersection(change):
            assert after["name"][part] == before["name"][part]
    if reader is ALLOY and "phoneNumbers" in change:
        kept = {one["e164"]: one for one in before["phones"]}
        for one in after["phones"]:
            sent = next(s for s in change["phoneNumbers"] if s["phoneNumber"] == one["raw"])
            if one["e164"] in kept and "phoneNumberType" not in sent:
                assert one["type"] == kept[one["e164"]]["type"]


def _slot(reader: Door, part: str) -> str:
    """The field by which a dialect sets only the primary entry."""
    slots = {("packagex", "phones"): "phone", ("packagex", "emails"): "email", ("octopush", "emails"): "email"}
    return slots.get((reader.name, part), "")


def _custom_after(reader: Door, change: Json, before: Json) -> Json:
    """Merged; but Apptoto replaces all entries whose value is text."""
    sent: dict[str, Any] = {}
    for field in reader.fields:
        if head(field.to) == "custom" and field.name in change:
            value = change[field.name]
            sent |= value if isinstance(value, dict) else {field.name: value}
    kept = {key: value for key, value in before.items() if reader is not APPTOTO or not isinstance(value, str)}
    return {**kept, **sent}
