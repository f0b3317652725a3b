"""The native API: deleting and erasing."""

from tests.dialects.native.calls import MAIL, PHONE, fetch, find, log, ok, person, problem
from tests.harness import Account, statement


@statement("NA-27")
def test_a_deleted_contact_is_gone_everywhere(account: Account) -> None:
    ada = person(account, "Ada", lists=["club"], tags=["vip"], external_id="A-1", phones=[{"raw": PHONE}])
    group = person(account, "Crew", kind="group", members=[{"uid": ada["uid"]}])
    assert account.native.delete(f"/contacts/{ada['uid']}").status_code == 204
    problem(account.native.get(f"/contacts/{ada['uid']}"), 404)
    problem(account.native.delete(f"/contacts/{ada['uid']}"), 404)
    assert fetch(account, group["uid"])["members"] == []
    for params in ({"list": "club"}, {"tag": "vip"}, {"phone": PHONE}, {"q": "ada"}, {"external_id": "A-1"}):
        assert find(account, **params) == []
    assert [one["contacts"] for noun in ("lists", "tags") for one in ok(account.native.get(f"/{noun}"))[noun]] == [0, 0]
    again = person(account, "Ada", external_id="A-1")
    assert again["number"] > group["number"]
    assert again["uid"] != ada["uid"]


@statement("NA-28")
def test_an_erased_contact_leaves_nothing_of_itself(account: Account) -> None:
    body = {
        "name": {"full": "Zenobia Quix"},
        "emails": [{"address": MAIL}],
        "phones": [{"raw": PHONE}],
        "lists": ["club"],
    }
    headers = {"Idempotency-Key": "erase-me"}
    made = ok(account.native.post("/contacts", json=body, headers=headers), 201)
    ok(account.native.patch(f"/contacts/{made['uid']}", json={"notes": "met Zenobia"}))
    account.native.post("/opt-outs", json={"phone": PHONE})
    assert account.native.delete(f"/contacts/{made['uid']}", params={"erase": "true"}).status_code == 204
    problem(account.native.get(f"/contacts/{made['uid']}"), 404)
    told = log(account)
    assert "Zenobia" not in str(told)
    assert MAIL not in str(told)
    assert [(c["verb"], c["before"]) for c in told if c["noun"] == "contact"][-1] == ("erased", None)
    assert "Zenobia" not in account.native.post("/contacts", json=body, headers=headers).text
    assert [mark["key"] for mark in ok(account.native.get("/opt-outs"))["opt_outs"]] == [PHONE]
