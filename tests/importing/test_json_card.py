"""JSON Lines of other programs: keys mean what headings mean, and nothing that they say is lost."""

import json
from typing import Any

import pytest

from onebook.importing.draft import RowDraft, plan_of, read_block
from onebook.importing.headings import propose
from onebook.importing.reading import open_records
from onebook.importing.source import Source
from onebook.model.contact import Address, Card, Email, Phone

ONE, TWO = "+16505550134", "+16505550135"


def rows_of(*lines: Any) -> list[RowDraft]:
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    with open_records(Source(data, len(data), name="people.jsonl")) as records:
        plan = plan_of(records.headings, propose(records.headings, records.samples).mapping(), country="US")
        return [row for block in records.blocks() for row in read_block(block, plan)]


def card(**line: Any) -> Card:
    [row] = rows_of(line)
    assert row.draft is not None, row.issues
    return row.draft.card


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ({"name": {"first": "Ada", "last": "Okafor"}}, ("Ada Okafor", "Ada", "Okafor")),
        ({"name": {"firstName": "Ada", "lastName": "Okafor"}}, ("Ada Okafor", "Ada", "Okafor")),
        ({"name": {"given": "Ada", "family": "Okafor", "middle": "M"}}, ("Ada M Okafor", "Ada", "Okafor")),
        ({"name": {"given": "Ada", "family": "Okafor"}}, ("Ada Okafor", "Ada", "Okafor")),
        ({"name": "Ada van Dyk", "first_name": "Ada", "last_name": "van Dyk"}, ("Ada van Dyk", "Ada", "van Dyk")),
    ],
)
def test_names(line: dict[str, Any], names: tuple[str, str, str]) -> None:
    found = card(**line)
    assert (found.full, found.given, found.family) == names
    assert found.custom == {}


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ({"phone": [ONE, TWO]}, [(ONE, None, True), (TWO, None, False)]),
        ({"phones": [16505550134]}, [(ONE, None, True)]),
        ({"mobile": [ONE, TWO]}, [(ONE, "mobile", True), (TWO, "mobile", False)]),
        ({"phones": [{"number": ONE, "label": "Boat"}]}, [(ONE, "Boat", True)]),
        ({"phone": {"home": ONE, "work": TWO}}, [(ONE, "home", True), (TWO, "work", False)]),
        (
            {"phone_numbers": [{"type": "home", "value": ONE}, {"type": "work", "value": TWO, "primary": True}]},
            [(TWO, "work", True), (ONE, "home", False)],
        ),
        ({"phones": [{"raw": ONE, "type": "x"}], "mobile": TWO}, [(ONE, "x", True), (TWO, "mobile", False)]),
        ({"phone": []}, []),
    ],
)
def test_phones(line: dict[str, Any], numbers: list[tuple[str, str | None, bool]]) -> None:
    found = card(name="Ada", **line)
    assert [(phone.e164, phone.type, phone.primary) for phone in found.phones] == numbers
    assert found.custom == {}


@pytest.mark.parametrize(
    "line",
    [
        {"email": ["c@x.com", "d@x.com"]},
        {"emails": ["c@x.com", "d@x.com"]},
        {"emails": ["c@x.com", {"value": "d@x.com"}]},
        {"email_addresses": ["c@x.com", {"address": "d@x.com"}]},
        {"e-mail": ["c@x.com"], "emails": [], "E-Mail 2": "d@x.com"},
    ],
)
def test_emails(line: dict[str, Any]) -> None:
    assert card(name="Ada", **line).emails == (Email("c@x.com", None, primary=True), Email("d@x.com"))


@pytest.mark.parametrize(
    ("line", "addresses"),
    [
        ({"address": {"street": "1 Main", "zip": "9"}}, [Address(None, "1 Main", postal_code="9")]),
        ({"address": {"street": ["1 Main", "Apt 4"]}}, [Address(None, "1 Main\nApt 4")]),
        ({"home_address": {"street": "1 Main"}}, [Address("home", "1 Main")]),
        (
            {"addresses": [{"street": "1 Main", "zip": "9"}, {"type": "work", "street": "2 Side", "city": "X"}]},
            [Address(None, "1 Main", postal_code="9"), Address("work", "2 Side", city="X")],
        ),
        ({"addresses": [{"line1": "1 Main", "city": "X"}]}, [Address(None, "1 Main", city="X")]),
        (
            {"address": ["1 Main", "2 Side"]},
            [Address(None, "1 Main", text="1 Main"), Address(None, "2 Side", text="2 Side")],
        ),
    ],
)
def test_addresses(line: dict[str, Any], addresses: list[Address]) -> None:
    assert card(name="Ada", **line).addresses == tuple(addresses)


@pytest.mark.parametrize(
    ("line", "custom"),
    [
        ({"address": {"street": "1 Main", "foo": 5}}, {"address.foo": 5}),
        ({"phones": [ONE, {"number": TWO, "carrier": "T"}]}, {"phones.2.carrier": "T"}),
        ({"company": {"name": "Acme", "id": 7}}, {"company.id": 7}),
        ({"name": {"first": "Ada", "title": "Queen"}}, {"name.title": "Queen"}),
        ({"unknown": {"a": [1]}, "active": True, "n": None}, {"unknown": {"a": [1]}, "active": True}),
        (
            {"id": {"name": "SSN", "value": "1"}, "notes": [{"text": "one"}]},
            {"id": {"name": "SSN", "value": "1"}, "notes": [{"text": "one"}]},
        ),
        ({"organization": "Acme", "company": "Beta"}, {"company": "Beta"}),
        ({"organization": "Acme", "company": "Acme"}, {}),
        ({"name": "Ada", "Full name": "Ada Okafor"}, {"Full name": "Ada Okafor"}),
    ],
)
def test_what_nobody_knows_is_a_custom_field(line: dict[str, Any], custom: dict[str, Any]) -> None:
    found = card(**{"name": "Ada", "email": "a@x.com"} | line)
    assert found.custom == custom
    assert (found.full or "").startswith("Ada")


@pytest.mark.parametrize(
    ("line", "issues"),
    [
        ({"name": {"first": {"x": "Ada"}}}, [("name.first", "required")]),
        ({"name": "Ada", "phone": [ONE, {"number": "12"}]}, [("phone.2.number", "invalid")]),
        ({"name": "Ada", "tags": [{"name": "one"}]}, [("tags", "wrong_type")]),
    ],
)
def test_what_cannot_be_read_is_an_issue(line: dict[str, Any], issues: list[tuple[str, str]]) -> None:
    [row] = rows_of(line)
    assert [(issue.field, issue.code) for issue in row.issues] == issues


def test_lists_of_names_are_names() -> None:
    [row] = rows_of(
        {"name": "Ada", "labels": ["a, b", "c"], "tags": ["d"], "notes": ["one", "two"], "groups": ["G"], "group": "H"}
    )
    assert row.draft is not None
    assert row.named_groups == ("G", "H")
    assert (row.tags, row.draft.card.notes) == (("d", "a, b", "c"), "one\ntwo")


def test_a_key_is_understood_wherever_it_comes_first() -> None:
    early = {"name": "Bob", "phone": ONE}
    late = {
        "name": "Ada",
        "e-mail": ["a@x.com", "b@x.com"],
        "Mobile": TWO,
        "address": {"zip": "9"},
        "shoe": 42,
        "Company": "Acme",
    }
    for before in (10, 150, 20_000):
        row = rows_of(*[early] * before, late, {"name": "Cy", "Handy": "12"})[before]
        assert row.draft is not None, row.issues
        assert row.draft.card == Card(
            *("Ada", "Ada"),
            phones=(Phone(TWO, TWO, "mobile", primary=True),),
            emails=(Email("a@x.com", None, primary=True), Email("b@x.com")),
            addresses=(Address(postal_code="9"),),
            organization="Acme",
            custom={"shoe": 42},
        )


def test_lines_may_call_the_same_by_different_keys() -> None:
    rows = rows_of(
        {"name": {"first": "Ada", "last": "A"}, "phones": [{"number": ONE, "label": "work"}]},
        {"name": {"given": "Ada", "family": "A", "suffix": "II"}, "phone_numbers": [{"type": "work", "value": ONE}]},
        {"firstName": "Ada", "lastName": "A", "phone": ONE},
        {"first_name": "Ada", "last_name": "A", "firstName": "Addy", "tel": ONE, "phone": TWO},
    )
    cards = [row.draft.card for row in rows if row.draft]
    assert [one.full for one in cards] == ["Ada A", "Ada A II", "Ada A", "Ada A"]
    assert [[(phone.e164, phone.type) for phone in one.phones] for one in cards] == [
        [(ONE, "work")],
        [(ONE, "work")],
        [(ONE, None)],
        [(ONE, None), (TWO, None)],
    ]
    assert [one.custom for one in cards] == [{}, {}, {}, {"firstName": "Addy"}]


def test_a_key_that_comes_late_is_held_to_the_same() -> None:
    *_, row = rows_of(*[{"name": "Bob"}] * 20_000, {"name": "Cy", "Mobile": "12"})
    assert [(issue.field, issue.code, issue.value) for issue in row.issues] == [("Mobile", "invalid", "12")]
