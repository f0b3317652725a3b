"""Users and their credentials: AL-41, AL-42."""

import time
from typing import Any

import pytest

from tests.dialects.alloy.calls import (
    BESIDE,
    HEX_24,
    TIME,
    UNKNOWN_CREDENTIAL,
    count,
    create,
    keyed,
    named_fields,
    refused,
    success,
)
from tests.harness import Account, statement


def _add_user(account: Account, username: str, **fields: Any) -> str:
    return str(success(keyed(account).post("/users", json={"username": username, **fields}))["userId"])


def _add_credential(account: Account, user_id: str, app: str = "hubspot") -> str:
    body = {"userId": user_id, "credential": {"type": app, "data": {"apiKey": "secret"}}}
    return str(success(keyed(account, BESIDE).post("/headless/credentials", json=body))["credentialId"])


def _credentials(account: Account, user_id: str) -> list[dict[str, Any]]:
    return list(success(keyed(account, BESIDE).get(f"/users/{user_id}/credentials"))["data"])


@statement("AL-41")
def test_users_are_registered_listed_renamed_and_removed(account: Account) -> None:
    client = keyed(account)
    assert success(client.get("/users")) == {"data": []}
    body = success(client.post("/users/", json={"username": "quay", "fullName": "Quay Traders"}))
    user_id = body["userId"]
    assert HEX_24.fullmatch(user_id)
    shown = {"userId": user_id, "username": "quay", "fullName": "Quay Traders"}
    assert success(client.get("/users")) == {"data": [shown]}
    assert success(client.get(f"/users/{user_id}")) == shown
    renamed = {**shown, "fullName": "Quay Traders Ltd"}
    assert success(client.put(f"/users/{user_id}", json={"fullName": "Quay Traders Ltd"})) == renamed
    assert success(client.get(f"/users/{user_id}")) == renamed
    assert success(client.delete(f"/users/{user_id}"))["success"] is True
    refused(client.get(f"/users/{user_id}"), 404)
    refused(client.put(f"/users/{user_id}", json={"fullName": "x"}), 404)
    refused(client.delete(f"/users/{user_id}"), 404)
    assert success(client.get("/users")) == {"data": []}


def test_a_user_can_be_named_by_the_username(account: Account) -> None:
    user_id = _add_user(account, "quay")
    assert success(keyed(account).get("/users/quay")) == {"userId": user_id, "username": "quay", "fullName": None}
    credential_id = _add_credential(account, "quay")
    assert _credentials(account, "quay") == _credentials(account, user_id)
    success(keyed(account, BESIDE).delete(f"/users/quay/credentials/{credential_id}"))
    assert _credentials(account, user_id) == []


@pytest.mark.parametrize(
    "body",
    [{}, {"username": ""}, {"username": "  "}, {"username": None}, {"username": 5}, {"fullName": "x"}],
)
def test_a_user_needs_a_username(account: Account, body: dict[str, Any]) -> None:
    assert named_fields(refused(keyed(account).post("/users", json=body), 400)) == ["username"]
    assert success(keyed(account).get("/users")) == {"data": []}


def test_a_username_is_taken_once_in_an_account(account: Account, other_account: Account) -> None:
    first = _add_user(account, "quay")
    refused(keyed(account).post("/users", json={"username": "quay"}), 409)
    second = _add_user(account, "pier")
    refused(keyed(account).put(f"/users/{second}", json={"username": "quay"}), 409)
    assert success(keyed(account).get(f"/users/{second}"))["username"] == "pier"
    assert _add_user(other_account, "quay") != first


def test_users_of_another_account_are_unknown(account: Account, other_account: Account) -> None:
    user_id = _add_user(account, "quay")
    credential_id = _add_credential(account, user_id)
    client = keyed(other_account)
    refused(client.get(f"/users/{user_id}"), 404)
    refused(client.put(f"/users/{user_id}", json={"fullName": "x"}), 404)
    refused(client.delete(f"/users/{user_id}"), 404)
    beside = keyed(other_account, BESIDE)
    refused(beside.get(f"/users/{user_id}/credentials"), 404)
    refused(beside.delete(f"/users/{user_id}/credentials/{credential_id}"), 404)
    body = {"userId": user_id, "credential": {"type": "hubspot", "data": {}}}
    assert named_fields(refused(beside.post("/headless/credentials", json=body), 400)) == ["userId"]
    assert len(_credentials(account, user_id)) == 1


@statement("AL-42")
def test_a_credential_made_for_a_user_is_listed_with_the_user(account: Account) -> None:
    user_id = _add_user(account, "quay")
    body = {"userId": user_id, "credential": {"type": "hubspot", "data": {"apiKey": "secret"}}}
    made = success(keyed(account, BESIDE).post("/headless/credentials", json=body))
    assert made["success"] is True
    assert HEX_24.fullmatch(made["credentialId"])
    (shown,) = _credentials(account, user_id)
    assert set(shown) == {"credentialId", "type", "createdAt", "updatedAt"}
    assert (shown["credentialId"], shown["type"]) == (made["credentialId"], "hubspot")
    assert TIME.fullmatch(shown["createdAt"])
    assert TIME.fullmatch(shown["updatedAt"])
    query = {"credentialId": made["credentialId"]}
    success(account.alloy.post("/crm/contacts", params=query, json={"lastName": "Okafor"}))
    assert count(account, **query) == 1


def test_what_two_users_store_stays_apart(account: Account) -> None:
    create(account)
    first = {"credentialId": _add_credential(account, _add_user(account, "quay"))}
    second = {"credentialId": _add_credential(account, _add_user(account, "pier"))}
    made = success(account.alloy.post("/crm/contacts", params=first, json={"lastName": "Okafor"}))["contact"]
    assert count(account, **first) == 1
    assert count(account, **second) == 0
    refused(account.alloy.get(f"/crm/contacts/{made['id']}", params=second), 404)


def test_two_credentials_of_a_user_look_at_one_book(account: Account) -> None:
    user_id = _add_user(account, "quay")
    first = _add_credential(account, user_id)
    time.sleep(0.005)
    second = _add_credential(account, user_id, "salesforce")
    assert first != second
    assert [credential["type"] for credential in _credentials(account, user_id)] == ["hubspot", "salesforce"]
    success(account.alloy.post("/crm/contacts", params={"credentialId": first}, json={"lastName": "Okafor"}))
    assert count(account, credentialId=second) == 1


def test_a_removed_credential_is_an_unknown_one(account: Account) -> None:
    user_id = _add_user(account, "quay")
    credential_id = _add_credential(account, user_id)
    beside = keyed(account, BESIDE)
    assert success(beside.delete(f"/users/{user_id}/credentials/{credential_id}")) == {"success": True}
    assert _credentials(account, user_id) == []
    refused(account.alloy.get("/crm/contacts", params={"credentialId": credential_id}), 400)
    refused(beside.delete(f"/users/{user_id}/credentials/{credential_id}"), 404)
    refused(beside.delete(f"/users/{user_id}/credentials/{UNKNOWN_CREDENTIAL}"), 404)
    refused(beside.delete(f"/users/{user_id}/credentials/{account.credential_id}"), 404)
    success(account.alloy.get("/crm/contacts"))


def test_removing_a_user_removes_its_credentials_and_no_contact(account: Account) -> None:
    user_id = _add_user(account, "quay")
    query = {"credentialId": _add_credential(account, user_id)}
    made = success(account.alloy.post("/crm/contacts", params=query, json={"lastName": "Okafor"}))["contact"]
    success(keyed(account).delete(f"/users/{user_id}"))
    refused(account.alloy.get("/crm/contacts", params=query), 400)
    assert account.native.get(f"/contacts/{made['id']}").status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"credential": {"type": "hubspot"}}, "userId"),
        ({"userId": 5, "credential": {"type": "hubspot"}}, "userId"),
        ({"userId": "nobody", "credential": {"type": "hubspot"}}, "userId"),
        ({"userId": "quay"}, "credential"),
        ({"userId": "quay", "credential": "hubspot"}, "credential"),
        ({"userId": "quay", "credential": {}}, "credential.type"),
        ({"userId": "quay", "credential": {"type": 5}}, "credential.type"),
        ({"userId": "quay", "credential": {"type": "pipedrive"}}, "credential.type"),
        ({"userId": "quay", "credential": {"type": "hubspot", "data": "x"}}, "credential.data"),
    ],
)
def test_a_credential_needs_a_user_and_an_app(account: Account, body: dict[str, Any], field: str) -> None:
    _add_user(account, "quay")
    refusal = refused(keyed(account, BESIDE).post("/headless/credentials", json=body), 400)
    assert named_fields(refusal) == [field]
    assert _credentials(account, "quay") == []


def test_the_data_of_a_credential_is_shown_nowhere(account: Account) -> None:
    user_id = _add_user(account, "quay")
    _add_credential(account, user_id)
    assert "secret" not in keyed(account, BESIDE).get(f"/users/{user_id}/credentials").text
    assert "secret" not in account.native.get("/credentials").text
