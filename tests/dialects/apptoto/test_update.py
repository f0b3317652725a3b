"""PUT contacts: who is meant, what changes, and what stays."""

from typing import Any

import pytest

from tests.dialects.apptoto.calls import (
    BOOK,
    Json,
    addresses,
    books,
    contact,
    create,
    create_twins,
    faults,
    fetch,
    listed,
    numbers,
    put,
    refused,
    served,
    stored,
    update,
)
from tests.harness import Account, statement

PHONES = [{"number": "650-555-0134", "type": "home"}, {"number": "650-555-0135", "type": "work", "is_primary": True}]
EMAILS = [{"address": "ada@example.org", "type": "home"}, {"address": "byron@example.org", "is_primary": True}]


def create_full(account: Account, **fields: Any) -> Json:
    """A contact with every field that the dialect knows."""
    data = {"a": "1", "b": "2"}
    full = {"external_id": "P-1", "phone_numbers": PHONES, "email_addresses": EMAILS, "custom_data": data}
    return create(account, **(full | fields))


def without(one: Json, *fields: str) -> Json:
    """The contact but for some fields."""
    return {field: value for field, value in one.items() if field not in fields}


@statement("AP-30")
@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        ({"name": "Grace Hopper"}, {"name", "first_name", "last_name"}),
        ({"last_name": "King"}, {"name", "last_name"}),
        ({"external_id": "P-2"}, {"external_id"}),
        ({"custom_data": {"c": "3"}}, {"custom_data"}),
        ({"phone_numbers": []}, {"phone_numbers", "phone"}),
        ({"email_addresses": []}, {"email_addresses", "email"}),
        ({}, set()),
    ],
    ids=lambda value: next(iter(value), "nothing") if isinstance(value, dict) else "",
)
def test_only_what_is_sent_changes(account: Account, sent: Json, changed: set[str]) -> None:
    before = create_full(account)
    after = update(account, id=before["id"], **sent)
    assert {field for field in before if before[field] != after[field]} == changed
    assert after | sent == after
    assert fetch(account, id=before["id"]) == after


@statement("AP-31")
def test_a_known_external_id_updates(account: Account) -> None:
    before = create_full(account)
    after = update(account, external_id="P-1", name="Ada King")
    assert (after["id"], after["name"]) == (before["id"], "Ada King")
    assert without(after, "name", "last_name") == without(before, "name", "last_name")
    assert len(stored(account)) == 1


@statement("AP-32")
def test_an_unknown_external_id_creates(account: Account) -> None:
    before = create_full(account)
    made = update(account, **contact(external_id="P-2", name="Bo Ek", add_phone="650-555-0140"))
    assert made["id"] != before["id"]
    assert (made["external_id"], made["name"], numbers(made)) == ("P-2", "Bo Ek", ["650-555-0140"])
    assert listed(account) == [before, made]


@statement("AP-33")
def test_neither_id_creates(account: Account) -> None:
    before = create(account)
    made = update(account, **contact(phone="650-555-0140"))
    assert made["id"] != before["id"]
    assert numbers(made) == ["650-555-0140"]
    assert len(stored(account)) == 2


@statement("AP-34")
def test_the_book_chooses_among_equal_external_ids(account: Account) -> None:
    one, two = create_twins(account)
    after = update(account, external_id="x", address_book_id=two["address_book_id"], name="Changed Name")
    assert (after["id"], after["name"]) == (two["id"], "Changed Name")
    assert listed(account) == [one, after]
    by_name = update(account, external_id="x", address_book="One", name="By Name")
    assert (by_name["id"], by_name["name"]) == (one["id"], "By Name")


def test_a_book_without_that_external_id_gets_a_new_contact(account: Account) -> None:
    before = create(account, external_id="x", address_book="One")
    made = update(account, external_id="x", address_book="Two", name="Bo Ek")
    assert made["id"] != before["id"]
    assert made["address_book"] == "Two"
    assert fetch(account, id=before["id"]) == before


@statement("AP-35")
def test_equal_external_ids_without_a_book_are_refused(account: Account) -> None:
    one, two = create_twins(account)
    assert faults(put(account, {"external_id": "x", "name": "Changed"})) == [(0, "external_id")]
    assert listed(account) == [one, two]


@statement("AP-36")
def test_an_array_replaces_its_own_kind_only(account: Account) -> None:
    before = create_full(account)
    phones = update(account, id=before["id"], phone_numbers=[{"number": "650-555-0150"}])
    assert numbers(phones) == ["650-555-0150"]
    assert phones["email_addresses"] == before["email_addresses"]
    emails = update(account, id=before["id"], email_addresses=[{"address": "new@example.org"}])
    assert addresses(emails) == ["new@example.org"]
    assert emails["phone_numbers"] == phones["phone_numbers"]
    empty = update(account, id=before["id"], phone_numbers=[])
    assert (empty["phone_numbers"], empty["phone"]) == ([], None)
    assert stored(account)[0]["phones"] == []


def test_an_array_takes_nothing_over_from_what_it_replaces(account: Account) -> None:
    before = create_full(account)
    after = update(
        account,
        id=before["id"],
        phone_numbers=[{"number": "650-555-0134"}, {"number": "650-555-0135"}],
        email_addresses=[{"address": "ada@example.org"}, {"address": "byron@example.org"}],
    )
    for entries in (after["phone_numbers"], after["email_addresses"]):
        assert [(entry["type"], entry["is_primary"]) for entry in entries] == [("other", True), ("other", False)]


@statement("AP-37")
def test_custom_data_replaces_the_whole_object(account: Account) -> None:
    before = create_full(account, custom_data={"a": "1", "b": "2"})
    assert update(account, id=before["id"], custom_data={"b": "3", "c": "4"})["custom_data"] == {"b": "3", "c": "4"}
    assert stored(account)[0]["custom"] == {"b": "3", "c": "4"}
    assert update(account, id=before["id"], custom_data={})["custom_data"] == {}


def test_custom_values_that_are_not_text_are_hidden_and_survive(account: Account) -> None:
    custom = {"text": "t", "count": 5, "deep": {"a": [1]}}
    body = {"name": {"full": "Ada Byron"}, "phones": [], "emails": [], "custom": custom}
    assert account.native.post("/contacts", json=body).status_code == 201
    (seen,) = listed(account)
    assert seen["custom_data"] == {"text": "t"}
    assert update(account, id=seen["id"], custom_data={"count": "five"})["custom_data"] == {"count": "five"}
    assert stored(account)[0]["custom"] == {"count": "five", "deep": {"a": [1]}}


@statement("AP-38")
def test_adding_keeps_the_rest(account: Account) -> None:
    before = create_full(account)
    after = update(account, id=before["id"], add_phone="650-555-0160")
    assert numbers(after) == [*numbers(before), "650-555-0160"]
    assert after["phone_numbers"][:2] == before["phone_numbers"]
    assert after["email_addresses"] == before["email_addresses"]
    last = update(account, id=before["id"], add_email="more@example.org")
    assert addresses(last) == [*addresses(before), "more@example.org"]
    assert last["email_addresses"][:2] == before["email_addresses"]
    assert last["phone_numbers"] == after["phone_numbers"]


def test_adding_comes_after_replacing(account: Account) -> None:
    before = create_full(account)
    after = update(
        account,
        id=before["id"],
        phone_numbers=[{"number": "650-555-0150"}],
        add_phone="650-555-0160",
        email_addresses=[],
        add_email="more@example.org",
    )
    assert numbers(after) == ["650-555-0150", "650-555-0160"]
    assert addresses(after) == ["more@example.org"]


@statement("AP-39")
@pytest.mark.parametrize("field", ["add_phone", "phone"])
@pytest.mark.parametrize("number", ["650-555-0134", "+1 (650) 555 0134", "6505550134", "1-650-555-0134"])
def test_a_number_that_is_there_is_not_added(account: Account, field: str, number: str) -> None:
    before = create_full(account)
    assert update(account, id=before["id"], **{field: number}) == before


@pytest.mark.parametrize("field", ["add_email", "email"])
def test_an_address_that_is_there_is_not_added(account: Account, field: str) -> None:
    before = create_full(account)
    assert update(account, id=before["id"], **{field: "ADA@Example.org"}) == before


def test_the_shorthands_add_on_an_update(account: Account) -> None:
    before = create_full(account)
    after = update(account, id=before["id"], phone="650-555-0160", email="more@example.org")
    assert numbers(after) == [*numbers(before), "650-555-0160"]
    assert addresses(after) == [*addresses(before), "more@example.org"]


@statement("AP-40")
@pytest.mark.parametrize("by", ["id", "external_id"])
def test_a_contact_is_never_moved(account: Account, by: str) -> None:
    before = create(account, external_id="x")
    other = create(account, address_book="Other")
    names = set(books(account))
    elsewhere: list[Json] = [
        {"address_book": "Nowhere"},
        {"address_book": "Other"},
        {"address_book_id": other["address_book_id"]},
        {"address_book_id": 999},
    ]
    # By external_id a book narrows the search, so only its own book leads to the contact.
    for book in elsewhere if by == "id" else [{"address_book": BOOK}, {"address_book_id": before["address_book_id"]}]:
        assert update(account, **{by: before[by]}, **book) == before
    assert set(books(account)) == names
    assert listed(account) == [before, other]


@statement("AP-41")
def test_numbers_as_read_may_be_sent_back_with_one_more(account: Account) -> None:
    made = create_full(account)
    read = fetch(account, id=made["id"])
    after = update(account, id=made["id"], phone_numbers=[*read["phone_numbers"], {"number": "+33 6 12 34 56 78"}])
    assert after["phone_numbers"][:2] == read["phone_numbers"]
    assert numbers(after) == [*numbers(read), "+33 6 12 34 56 78"]
    assert after["phone_numbers"][2]["normalized"] == "+33612345678"


def test_a_whole_contact_may_be_sent_back(account: Account) -> None:
    read = create_full(account)
    assert update(account, **read) == read
    bare = create(account)
    assert update(account, **bare) == bare
    grown = update(account, **(bare | {"phone_numbers": [{"number": "650-555-0150"}]}))
    assert numbers(grown) == ["650-555-0150"]


@statement("AP-42")
@pytest.mark.parametrize("number", [99999, 0, -1, 2**53 - 1])
def test_an_unknown_id_is_404(account: Account, number: int) -> None:
    before = create(account)
    answer = put(account, {"id": before["id"], "name": "Changed Name"}, contact(id=number, address_book="New"))
    refused(answer, 404)
    assert listed(account) == [before]
    assert "New" not in books(account)


@statement("AP-43")
def test_an_id_lets_the_external_id_change(account: Account) -> None:
    before = create(account, external_id="old")
    after = update(account, id=before["id"], external_id="new")
    assert after == before | {"external_id": "new"}
    refused(account.apptoto.get("/contact", params={"external_id": "old"}), 404)
    assert fetch(account, external_id="new") == after


def test_an_external_id_of_another_contact_is_refused(account: Account) -> None:
    one, two = create(account, external_id="one"), create(account, external_id="two")
    assert faults(put(account, {"id": two["id"], "external_id": "one"})) == [(0, "external_id")]
    assert listed(account) == [one, two]


@statement("AP-44")
def test_put_answers_200_and_the_envelope(account: Account) -> None:
    made = create(account)
    answer = put(account, {"id": made["id"], "name": "Changed"}, contact(name="New One"))
    assert answer.status_code == 200
    assert list(answer.json()) == ["contacts"]
    assert [one["name"] for one in answer.json()["contacts"]] == ["Changed", "New One"]


@statement("AP-45")
def test_the_same_put_twice_changes_nothing_more(account: Account) -> None:
    element = contact(
        external_id="x", phone="650-555-0134", add_email="ada@example.org", phone_numbers=PHONES, custom_data={"a": "1"}
    )
    once = update(account, **element)
    assert update(account, **element) == once
    assert listed(account) == [once]


def test_a_put_that_changes_nothing_leaves_no_trace(account: Account) -> None:
    made = update(account, **create_full(account))
    before, log = stored(account), account.native.get("/changes").json()["changes"]
    update(account, **made)
    assert stored(account) == before
    assert account.native.get("/changes").json()["changes"] == log


@statement("AP-46")
@pytest.mark.parametrize("by", [{}, {"external_id": "new"}])
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": "Bo Ek"}, "address_book"),
        ({"address_book": "New"}, "name"),
        ({"name": "Bo Ek", "address_book_id": 999}, "address_book_id"),
    ],
)
def test_a_put_that_creates_asks_what_post_asks(account: Account, by: Json, sent: Json, field: str) -> None:
    assert field in [name for _, name in faults(put(account, by | sent))]
    assert stored(account) == []
    assert "New" not in books(account)


def test_one_bad_element_spoils_a_put(account: Account) -> None:
    before = create(account)
    answer = put(account, {"id": before["id"], "name": "Changed Name"}, {"name": "No Book"})
    assert faults(answer) == [(1, "address_book")]
    assert listed(account) == [before]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"external_id": None}, {"external_id": None}),
        ({"first_name": None}, {"first_name": None, "name": "Byron"}),
        ({"last_name": None}, {"last_name": None, "name": "Ada"}),
        ({"custom_data": None}, {"custom_data": {}}),
        ({"phone_numbers": None}, {"phone_numbers": [], "phone": None}),
        ({"email_addresses": None}, {"email_addresses": [], "email": None}),
    ],
    ids=lambda sent: next(iter(sent)),
)
def test_null_clears(account: Account, sent: Json, kept: Json) -> None:
    before = create_full(account)
    assert update(account, id=before["id"], **sent) == before | kept


def test_null_takes_the_primary_entry_away(account: Account) -> None:
    before = create_full(account)
    after = update(account, id=before["id"], phone=None, email=None)
    assert (numbers(after), after["phone"]) == (["650-555-0134"], "650-555-0134")
    assert (addresses(after), after["email"]) == (["ada@example.org"], "ada@example.org")
    assert after["phone_numbers"][0]["is_primary"] is after["email_addresses"][0]["is_primary"] is True


def test_a_name_cannot_be_cleared(account: Account) -> None:
    before = create(account)
    assert faults(put(account, {"id": before["id"], "name": None})) == [(0, "name")]
    assert update(account, id=before["id"], name=" ") == before


def test_two_elements_may_mean_one_contact(account: Account) -> None:
    made = served(put(account, contact(external_id="x", phone="1-650-555-0134"), {"external_id": "x", "name": "Last"}))
    assert made[0]["id"] == made[1]["id"]
    (held,) = listed(account)
    assert (held["name"], numbers(held)) == ("Last", ["1-650-555-0134"])
