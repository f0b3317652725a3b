"""Octopush: making, deleting and emptying contact lists."""

import json

import pytest

from tests.dialects.octopush.calls import (
    ANN,
    BOB,
    assert_no_content,
    by_number,
    created,
    delete,
    lists,
    numbers,
    only,
    refusal,
    snapshot,
    stored,
)
from tests.harness import Account, statement


@statement("OC-65")
def test_creating_a_list_makes_an_empty_one(account: Account) -> None:
    answer = account.octopush.post("/contact-list/create", json={"list_name": " spring "})
    assert (answer.status_code, answer.json()) == (201, {"list_name": "spring"})
    assert lists(account) == {"spring": 0}
    created(account, {"phone_number": ANN}, list_name="spring")
    assert lists(account) == {"spring": 1}


@statement("OC-66")
def test_the_same_name_again_is_refused(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="spring")
    before = snapshot(account)
    assert refusal(account.octopush.post("/contact-list/create", json={"list_name": "spring"})) == (400, 302)
    assert snapshot(account) == before
    assert account.octopush.post("/contact-list/create", json={"list_name": "Spring"}).status_code == 201
    assert lists(account) == {"spring": 1, "Spring": 0}


@statement("OC-67")
def test_a_deleted_list_is_gone_and_its_contacts_stay(account: Account) -> None:
    created(account, {"phone_number": ANN, "first_name": "Ann"}, list_names=["spring", "club"])
    assert_no_content(delete(account, "/contact-list/delete", {"list_name": "spring"}))
    assert lists(account) == {"club": 1}
    assert only(account)["name"]["given"] == "Ann"
    assert only(account)["lists"] == ["club"]


@statement("OC-68")
def test_a_list_that_is_not_there_is_not_found(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="club")
    before = snapshot(account)
    assert refusal(delete(account, "/contact-list/delete", {"list_name": "Club"})) == (404, 303)
    body = {"list_name": "nowhere", "delete_contacts": True}
    assert refusal(account.octopush.post("/contact-list/empty", json=body)) == (404, 303)
    assert refusal(delete(account, "/contact/delete", {"phone_numbers": [ANN], "list_name": "nowhere"})) == (404, 303)
    assert snapshot(account) == before


@statement("OC-69")
@pytest.mark.parametrize("options", [{}, {"delete_contacts": False}, {"delete_contacts": "maybe"}], ids=str)
def test_an_emptied_list_stays_and_so_do_its_contacts(account: Account, options: dict[str, object]) -> None:
    created(account, {"phone_number": ANN}, {"phone_number": BOB}, list_names=["club", "spring"])
    assert_no_content(account.octopush.post("/contact-list/empty", json={"list_name": "club"} | options))
    assert lists(account) == {"club": 0, "spring": 2}
    assert numbers(account) == [ANN, BOB]


@statement("OC-70")
@pytest.mark.parametrize("yes", [True, "yes"])
def test_emptying_can_delete_the_contacts_too(account: Account, yes: object) -> None:
    created(account, {"phone_number": ANN}, list_names=["club", "spring"])
    created(account, {"phone_number": BOB}, list_name="spring")
    body = {"list_name": "club", "delete_contacts": yes}
    assert_no_content(account.octopush.post("/contact-list/empty", json=body))
    assert lists(account) == {"club": 0, "spring": 1}
    assert numbers(account) == [BOB]
    assert by_number(account, BOB)["lists"] == ["spring"]


@statement("OC-71")
def test_delete_calls_read_a_json_body(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="club")
    for path, body in (("/contact/delete", {"phone_numbers": [ANN]}), ("/contact-list/delete", {"list_name": "club"})):
        headers = {"Content-Type": "application/json", "Accept": "application/json", "cache-control": "no-cache"}
        answer = account.octopush.request("DELETE", path, content=json.dumps(body).encode(), headers=headers)
        assert_no_content(answer)
    assert stored(account) == []
    assert lists(account) == {}


@pytest.mark.parametrize(
    "body", [{}, {"list_name": None}, {"list_name": " "}, {"list_name": {}}, {"list_name": []}], ids=str
)
def test_without_a_usable_name_the_list_calls_are_refused(account: Account, body: dict[str, object]) -> None:
    created(account, {"phone_number": ANN}, list_name="club")
    before = snapshot(account)
    assert refusal(account.octopush.post("/contact-list/create", json=body)) == (400, 110)
    assert refusal(account.octopush.post("/contact-list/empty", json=body)) == (400, 110)
    assert refusal(delete(account, "/contact-list/delete", body)) == (400, 110)
    assert snapshot(account) == before


def test_an_unusable_list_name_never_turns_detaching_into_deleting(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="club")
    before = snapshot(account)
    unusable: list[object] = ["", "  ", {}, [], ["club", "spring"]]
    for name in unusable:
        answer = delete(account, "/contact/delete", {"phone_numbers": [ANN], "list_name": name})
        assert refusal(answer) == (400, 110), name
    assert snapshot(account) == before
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN], "list_name": ["club"]}))
    assert lists(account) == {"club": 0}


def test_a_request_may_name_a_hundred_lists_and_no_more(account: Account) -> None:
    names = [f"list {i}" for i in range(101)]
    body = {"contacts": [ANN], "list_names": names}
    assert refusal(account.octopush.post("/contact/create", json=body)) == (400, 305)
    assert (stored(account), lists(account)) == ([], {})
    assert created(account, ANN, list_names=names[:100], tag_names=names[:100]) == 1
    assert len(lists(account)) == 100
