"""CRM accounts: AL-31 to AL-33."""

import time
from typing import Any

import pytest

from tests.dialects.alloy.calls import (
    TIME,
    UNKNOWN_ID,
    change,
    create,
    create_account,
    keyed,
    named_fields,
    read,
    refused,
    success,
)
from tests.harness import Account, statement

FIELDS = {
    "accountName": "Quay Traders",
    "accountOwner": "Bea",
    "description": "Ropes and sails",
    "industry": "Shipping",
    "website": "https://quay.example",
    "numberOfEmployees": 42,
    "addresses": [{"addressType": "billing", "street1": "12 Quay St", "city": "Galway", "country": "IE"}],
    "phoneNumbers": [{"phoneNumberType": "primary", "phoneNumber": "+353 91 555 0134"}],
}
GIVEN = {
    "id",
    "remoteId",
    "lastActivityAt",
    "remoteCreatedAt",
    "remoteUpdatedAt",
    "remoteDeleted",
    "createdAt",
    "updatedAt",
}


def _read(account: Account, account_id: str) -> dict[str, Any]:
    return dict(success(account.alloy.get(f"/crm/accounts/{account_id}"))["account"])


@statement("AL-31")
def test_an_account_is_created_with_its_fields(account: Account) -> None:
    body = success(account.alloy.post("/crm/accounts", json=FIELDS))
    assert set(body) == {"account"}
    made = body["account"]
    assert set(made) == set(FIELDS) | GIVEN
    assert {name: made[name] for name in FIELDS} == FIELDS
    assert isinstance(made["id"], str)
    assert isinstance(made["remoteId"], str)
    assert (made["lastActivityAt"], made["remoteDeleted"]) == (None, False)
    assert TIME.fullmatch(made["createdAt"])
    bare = create_account(account, "Bare")
    assert set(bare) == set(FIELDS) | GIVEN
    assert (bare["industry"], bare["numberOfEmployees"], bare["addresses"]) == (None, None, [])


@statement("AL-32")
def test_accounts_are_listed_counted_read_changed_and_deleted(account: Account) -> None:
    page = success(account.alloy.get("/crm/accounts"))
    assert page["accounts"] == []
    made, other = create_account(account, "Quay Traders", industry="Shipping"), create_account(account, "Pier Ltd")
    page = success(account.alloy.get("/crm/accounts"))
    assert page["accounts"] == [made, other]
    assert (page["pageNumber"], page["pageSize"], page["totalCount"]) == (1, 50, 2)
    assert page["pageInfo"] == {"hasNext": False, "nextCursor": None}
    assert success(account.alloy.get("/crm/accounts/count")) == {"count": 2}
    path = f"/crm/accounts/{made['id']}"
    assert success(account.alloy.get(path)) == {"account": made}
    time.sleep(0.005)
    for call in (account.alloy.put, account.alloy.patch):
        changed = success(call(path, json={"website": "https://quay.example"}))["account"]
        assert (changed["accountName"], changed["industry"]) == ("Quay Traders", "Shipping")
        assert changed["website"] == "https://quay.example"
        assert changed["updatedAt"] > made["updatedAt"]
        assert changed["createdAt"] == made["createdAt"]
        assert _read(account, made["id"]) == changed
    assert success(account.alloy.delete(path)) == {"success": True}
    refused(account.alloy.get(path), 404)
    refused(account.alloy.put(path, json={}), 404)
    refused(account.alloy.delete(path), 404)
    assert success(account.alloy.get("/crm/accounts"))["accounts"] == [other]
    assert success(account.alloy.get("/crm/accounts/count")) == {"count": 1}


@statement("AL-33")
def test_a_contact_is_tied_by_id_or_by_name(account: Account) -> None:
    tied = create_account(account, "Quay Traders")
    by_id = create(account, account=tied["id"])
    by_name = create(account, account="quay TRADERS")
    by_remote_id = create(account, account=tied["remoteId"])
    for contact in (by_id, by_name, by_remote_id):
        assert contact["account"] == tied["id"]
        assert read(account, contact["id"])["account"] == tied["id"]
    success(account.alloy.put(f"/crm/accounts/{tied['id']}", json={"accountName": "Renamed"}))
    assert read(account, by_name["id"])["account"] == tied["id"]


def test_an_account_can_be_changed_and_untied(account: Account) -> None:
    first, second = create_account(account, "First"), create_account(account, "Second")
    made = create(account, account="First")
    assert change(account, made["id"], account=second["id"])["account"] == second["id"]
    assert change(account, made["id"], firstName="Ada")["account"] == second["id"]
    assert change(account, made["id"], account="")["account"] is None
    assert change(account, made["id"], account="First")["account"] == first["id"]
    assert change(account, made["id"], account=None)["account"] is None
    assert change(account, made["id"], account="Nobody")["account"] == "Nobody"


def test_the_name_of_a_deleted_account_stays_on_its_contacts(account: Account) -> None:
    tied = create_account(account, "Quay Traders")
    made = create(account, account=tied["id"])
    success(account.alloy.delete(f"/crm/accounts/{tied['id']}"))
    assert read(account, made["id"])["account"] == "Quay Traders"


@pytest.mark.parametrize(
    "body", [{}, {"accountName": ""}, {"accountName": " "}, {"accountName": None}, {"industry": "x"}]
)
def test_an_account_needs_a_name(account: Account, body: dict[str, Any]) -> None:
    assert named_fields(refused(account.alloy.post("/crm/accounts", json=body), 400)) == ["accountName"]
    assert success(account.alloy.get("/crm/accounts/count")) == {"count": 0}


def test_the_name_of_an_account_cannot_be_cleared(account: Account) -> None:
    made = create_account(account, "Quay Traders")
    answer = account.alloy.put(f"/crm/accounts/{made['id']}", json={"accountName": None, "industry": "x"})
    assert named_fields(refused(answer, 400)) == ["accountName"]
    assert _read(account, made["id"]) == made


def test_the_fields_of_an_account_can_be_cleared(account: Account) -> None:
    made = success(account.alloy.post("/crm/accounts", json={**FIELDS, "remoteFields": {"a": 1, "b": 2}}))["account"]
    path = f"/crm/accounts/{made['id']}"
    cleared = dict.fromkeys(set(FIELDS) - {"accountName"})
    success(account.alloy.put(path, json={**cleared, "remoteFields": {"a": None}}))
    after = _read(account, made["id"])
    assert [after[name] for name in ("accountOwner", "industry", "numberOfEmployees")] == [None, None, None]
    assert (after["addresses"], after["phoneNumbers"], after["remoteFields"]) == ([], [], {"b": 2})


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 10**30, "42", True, 1.5, [1]])
def test_the_number_of_employees_is_an_integer_of_32_bits(account: Account, value: object) -> None:
    answer = account.alloy.post("/crm/accounts", json={"accountName": "Quay", "numberOfEmployees": value})
    refused(answer, 400)
    assert success(account.alloy.get("/crm/accounts/count")) == {"count": 0}


def test_two_accounts_may_share_a_name(account: Account) -> None:
    first, second = create_account(account, "Quay"), create_account(account, "Quay")
    assert first["id"] != second["id"]
    assert create(account, account="Quay")["account"] == first["id"]


def test_accounts_are_unknown_to_others(account: Account, other_account: Account) -> None:
    path = f"/crm/accounts/{create_account(account, 'Quay')['id']}"
    refused(other_account.alloy.get(path), 404)
    refused(other_account.alloy.delete(path), 404)
    success(account.alloy.get(path))
    assert create(other_account, account="Quay")["account"] == "Quay"


def test_an_unknown_account_is_404(account: Account) -> None:
    for account_id in (UNKNOWN_ID, "x", "1"):
        refused(account.alloy.get(f"/crm/accounts/{account_id}"), 404)


def test_calls_with_connection_id_get_the_older_names_for_accounts_too(account: Account) -> None:
    query = {"connectionId": account.credential_id}
    made = success(keyed(account).post("/crm/accounts", params=query, json={"accountName": "Quay"}))["account"]
    assert made["createdTimestamp"] == made["remoteCreatedAt"]
    assert made["updatedTimestamp"] == made["remoteUpdatedAt"]
