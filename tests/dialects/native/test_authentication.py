"""The native API: who is let in, and how far."""

import time

import pytest

from tests.dialects.native.calls import fetch, find, new_book, ok, person, problem, with_key
from tests.harness import Account, statement

WRONG: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": "Basic YTpi"},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer ob_nobody"},
)


@statement("NA-01")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_taken_in_any_letter_case(account: Account, scheme: str) -> None:
    client = account.client("/api/v1", headers={"Authorization": f"{scheme} {account.key}"})
    assert ok(client.get("/account"))["login"] == account.login


@statement("NA-02")
@pytest.mark.parametrize("headers", WRONG, ids=["none", "basic", "empty", "unknown"])
def test_without_a_known_key_nobody_is_let_in(account: Account, headers: dict[str, str]) -> None:
    answer = account.client("/api/v1", headers=headers).get("/account")
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@statement("NA-03")
def test_a_key_that_is_off_gone_or_expired_opens_nothing(account: Account) -> None:
    soon = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(time.time() - 5))}Z"
    problem(with_key(account, scope="read", expires_at=soon).get("/account"), 401)
    made = ok(account.native.post("/keys", json={"scope": "read"}), 201)
    client = account.client("/api/v1", headers={"Authorization": f"Bearer {made['key']}"})
    assert client.get("/account").status_code == 200
    ok(account.native.patch(f"/keys/{made['id']}", json={"enabled": False}))
    problem(client.get("/account"), 401)
    ok(account.native.patch(f"/keys/{made['id']}", json={"enabled": True}))
    assert client.get("/account").status_code == 200
    assert account.native.delete(f"/keys/{made['id']}").status_code == 204
    problem(client.get("/account"), 401)


@statement("NA-04")
def test_a_key_does_what_its_scope_allows(account: Account) -> None:
    reading, writing = with_key(account, scope="read"), with_key(account, scope="write")
    assert reading.get("/contacts").status_code == 200
    problem(reading.post("/contacts", json={"name": {"full": "Ada"}}), 403)
    assert writing.post("/contacts", json={"name": {"full": "Ada"}}).status_code == 201
    for client in (reading, writing):
        problem(client.get("/keys"), 403)
        problem(client.post("/keys", json={"scope": "read"}), 403)
        problem(client.patch("/account", json={"default_country": "FR"}), 403)
    problem(with_key(account, scope="none").get("/contacts"), 403)


@statement("NA-05")
def test_a_bound_key_sees_and_changes_its_book_only(account: Account) -> None:
    book = new_book(account, "Depot")
    outside, inside = person(account, "Ada Outside"), person(account, "Bea Inside", book=book)
    client = with_key(account, scope="write", book=book)
    assert [c["uid"] for c in ok(client.get("/contacts"))["contacts"]] == [inside["uid"]]
    assert [c["uid"] for c in ok(client.get("/contacts", params={"q": "side"}))["contacts"]] == []
    assert ok(client.get("/contacts", params={"q": "outside"}))["contacts"] == []
    assert [b["number"] for b in ok(client.get("/books"))["books"]] == [book]
    problem(client.get("/contacts", params={"book": outside["book"]}), 403)
    problem(client.get(f"/contacts/{outside['uid']}"), 404)
    problem(client.patch(f"/contacts/{outside['uid']}", json={"notes": "x"}), 404)
    problem(client.delete(f"/contacts/{outside['uid']}"), 404)
    assert ok(client.post("/contacts", json={"name": {"full": "Cleo"}}), 201)["book"] == book
    problem(client.post("/contacts", json={"name": {"full": "Dora"}, "book": outside["book"]}), 403)
    assert fetch(account, outside["uid"]) == outside


@statement("NA-06")
def test_a_bound_key_cannot_reach_beyond_its_book(account: Account) -> None:
    book = new_book(account, "Depot")
    account.native.post("/opt-outs", json={"phone": "+16505550134"})
    number = ok(account.native.post("/lists", json={"name": "club"}), 201)["number"]
    acme = ok(account.native.post("/organizations", json={"name": "Acme"}), 201)["uid"]
    depot = ok(account.native.post("/locations", json={"name": "Depot", "address": {"city": "Rome"}}), 201)["uid"]
    person(account, "Ada", lists=["club"], organization_uid=acme, locations=[depot])
    client = with_key(account, scope="admin", book=book)
    for method, path, body in (
        ("POST", "/books", {"name": "Another"}),
        ("PATCH", f"/lists/{number}", {"name": "other"}),
        ("DELETE", f"/lists/{number}", None),
        ("PATCH", f"/organizations/{acme}", {"name": "Other"}),
        ("DELETE", f"/organizations/{acme}", None),
        ("DELETE", f"/locations/{depot}", None),
        ("GET", "/opt-outs", None),
        ("DELETE", "/opt-outs?phone=%2B16505550134", None),
        ("PATCH", "/account", {"default_country": "FR"}),
        ("GET", "/changes", None),
    ):
        problem(client.request(method, path, json=body), 403)
    assert ok(client.get("/lists"))["lists"][0]["contacts"] == 0


@statement("NA-07")
def test_a_bound_admin_key_handles_keys_of_its_book_only(account: Account) -> None:
    book, other = new_book(account, "Depot"), new_book(account, "Shop")
    client = with_key(account, scope="admin", book=book)
    foreign = ok(account.native.post("/keys", json={"scope": "read", "book": other}), 201)["id"]
    problem(client.post("/keys", json={"scope": "read"}), 403)
    problem(client.post("/keys", json={"scope": "read", "book": other}), 403)
    made = ok(client.post("/keys", json={"scope": "read", "book": book}), 201)
    assert {key["book"] for key in ok(client.get("/keys"))["keys"]} == {book}
    for key in (foreign, *(k["id"] for k in ok(account.native.get("/keys"))["keys"] if k["book"] is None)):
        problem(client.get(f"/keys/{key}"), 404)
        problem(client.patch(f"/keys/{key}", json={"enabled": False}), 404)
        problem(client.delete(f"/keys/{key}"), 404)
    assert client.delete(f"/keys/{made['id']}").status_code == 204
    problem(client.post("/credentials", json={"kind": "local", "book": other}), 403)
    assert ok(client.get("/credentials"))["credentials"] == []


@statement("NA-08")
def test_nothing_crosses_accounts(account: Account, other_account: Account) -> None:
    made = person(account, "Ada", lists=["club"], tags=["vip"], phones=[{"raw": "+16505550134"}])
    account.native.post("/opt-outs", json={"phone": "+16505550134"})
    key = ok(account.native.post("/keys", json={"scope": "read"}), 201)["id"]
    for path in (f"/contacts/{made['uid']}", f"/keys/{key}", f"/credentials/{account.credential_id}"):
        problem(other_account.native.get(path), 404)
        problem(other_account.native.delete(path), 404)
    assert find(other_account) == []
    for path, noun in (("/lists", "lists"), ("/tags", "tags"), ("/opt-outs", "opt_outs")):
        assert ok(other_account.native.get(path))[noun] == []
    answer = other_account.native.post("/contacts", json={"kind": "group", "members": [{"uid": made["uid"]}]})
    assert problem(answer, 400)["issues"][0]["code"] == "unknown_member"
    assert fetch(account, made["uid"]) == {**made, "opt_out": True}
