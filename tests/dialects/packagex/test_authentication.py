"""PackageX: who may call."""

import pytest
from httpx2 import Response

from tests.dialects.packagex.calls import create, opened, read, refused, stored, update
from tests.harness import Account, statement

BASE = "/packagex/v1"


def every_endpoint(account: Account, headers: dict[str, str]) -> list[Response]:
    """Call each endpoint once, so that it would succeed with a good key; the deletion comes last."""
    contact = create(account, name="Ada Okafor")["id"]
    place = opened(account.packagex.post("/locations", json={"name": "Depot", "address": "1 Main St"}), 201)["id"]
    caller = account.client(BASE, headers=headers, auth=None)
    return [
        caller.post("/contacts", json={"name": "Bea"}),
        caller.post(f"/contacts/{contact}", json={"notes": "new"}),
        caller.get(f"/contacts/{contact}"),
        caller.get(f"/contact/{contact}"),
        caller.get("/contacts"),
        caller.post("/locations", json={"name": "Yard", "address": "2 Main St"}),
        caller.get("/locations"),
        caller.get(f"/locations/{place}"),
        caller.request("DELETE", f"/contacts/{contact}"),
    ]


@statement("PX-1")
def test_the_vendors_header_opens_every_endpoint(account: Account) -> None:
    answers = every_endpoint(account, {"PX-API-KEY": account.key})
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 201, 200, 200, 200]


@statement("PX-2")
def test_the_common_header_opens_every_endpoint_too(account: Account) -> None:
    answers = every_endpoint(account, {"X-API-KEY": account.key})
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 201, 200, 200, 200]


@statement("PX-3")
@pytest.mark.parametrize(
    "headers",
    [{}, {"PX-API-KEY": "wrong"}, {"X-API-KEY": "wrong"}, {"PX-API-KEY": ""}],
    ids=["none", "wrong", "wrong in the common header", "empty"],
)
def test_without_a_good_key_every_endpoint_is_shut(account: Account, headers: dict[str, str]) -> None:
    for answer in every_endpoint(account, headers):
        refused(answer, 401, code="unauthorized")
    assert stored(account) == ["Ada Okafor"]


def test_the_vendors_header_counts_when_both_are_sent(account: Account) -> None:
    good_second = account.client(BASE, headers={"PX-API-KEY": "wrong", "X-API-KEY": account.key}, auth=None)
    refused(good_second.get("/contacts"), 401)
    good_first = account.client(BASE, headers={"PX-API-KEY": account.key, "X-API-KEY": "wrong"}, auth=None)
    assert opened(good_first.get("/contacts")) == []


def test_a_reading_key_reads_and_may_not_write(account: Account) -> None:
    contact = create(account, name="Ada Okafor")["id"]
    key = account.native.post("/keys", json={"scope": "read"}).json()["key"]
    caller = account.client(BASE, headers={"PX-API-KEY": key}, auth=None)
    assert opened(caller.get(f"/contacts/{contact}"))["name"] == "Ada Okafor"
    refused(caller.post("/contacts", json={"name": "Bea"}), 403, code="forbidden")
    refused(caller.post(f"/contacts/{contact}", json={"name": "Bea"}), 403, code="forbidden")
    refused(caller.request("DELETE", f"/contacts/{contact}"), 403, code="forbidden")
    assert stored(account) == ["Ada Okafor"]


def test_a_key_that_is_switched_off_is_a_wrong_key(account: Account) -> None:
    made = account.native.post("/keys", json={"scope": "write"}).json()
    caller = account.client(BASE, headers={"PX-API-KEY": made["key"]}, auth=None)
    assert opened(caller.get("/contacts")) == []
    account.native.patch(f"/keys/{made['id']}", json={"enabled": False})
    refused(caller.get("/contacts"), 401, code="unauthorized")


def test_a_key_of_one_book_sees_and_fills_only_that_book(account: Account) -> None:
    hidden = create(account, name="Hidden")["id"]
    book = account.native.post("/books", json={"name": "Depot"}).json()["number"]
    key = account.native.post("/keys", json={"scope": "write", "book": book}).json()["key"]
    caller = account.client(BASE, headers={"PX-API-KEY": key}, auth=None)
    shown = opened(caller.post("/contacts", json={"name": "Shown"}), 201)
    assert [contact["id"] for contact in opened(caller.get("/contacts"))] == [shown["id"]]
    refused(caller.get(f"/contacts/{hidden}"), 404, code="not_found")
    native = account.native.get("/contacts", params={"book": book}).json()["contacts"]
    assert [contact["name"]["full"] for contact in native] == ["Shown"]


def test_a_key_of_one_book_does_not_see_members_of_another(account: Account) -> None:
    book = account.native.post("/books", json={"name": "Depot"}).json()["number"]
    key = account.native.post("/keys", json={"scope": "write", "book": book}).json()["key"]
    caller = account.client(BASE, headers={"PX-API-KEY": key}, auth=None)
    shown, group = (
        opened(caller.post("/contacts", json={"name": name, "type": kind}), 201)["id"]
        for name, kind in (("Shown", "person"), ("Crew", "group"))
    )
    hidden = create(account, name="Hidden")["id"]
    body = {"group_contacts": {"children": [hidden]}}
    refused(caller.post(f"/contacts/{group}", json=body), 400, "group_contacts.children")
    update(account, group, group_contacts={"children": [hidden, shown]})
    seen = opened(caller.get(f"/contacts/{group}"))
    assert seen["group_contacts"]["children"] == [shown]
    assert [entry["name"] for entry in seen["referenced_contacts"]] == ["Shown"]
    assert read(account, group)["group_contacts"]["children"] == [hidden, shown]


def test_one_account_never_meets_another(account: Account, other_account: Account) -> None:
    foreign = create(other_account, name="Foreign")["id"]
    refused(account.packagex.get(f"/contacts/{foreign}"), 404, code="not_found")
    refused(account.packagex.post(f"/contacts/{foreign}", json={"name": "Mine"}), 404, code="not_found")
    refused(account.packagex.request("DELETE", f"/contacts/{foreign}"), 404, code="not_found")
    group = {"name": "Crew", "type": "group", "group_contacts": {"children": [foreign]}}
    refused(account.packagex.post("/contacts", json=group), 400, "group_contacts.children")
    assert stored(account) == []
    assert stored(other_account) == ["Foreign"]
