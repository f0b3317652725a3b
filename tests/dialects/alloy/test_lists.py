"""Listing and counting contacts: AL-21 to AL-29."""

import time
from typing import Any

import pytest

from tests.dialects.alloy.calls import (
    CONTACT_FIELDS,
    change,
    count,
    create,
    create_account,
    first_names,
    keyed,
    listed,
    refused,
    success,
)
from tests.harness import Account, statement

TIMES = ("remoteCreatedAt", "remoteUpdatedAt", "createdAt", "updatedAt")


def _create_many(account: Account, number: int) -> list[str]:
    return [create(account, firstName=f"N{index}")["id"] for index in range(number)]


def _page(account: Account, /, **query: Any) -> dict[str, Any]:
    return dict(success(account.alloy.get("/crm/contacts", params=query)))


@statement("AL-21")
def test_a_list_is_an_array_under_contacts(account: Account) -> None:
    empty = _page(account)
    assert empty == {
        "contacts": [],
        "pageNumber": 1,
        "pageSize": 50,
        "totalCount": 0,
        "pageInfo": {"hasNext": False, "nextCursor": None},
    }
    made = [create(account, firstName="Ada", remoteFields={"a": 1}), create(account, lastName="King")]
    page = _page(account)
    assert page["contacts"] == made
    assert set(page["contacts"][1]) == CONTACT_FIELDS
    assert page["totalCount"] == 2


@statement("AL-22")
def test_a_page_holds_fifty(account: Account) -> None:
    ids = _create_many(account, 60)
    first, second, third = _page(account), _page(account, pageNumber=2), _page(account, pageNumber=3)
    assert [contact["id"] for contact in first["contacts"]] == ids[:50]
    assert [contact["id"] for contact in second["contacts"]] == ids[50:]
    assert third["contacts"] == []
    assert [page["pageNumber"] for page in (first, second, third)] == [1, 2, 3]
    assert [page["totalCount"] for page in (first, second, third)] == [60, 60, 60]
    assert [page["pageInfo"]["hasNext"] for page in (first, second, third)] == [True, False, False]


@statement("AL-23")
def test_a_page_holds_a_hundred_at_most(account: Account) -> None:
    _create_many(account, 101)
    for asked in (100, 101, 10**6):
        page = _page(account, pageSize=asked)
        assert len(page["contacts"]) == 100
        assert page["pageSize"] == 100
        assert page["pageInfo"]["hasNext"] is True
    assert len(listed(account, pageSize=100, pageNumber=2)) == 1
    assert len(listed(account, pageSize=99)) == 99


@pytest.mark.parametrize("name", ["pageSize", "pageNumber"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "1e2", "٣", str(-(10**30)), "\x00"])
def test_a_page_that_cannot_be_is_400(account: Account, name: str, value: str) -> None:
    refused(account.alloy.get("/crm/contacts", params={name: value}), 400)


def test_following_the_cursor_finds_each_contact_once(account: Account) -> None:
    ids = _create_many(account, 7)
    page = _page(account, pageSize=3)
    found = [contact["id"] for contact in page["contacts"]]
    while page["pageInfo"]["hasNext"]:
        page = _page(account, pageSize=3, cursor=page["pageInfo"]["nextCursor"])
        assert page["contacts"]
        found += [contact["id"] for contact in page["contacts"]]
    assert found == ids
    assert page["pageInfo"] == {"hasNext": False, "nextCursor": None}


@pytest.mark.parametrize("cursor", ["x", "%00", "'", "-1", "9" * 40, "eyJhIjoxfQ=="])
def test_a_cursor_that_was_never_given_is_400(account: Account, cursor: str) -> None:
    refused(account.alloy.get("/crm/contacts", params={"cursor": cursor}), 400)


@statement("AL-24")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"firstName": "Ada"}, ["Ada"]),
        ({"firstName": "aDA"}, ["Ada"]),
        ({"firstNameContains": "A"}, ["Ada", "Bea", "Adam"]),
        ({"firstNameContains": "ADA"}, ["Ada", "Adam"]),
        ({"firstNameContains": "%"}, []),
        ({"firstNameContains": "_"}, []),
        ({"firstNameNotEquals": "Ada"}, ["Bea", "Adam", None]),
        ({"lastName": "Okafor"}, ["Ada", "Bea"]),
        ({"lastNameContains": "o"}, ["Ada", "Bea", None]),
        ({"lastNameNotEquals": "Okafor"}, ["Adam", None]),
        ({"account": "Quay Traders"}, ["Ada"]),
        ({"account": "ACCOUNT-ID"}, ["Ada"]),
        ({"account": "Pier"}, ["Bea"]),
        ({"accountContains": "aY tr"}, ["Ada"]),
        ({"accountContains": "ie"}, ["Bea"]),
        ({"accountNotEquals": "Quay Traders"}, ["Bea", "Adam", None]),
        ({"accountNotEquals": "ACCOUNT-ID"}, ["Bea", "Adam", None]),
        ({"accountNotEquals": "Pier"}, ["Ada", "Adam", None]),
        ({"firstName": "", "accountContains": "", "nobodyKnows": "this"}, ["Ada", "Bea", "Adam", None]),
    ],
)
def test_names_and_account_filter(account: Account, query: dict[str, str], found: list[str | None]) -> None:
    tied = create_account(account, "Quay Traders")
    create(account, firstName="Ada", lastName="Okafor", account=tied["id"])
    create(account, firstName="Bea", lastName="Okafor", account="Pier")
    create(account, firstName="Adam", lastName="King")
    create(account, lastName="Lovelace-Byron")
    asked = {name: value.replace("ACCOUNT-ID", tied["id"]) for name, value in query.items()}
    assert first_names(account, **asked) == found
    assert count(account, **asked) == len(found)
    assert _page(account, **asked)["totalCount"] == len(found)


@pytest.mark.parametrize("case", ["é", "É"])
def test_contains_ignores_letter_case_in_all_scripts(account: Account, case: str) -> None:
    create(account, firstName="Zoé")
    create(account, firstName="ZOÉ")
    assert first_names(account, firstNameContains=case) == ["Zoé", "ZOÉ"]


def _three(account: Account) -> list[dict[str, Any]]:
    """Three contacts, each made at a later millisecond than the one before."""
    made = []
    for first_name in ("A", "B", "C"):
        made.append(create(account, firstName=first_name))
        time.sleep(0.005)
    return made


@statement("AL-25")
def test_the_remote_time_of_creation_is_bounded_on_both_sides(account: Account) -> None:
    second = _three(account)[1]["remoteCreatedAt"]
    assert first_names(account, remoteCreatedAtMin=second) == ["B", "C"]
    assert first_names(account, remoteCreatedAtMax=second) == ["A", "B"]
    assert first_names(account, remoteCreatedAtMin=second, remoteCreatedAtMax=second) == ["B"]
    assert first_names(account, remoteCreatedAtMax="2001-01-01") == []
    assert first_names(account, remoteCreatedAtMin="2001-01-01T00:00:00+02:00") == ["A", "B", "C"]


@statement("AL-26")
def test_a_lower_bound_on_the_remote_change_finds_what_changed_since(account: Account) -> None:
    first = _three(account)[0]
    changed = change(account, first["id"], lastName="King")
    assert first_names(account, remoteUpdatedAtMin=changed["remoteUpdatedAt"]) == ["A"]
    assert count(account, remoteUpdatedAtMin=changed["remoteUpdatedAt"]) == 1
    assert first_names(account, remoteUpdatedAtMax=first["remoteUpdatedAt"]) == []


@pytest.mark.parametrize("name", TIMES)
def test_each_time_has_both_bounds(account: Account, name: str) -> None:
    middle = _three(account)[1][name]
    assert first_names(account, **{f"{name}Min": middle}) == ["B", "C"]
    assert first_names(account, **{f"{name}Max": middle}) == ["A", "B"]


@statement("AL-27")
def test_two_filters_must_both_hold(account: Account) -> None:
    create(account, firstName="Ada", lastName="Okafor")
    create(account, firstName="Ada", lastName="King")
    create(account, firstName="Bea", lastName="King")
    assert [contact["lastName"] for contact in listed(account, firstName="Ada", lastName="King")] == ["King"]
    assert count(account, firstName="Ada", lastName="King") == 1
    assert count(account, firstName="Bea", lastName="Okafor") == 0
    assert count(account, firstNameContains="a", lastNameNotEquals="King", createdAtMin="2001-01-01") == 1


@statement("AL-28")
@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "2026-02-30T00:00:00Z", "12", "2026-01-01T99:00", "\x00"])
@pytest.mark.parametrize("name", [f"{name}{bound}" for name in TIMES for bound in ("Min", "Max")] + ["lastActivityAt"])
def test_a_time_that_cannot_be_read_is_400(account: Account, name: str, value: str) -> None:
    for path in ("/crm/contacts", "/crm/contacts/count"):
        refused(account.alloy.get(path, params={name: value}), 400)


def test_a_plus_that_was_not_escaped_is_still_one(account: Account) -> None:
    create(account)
    for zone, found in (("+02:00", 1), (" 02:00", 1), ("-02:00", 1)):
        assert count(account, createdAtMin=f"2001-01-01T00:00:00{zone}") == found


def test_nothing_has_a_last_activity(account: Account) -> None:
    create(account)
    assert listed(account, lastActivityAt="2026-01-01T00:00:00Z") == []


@statement("AL-29")
def test_count_is_a_route_and_no_id(account: Account) -> None:
    assert success(account.alloy.get("/crm/contacts/count")) == {"count": 0}
    create(account)
    create(account)
    assert success(account.alloy.get("/crm/contacts/count")) == {"count": 2}
    refused(account.alloy.delete("/crm/contacts/count"), 405)


def test_the_last_of_a_repeated_parameter_counts(account: Account) -> None:
    create(account, firstName="Ada")
    create(account, firstName="Bea")
    query = f"credentialId={account.credential_id}&firstName=Ada&firstName=Bea"
    page = success(keyed(account).get(f"/crm/contacts?{query}"))
    assert [contact["firstName"] for contact in page["contacts"]] == ["Bea"]


def test_groups_are_listed_and_counted(account: Account) -> None:
    create(account)
    made = account.packagex.post("/contacts", json={"name": "The Crew", "type": "group"})
    assert made.is_success, made.text
    assert count(account) == 2
    assert [(contact["firstName"], contact["lastName"]) for contact in listed(account)][1] == ("The", "Crew")
