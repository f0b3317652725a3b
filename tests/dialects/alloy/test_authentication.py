"""Keys and credentials: AL-3 to AL-7, AL-37, AL-43."""

import httpx2
import pytest

from tests.dialects.alloy.calls import OLDER, ONE, UNKNOWN_CREDENTIAL, count, create, keyed, refused, stored, success
from tests.harness import Account, statement


@statement("AL-3")
@pytest.mark.parametrize("word", ["bearer", "Bearer", "BEARER"])
def test_the_word_before_the_key_is_read_in_any_letter_case(account: Account, word: str) -> None:
    client = account.client(ONE, headers={"Authorization": f"{word} {account.key}"})
    query = {"credentialId": account.credential_id}
    success(client.post("/crm/contacts", params=query, json={"lastName": "Okafor"}))
    assert success(client.get("/crm/contacts/count", params=query)) == {"count": 1}


@statement("AL-4")
@pytest.mark.parametrize("scheme", ["", "bearer", "bearer wrong", "basic {key}", "{key}", "bearer {key}x"])
def test_no_key_or_a_wrong_one_is_401(account: Account, scheme: str) -> None:
    headers = {"Authorization": scheme.format(key=account.key)} if scheme else {}
    client = account.client(ONE, headers=headers)
    query = {"credentialId": account.credential_id}
    refused(client.get("/crm/contacts", params=query), 401)
    refused(client.post("/crm/contacts", params=query, json={"lastName": "Okafor"}), 401)
    assert stored(account) == []


@statement("AL-5")
def test_a_crm_call_that_names_no_credential_is_400(account: Account) -> None:
    client = keyed(account)
    refused(client.post("/crm/contacts", json={"lastName": "Okafor"}), 400)
    refused(client.get("/crm/contacts", params={"credentialId": ""}), 400)
    for path in ("/crm/contacts", "/crm/contacts/count", "/crm/accounts", "/crm/accounts/count"):
        refused(client.get(path), 400)
    assert stored(account) == []


@statement("AL-6")
def test_connection_id_does_what_credential_id_does(account: Account) -> None:
    client, query = keyed(account), {"connectionId": account.credential_id}
    made = success(client.post("/crm/contacts", params=query, json={"lastName": "Okafor"}))["contact"]
    path = f"/crm/contacts/{made['id']}"
    assert success(client.get(path, params=query))["contact"]["lastName"] == "Okafor"
    assert success(client.put(path, params=query, json={"firstName": "Ada"}))["contact"]["firstName"] == "Ada"
    assert success(client.patch(path, params=query, json={"firstName": "Bea"}))["contact"]["firstName"] == "Bea"
    assert len(success(client.get("/crm/contacts", params=query))["contacts"]) == 1
    assert success(client.get("/crm/contacts/count", params=query)) == {"count": 1}
    assert success(client.delete(path, params=query)) == {"success": True}
    tied = success(client.post("/crm/accounts", params=query, json={"accountName": "Quay"}))["account"]
    assert success(client.get(f"/crm/accounts/{tied['id']}", params=query))["account"]["accountName"] == "Quay"


def test_with_both_names_credential_id_counts(account: Account) -> None:
    client = keyed(account)
    good, bad = account.credential_id, UNKNOWN_CREDENTIAL
    success(client.get("/crm/contacts", params={"credentialId": good, "connectionId": bad}))
    refused(client.get("/crm/contacts", params={"credentialId": bad, "connectionId": good}), 400)


@statement("AL-7")
@pytest.mark.parametrize("credential", [UNKNOWN_CREDENTIAL, "x", "0", "'", "\x00", "é" * 300])
def test_an_unknown_credential_is_400(account: Account, credential: str) -> None:
    for name in ("credentialId", "connectionId"):
        query = {name: credential}
        refused(keyed(account).get("/crm/contacts", params=query), 400)
        refused(keyed(account).post("/crm/contacts", params=query, json={"lastName": "Okafor"}), 400)
    assert stored(account) == []


def _on_another_book(account: Account) -> dict[str, str]:
    """The query of a new credential that looks at a book of its own."""
    book = account.native.post("/books", json={"name": "Second"}).json()["number"]
    made = account.native.post("/credentials", json={"kind": "local", "book": book})
    assert made.status_code == 201
    return {"credentialId": made.json()["id"]}


@statement("AL-37")
def test_credentials_on_two_books_see_nothing_of_each_other(account: Account) -> None:
    second = _on_another_book(account)
    here = create(account, lastName="Here")
    there = success(account.alloy.post("/crm/contacts", params=second, json={"lastName": "There"}))["contact"]
    for query, own, foreign in (({}, here, there), (second, there, here)):
        page = success(account.alloy.get("/crm/contacts", params=query))
        assert [contact["id"] for contact in page["contacts"]] == [own["id"]]
        assert success(account.alloy.get("/crm/contacts/count", params=query)) == {"count": 1}
        path = f"/crm/contacts/{foreign['id']}"
        refused(account.alloy.get(path, params=query), 404)
        refused(account.alloy.put(path, params=query, json={"firstName": "Eve"}), 404)
        refused(account.alloy.delete(path, params=query), 404)
    assert [contact["name"]["given"] for contact in stored(account)] == [None, None]


def test_a_credential_of_another_account_is_an_unknown_one(account: Account, other_account: Account) -> None:
    create(account)
    query = {"credentialId": account.credential_id}
    refused(keyed(other_account).get("/crm/contacts", params=query), 400)
    refused(keyed(other_account).post("/crm/contacts", params=query, json={"lastName": "Eve"}), 400)
    assert count(account) == 1


def test_a_contact_of_another_account_is_unknown(account: Account, other_account: Account) -> None:
    path = f"/crm/contacts/{create(account)['id']}"
    refused(other_account.alloy.get(path), 404)
    refused(other_account.alloy.put(path, json={"lastName": "Eve"}), 404)
    refused(other_account.alloy.delete(path), 404)
    assert count(account) == 1


def test_a_key_bound_to_a_book_may_not_use_a_credential_on_another(account: Account) -> None:
    second = _on_another_book(account)
    books = {book["name"]: book["number"] for book in account.native.get("/books").json()["books"]}
    key = account.native.post("/keys", json={"scope": "write", "book": books["Second"]}).json()["key"]
    client = account.client(ONE, headers={"Authorization": f"bearer {key}"})
    success(client.get("/crm/contacts", params=second))
    refused(client.get("/crm/contacts", params={"credentialId": account.credential_id}), 403)


def test_a_key_that_may_only_read_changes_nothing(account: Account) -> None:
    made = create(account)
    key = account.native.post("/keys", json={"scope": "read"}).json()["key"]
    client = account.client(ONE, headers={"Authorization": f"bearer {key}"})
    query, path = {"credentialId": account.credential_id}, f"/crm/contacts/{made['id']}"
    success(client.get(path, params=query))
    refused(client.post("/crm/contacts", params=query, json={"lastName": "Eve"}), 403)
    refused(client.put(path, params=query, json={"lastName": "Eve"}), 403)
    refused(client.delete(path, params=query), 403)
    assert [contact["name"]["family"] for contact in stored(account)] == ["Okafor"]


def _older(account: Account) -> tuple[httpx2.Client, dict[str, str]]:
    return keyed(account, OLDER), {"connectionId": account.credential_id}


@statement("AL-43")
def test_the_contact_routes_answer_under_the_older_path(account: Account) -> None:
    client, query = _older(account)
    made = success(client.post("/crm/contacts", params=query, json={"lastName": "Okafor"}))["contact"]
    path = f"/crm/contacts/{made['id']}"
    assert success(client.get(path, params=query))["contact"] == made
    assert success(client.get("/crm/contacts", params=query))["contacts"] == [made]
    assert success(client.get("/crm/contacts/count", params=query)) == {"count": 1}
    assert success(client.put(path, params=query, json={"firstName": "Ada"}))["contact"]["firstName"] == "Ada"
    assert success(client.delete(path, params=query)) == {"success": True}
    assert success(client.get("/crm/contacts/count", params=query)) == {"count": 0}


def test_the_older_path_takes_the_newer_name_of_the_credential(account: Account) -> None:
    client, _ = _older(account)
    query = {"credentialId": account.credential_id}
    made = success(client.post("/crm/contacts", params=query, json={"lastName": "Okafor"}))["contact"]
    assert made["createdTimestamp"] == made["remoteCreatedAt"]
