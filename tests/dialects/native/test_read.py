"""The native API: finding contacts."""

from typing import Any

import pytest

from tests.dialects.native.calls import find, names, new_book, ok, person, places, problem
from tests.harness import Account, statement


def people(account: Account) -> dict[str, Any]:
    """Four people and a group, each found by something of its own."""
    shop = new_book(account, "Shop")
    acme = ok(account.native.post("/organizations", json={"name": "Acme"}), 201)["uid"]
    account.native.post("/opt-outs", json={"email": "dora@example.org"})
    ada = person(account, "Ada Byron", phones=[{"raw": "1"}, {"raw": "+1 650 555 0134"}], lists=["club"], tags=["vip"])
    person(account, "Bea Ólafsdóttir", emails=[{"address": "Bea@Example.org"}], external_id="B-2", organization="ACME")
    person(account, "Cleo", book=shop, lists=["club", "late"], organization_uid=acme)
    person(account, "Dora", emails=[{"address": "x@example.org"}, {"address": "dora@example.org"}])
    crew = person(account, "Crew", kind="group", members=[{"uid": ada["uid"]}])
    return {"shop": shop, "acme": acme, "crew": crew["uid"]}


FOUND: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({}, ["Ada Byron", "Bea Ólafsdóttir", "Cleo", "Dora", "Crew"]),
    ({"book": "shop"}, ["Cleo"]),
    ({"kind": "group"}, ["Crew"]),
    ({"kind": "individual", "list": "club"}, ["Ada Byron", "Cleo"]),
    ({"list": "club", "tag": "vip"}, ["Ada Byron"]),
    ({"list": "Club"}, []),
    ({"tag": "late"}, []),
    ({"group": "crew"}, ["Ada Byron"]),
    ({"group": "0190d8a2-0000-7000-8000-000000000000"}, []),
    ({"external_id": "B-2"}, ["Bea Ólafsdóttir"]),
    ({"phone": "+16505550134"}, ["Ada Byron"]),
    ({"email": "bea@example.ORG"}, ["Bea Ólafsdóttir"]),
    ({"email": "dora@example.org", "list": "club"}, []),
    ({"organization": "aCME"}, ["Bea Ólafsdóttir", "Cleo"]),
    ({"opt_out": "true"}, ["Dora"]),
    ({"opt_out": "false", "kind": "individual"}, ["Ada Byron", "Bea Ólafsdóttir", "Cleo"]),
    ({"changed_since": "1767225600000"}, ["Ada Byron", "Bea Ólafsdóttir", "Cleo", "Dora", "Crew"]),
    ({"changed_since": "2999-01-01T00:00:00+02:00"}, []),
    ({"changed_since": "2999-01-01T00:00:00 02:00"}, []),
    ({"q": "byron", "list": "late"}, []),
)


@statement("NA-30")
def test_filters_find_what_they_say(account: Account) -> None:
    known = people(account)
    for params, expected in FOUND:
        asked = {name: known.get(str(value), value) for name, value in params.items()}
        assert names(account, **asked) == expected, params
    assert names(account, organization=known["acme"]) == ["Cleo"]


@statement("NA-31")
def test_pages_follow_without_gap_or_doubling(account: Account) -> None:
    made = [person(account, f"Person {number}")["uid"] for number in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = ok(account.native.get("/contacts", params={"limit": 2} | ({"cursor": cursor} if cursor else {})))
        seen += [contact["uid"] for contact in page["contacts"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        if len(seen) == 2:
            account.native.delete(f"/contacts/{made[0]}")
            account.native.delete(f"/contacts/{made[1]}")
            made.append(person(account, "Late")["uid"])
    assert seen == made


@statement("NA-32")
def test_words_are_searched_forgivingly(account: Account) -> None:
    for name in ("Kateřina Nováková", "Katerina Novak", "王小明", "Catherine Nova"):
        person(account, name)
    assert names(account, q="novakova") == ["Kateřina Nováková"]
    assert names(account, q="katerina novak")[0] == "Katerina Novak"
    assert names(account, q="nov") == ["Catherine Nova", "Katerina Novak", "Kateřina Nováková"]
    assert names(account, q="cathreine") == ["Catherine Nova"]
    assert names(account, q="wangxiao") == ["王小明"]
    assert names(account, q="!?") == []
    first = ok(account.native.get("/contacts", params={"q": "nov", "limit": 2}))
    rest = ok(account.native.get("/contacts", params={"q": "nov", "limit": 2, "cursor": first["next_cursor"]}))
    assert [len(first["contacts"]), len(rest["contacts"]), rest["next_cursor"]] == [2, 1, None]
    assert rest["contacts"][0]["name"]["full"] == "Kateřina Nováková"


@statement("NA-33")
def test_a_number_is_found_in_any_spelling(account: Account) -> None:
    ok(account.native.patch("/account", json={"default_country": "FR"}))
    person(account, "Ada", phones=[{"raw": "0612345678"}])
    for spelling in ("%2B33612345678", "+33612345678", "06 12 34 56 78", "0033 6.12.34.56.78"):
        found = ok(account.native.get(f"/contacts?phone={spelling}"))["contacts"]
        assert [contact["name"]["full"] for contact in found] == ["Ada"], spelling
    assert find(account, phone="0712345678") == []


@statement("NA-34")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "ten"),
        ("limit", "1" * 30),
        ("cursor", "x"),
        ("cursor", "WyJudW1iZXIiLC0xXQ"),
        ("cursor", "WyJyYW5rIiwxXQ"),
        ("changed_since", "yesterday"),
        ("changed_since", "2026-02-30T00:00:00Z"),
        ("changed_since", "0000-01-01T00:00:00Z"),
        ("kind", "person"),
        ("book", "-1"),
        ("q", " "),
        ("opt_out", "yes"),
        ("lst", "club"),
    ],
)
def test_a_parameter_that_cannot_be_heard_is_refused(account: Account, name: str, value: str) -> None:
    answer = account.native.get("/contacts", params={name: value})
    assert places(answer) == [name]


def test_an_unknown_book_is_not_found(account: Account) -> None:
    problem(account.native.get("/contacts", params={"book": 99}), 404)
