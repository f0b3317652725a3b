"""The native API: groups, books, lists and tags, opt-outs."""

import pytest

from tests.dialects.native.calls import (
    MAIL,
    PHONE,
    fetch,
    find,
    names,
    new_book,
    ok,
    patch,
    person,
    places,
    problem,
    store,
)
from tests.harness import Account, statement

UNKNOWN = "0190d8a2-0000-7000-8000-000000000000"


@statement("NA-40")
def test_members_are_kept_in_order_and_replaced(account: Account) -> None:
    uids = [person(account, name)["uid"] for name in ("Ada", "Bea", "Cleo")]
    first = [{"uid": uids[2], "primary": True}, {"uid": uids[0], "primary": False}]
    group = person(account, "Crew", kind="group", members=first)
    assert group["members"] == first
    path = f"/contacts/{group['uid']}/members"
    second = [{"uid": uids[0], "primary": False}, {"uid": uids[1], "primary": True}]
    assert ok(account.native.put(path, json={"members": second})) == {"members": second}
    assert ok(account.native.get(path)) == {"members": second}
    assert fetch(account, group["uid"])["members"] == second
    assert names(account, group=group["uid"]) == ["Ada", "Bea"]
    twice = [{"uid": uids[0].upper()}, {"uid": uids[0], "primary": True}]
    assert ok(account.native.put(path, json={"members": twice})) == {"members": [{"uid": uids[0], "primary": True}]}


@statement("NA-41")
def test_a_group_cannot_hold_itself(account: Account) -> None:
    ada = person(account, "Ada")
    inner = person(account, "Inner", kind="group", members=[{"uid": ada["uid"]}])
    outer = person(account, "Outer", kind="group", members=[{"uid": inner["uid"]}])
    for group, member in ((inner, inner), (inner, outer)):
        answer = account.native.put(f"/contacts/{group['uid']}/members", json={"members": [{"uid": member["uid"]}]})
        assert problem(answer, 400)["issues"][0]["code"] == "cycle"
    problem(account.native.get(f"/contacts/{ada['uid']}/members"), 404)
    answer = account.native.post("/contacts", json={"name": {"full": "Bea"}, "members": [{"uid": ada["uid"]}]})
    assert problem(answer, 400)["issues"][0]["code"] == "not_a_group"
    answer = account.native.put(f"/contacts/{inner['uid']}/members", json={"members": [{"uid": UNKNOWN}]})
    assert problem(answer, 400)["issues"][0]["code"] == "unknown_member"
    assert fetch(account, inner["uid"])["members"] == [{"uid": ada["uid"], "primary": False}]


@statement("NA-42")
def test_a_book_has_the_types_of_its_kind_or_its_own(account: Account) -> None:
    office = ok(account.native.post("/books", json={"name": " Office ", "kind": "office"}), 201)
    assert (office["name"], office["mobile_type"], office["contacts"]) == ("Office", "Mobile", 0)
    assert "Business Fax" in office["phone_types"]
    own = {
        "name": "Boats",
        "kind": "harbour",
        "phone_types": ["bridge", "deck"],
        "email_types": ["crew"],
        "mobile_type": "deck",
    }
    boats = ok(account.native.post("/books", json=own), 201)
    assert {field: boats[field] for field in own} == own
    assert ok(account.native.get(f"/books/{boats['number']}")) == boats
    changed = ok(account.native.patch(f"/books/{boats['number']}", json={"name": "Ships", "phone_types": []}))
    assert changed == {**boats, "name": "Ships", "phone_types": []}
    problem(account.native.post("/books", json={"name": "Ships"}), 409)
    problem(account.native.patch(f"/books/{boats['number']}", json={"name": "Office"}), 409)
    assert places(account.native.post("/books", json={"name": " "})) == ["name"]
    assert [book["name"] for book in ok(account.native.get("/books"))["books"]] == ["Contacts", "Office", "Ships"]


@statement("NA-43")
def test_only_an_empty_unnamed_book_can_be_deleted(account: Account) -> None:
    default = ok(account.native.get("/books"))["books"][0]["number"]
    full, free, bound = (new_book(account, name) for name in ("Full", "Free", "Bound"))
    person(account, "Ada", book=full)
    account.native.post("/keys", json={"scope": "read", "book": bound})
    for number in (default, full, bound):
        problem(account.native.delete(f"/books/{number}"), 409)
    assert account.native.delete(f"/books/{free}").status_code == 204
    problem(account.native.delete(f"/books/{free}"), 404)
    assert [book["number"] for book in ok(account.native.get("/books"))["books"]] == [default, full, bound]


@statement("NA-44")
@pytest.mark.parametrize("noun", ["lists", "tags"])
def test_labels_are_made_renamed_deleted_and_counted(account: Account, noun: str) -> None:
    made = ok(account.native.post(f"/{noun}", json={"name": "Club"}), 201)
    assert made["contacts"] == 0
    problem(account.native.post(f"/{noun}", json={"name": "Club"}), 409)
    ok(account.native.post(f"/{noun}", json={"name": "club"}), 201)
    ada = person(account, "Ada", **{noun: ["Club"]})
    path = f"/{noun}/{made['number']}"
    assert ok(account.native.get(path)) == {**made, "contacts": 1}
    problem(account.native.patch(path, json={"name": "club"}), 409)
    assert ok(account.native.patch(path, json={"name": "Guild"})) == {**made, "name": "Guild", "contacts": 1}
    assert fetch(account, ada["uid"])[noun] == ["Guild"]
    assert account.native.delete(path).status_code == 204
    problem(account.native.get(path), 404)
    assert fetch(account, ada["uid"])[noun] == []
    assert [one["name"] for one in ok(account.native.get(f"/{noun}"))[noun]] == ["club"]


@statement("NA-45")
@pytest.mark.parametrize("noun", ["lists", "tags"])
def test_contacts_come_onto_a_label_and_leave_it(account: Account, noun: str) -> None:
    ada, bea = person(account, "Ada"), person(account, "Bea", **{noun: ["Club"]})
    path = f"/{noun}/{ok(account.native.get(f'/{noun}'))[noun][0]['number']}/contacts"
    moved = ok(account.native.post(path, json={"add": [ada["uid"], ada["uid"]], "remove": [bea["uid"]]}))
    assert moved["contacts"] == 1
    assert names(account, **{noun[:-1]: "Club"}) == ["Ada"]
    answer = account.native.post(path, json={"add": [bea["uid"], UNKNOWN], "remove": [ada["uid"]]})
    assert places(answer) == ["add[1]"]
    assert names(account, **{noun[:-1]: "Club"}) == ["Ada"]


@statement("NA-46")
def test_an_opt_out_marks_everybody_and_outlives_them(account: Account) -> None:
    ada = store(account, phones=[{"raw": "1"}, {"raw": "+1 (650) 555-0134"}])
    ok(account.native.post("/opt-outs", json={"phone": PHONE, "source": "said so"}), 201)
    ok(account.native.post("/opt-outs", json={"email": "Ada@example.org"}), 201)
    assert fetch(account, ada["uid"])["opt_out"] is True
    assert patch(account, ada["uid"], phones=[{"raw": "1"}])["opt_out"] is False
    assert patch(account, ada["uid"], emails=[{"address": MAIL.upper()}])["opt_out"] is True
    assert account.native.delete(f"/contacts/{ada['uid']}").status_code == 204
    assert store(account, phones=[{"raw": PHONE}])["opt_out"] is True
    assert [contact["opt_out"] for contact in find(account)] == [True]
    again = ok(account.native.post("/opt-outs", json={"phone": "+1 650 555 0134", "source": "other"}), 201)
    assert (again["key"], again["source"]) == (PHONE, "said so")


@statement("NA-47")
def test_opt_outs_are_found_paged_and_taken_back(account: Account) -> None:
    ok(account.native.patch("/account", json={"default_country": "US"}))
    for number in range(5):
        ok(account.native.post("/opt-outs", json={"phone": f"650555013{number}"}), 201)
    ok(account.native.post("/opt-outs", json={"email": MAIL}), 201)
    seen: list[str] = []
    params: dict[str, str] = {"limit": "2"}
    while True:
        page = ok(account.native.get("/opt-outs", params=params))
        seen += [mark["key"] for mark in page["opt_outs"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == [MAIL, *(f"+1650555013{number}" for number in range(5))]
    for spelling in ("%2B16505550131", "+16505550131", "(650) 555 0131"):
        assert len(ok(account.native.get(f"/opt-outs?phone={spelling}"))["opt_outs"]) == 1, spelling
    assert account.native.delete("/opt-outs?phone=(650) 555 0131").status_code == 204
    problem(account.native.delete("/opt-outs?phone=(650) 555 0131"), 404)
    assert ok(account.native.get("/opt-outs", params={"phone": "6505550131"}))["opt_outs"] == []
    assert account.native.delete("/opt-outs", params={"email": MAIL.upper()}).status_code == 204


@pytest.mark.parametrize("body", [{}, {"phone": PHONE, "email": MAIL}, {"phone": "nobody"}, {"email": "nobody"}])
def test_an_opt_out_names_one_number_or_address(account: Account, body: dict[str, str]) -> None:
    problem(account.native.post("/opt-outs", json=body), 400)
    assert ok(account.native.get("/opt-outs"))["opt_outs"] == []
