"""Octopush: who may call."""

import httpx2
import pytest

from tests.dialects.octopush.calls import ANN, CALLS, created, lists, refusal, snapshot, stored, tags, with_club
from tests.harness import Account, statement

ROOT = "/octopush/v1/public"


def client_with(account: Account, headers: dict[str, str]) -> httpx2.Client:
    """A client of the account's server that sends these headers and no other credentials."""
    return account.client(ROOT, headers=headers, auth=None)


@statement("OC-01")
def test_the_right_login_and_key_are_served(account: Account) -> None:
    client = client_with(account, {"api-login": account.login, "api-key": account.key})
    answer = client.post("/contact/create", json={"contacts": [{"phone_number": ANN}]})
    assert answer.status_code == 201
    assert len(stored(account)) == 1


@statement("OC-02")
@pytest.mark.parametrize(
    "wrong", ["another text", "one letter less", "a key of another login", "a login of another key"]
)
def test_a_key_that_is_not_the_logins_is_refused(account: Account, other_account: Account, wrong: str) -> None:
    login, key = {
        "another text": (account.login, "not-the-key"),
        "one letter less": (account.login, account.key[:-1]),
        "a key of another login": (account.login, other_account.key),
        "a login of another key": (other_account.login, account.key),
    }[wrong]
    with_club(account)
    before = snapshot(account), snapshot(other_account)
    client = client_with(account, {"api-login": login, "api-key": key})
    for method, path, body in CALLS:
        assert refusal(client.request(method, path, json=body)) == (401, 101)
    assert (snapshot(account), snapshot(other_account)) == before


@statement("OC-03")
@pytest.mark.parametrize("missing", [{"api-login"}, {"api-key"}, {"api-login", "api-key"}], ids=sorted)
def test_a_missing_header_is_refused(account: Account, missing: set[str]) -> None:
    with_club(account)
    before = snapshot(account)
    headers = {"api-login": account.login, "api-key": account.key}
    client = client_with(account, {name: value for name, value in headers.items() if name not in missing})
    for method, path, body in CALLS:
        assert refusal(client.request(method, path, json=body)) == (401, 108)
    assert snapshot(account) == before


@statement("OC-04")
def test_a_key_that_may_only_read_is_refused(account: Account) -> None:
    with_club(account)
    before = snapshot(account)
    key = account.native.post("/keys", json={"scope": "read"}).json()
    client = client_with(account, {"api-login": key["login"], "api-key": key["key"]})
    for method, path, body in CALLS:
        assert refusal(client.request(method, path, json=body)) == (403, 300)
    assert snapshot(account) == before


@statement("OC-05")
@pytest.mark.parametrize("names", [("Api-Login", "API-KEY"), ("API-LOGIN", "Api-Key")], ids=" ".join)
def test_header_names_work_in_any_letter_case(account: Account, names: tuple[str, str]) -> None:
    client = client_with(account, {names[0]: account.login, names[1]: account.key})
    assert client.post("/contact-list/create", json={"list_name": "club"}).status_code == 201


@statement("OC-06")
def test_accounts_have_nothing_to_do_with_each_other(account: Account, other_account: Account) -> None:
    for one in (account, other_account):
        created(one, {"phone_number": ANN, "first_name": one.name}, list_name="club", tag_name="vip")
    untouched = snapshot(other_account)
    created(account, {"phone_number": ANN, "first_name": "Changed"}, un_list=True, un_tag=True)
    assert snapshot(other_account) == untouched
    created(account, {"phone_number": ANN}, list_name="club", tag_name="vip")
    account.octopush.post("/contact-list/empty", json={"list_name": "club", "delete_contacts": True})
    account.octopush.request("DELETE", "/contact-list/delete", json={"list_name": "club"})
    assert (stored(account), lists(account)) == ([], {})
    assert snapshot(other_account) == untouched
    assert lists(other_account) == {"club": 1}
    assert tags(other_account) == {"vip": 1}


def test_a_key_that_is_switched_off_is_refused_like_a_wrong_one(account: Account) -> None:
    key = account.native.post("/keys", json={"scope": "write"}).json()
    client = client_with(account, {"api-login": key["login"], "api-key": key["key"]})
    assert client.post("/contact-list/create", json={"list_name": "on"}).status_code == 201
    account.native.patch(f"/keys/{key['id']}", json={"enabled": False})
    assert refusal(client.post("/contact-list/create", json={"list_name": "off"})) == (401, 101)
    assert lists(account) == {"on": 0}


def test_a_key_bound_to_a_book_creates_and_finds_only_there(account: Account) -> None:
    book = account.native.post("/books", json={"name": "Shop"}).json()["number"]
    key = account.native.post("/keys", json={"scope": "write", "book": book}).json()
    client = client_with(account, {"api-login": key["login"], "api-key": key["key"]})
    created(account, {"phone_number": ANN, "first_name": "Outside"})
    client.post("/contact/create", json={"contacts": [{"phone_number": ANN, "first_name": "Inside"}]})
    assert {contact["book"]: contact["name"]["given"] for contact in stored(account)}[book] == "Inside"
    assert len(stored(account)) == 2
    assert client.request("DELETE", "/contact/delete", json={"phone_numbers": [ANN]}).status_code == 204
    assert [contact["name"]["given"] for contact in stored(account)] == ["Outside"]


def test_a_key_bound_to_a_book_leaves_lists_alone_that_hold_contacts_of_others(account: Account) -> None:
    book = account.native.post("/books", json={"name": "Shop"}).json()["number"]
    key = account.native.post("/keys", json={"scope": "write", "book": book}).json()
    client = client_with(account, {"api-login": key["login"], "api-key": key["key"]})
    created(account, {"phone_number": ANN}, list_name="club")
    assert client.post("/contact/create", json={"contacts": [ANN], "list_names": ["club", "own"]}).status_code == 201
    before = snapshot(account)
    for body in ({"list_name": "club"}, {"list_name": "club", "delete_contacts": True}):
        assert refusal(client.post("/contact-list/empty", json=body)) == (403, 300)
    assert refusal(client.request("DELETE", "/contact-list/delete", json={"list_name": "club"})) == (403, 300)
    assert snapshot(account) == before
    assert client.post("/contact-list/empty", json={"list_name": "own", "delete_contacts": True}).status_code == 204
    assert lists(account) == {"club": 1, "own": 0}
