"""Refusals: their shape, limits, paths and verbs, and requests sent twice."""

from typing import Any

import pytest

from tests.dialects.apptoto.calls import BOOK, Json, books, contact, create, faults, listed, post, put, refused, stored
from tests.harness import Account

MOST_ELEMENTS = 10_000


@pytest.mark.parametrize("path", ["/", "/contacts/1", "//contacts", "/events", "/nothing", "/address_books/1"])
def test_an_unknown_path_is_404(account: Account, path: str) -> None:
    refused(account.apptoto.get(path), 404)


def test_a_slash_at_the_end_makes_no_difference(account: Account) -> None:
    assert account.apptoto.post("/contacts/", json={"contacts": [contact()]}).status_code == 200
    assert account.apptoto.get("/address_books/").json() == account.apptoto.get("/address_books").json()


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("PATCH", "/contacts", {"GET", "POST", "PUT", "DELETE"}),
        ("POST", "/contact", {"GET"}),
        ("DELETE", "/contact", {"GET"}),
        ("POST", "/address_books", {"GET"}),
    ],
)
def test_an_unknown_verb_is_405(account: Account, verb: str, path: str, allowed: set[str]) -> None:
    answer = account.apptoto.request(verb, path)
    refused(answer, 405)
    assert allowed <= set(answer.headers["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"address_book": 5}, "address_book"),
        ({"address_book_id": "5"}, "address_book_id"),
        ({"address_book_id": 1.5}, "address_book_id"),
        ({"address_book_id": True}, "address_book_id"),
        ({"name": 5}, "name"),
        ({"name": ["Ada"]}, "name"),
        ({"first_name": {}}, "first_name"),
        ({"last_name": False}, "last_name"),
        ({"phone": 6505550134}, "phone"),
        ({"email": []}, "email"),
        ({"external_id": 17}, "external_id"),
        ({"phone_numbers": "650-555-0134"}, "phone_numbers"),
        ({"phone_numbers": {"number": "1"}}, "phone_numbers"),
        ({"phone_numbers": ["650-555-0134"]}, "phone_numbers[0]"),
        ({"phone_numbers": [{"number": "1"}, {}]}, "phone_numbers[1].number"),
        ({"phone_numbers": [{"number": " "}]}, "phone_numbers[0].number"),
        ({"phone_numbers": [{"number": 1}]}, "phone_numbers[0].number"),
        ({"phone_numbers": [{"number": "1", "is_mobile": "yes"}]}, "phone_numbers[0].is_mobile"),
        ({"phone_numbers": [{"number": "1", "is_primary": 1}]}, "phone_numbers[0].is_primary"),
        ({"phone_numbers": [{"number": "1", "type": 1}]}, "phone_numbers[0].type"),
        ({"email_addresses": [{"type": "home"}]}, "email_addresses[0].address"),
        ({"email_addresses": [{"address": "a@b.example", "is_primary": "no"}]}, "email_addresses[0].is_primary"),
        ({"email_address": "a@b.example"}, "email_address"),
        ({"custom_data": []}, "custom_data"),
        ({"custom_data": "a"}, "custom_data"),
        ({"custom_data": {"a": 1}}, "custom_data.a"),
        ({"custom_data": {"a": None}}, "custom_data.a"),
    ],
)
def test_a_wrong_type_is_named_and_refused(account: Account, fields: Json, field: str) -> None:
    held = create(account)
    assert faults(post(account, contact(), contact(**fields))) == [(1, field)]
    assert faults(put(account, {"id": held["id"], **fields})) == [(0, field)]
    assert listed(account) == [held]


@pytest.mark.parametrize("field", ["add_phone", "add_email"])
def test_what_is_added_must_be_text(account: Account, field: str) -> None:
    held = create(account)
    assert faults(put(account, {"id": held["id"], field: 5})) == [(0, field)]
    assert listed(account) == [held]


@pytest.mark.parametrize("number", ["1", 1.5, True, [1]])
def test_an_id_must_be_an_integer(account: Account, number: Any) -> None:
    held = create(account)
    assert faults(put(account, contact(id=number))) == [(0, "id")]
    refused(account.apptoto.request("DELETE", "/contacts", json={"id": number}))
    assert listed(account) == [held]


@pytest.mark.parametrize("element", [None, 5, "Ada", [], True])
def test_an_element_must_be_an_object(account: Account, element: Any) -> None:
    for verb in ("POST", "PUT"):
        answer = account.apptoto.request(verb, "/contacts", json={"contacts": [contact(), element]})
        assert refused(answer)["errors"][0]["index"] == 1
    assert stored(account) == []
    assert BOOK not in books(account)


def test_all_faults_are_told_at_once(account: Account) -> None:
    answer = post(account, {"phone": 5, "email": 6}, contact(), {"name": "Bo Ek"})
    told = faults(answer)
    assert {(0, "phone"), (0, "email"), (2, "address_book")} <= set(told)
    assert not [index for index, _ in told if index == 1]


def test_the_most_elements_are_served_and_one_more_is_refused(account: Account) -> None:
    book = create(account)["address_book_id"]
    element = {"address_book_id": book, "name": "Ada Byron"}
    assert "errors" not in refused(post(account, *[element] * (MOST_ELEMENTS + 1)))
    assert len(stored(account)) == 1
    answer = post(account, *[element] * MOST_ELEMENTS)
    assert answer.status_code == 200
    assert len(answer.json()["contacts"]) == MOST_ELEMENTS


def test_a_contact_has_at_most_200_numbers_and_texts_of_65536(account: Account) -> None:
    many = [{"number": f"650-555-{at:04}"} for at in range(201)]
    assert len(create(account, phone_numbers=many[:200])["phone_numbers"]) == 200
    assert faults(post(account, contact(phone_numbers=many))) == [(0, "phone_numbers")]
    assert create(account, name="x" * 65_536)["name"] == "x" * 65_536
    assert faults(post(account, contact(name="x" * 65_537))) == [(0, "name")]
    assert len(stored(account)) == 2


def test_what_finds_a_contact_has_at_most_1000_characters(account: Account) -> None:
    made = create(account, external_id="x" * 1000)
    assert listed(account, external_id="x" * 1000) == [made]
    assert faults(post(account, contact(external_id="x" * 1001))) == [(0, "external_id")]
    for parameter in ("external_id", "phone_number", "email_address"):
        refused(account.apptoto.get("/contacts", params={parameter: "x" * 1001}))


def test_a_body_over_16_mebibytes_is_refused(account: Account) -> None:
    frame = b'{"contacts":[],"x":"%s"}'
    most = 16 * 1024 * 1024
    fits = frame % (b"x" * (most - len(frame) + 2))
    assert len(fits) == most
    headers = {"Content-Type": "application/json"}
    assert account.apptoto.post("/contacts", content=fits, headers=headers).status_code == 200
    refused(account.apptoto.post("/contacts", content=fits + b" ", headers=headers))


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_a_request_sent_twice_under_one_key_acts_once(account: Account, verb: str) -> None:
    headers = {"Idempotency-Key": f"same-{verb}"}
    body = {"contacts": [contact()]}
    first = account.apptoto.request(verb, "/contacts", json=body, headers=headers)
    again = account.apptoto.request(verb, "/contacts", json=body, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert len(stored(account)) == 1
    other = account.apptoto.request(verb, "/contacts", json={"contacts": [contact(name="Bo Ek")]}, headers=headers)
    refused(other, 409)
    assert len(stored(account)) == 1


def test_a_delete_sent_twice_under_one_key_is_answered_alike(account: Account) -> None:
    made = create(account)
    headers = {"Idempotency-Key": "gone"}
    first = account.apptoto.request("DELETE", "/contacts", json={"id": made["id"]}, headers=headers)
    again = account.apptoto.request("DELETE", "/contacts", json={"id": made["id"]}, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
