"""The native API: changing what is named of a contact."""

from typing import Any

import pytest

from tests.dialects.native.calls import MAIL, PHONE, fetch, names, ok, patch, person, problem, store
from tests.harness import Account, statement

KEPT = ("number", "uid", "book", "created_at", "opt_out")


@statement("NA-18")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", {"full": "Bea", "given": "Bea", "family": None}),
        ("notes", "new"),
        ("notes", None),
        ("external_id", "B-2"),
        ("external_id", None),
        ("organization", "Other"),
        ("organization", None),
        ("kind", "group"),
        ("lists", ["other"]),
        ("tags", []),
        ("addresses", []),
    ],
)
def test_only_what_is_named_changes(account: Account, field: str, value: Any) -> None:
    before = person(
        account,
        "Ada Byron",
        phones=[{"raw": PHONE}],
        emails=[{"address": MAIL}],
        addresses=[{"city": "Rome"}],
        notes="old",
        external_id="A-1",
        organization="Acme",
        custom={"a": 1},
        lists=["club"],
        tags=["vip"],
    )
    after = patch(account, before["uid"], **{field: value})
    assert after == {**before, field: value, "version": 2, "updated_at": after["updated_at"]}
    assert fetch(account, before["uid"]) == after


@statement("NA-19")
def test_lists_replace_and_additions_append(account: Account) -> None:
    made = store(
        account, phones=[{"raw": PHONE, "type": "work"}, {"raw": "2", "primary": True}], emails=[{"address": MAIL}]
    )
    more = patch(account, made["uid"], add_phones=[{"raw": "+1 650 555 0134"}, {"raw": "3", "primary": True}])
    assert [(p["raw"], p["type"], p["primary"]) for p in more["phones"]] == [
        (PHONE, "work", False),
        ("2", None, True),
        ("3", None, False),
    ]
    new = patch(account, made["uid"], phones=[{"raw": PHONE}], add_emails=[{"address": "b@example.org"}])
    assert [(p["raw"], p["type"], p["primary"]) for p in new["phones"]] == [(PHONE, None, True)]
    assert [e["address"] for e in new["emails"]] == [MAIL, "b@example.org"]
    assert patch(account, made["uid"], phones=[], emails=[])["phones"] == []


@statement("NA-20")
def test_custom_fields_are_merged(account: Account) -> None:
    values = {
        "text": "a",
        "number": 9007199254740991,
        "float": 0.1,
        "no": False,
        "array": [1, [2]],
        "object": {"k": None},
    }
    made = store(account, custom={**values, "none": None})
    assert made["custom"] == values
    assert patch(account, made["uid"], custom={"text": None, "new": "é", "number": 2})["custom"] == {
        **{name: value for name, value in values.items() if name != "text"},
        "number": 2,
        "new": "é",
    }


@statement("NA-21")
def test_lists_and_tags_are_replaced(account: Account) -> None:
    ada, bea = person(account, "Ada", lists=["a", "b"], tags=["x"]), person(account, "Bea", lists=["a"], tags=["x"])
    after = patch(account, ada["uid"], lists=["c", "b"], tags=["Y", "y"])
    assert (after["lists"], after["tags"]) == (["b", "c"], ["Y", "y"])
    assert (names(account, list="a"), names(account, list="c"), names(account, tag="x")) == (["Bea"], ["Ada"], ["Bea"])
    assert fetch(account, bea["uid"]) == bea
    assert {one["name"]: one["contacts"] for one in account.native.get("/lists").json()["lists"]} == {
        "a": 1,
        "b": 1,
        "c": 1,
    }


@statement("NA-22")
def test_what_is_shown_can_be_sent_back(account: Account) -> None:
    made = store(
        account,
        phones=[{"raw": "+1 650 555 0134", "type": "work"}, {"raw": "22"}],
        emails=[{"address": MAIL, "type": "home"}],
        addresses=[{"text": "12 Rue du Bac, 75007 Paris, France"}],
        custom={"a": [1]},
    )
    fields = ("name", "phones", "emails", "addresses", "custom", "lists", "tags", "notes", "kind", "members")
    back = patch(account, made["uid"], **{field: made[field] for field in fields})
    assert back == {**made, "version": 2, "updated_at": back["updated_at"]}


@statement("NA-26")
def test_a_stale_version_changes_nothing(account: Account) -> None:
    made = person(account, "Ada")
    path = f"/contacts/{made['uid']}"
    ok(account.native.patch(path, json={"notes": "two"}, headers={"If-Match": '"1"'}))
    three = ok(account.native.patch(path, json={"lists": ["club"], "version": 2}))
    assert three["version"] == 3
    for condition in ('"1"', '"1", "2"', "2", 'W/"2"'):
        problem(account.native.patch(path, json={"notes": "stale"}, headers={"If-Match": condition}), 412)
        problem(account.native.delete(path, headers={"If-Match": condition}), 412)
    problem(account.native.patch(path, json={"notes": "stale", "version": 2}), 409)
    problem(account.native.patch(path, json={"notes": "stale", "version": 2}, headers={"If-Match": '"3"'}), 412)
    problem(account.native.patch(path, json={"notes": "stale"}, headers={"If-Match": "abc"}), 400)
    assert fetch(account, made["uid"]) == three
    ok(account.native.patch(path, json={"notes": "any"}, headers={"If-Match": "*"}))
    assert account.native.delete(path, headers={"If-Match": '"2", "4"'}).status_code == 204


def test_an_empty_change_is_allowed(account: Account) -> None:
    made = person(account, "Ada", phones=[{"raw": PHONE}])
    assert patch(account, made["uid"])["phones"] == made["phones"]


def test_a_group_with_members_can_become_a_person_only_without_them(account: Account) -> None:
    ada = person(account, "Ada")
    group = person(account, "Crew", kind="group", members=[{"uid": ada["uid"]}])
    problem(account.native.patch(f"/contacts/{group['uid']}", json={"kind": "individual"}), 400)
    after = patch(account, group["uid"], kind="individual", members=[])
    assert (after["kind"], after["members"]) == ("individual", [])
    again = patch(account, group["uid"], kind="group", members=[{"uid": ada["uid"], "primary": True}])
    assert again["members"] == [{"uid": ada["uid"], "primary": True}]
