"""The native API against bad input: never a fault of ours, always a problem document, nothing half stored."""

import json
from typing import Any

import pytest

from tests.dialects.native.calls import fetch, find, ok, person, problem
from tests.harness import Account

RAW: tuple[bytes, ...] = (
    b"",
    b" ",
    b"{",
    b'{"notes": "a"',
    b"{'notes': 'a'}",
    b'{"notes": "\xff\xfe"}',
    b'{"notes": "\\ud800"}',
    b'{"custom": {"\\udfff": 1}}',
    b'{"notes": "\\u0000"}',
    b'{"lists": ["a\\u0000b"]}',
    b'{"notes": NaN}',
    b'{"custom": {"n": ' + b"9" * 400 + b"}}",
    b'{"custom": {"n": 1e999}}',
    b'{"custom": ' + b"[" * 200 + b"]" * 200 + b"}",
    b'{"custom": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    b"[" * 100_000,
    b'{"notes": "a"} {"notes": "b"}',
    b"\xef\xbb\xbf{",
    b"\x00",
)
VALUES: tuple[Any, ...] = (None, True, 0, -1, 1.5, 10**15, "", "x", "é" * 70_000, [], [None], [[]], {}, {"x": 1}, [{}])
FIELDS = (
    *(
        "book",
        "kind",
        "name",
        "phones",
        "emails",
        "addresses",
        "notes",
        "organization",
        "organization_uid",
        "locations",
    ),
    *("external_id", "custom", "lists", "tags", "members", "add_phones", "add_emails", "version"),
)


@pytest.mark.parametrize("body", RAW, ids=lambda body: repr(body[:24]))
def test_raw_bodies(account: Account, body: bytes) -> None:
    made = person(account, "Ada")
    problem(account.native.post("/contacts", content=body), 400)
    problem(account.native.patch(f"/contacts/{made['uid']}", content=body), 400)
    assert find(account) == [made]


@pytest.mark.parametrize("field", FIELDS)
def test_any_value_in_any_field(account: Account, field: str) -> None:
    made = person(account, "Ada")
    for value in VALUES:
        for answer in (
            account.native.post("/contacts", json={field: value}),
            account.native.patch(f"/contacts/{made['uid']}", json={field: value}),
        ):
            assert answer.status_code < 500, (value, answer.text)
            if answer.status_code >= 400:
                problem(answer, answer.status_code)
    assert ok(account.native.get("/contacts"))["next_cursor"] is None


@pytest.mark.parametrize(
    "path", ["/books", "/lists", "/opt-outs", "/organizations", "/locations", "/keys", "/credentials"]
)
def test_any_body_for_the_small_nouns(account: Account, path: str) -> None:
    for value in VALUES:
        for name in ("name", "phone", "scope", "kind", "address", "fields"):
            answer = account.native.post(path, json={name: value, "name": "x"} if name != "name" else {name: value})
            assert answer.status_code < 500, (name, value, answer.text)
        problem(account.native.post(path, json=[value]), 400)


@pytest.mark.parametrize(
    "path",
    [
        "/contacts/%00",
        "/contacts/%ff",
        "/contacts/..%2f..",
        f"/contacts/{'a' * 5000}",
        "/contacts/00000000-0000-0000-0000-000000000000",
        "/contacts/'%20or%201=1--",
        "/lists/99999999999999999999",
        "/lists/%D9%A1",
        "/keys/x",
        "/organizations/%00",
    ],
)
def test_strange_paths_are_not_found(account: Account, path: str) -> None:
    problem(account.native.get(path), 404)


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ff",
        "q=*",
        'q="',
        "q=a%20AND%20b",
        "q=" + "a" * 1001,
        "list=%00",
        "phone=%00",
        "phone=+",
        "email=@",
        "a=b&a=c",
    ],
)
def test_strange_queries_are_heard_or_refused(account: Account, query: str) -> None:
    person(account, "Ada")
    answer = account.native.get(f"/contacts?{query}")
    if answer.status_code == 200:
        assert answer.json()["contacts"] == []
    else:
        problem(answer, 400)


def test_of_doubled_keys_the_last_counts(account: Account) -> None:
    answer = account.native.post("/contacts", content=b'{"notes": "first", "notes": "last"}')
    assert ok(answer, 201)["notes"] == "last"


def test_a_body_over_the_limit_is_413(account: Account) -> None:
    problem(account.native.post("/contacts", content=b'{"notes": "' + b"a" * 17_000_000 + b'"}'), 413)
    assert find(account) == []


def test_one_request_cannot_ask_for_a_million_entries(account: Account) -> None:
    problem(account.native.post("/contacts", json={"phones": [{"raw": str(n)} for n in range(101)]}), 400)
    problem(account.native.post("/contacts", json={"lists": [str(n) for n in range(1001)]}), 400)
    assert find(account) == []
    assert ok(account.native.get("/lists"))["lists"] == []


def test_the_answer_to_many_faults_is_no_larger_than_the_question(account: Account) -> None:
    body = json.dumps({f"f{number}": 1 for number in range(20_000)}).encode()
    answer = account.native.post("/contacts", content=body)
    problem(answer, 400)
    assert len(answer.content) < len(body)


def test_text_is_kept_to_the_letter(account: Account) -> None:
    text = "\u202eRTL \ufeff\u0007 \U0001f469\u200d\U0001f680 e\u0301 \r\n\t\x7f"
    made = ok(
        account.native.post("/contacts", json={"name": {"full": text}, "custom": {text: text}, "lists": [text]}), 201
    )
    shown = fetch(account, made["uid"])
    assert (shown["name"]["full"], shown["custom"], shown["lists"]) == (text, {text: text}, [text])
