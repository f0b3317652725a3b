"""Who is let in, and what they see."""

import pytest

from tests.dialects.apptoto.calls import (
    BOOK,
    anonymous,
    basic,
    books,
    contact,
    create,
    listed,
    numbers,
    post,
    put,
    refused,
    served,
    stored,
    update,
)
from tests.harness import Account, statement

ENDPOINTS = (
    ("POST", "/contacts"),
    ("PUT", "/contacts"),
    ("GET", "/contacts"),
    ("DELETE", "/contacts"),
    ("GET", "/contact"),
    ("GET", "/address_books"),
)


@statement("AP-01")
def test_valid_basic_credentials_are_let_in(account: Account) -> None:
    client = anonymous(account, basic(account.login, account.key))
    assert client.get("/address_books").status_code == 200
    assert client.get("/contacts").json() == {"contacts": []}


@statement("AP-02")
@pytest.mark.parametrize(("verb", "path"), ENDPOINTS)
def test_without_credentials_every_endpoint_asks_for_basic(account: Account, verb: str, path: str) -> None:
    answer = anonymous(account).request(verb, path)
    refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].lower().startswith("basic")


@pytest.mark.parametrize(
    "header",
    ["Bearer {key}", "Basic", "Basic ?", "Basic {key}", "Basic bm9jb2xvbg==", "Basic gIA6gA==", "Negotiate x"],
)
def test_other_credentials_are_turned_away(account: Account, header: str) -> None:
    client = anonymous(account, {"Authorization": header.format(key=account.key)})
    answer = client.get("/contacts")
    refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].lower().startswith("basic")


def test_the_scheme_may_be_written_in_any_case(account: Account) -> None:
    header = basic(account.login, account.key)["Authorization"].replace("Basic", "bAsIc")
    assert anonymous(account, {"Authorization": header}).get("/contacts").status_code == 200


@statement("AP-03")
def test_a_wrong_key_and_one_switched_off_are_turned_away(account: Account) -> None:
    refused(anonymous(account, basic(account.login, "wrong")).get("/contacts"), 401)
    made = account.native.post("/keys", json={"scope": "write"}).json()
    client = anonymous(account, basic(made["login"], made["key"]))
    assert client.get("/contacts").status_code == 200

    assert account.native.patch(f"/keys/{made['id']}", json={"enabled": False}).status_code == 200
    refused(client.get("/contacts"), 401)
    refused(client.post("/contacts", json={"contacts": [contact()]}), 401)
    assert stored(account) == []

    assert account.native.patch(f"/keys/{made['id']}", json={"enabled": True}).status_code == 200
    assert client.get("/contacts").status_code == 200


def test_a_key_goes_only_with_its_own_login(account: Account, other_account: Account) -> None:
    refused(anonymous(account, basic(other_account.login, account.key)).get("/contacts"), 401)
    refused(anonymous(account, basic("", account.key)).get("/contacts"), 401)


@statement("AP-04")
def test_accounts_are_closed_to_each_other(account: Account, other_account: Account) -> None:
    made = create(account, external_id="P-1", phone="650-555-0134")
    mine = stored(account)

    assert listed(other_account) == []
    assert listed(other_account, id=made["id"]) == listed(other_account, external_id="P-1") == []
    assert listed(other_account, phone_number="650-555-0134") == []
    assert listed(other_account, address_book_id=made["address_book_id"]) == []
    for key in ({"id": made["id"]}, {"external_id": "P-1"}):
        refused(other_account.apptoto.get("/contact", params=key), 404)
        refused(other_account.apptoto.delete("/contacts", params=key), 404)
        refused(other_account.apptoto.request("DELETE", "/contacts", json=key), 404)
    refused(put(other_account, {"id": made["id"], "name": "Taken"}), 404)
    refused(post(other_account, contact(address_book=None, address_book_id=made["address_book_id"])))
    shown = other_account.apptoto.get("/address_books").json()["address_books"]
    assert BOOK not in [book["name"] for book in shown]
    assert stored(other_account) == []

    update(other_account, external_id="P-1", name="Another", address_book=BOOK, add_phone="650-555-0199")
    assert len(stored(other_account)) == 1
    assert stored(account) == mine
    assert numbers(listed(account)[0]) == ["650-555-0134"]


def test_a_reading_key_may_not_write(account: Account) -> None:
    made = account.native.post("/keys", json={"scope": "read"}).json()
    client = anonymous(account, basic(made["login"], made["key"]))
    held = create(account)
    assert served(client.get("/contacts")) == [held]
    refused(client.post("/contacts", json={"contacts": [contact()]}), 403)
    refused(client.put("/contacts", json={"contacts": [{"id": held["id"], "name": "Bo Ek"}]}), 403)
    refused(client.request("DELETE", "/contacts", json={"id": held["id"]}), 403)
    assert listed(account) == [held]


def test_a_key_bound_to_a_book_sees_and_changes_only_that(account: Account) -> None:
    inside, outside = create(account, address_book="In"), create(account, address_book="Out", external_id="x")
    made = account.native.post("/keys", json={"scope": "write", "book": inside["address_book_id"]}).json()
    client = anonymous(account, basic(made["login"], made["key"]))

    assert served(client.get("/contacts")) == [inside]
    assert [book["name"] for book in client.get("/address_books").json()["address_books"]] == ["In"]
    refused(client.get("/contact", params={"id": outside["id"]}), 404)
    refused(client.get("/contact", params={"external_id": "x"}), 404)
    refused(client.delete("/contacts", params={"id": outside["id"]}), 404)
    refused(client.put("/contacts", json={"contacts": [{"id": outside["id"], "name": "Bo Ek"}]}), 404)
    for elsewhere in (
        {"address_book": "Out"},
        {"address_book": "New"},
        {"address_book_id": outside["address_book_id"]},
    ):
        refused(client.post("/contacts", json={"contacts": [elsewhere | {"name": "Bo Ek"}]}), 403)
    assert "New" not in books(account)
    assert listed(account) == [inside, outside]
    assert len(served(client.post("/contacts", json={"contacts": [contact(address_book="In")]}))) == 1
