"""Input that means harm: an error of the dialect's own shape, never a 5xx, and nothing half stored."""

from typing import Any

import pytest

from tests.dialects.alloy.calls import (
    as_json,
    count,
    create,
    create_account,
    keyed,
    post_raw,
    read,
    refused,
    stored,
    success,
)
from tests.harness import Account

TEXT_FIELDS = ("lastName", "firstName", "account")
ENTRY_FIELDS = {
    "addresses": (
        "addressType",
        "street1",
        "street2",
        "city",
        "state",
        "countrySubdivision",
        "country",
        "postalCode",
    ),
    "emailAddresses": ("emailAddressType", "emailAddress"),
    "phoneNumbers": ("phoneNumberType", "phoneNumber"),
}
NO_TEXT: tuple[object, ...] = (0, 1.5, True, False, [], ["x"], {}, {"x": "y"}, 10**30)
NO_LIST: tuple[object, ...] = ("x", 0, True, {}, {"city": "Cork"}, ["x"], [None], [[]], [5], [{}, "x"])


def _with(field: str, value: object) -> dict[str, Any]:
    """A body that is good but for one field, which may be one of an entry (``addresses.city``)."""
    name, _, inner = field.partition(".")
    good: dict[str, Any] = {"lastName": "Okafor"}
    entry = {"emailAddress": "a@example.com", "phoneNumber": "+353915550134", "city": "Cork"}
    good[name] = [{**entry, inner: value}] if inner else value
    return good


ALL_TEXT = [*TEXT_FIELDS, *(f"{name}.{inner}" for name, inners in ENTRY_FIELDS.items() for inner in inners)]


@pytest.mark.parametrize("field", ALL_TEXT)
def test_a_text_of_a_wrong_type_is_refused(account: Account, field: str) -> None:
    path = f"/crm/contacts/{create(account)['id']}"
    for value in NO_TEXT:
        refused(account.alloy.post("/crm/contacts", json=_with(field, value)), 400)
        refused(account.alloy.put(path, json=_with(field, value)), 400)
    assert count(account) == 1


@pytest.mark.parametrize("field", list(ENTRY_FIELDS))
def test_a_list_of_a_wrong_type_is_refused(account: Account, field: str) -> None:
    for value in NO_LIST:
        refused(account.alloy.post("/crm/contacts", json=_with(field, value)), 400)
    assert stored(account) == []


@pytest.mark.parametrize("field", [*ALL_TEXT, "remoteFields"])
@pytest.mark.parametrize("poison", ["a\x00b", "\x00", "a\ud800b", "\udfff"])
def test_nul_and_lone_surrogates_are_refused(account: Account, field: str, poison: str) -> None:
    made = create(account, firstName="Ada")
    value = {poison: {"deep": [poison]}} if field == "remoteFields" else poison
    body = as_json(_with(field, value))
    refused(post_raw(account, "/crm/contacts", body), 400)
    refused(account.alloy.put(f"/crm/contacts/{made['id']}", content=body), 400)
    assert count(account) == 1
    assert read(account, made["id"]) == made


@pytest.mark.parametrize(
    "remote", [{"a\x00": 1}, {"a": "\x00"}, {"a": [{"b": "\x00"}]}, {"a": "\ud800"}, {"\udc00": 1}]
)
def test_poison_anywhere_in_remote_fields_is_refused(account: Account, remote: dict[str, Any]) -> None:
    refused(post_raw(account, "/crm/contacts", as_json({"lastName": "X", "remoteFields": remote})), 400)
    assert stored(account) == []


def test_a_huge_integer_is_refused_or_kept_whole(account: Account) -> None:
    answer = account.alloy.post("/crm/contacts", json={"lastName": "X", "remoteFields": {"n": 10**30}})
    refused(answer, 400)
    assert stored(account) == []
    largest = create(account, remoteFields={"n": 2**53 - 1, "m": -(2**53) + 1})
    assert read(account, largest["id"])["remoteFields"] == {"n": 2**53 - 1, "m": -(2**53) + 1}


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"01", b"+1", b".5"])
def test_what_is_no_json_number_is_refused(account: Account, number: bytes) -> None:
    body = b'{"lastName": "X", "remoteFields": {"n": ' + number + b"}}"
    refused(post_raw(account, "/crm/contacts", body), 400)
    assert stored(account) == []


def test_of_doubled_keys_the_last_counts(account: Account) -> None:
    body = b'{"lastName": 5, "lastName": "Last", "remoteFields": {"a": 1, "a": 2}}'
    made = success(post_raw(account, "/crm/contacts", body))["contact"]
    assert (made["lastName"], made["remoteFields"]) == ("Last", {"a": 2})


def test_deep_nesting_is_refused(account: Account) -> None:
    deep = b"[" * 200 + b"]" * 200
    refused(post_raw(account, "/crm/contacts", deep), 400)
    refused(post_raw(account, "/crm/contacts", b'{"lastName": "X", "remoteFields": {"a": ' + deep + b"}}"), 400)
    refused(post_raw(account, "/crm/contacts", b"[" * 100_000), 400)
    assert stored(account) == []


@pytest.mark.parametrize(
    "body", [b'{"lastName": "\xff"}', b"\xff\xfe{\x00}\x00", b'{"lastName": "\xed\xa0\x80"}', b"\x00"]
)
def test_bytes_that_are_no_utf_8_are_refused(account: Account, body: bytes) -> None:
    refused(post_raw(account, "/crm/contacts", body), 400)
    assert stored(account) == []


@pytest.mark.parametrize("path", ["/crm/accounts", "/users"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 200, b'{"accountName": "\xff"}'])
def test_other_bodies_are_read_as_carefully(account: Account, path: str, body: bytes) -> None:
    refused(post_raw(account, path, body), 400)
    assert success(account.alloy.get("/crm/accounts/count")) == {"count": 0}
    assert success(account.alloy.get("/users")) == {"data": []}


@pytest.mark.parametrize(
    "field",
    ["accountName", "accountOwner", "description", "industry", "website", "addresses", "phoneNumbers", "remoteFields"],
)
def test_an_account_field_of_a_wrong_type_is_refused(account: Account, field: str) -> None:
    path = f"/crm/accounts/{create_account(account, 'Quay')['id']}"
    for value in (5, True, [5], 10**30, "\x00"):
        body = as_json({"accountName": "Pier", field: value})
        refused(post_raw(account, "/crm/accounts", body), 400)
        refused(account.alloy.put(path, content=body), 400)
    assert success(account.alloy.get("/crm/accounts/count")) == {"count": 1}


@pytest.mark.parametrize("field", ["username", "fullName"])
@pytest.mark.parametrize("value", [5, True, [], {}, 10**30, "\x00", "\ud800"])
def test_a_user_field_of_a_wrong_type_is_refused(account: Account, field: str, value: object) -> None:
    body = as_json({"username": "quay", field: value})
    refused(keyed(account).post("/users", content=body), 400)
    assert success(keyed(account).get("/users")) == {"data": []}


@pytest.mark.parametrize("name", ["firstName", "lastNameContains", "account", "accountNotEquals", "nobodyKnows"])
@pytest.mark.parametrize(
    "value", ["\x00", "%", "_", "'", '"', "\\", "*", "\ufffd", "a" * 5000, "\U0001f469\u200d\U0001f680"]
)
def test_strange_filters_find_nothing_or_are_refused(account: Account, name: str, value: str) -> None:
    create(account, firstName="Ada")
    answer = account.alloy.get("/crm/contacts", params={name: value})
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 400:
        refused(answer, 400)
    elif name in {"firstName", "lastNameContains", "account"}:
        assert answer.json()["contacts"] == []


@pytest.mark.parametrize(
    "query", ["firstName=%ED%A0%80", "firstName=%FF", "firstName=%", "&&==&", "credentialId=%FF&pageSize=5"]
)
def test_strange_query_strings_are_never_a_server_error(account: Account, query: str) -> None:
    client = keyed(account)
    answer = client.get(f"/crm/contacts?credentialId={account.credential_id}&{query}")
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 400:
        refused(answer, 400)


def test_text_of_all_scripts_comes_back(account: Account) -> None:
    for name in ("张伟", "Владимир", "محمد", "🦊", "e\u0301", 'O\'Brien "Bob" <b>', "\u202eevil", "a\tb\nc"):
        made = create(account, firstName=name, remoteFields={name: name})
        assert read(account, made["id"])["firstName"] == name
        assert read(account, made["id"])["remoteFields"] == {name: name}


def test_a_body_over_the_limit_is_refused(account: Account) -> None:
    body = b'{"lastName": "X", "remoteFields": {"a": "' + b"x" * (17 << 20) + b'"}}'
    answer = post_raw(account, "/crm/contacts", body)
    assert answer.status_code in {400, 413}
    refused(answer, answer.status_code)
    assert stored(account) == []
