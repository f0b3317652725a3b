"""The shape of errors and of successes: AL-39, AL-40."""

import httpx2
import pytest

from tests.dialects.alloy.calls import (
    BESIDE,
    ONE,
    UNKNOWN_ID,
    as_json,
    count,
    create,
    create_account,
    keyed,
    named_fields,
    post_raw,
    refused,
    stored,
    success,
)
from tests.harness import Account, statement


@statement("AL-39")
def test_every_error_has_a_message_and_none_is_422(account: Account) -> None:
    alloy, unnamed = account.alloy, keyed(account)
    bad = {"lastName": 5}
    made = f"/crm/contacts/{create(account)['id']}"
    answers: list[tuple[int, httpx2.Response]] = [
        (401, account.client(ONE).get("/crm/contacts")),
        (401, account.client(ONE).get("/no/such/path")),
        (400, unnamed.get("/crm/contacts")),
        (400, unnamed.get("/crm/contacts", params={"credentialId": "x"})),
        (400, alloy.post("/crm/contacts", json=bad)),
        (400, alloy.put(made, json=bad)),
        (400, alloy.patch(made, json=bad)),
        (400, post_raw(account, "/crm/contacts", b"{")),
        (400, alloy.get("/crm/contacts", params={"pageSize": "x"})),
        (400, alloy.get("/crm/contacts", params={"createdAtMin": "x"})),
        (400, alloy.post("/crm/accounts", json={})),
        (400, alloy.get("/metadata/operations", params={"app": "x"})),
        (400, alloy.post("/users", json={})),
        (400, alloy.post("/webhooks", json={})),
        (400, keyed(account, BESIDE).post("/headless/credentials", json={})),
        (404, alloy.get(f"/crm/contacts/{UNKNOWN_ID}")),
        (404, alloy.put(f"/crm/contacts/{UNKNOWN_ID}", json=bad)),
        (404, alloy.delete(f"/crm/accounts/{UNKNOWN_ID}")),
        (404, alloy.get("/users/nobody")),
        (404, alloy.get("/no/such/path")),
        (404, alloy.get("/webhooks/nobody")),
        (404, keyed(account, BESIDE).get("/users/nobody/token")),
        (405, alloy.put("/crm/contacts", json={"lastName": "X"})),
        (405, alloy.post(made, json={"lastName": "X"})),
        (405, alloy.delete("/crm/contacts")),
        (501, alloy.post("/forward", json={})),
    ]
    for status, answer in answers:
        refused(answer, status)
        assert answer.headers["content-type"].startswith("application/json")


@statement("AL-40")
def test_no_success_has_an_error_at_the_top(account: Account) -> None:
    alloy = account.alloy
    made = create(account, remoteFields={"error": "kept inside"})
    path = f"/crm/contacts/{made['id']}"
    tied = f"/crm/accounts/{create_account(account, 'Quay', remoteFields={'error': 'inside'})['id']}"
    answers = [
        alloy.get(path),
        alloy.put(path, json={"error": "ignored"}),
        alloy.patch(path, json={}),
        alloy.get("/crm/contacts"),
        alloy.get("/crm/contacts/count"),
        alloy.delete(path),
        alloy.get(tied),
        alloy.put(tied, json={"error": "ignored"}),
        alloy.get("/crm/accounts"),
        alloy.get("/crm/accounts/count"),
        alloy.delete(tied),
        alloy.get("/metadata/operations", params={"app": "hubspot"}),
        alloy.get("/metadata/fields", params={"app": "hubspot", "operation": "createContact"}),
        alloy.get("/users"),
        alloy.get("/webhooks"),
        alloy.post("/users", json={"username": "error"}),
        keyed(account, BESIDE).get("/users/error/credentials"),
        keyed(account, BESIDE).get("/metadata/credentials"),
    ]
    for answer in answers:
        success(answer)


def test_all_wrong_fields_are_named_at_once(account: Account) -> None:
    body = {
        "lastName": 5,
        "firstName": [],
        "account": {},
        "addresses": [{"city": "Cork"}, {"city": 5, "postalCode": False}, "none"],
        "emailAddresses": [{"emailAddress": 5, "emailAddressType": 6}],
        "phoneNumbers": {"phoneNumber": "+353915550134"},
        "remoteFields": 5,
    }
    refusal = refused(account.alloy.post("/crm/contacts", json=body), 400)
    assert set(named_fields(refusal)) == {
        "lastName",
        "firstName",
        "account",
        "addresses[1].city",
        "addresses[1].postalCode",
        "addresses[2]",
        "emailAddresses[0].emailAddress",
        "emailAddresses[0].emailAddressType",
        "phoneNumbers",
        "remoteFields",
    }
    assert all(error["message"] for error in refusal["errors"])
    assert stored(account) == []


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b"5", b"[{}]", b"{} x", b"{'lastName': 'X'}"])
def test_a_body_that_is_no_json_object_is_400(account: Account, body: bytes) -> None:
    refused(post_raw(account, "/crm/contacts", body), 400)
    path = f"/crm/contacts/{create(account)['id']}"
    refused(account.alloy.put(path, content=body, headers={"Content-Type": "application/json"}), 400)
    assert count(account) == 1


def test_a_body_is_read_whatever_its_content_type_says(account: Account) -> None:
    for content_type in ("text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded"):
        answer = account.alloy.post(
            "/crm/contacts", content=as_json({"lastName": "X"}), headers={"Content-Type": content_type}
        )
        success(answer)
    assert count(account) == 3


def test_the_same_idempotency_key_gives_the_same_contact(account: Account) -> None:
    headers = {"Idempotency-Key": "one"}
    first = success(account.alloy.post("/crm/contacts", json={"lastName": "X"}, headers=headers))
    again = success(account.alloy.post("/crm/contacts", json={"lastName": "X"}, headers=headers))
    assert first == again
    assert count(account) == 1
    refused(account.alloy.post("/crm/contacts", json={"lastName": "Y"}, headers=headers), 409)
    assert count(account) == 1


def test_an_error_says_nothing_of_the_inside(account: Account) -> None:
    answer = account.alloy.post("/crm/contacts", params={"credentialId": "' OR 1=1 --"}, json={"lastName": "X"})
    message = refused(answer, 400)["message"].lower()
    for word in ("sql", "select", "traceback", ".py", account.key.lower()):
        assert word not in message
