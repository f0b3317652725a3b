"""Octopush: what no honest client sends; never a fault of ours, and nothing half stored."""

from typing import Any

import httpx2
import pytest

from tests.dialects.octopush.calls import (
    ANN,
    BOB,
    CALLS,
    by_number,
    created,
    only,
    refusal,
    snapshot,
    stored,
    with_club,
)
from tests.harness import Account

JSON = {"Content-Type": "application/json"}
DEEP = b"[" * 200 + b"]" * 200

# Bodies that cannot be read as one JSON object of text.
UNREADABLE = {
    "a lone surrogate": rb'{"contacts": [{"phone_number": "+33612345678", "param1": "\ud800"}], "list_name": "\udfff"}',
    "invalid UTF-8": b'{"contacts": [{"phone_number": "+33612345678", "first_name": "\xff\xfe"}], "list_name": "\xff"}',
    "nested 200 deep": b'{"contacts": [{"phone_number": "+33612345678", "first_name": ' + DEEP + b"}]}",
    "nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "an array": b'[{"contacts": ["+33612345678"]}]',
    "a number beyond any": b'{"contacts": [{"phone_number": "+33612345678", "param1": 1e999}]}',
    "NaN": b'{"contacts": [{"phone_number": "+33612345678", "param1": NaN}]}',
    "two objects": b'{"contacts": ["+33612345678"]} {"contacts": ["+33612345678"]}',
    "cut short": b'{"contacts": ["+33612345678"',
    "a form": b"phone_number=%2B33612345678",
    "UTF-16": '{"contacts": ["+33612345678"]}'.encode("utf-16"),
    "NUL bytes": b"\x00" * 64,
}

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    -(10**30),
    1e300,
    "",
    " ",
    "\x00",
    "x" * 10_000,
    "\u202e\u0000\uffff",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"a": {"b": [1]}},
    ["+33612345678", {"phone_number": "+33612345678"}],
)
CONTACT_FIELDS = ("phone_number", "first_name", "last_name", "param1", "param5", "email")
REQUEST_FIELDS = (
    "list_name",
    "list_names",
    "un_list",
    "tag_name",
    "tag_names",
    "un_tag",
    "auto_delete_optout_contacts",
    "auto_remove_blacklisted_numbers",
    "do_not_overwrite",
)


def send(account: Account, method: str, path: str, content: bytes) -> httpx2.Response:
    """Send these very bytes as a JSON body."""
    return account.octopush.request(method, path, content=content, headers=JSON)


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_body_that_cannot_be_read_is_refused_and_stores_nothing(account: Account, content: bytes) -> None:
    with_club(account)
    before = snapshot(account)
    for method, path, _ in CALLS:
        status, _code = refusal(send(account, method, path, content))
        assert status == 400
    assert snapshot(account) == before


@pytest.mark.parametrize("field", CONTACT_FIELDS)
def test_no_value_of_a_contacts_field_stops_the_request(account: Account, field: str) -> None:
    for value in ODD_VALUES:
        odd = {"phone_number": BOB, "first_name": "Bob"} | {field: value}
        created(account, {"phone_number": ANN, "first_name": "Ann"}, odd)
        assert by_number(account, ANN)["name"]["given"] == "Ann"


@pytest.mark.parametrize("field", REQUEST_FIELDS)
def test_no_value_of_a_requests_field_stops_the_request(account: Account, field: str) -> None:
    for value in ODD_VALUES:
        assert created(account, {"phone_number": ANN, "first_name": "Ann"}, **{field: value}) == 1
        assert only(account)["name"]["given"] == "Ann"


@pytest.mark.parametrize("field", ["contacts", "phone_numbers", "list_name", "delete_contacts"])
def test_no_value_of_a_required_field_is_our_fault(account: Account, field: str) -> None:
    for value in ODD_VALUES:
        for method, path, _ in CALLS:
            answer = account.octopush.request(method, path, json={field: value})
            if answer.status_code not in {201, 204}:
                assert refusal(answer)[0] in {400, 404}, value


def test_of_doubled_keys_the_last_counts(account: Account) -> None:
    content = (
        b'{"contacts": ["+33612345679"], "contacts": [{"phone_number": "abc", "phone_number": "+33612345678",'
        b' "first_name": "First", "first_name": "Last"}]}'
    )
    assert send(account, "POST", "/contact/create", content).status_code == 201
    assert only(account)["name"]["given"] == "Last"
    assert only(account)["phones"][0]["e164"] == ANN


@pytest.mark.parametrize("number", [10**30, -33612345678, 1e300, 33612345678.5, 2**63, 1e16], ids=repr)
def test_numbers_that_are_no_telephone_numbers_are_left_out(account: Account, number: float) -> None:
    assert created(account, {"phone_number": number}, {"phone_number": ANN}) == 1
    assert [contact["phones"][0]["e164"] for contact in stored(account)] == [ANN]


def test_an_answer_never_repeats_what_was_sent(account: Account) -> None:
    """What comes back in an error message is ours: no sent text, no key, no trace."""
    mark = "zzMARKzz"
    bodies = ({"contacts": [{"phone_number": mark}]}, {"list_name": mark}, {"phone_numbers": [mark], "list_name": mark})
    for method, path, _ in CALLS:
        for body in bodies:
            answer = account.octopush.request(method, path, json=body)
            if answer.status_code >= 400:
                assert mark not in answer.text
                assert account.key not in answer.text
                assert "Traceback" not in answer.text
