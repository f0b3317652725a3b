"""The native API: organizations, locations, the account, keys, credentials, the log."""

from typing import Any

import pytest

from tests.dialects.native.calls import PHONE, fetch, log, new_book, ok, patch, person, problem
from tests.harness import Account, statement


@statement("NA-50")
def test_contacts_follow_their_organization(account: Account) -> None:
    made = ok(account.native.post("/organizations", json={"name": "Acme", "fields": {"size": 3}}), 201)
    path = f"/organizations/{made['uid']}"
    ada = person(account, "Ada", organization_uid=made["uid"])
    assert ok(account.native.get("/organizations"))["organizations"] == [made]
    changed = ok(account.native.patch(path, json={"name": "Acme & Co"}))
    assert (changed["name"], changed["fields"]) == ("Acme & Co", {"size": 3})
    assert fetch(account, ada["uid"])["organization"] == "Acme & Co"
    assert ok(account.native.patch(path, json={"fields": {"a": [1]}}))["fields"] == {"a": [1]}
    assert account.native.delete(path).status_code == 204
    problem(account.native.get(path), 404)
    after = fetch(account, ada["uid"])
    assert (after["organization"], after["organization_uid"]) == ("Acme & Co", None)


@statement("NA-51")
def test_contacts_leave_a_deleted_location(account: Account) -> None:
    address = {"line1": "1 Main St", "city": "Springfield"}
    hq, depot = (
        ok(account.native.post("/locations", json={"name": name, "address": address}), 201) for name in ("HQ", "Depot")
    )
    assert (hq["address"]["city"], hq["address"]["formatted"]) == ("Springfield", "1 Main St, Springfield")
    assert ok(account.native.get("/locations"))["locations"] == [hq, depot]
    ada = person(account, "Ada", locations=[hq["uid"], depot["uid"]], addresses=[address])
    assert account.native.delete(f"/locations/{hq['uid']}").status_code == 204
    problem(account.native.get(f"/locations/{hq['uid']}"), 404)
    after = fetch(account, ada["uid"])
    assert (after["locations"], after["addresses"]) == ([depot["uid"]], ada["addresses"])
    assert patch(account, ada["uid"], locations=[])["locations"] == []


@statement("NA-52")
def test_the_default_country_is_a_country_or_none(account: Account) -> None:
    before = ok(account.native.get("/account"))
    assert (before["login"], before["default_country"]) == (account.login, None)
    assert ok(account.native.patch("/account", json={"default_country": "FR"})) == {**before, "default_country": "FR"}
    for wrong in ("fr", "FRA", "France", "ZZ", "", 1, "\u00c5\u00c5"):
        problem(account.native.patch("/account", json={"default_country": wrong}), 400)
    assert ok(account.native.patch("/account", json={})) == {**before, "default_country": "FR"}
    assert (
        ok(account.native.patch("/account", json={"default_country": None}))
        == before
        == ok(account.native.get("/account"))
    )


@statement("NA-53")
def test_a_keys_secret_is_shown_once(account: Account) -> None:
    body, headers = {"scope": "read", "expires_at": "2999-01-01T00:00:00Z"}, {"Idempotency-Key": "key"}
    made = ok(account.native.post("/keys", json=body, headers=headers), 201)
    assert (made["login"], made["scope"], made["book"], made["enabled"]) == (account.login, "read", None, True)
    assert made["expires_at"] == "2999-01-01T00:00:00.000Z"
    assert (
        account.client("/api/v1", headers={"Authorization": f"Bearer {made['key']}"}).get("/books").status_code == 200
    )
    assert made["key"] not in account.native.get("/keys").text
    assert set(ok(account.native.get(f"/keys/{made['id']}"))) == set(made) - {"login", "key"}
    assert ok(account.native.post("/keys", json=body, headers=headers), 201) == {**made, "key": None}


@statement("NA-54")
def test_a_local_credential_opens_its_book_to_alloy(account: Account) -> None:
    book = new_book(account, "Shop")
    person(account, "Ada Byron", book=book)
    person(account, "Bea Elsewhere")
    made = ok(account.native.post("/credentials", json={"kind": "local", "book": book, "fields": {"for": "shop"}}), 201)
    assert (made["kind"], made["book"], made["fields"]) == ("local", book, {"for": "shop"})
    shown = ok(account.alloy.get("/crm/contacts", params={"credentialId": made["id"]}))
    assert [contact["lastName"] for contact in shown["contacts"]] == ["Byron"]
    listed = ok(account.native.get("/credentials"))["credentials"]
    assert sorted(one["id"] for one in listed) == sorted([made["id"], account.credential_id])
    assert account.native.delete(f"/credentials/{made['id']}").status_code == 204
    problem(account.native.get(f"/credentials/{made['id']}"), 404)
    assert account.alloy.get("/crm/contacts", params={"credentialId": made["id"]}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "hubspot", "book": 1},
        {"kind": "local"},
        {"kind": "local", "book": "1"},
        {"kind": "local", "book": 1, "x": 1},
    ],
)
def test_a_credential_names_what_it_connects(account: Account, body: dict[str, Any]) -> None:
    problem(account.native.post("/credentials", json=body), 400)


@pytest.mark.parametrize(
    "body",
    [{}, {"scope": "root"}, {"scope": "read", "expires_at": "soon"}, {"scope": "read", "book": 0}, {"scope": None}],
)
def test_a_key_needs_a_known_scope_book_and_time(account: Account, body: dict[str, Any]) -> None:
    problem(account.native.post("/keys", json=body), 400)


def journey(account: Account) -> dict[str, Any]:
    """A few writes of each kind; the contact that they end with."""
    ada = person(account, "Ada", lists=["club"])
    body = [{"phone_number": f"+1650555013{number}", "first_name": f"P{number}"} for number in range(4)]
    assert account.octopush.post("/contact/create", json={"contacts": body}).status_code == 201
    ada = patch(account, ada["uid"], notes="x")
    ok(account.native.post("/opt-outs", json={"phone": PHONE}), 201)
    bea = person(account, "Bea")
    account.native.delete(f"/contacts/{bea['uid']}")
    return ada


@statement("NA-55")
def test_the_log_tells_every_write_in_order(account: Account) -> None:
    start = ok(account.native.get("/changes"))["cursor"]
    assert ok(account.native.get("/changes", params={"since": start}))["changes"] == []
    ada = journey(account)
    page = ok(account.native.get("/changes", params={"since": start}))
    told = page["changes"]
    contacts = [c for c in told if c["noun"] == "contact"]
    created = [c["number"] for c in contacts if c["verb"] == "created"]
    assert created == sorted(created)
    assert len(created) == 6
    assert {c["dialect"] for c in contacts} == {"native", "octopush"}
    (updated,) = (c for c in contacts if c["verb"] == "updated")
    assert (updated["contact"], updated["before"]["contact"]["version"]) == (ada["uid"], 1)
    deleted = contacts[-1]
    assert (deleted["verb"], deleted["contact"]) == ("deleted", None)
    assert deleted["before"]["contact"]["card"]["full"] == "Bea"
    assert "opt_out" in {c["noun"] for c in told}
    assert [c["seq"] for c in told] == sorted(c["seq"] for c in told)
    assert ok(account.native.get("/changes", params={"since": page["cursor"]})) == {
        "changes": [],
        "cursor": page["cursor"],
        "more": False,
    }


@statement("NA-56")
def test_any_page_size_gives_the_same_log(account: Account) -> None:
    journey(account)
    whole = log(account)
    assert len(whole) > 10
    assert log(account, limit=1) == log(account, limit=3) == whole


@pytest.mark.parametrize("cursor", ["x", "MS4tMS4w", "MS4xLjEuMQ", "\u00e9", "MS45OTk5OTk5OTk5OTk5OTk5OTk5OTkuMA"])
def test_a_cursor_that_is_not_ours_is_refused(account: Account, cursor: str) -> None:
    problem(account.native.get("/changes", params={"since": cursor}), 400)
