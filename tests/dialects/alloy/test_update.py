"""Changing contacts: AL-17 to AL-19, AL-45."""

import time
from typing import Any

import pytest

from tests.dialects.alloy.calls import change, create, named_fields, read, refused, success
from tests.harness import Account, statement

ADDRESSES = [{"addressType": "shipping", "street1": "1 Pier Rd", "country": "IE"}]
LISTS = {
    "addresses": [{"city": "Cork"}, {"city": "Galway"}],
    "emailAddresses": [
        {"emailAddressType": "main", "emailAddress": "a@example.com"},
        {"emailAddress": "b@example.com"},
    ],
    "phoneNumbers": [{"phoneNumberType": "main", "phoneNumber": "+353915550134"}, {"phoneNumber": "+353915550135"}],
}


@statement("AL-17")
def test_put_changes_only_what_it_names(account: Account) -> None:
    made = create(account, firstName="Ada", account="Quay", remoteFields={"a": 1}, **LISTS)
    changed = change(account, made["id"], addresses=ADDRESSES)
    moved = {"addresses", "updatedAt", "remoteUpdatedAt"}
    assert changed["addresses"] == ADDRESSES
    assert {name: changed[name] for name in set(made) - moved} == {name: made[name] for name in set(made) - moved}
    assert read(account, made["id"]) == changed


@statement("AL-18")
def test_patch_does_what_put_does(account: Account) -> None:
    made = create(account, firstName="Ada", **LISTS)
    answer = account.alloy.patch(f"/crm/contacts/{made['id']}", json={"addresses": ADDRESSES, "lastName": "King"})
    changed = success(answer)["contact"]
    assert (changed["firstName"], changed["lastName"], changed["addresses"]) == ("Ada", "King", ADDRESSES)
    assert changed["phoneNumbers"] == LISTS["phoneNumbers"]
    assert read(account, made["id"]) == changed
    refused(account.alloy.patch(f"/crm/contacts/{made['id']}", json={"lastName": ""}), 400)


@statement("AL-19")
@pytest.mark.parametrize(
    ("field", "entries"),
    [
        ("addresses", [{"city": "Cork"}]),
        ("addresses", []),
        ("addresses", None),
        ("emailAddresses", [{"emailAddress": "b@example.com"}, {"emailAddress": "c@example.com"}]),
        ("emailAddresses", []),
        ("emailAddresses", None),
        ("phoneNumbers", [{"phoneNumber": "+353915550136", "phoneNumberType": "other"}]),
        ("phoneNumbers", []),
        ("phoneNumbers", None),
    ],
)
def test_a_list_takes_the_place_of_the_whole_list(account: Account, field: str, entries: list[Any] | None) -> None:
    made = create(account, **LISTS)
    change(account, made["id"], **{field: entries})
    after = read(account, made["id"])
    assert after[field] == (entries or [])
    for other in set(LISTS) - {field}:
        assert after[other] == LISTS[other]


def test_a_replaced_list_keeps_what_others_stored_about_equal_entries(account: Account) -> None:
    account.native.patch("/account", json={"default_country": "IE"})
    kept = account.native.post(
        "/contacts", json={"name": {"full": "Ada Okafor"}, "phones": [{"raw": "091 555 134"}]}
    ).json()
    account.native.patch("/account", json={"default_country": None})
    change(account, kept["uid"], phoneNumbers=[{"phoneNumber": "+353915550135"}, {"phoneNumber": "091 555 134"}])
    phones = account.native.get(f"/contacts/{kept['uid']}").json()["phones"]
    assert [phone["e164"] for phone in phones] == ["+353915550135", "+35391555134"]
    assert [phone["primary"] for phone in phones] == [False, True]


def test_an_address_that_is_sent_back_keeps_what_is_not_shown_here(account: Account) -> None:
    address = {"line1": "12 Quay St", "city": "Galway", "country_code": "IE", "country": "Eire", "type": "home"}
    kept = account.native.post("/contacts", json={"name": {"full": "Ada"}, "addresses": [address]}).json()
    shown = read(account, kept["uid"])["addresses"]
    change(account, kept["uid"], addresses=[{"city": "Cork"}, *shown])
    after = account.native.get(f"/contacts/{kept['uid']}").json()["addresses"]
    assert after[1] == kept["addresses"][0]
    assert [one["city"] for one in read(account, kept["uid"])["addresses"]] == ["Cork", "Galway"]


@statement("AL-45")
def test_changing_a_part_builds_the_full_name_again(account: Account) -> None:
    kept = account.native.post("/contacts", json={"name": {"full": "Ada  King"}}).json()
    assert kept["name"]["full"] == "Ada  King"
    change(account, kept["uid"], lastName="Lovelace")
    name = account.native.get(f"/contacts/{kept['uid']}").json()["name"]
    assert name == {"full": "Ada Lovelace", "given": "Ada", "family": "Lovelace"}
    change(account, kept["uid"], firstName="Augusta Ada")
    name = account.native.get(f"/contacts/{kept['uid']}").json()["name"]
    assert name == {"full": "Augusta Ada Lovelace", "given": "Augusta Ada", "family": "Lovelace"}
    single = account.native.post("/contacts", json={"name": {"full": "Cher"}}).json()
    shown = read(account, single["uid"])
    assert (shown["firstName"], shown["lastName"]) == ("Cher", None)


def test_a_single_name_from_here_is_a_last_name(account: Account) -> None:
    made = create(account, lastName="Cher")
    assert (made["firstName"], made["lastName"]) == (None, "Cher")
    assert account.native.get(f"/contacts/{made['id']}").json()["name"]["full"] == "Cher"


@pytest.mark.parametrize("gone", ["", None, "  "])
def test_a_first_name_can_be_cleared_and_a_last_name_cannot(account: Account, gone: str | None) -> None:
    made = create(account, firstName="Ada")
    answer = account.alloy.put(f"/crm/contacts/{made['id']}", json={"lastName": gone, "firstName": "Eve"})
    assert named_fields(refused(answer, 400)) == ["lastName"]
    assert read(account, made["id"]) == made
    assert change(account, made["id"], firstName=gone)["firstName"] is None
    assert account.native.get(f"/contacts/{made['id']}").json()["name"]["full"] == "Okafor"


def test_remote_fields_are_laid_over_each_other(account: Account) -> None:
    made = create(account, remoteFields={"a": 1, "b": {"x": 1}, "c": "stays"})
    changed = change(account, made["id"], remoteFields={"a": None, "b": {"y": 2}, "d": [3]})
    assert changed["remoteFields"] == {"b": {"y": 2}, "c": "stays", "d": [3]}
    assert change(account, made["id"], remoteFields=None)["remoteFields"] == changed["remoteFields"]
    assert change(account, made["id"], remoteFields={})["remoteFields"] == changed["remoteFields"]
    last = change(account, made["id"], remoteFields={"b": None, "c": None, "d": None, "never": None})
    assert "remoteFields" not in last


@pytest.mark.parametrize("fields", [{}, {"lastName": "Okafor"}, {"unknown": 1}])
def test_the_times_of_change_move_and_the_times_of_making_do_not(account: Account, fields: dict[str, Any]) -> None:
    made = create(account)
    time.sleep(0.005)
    changed = change(account, made["id"], **fields)
    assert changed["updatedAt"] == changed["remoteUpdatedAt"] > made["updatedAt"]
    assert changed["createdAt"] == changed["remoteCreatedAt"] == made["createdAt"]
    assert (changed["id"], changed["remoteId"]) == (made["id"], made["remoteId"])


def test_a_refused_change_changes_nothing(account: Account) -> None:
    made = create(account, firstName="Ada", remoteFields={"a": 1}, **LISTS)
    body = {"firstName": "Eve", "remoteFields": {"a": 2}, "phoneNumbers": [{"phoneNumber": 5}], "addresses": "none"}
    refusal = refused(account.alloy.put(f"/crm/contacts/{made['id']}", json=body), 400)
    assert set(named_fields(refusal)) == {"phoneNumbers[0].phoneNumber", "addresses"}
    assert read(account, made["id"]) == made
