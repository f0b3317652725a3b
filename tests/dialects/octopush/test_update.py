"""Octopush: sending a number that is there already."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.dialects.octopush.calls import (
    ANN,
    BOB,
    assert_no_content,
    by_number,
    create,
    created,
    delete,
    lists,
    number_of,
    only,
    stored,
    tags,
)
from tests.harness import Account, statement

FULL = {
    "phone_number": ANN,
    "first_name": "Ann",
    "last_name": "Moor",
    "param1": "one",
    "param2": "two",
    "email": "ann@example.org",
}
OTHER = {
    "phone_number": ANN,
    "first_name": "Zoe",
    "last_name": None,
    "param1": "",
    "param3": "three",
    "email": "zoe@example.org",
}


def data_of(contact: dict[str, Any]) -> dict[str, Any]:
    """What a contact says, without lists, tags, version and times."""
    return {key: contact[key] for key in ("number", "uid", "name", "phones", "emails", "custom", "notes", "kind")}


@statement("OC-18")
def test_a_known_number_with_a_new_first_name_changes_the_one_contact(account: Account) -> None:
    created(account, FULL)
    uid = only(account)["uid"]
    assert created(account, {"phone_number": ANN, "first_name": "Zoe"}) == 1
    contact = only(account)
    assert contact["uid"] == uid
    assert contact["name"] == {"full": "Zoe Moor", "given": "Zoe", "family": "Moor"}


@statement("OC-19")
def test_what_is_not_sent_stays_and_null_clears(account: Account) -> None:
    created(account, FULL)
    created(account, {"phone_number": ANN, "first_name": "Zoe"})
    contact = only(account)
    assert contact["name"]["family"] == "Moor"
    assert contact["custom"] == {"param1": "one", "param2": "two"}
    assert contact["emails"][0]["address"] == "ann@example.org"
    created(account, {"phone_number": ANN, "last_name": None, "param1": None, "param2": "", "email": None})
    contact = only(account)
    assert contact["name"] == {"full": "Zoe", "given": "Zoe", "family": None}
    assert contact["custom"] == {}
    assert contact["emails"] == []


@statement("OC-20")
def test_do_not_overwrite_keeps_a_known_contact_as_it_is(account: Account) -> None:
    created(account, FULL)
    before = only(account)
    assert created(account, OTHER, do_not_overwrite=True) == 1
    assert only(account) == before


@statement("OC-21")
def test_do_not_overwrite_stores_an_unknown_number(account: Account) -> None:
    assert created(account, FULL, do_not_overwrite=True) == 1
    assert only(account)["name"]["full"] == "Ann Moor"


@statement("OC-22")
def test_do_not_overwrite_still_puts_on_lists(account: Account) -> None:
    created(account, FULL)
    before = data_of(only(account))
    created(account, OTHER, do_not_overwrite=True, list_name="club", tag_name="vip")
    contact = only(account)
    assert data_of(contact) == before
    assert (contact["lists"], contact["tags"]) == (["club"], ["vip"])


@statement("OC-23")
@pytest.mark.parametrize("options", [{}, {"do_not_overwrite": False}], ids=str)
def test_without_do_not_overwrite_a_known_contact_is_overwritten(account: Account, options: dict[str, bool]) -> None:
    created(account, FULL)
    created(account, OTHER, **options)
    contact = only(account)
    assert contact["name"] == {"full": "Zoe", "given": "Zoe", "family": None}
    assert contact["custom"] == {"param2": "two", "param3": "three"}
    assert [email["address"] for email in contact["emails"]] == ["zoe@example.org"]


@statement("OC-24")
def test_un_list_alone_takes_the_contact_off_all_lists(account: Account) -> None:
    created(account, FULL, list_names=["club", "spring"])
    assert created(account, {"phone_number": ANN}, un_list=True) == 1
    assert only(account)["lists"] == []
    assert lists(account) == {"club": 0, "spring": 0}


@statement("OC-25")
def test_un_list_with_names_leaves_the_contact_on_exactly_these(account: Account) -> None:
    created(account, FULL, list_names=["club", "spring"])
    created(account, {"phone_number": ANN}, un_list=True, list_names=["spring", "autumn"])
    assert sorted(only(account)["lists"]) == ["autumn", "spring"]
    assert lists(account) == {"club": 0, "spring": 1, "autumn": 1}


@statement("OC-26")
def test_un_tag_works_on_tags_and_leaves_lists_alone(account: Account) -> None:
    created(account, FULL, list_name="club", tag_names=["vip", "gold"])
    created(account, {"phone_number": ANN}, un_tag=True, tag_name="new")
    assert (only(account)["lists"], only(account)["tags"]) == (["club"], ["new"])
    created(account, {"phone_number": ANN}, un_list=True)
    assert (only(account)["lists"], only(account)["tags"]) == ([], ["new"])
    created(account, {"phone_number": ANN}, un_tag=True)
    assert only(account)["tags"] == []
    assert tags(account) == {"vip": 0, "gold": 0, "new": 0}


@statement("OC-27")
def test_un_list_moves_only_the_contacts_of_its_request(account: Account) -> None:
    created(account, {"phone_number": ANN}, {"phone_number": BOB}, list_name="club", tag_name="vip")
    created(account, {"phone_number": ANN}, un_list=True, un_tag=True)
    assert (by_number(account, ANN)["lists"], by_number(account, ANN)["tags"]) == ([], [])
    assert (by_number(account, BOB)["lists"], by_number(account, BOB)["tags"]) == (["club"], ["vip"])
    assert (lists(account), tags(account)) == ({"club": 1}, {"vip": 1})


@statement("OC-28")
@pytest.mark.parametrize("options", [{}, {"un_list": False, "un_tag": False}], ids=str)
def test_new_lists_and_tags_come_on_top_of_the_old(account: Account, options: dict[str, bool]) -> None:
    created(account, FULL, list_name="club", tag_name="vip")
    created(account, {"phone_number": ANN}, list_name="spring", tag_name="gold", **options)
    assert sorted(only(account)["lists"]) == ["club", "spring"]
    assert sorted(only(account)["tags"]) == ["gold", "vip"]


def twins(account: Account) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two contacts with the same primary number and the same list and tag, oldest first."""
    for given in ("Old", "Young"):
        body = {
            "name": {"full": given},
            "phones": [{"raw": ANN, "primary": True}],
            "lists": ["club"],
            "tags": ["vip"],
        }
        assert account.native.post("/contacts", json=body).status_code == 201
    old, young = stored(account)
    return old, young


def check_the_oldest_gets_data_lists_and_tags(account: Account) -> None:
    """Of several contacts with the number, only the oldest is written."""
    _, young = twins(account)
    assert created(account, {"phone_number": ANN, "first_name": "New"}, list_name="spring", tag_name="gold") == 1
    old, same = stored(account)
    assert old["name"]["given"] == "New"
    assert (sorted(old["lists"]), sorted(old["tags"])) == (["club", "spring"], ["gold", "vip"])
    assert same == young


def check_un_list_and_un_tag_act_on_all(account: Account) -> None:
    """Of several contacts with the number, all leave their lists and tags; the oldest joins the new one."""
    twins(account)
    created(account, {"phone_number": ANN}, un_list=True, un_tag=True, list_name="spring")
    old, young = stored(account)
    assert (old["lists"], old["tags"]) == (["spring"], [])
    assert (young["lists"], young["tags"]) == ([], [])


def check_detaching_acts_on_all(account: Account) -> None:
    """Of several contacts with the number, all leave the list."""
    twins(account)
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN], "list_name": "club"}))
    assert [contact["lists"] for contact in stored(account)] == [[], []]


def check_deleting_acts_on_all(account: Account) -> None:
    """Of several contacts with the number, all are deleted."""
    twins(account)
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN]}))
    assert stored(account) == []


def check_a_secondary_number_never_matches(account: Account) -> None:
    """A contact is neither written, moved nor deleted by a number that is its second one."""
    phones = [{"raw": BOB, "primary": True}, {"raw": ANN}]
    account.native.post("/contacts", json={"name": {"full": "Bob"}, "phones": phones, "lists": ["club"]})
    before = only(account)
    created(account, {"phone_number": ANN, "first_name": "Ann"}, un_list=True)
    assert [number_of(contact) for contact in stored(account)] == [BOB, ANN]
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN], "list_name": "club"}))
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN]}))
    assert only(account) == before


def check_equal_creates_at_once_make_one_contact(account: Account) -> None:
    """Sixteen equal creates at the same moment are one create and fifteen overwritings."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: create(account, FULL, list_name="club"), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert only(account)["name"]["full"] == "Ann Moor"
    assert lists(account) == {"club": 1}


@statement("OC-52")
@pytest.mark.parametrize(
    "check",
    [
        check_the_oldest_gets_data_lists_and_tags,
        check_un_list_and_un_tag_act_on_all,
        check_detaching_acts_on_all,
        check_deleting_acts_on_all,
        check_a_secondary_number_never_matches,
        check_equal_creates_at_once_make_one_contact,
    ],
    ids=lambda check: check.__name__,
)
def test_the_contact_of_a_number_has_it_as_its_primary_one(account: Account, check: Callable[[Account], None]) -> None:
    check(account)


def test_a_group_is_never_the_contact_of_a_number(account: Account) -> None:
    body = {"kind": "group", "name": {"full": "Team"}, "phones": [{"raw": ANN}], "lists": ["club"]}
    assert account.native.post("/contacts", json=body).status_code == 201
    before = only(account)
    created(account, {"phone_number": ANN, "first_name": "Ann"}, un_list=True)
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN]}))
    assert only(account) == before
    answer = account.octopush.post("/contact-list/empty", json={"list_name": "club", "delete_contacts": True})
    assert_no_content(answer)
    assert only(account)["kind"] == "group"
    assert lists(account) == {"club": 0}


def test_what_other_dialects_stored_stays(account: Account) -> None:
    body = {
        "name": {"full": "Ann Moor"},
        "phones": [{"raw": ANN, "type": "work", "primary": True}, {"raw": BOB, "type": "home"}],
        "emails": [{"address": "a@example.org", "type": "work"}, {"address": "b@example.org", "type": "home"}],
        "custom": {"param1": "one", "colour": "red", "size": {"shoe": 42}},
    }
    account.native.post("/contacts", json=body)
    before = only(account)
    created(account, {"phone_number": ANN, "param1": "two", "email": "c@example.org"})
    contact = only(account)
    assert contact["phones"] == before["phones"]
    assert [(email["address"], email["type"]) for email in contact["emails"]] == [
        ("c@example.org", "work"),
        ("b@example.org", "home"),
    ]
    assert contact["custom"] == {"param1": "two", "colour": "red", "size": {"shoe": 42}}
    created(account, {"phone_number": ANN, "email": None})
    assert [(email["address"], email["primary"]) for email in only(account)["emails"]] == [("b@example.org", True)]


def test_an_unusable_email_does_not_clear_the_stored_one(account: Account) -> None:
    created(account, FULL)
    created(account, {"phone_number": ANN, "email": "@@", "param5": "five"})
    contact = only(account)
    assert [email["address"] for email in contact["emails"]] == ["ann@example.org"]
    assert contact["custom"]["param5"] == "five"
