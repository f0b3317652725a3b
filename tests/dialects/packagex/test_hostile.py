"""PackageX: input that no client should send. Never a 5xx, always the envelope, nothing half stored."""

import json
from typing import Any

import pytest
from httpx2 import Response

from tests.dialects.packagex.calls import ENVELOPE, create, csv_of, data_url, load, opened, read, refused, stored
from tests.harness import Account

RAW_BODIES = {
    "empty": b"",
    "blank": b"  \n",
    "cut off": b'{"name": "Bea"',
    "array": b'[{"name": "Bea"}]',
    "text": b'"Bea"',
    "number": b"7",
    "null": b"null",
    "not JSON": b"name=Bea",
    "invalid UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "Bea"}'.encode("utf-16"),
    "lone surrogate": b'{"name": "Bea \\ud800"}',
    "lone surrogate in a key": b'{"name": "Bea", "metadata": {"\\udc00": "x"}}',
    "lone surrogate in metadata": b'{"name": "Bea", "metadata": {"k": ["\\ud83d"]}}',
    "deep list": b'{"name": "Bea", "metadata": {"k": ' + b"[" * 200 + b"]" * 200 + b"}}",
    "very deep list": b"[" * 100_000,
    "not a number": b'{"name": "Bea", "metadata": {"k": NaN}}',
    "infinite": b'{"name": "Bea", "metadata": {"k": 1e999}}',
    "huge integer": b'{"name": "Bea", "metadata": {"k": ' + b"9" * 31 + b"}}",
    "huge name": json.dumps({"name": "B" * 1_000_000}).encode(),
    "two documents": b'{"name": "Bea"} {"name": "Cy"}',
}

WRONG = [7, 1.5, True, False, [], ["x"], {}, {"x": 1}, 10**30, "\x00", "a\x00b"]
FIELDS = [
    "name",
    "type",
    "email",
    "phone",
    "address",
    "address_line2",
    "group_contacts",
    "children",
    "primary",
    "notes",
    "locations",
    "metadata",
    "csv_url",
    "overwrite",
]
# The few of these values that the field may truly have.
FINE = [("locations", []), ("children", []), ("primary", []), ("metadata", {}), ("metadata", {"x": 1})]
FINE_OR_EMPTY = [*FINE, ("group_contacts", {}), ("group_contacts", {"x": 1})]


def cleanly_refused(answer: Response) -> None:
    """A 4xx in the envelope that shows nothing of the inside."""
    assert 400 <= answer.status_code < 500, answer.text[:500]
    body = answer.json()
    assert set(body) >= ENVELOPE
    assert body["status"] == answer.status_code
    assert body["data"] == {}
    for inside in ("Traceback", "sqlite", "SELECT", "/src/", ".py"):
        assert inside not in answer.text


@pytest.mark.parametrize("body", RAW_BODIES.values(), ids=RAW_BODIES.keys())
def test_a_broken_body_is_refused(account: Account, body: bytes) -> None:
    ada = create(account, name="Ada")
    headers = {"Content-Type": "application/json"}
    for path in ("/contacts", f"/contacts/{ada['id']}", "/locations"):
        cleanly_refused(account.packagex.post(path, content=body, headers=headers))
    assert read(account, ada["id"]) == ada
    assert stored(account) == ["Ada"]
    assert opened(account.packagex.get("/locations")) == []


@pytest.mark.parametrize("value", WRONG, ids=str)
@pytest.mark.parametrize("field", FIELDS)
def test_a_wrong_type_is_refused_and_named(account: Account, field: str, value: Any) -> None:
    if (field, value) in FINE_OR_EMPTY and not isinstance(value, bool):
        assert account.packagex.post("/contacts", json={"name": "Bea", field: value}).status_code == 201
        return
    group = create(account, name="Crew", type="group")
    for path, body in (
        ("/contacts", {"name": "Bea", "type": "group", field: value}),
        (f"/contacts/{group['id']}", {"notes": "new", field: value}),
    ):
        answer = account.packagex.post(path, json=body)
        cleanly_refused(answer)
        assert any(field in error for error in answer.json()["errors"]), answer.text
    assert read(account, group["id"]) == group
    assert stored(account) == ["Crew"]


def test_of_doubled_keys_the_last_counts(account: Account) -> None:
    body = b'{"name": "First", "email": "thor@asgard", "name": "Last", "email": "ada@example.com"}'
    made = opened(account.packagex.post("/contacts", content=body), 201)
    assert (made["name"], made["email"]) == ("Last", "ada@example.com")


@pytest.mark.parametrize("inner", [["children", 7], ["children", "x"], ["primary", {}], ["children", [None]]], ids=str)
def test_group_contacts_are_lists_of_ids(account: Account, inner: list[Any]) -> None:
    field, value = inner
    body = {"name": "Crew", "type": "group", "group_contacts": {field: value}}
    refused(account.packagex.post("/contacts", json=body), 400, f"group_contacts.{field}")
    assert stored(account) == []


@pytest.mark.parametrize(
    "address", [{"line1": 7}, {"city": ["x"]}, {"line1": "a\x00"}, {"country_code": {}}, {"postal_code": 62704}]
)
def test_the_parts_of_an_address_are_text(account: Account, address: dict[str, Any]) -> None:
    refused(account.packagex.post("/contacts", json={"name": "Ada", "address": address}), 400, "address")
    assert stored(account) == []


def test_what_only_looks_like_a_nul_is_kept(account: Account) -> None:
    pairs = {"k": "\\u0000", "\\0": ["\\x00"]}
    assert create(account, name="Ada", metadata=pairs)["metadata"] == pairs
    for nul in ({"k": ["\0"]}, {"k": {"\0": 1}}, {"\0": 1}):
        refused(account.packagex.post("/contacts", json={"name": "Bea", "metadata": nul}), 400, "metadata")


def test_a_body_that_is_far_too_big_is_refused(account: Account) -> None:
    answer = account.packagex.post("/contacts", content=b'{"name": "' + b"x" * 20_000_000 + b'"}')
    cleanly_refused(answer)
    assert answer.status_code == 413
    assert stored(account) == []


@pytest.mark.parametrize(
    "row",
    ["A\x00da,,", "Ada,ada\x00@example.com,", "Ada,,\x00"],
    ids=["name", "email", "metadata"],
)
def test_a_nul_in_a_file_does_no_harm(account: Account, row: str) -> None:
    answer = account.packagex.post(
        "/contacts", json={"csv_url": data_url(csv_of("Name,Email,metadata.k", row, "Bea,,"))}
    )
    assert answer.status_code in (201, 400)
    assert all("\x00" not in (name or "") for name in stored(account))


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 1000,
        b"\xff\xfe\xfa" * 100,
        b"Name\n" + b'"' * 999,
        b"Name," * 5000 + b"\nAda",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
        b"%PDF-1.7",
        b"Name\r\r\rAda\r",
        b"Name,Name\nAda,Bea\n",
        b"Name\nAda,too,many,cells\n",
    ],
    ids=["NULs", "no text", "quotes", "wide", "zip", "old workbook", "PDF", "old Mac", "doubled heading", "long row"],
)
def test_an_odd_file_is_taken_or_refused_but_never_breaks(account: Account, content: bytes) -> None:
    create(account, name="Old")
    answer = account.packagex.post("/contacts", json={"csv_url": data_url(content), "overwrite": True})
    assert answer.status_code in (201, 400)
    if answer.status_code == 400:
        cleanly_refused(answer)
        assert stored(account) == ["Old"]
    else:
        assert len(stored(account)) == len(answer.json()["data"]["contact_ids"]) > 0


@pytest.mark.parametrize(
    "query",
    ["page=%00", "search=%00", "search=%ff", "child=%00", "metadata[%00]=x", "type=%ed%a0%80", "address_hash=%00"],
)
def test_an_odd_query_never_breaks(account: Account, query: str) -> None:
    create(account, name="Ada")
    answer = account.packagex.get(f"/contacts?{query}")
    assert answer.status_code in (200, 400)
    assert set(answer.json()) >= ENVELOPE


@pytest.mark.parametrize("path", ["%00", "contact_%ff", "..%2f..%2fetc", "contact_" + "2" * 5000, "%F0%9F%98%80"])
def test_an_odd_id_is_not_found(account: Account, path: str) -> None:
    answer = account.packagex.get(f"/contacts/{path}")
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) >= ENVELOPE


def test_a_cell_that_looks_like_a_formula_is_only_text(account: Account) -> None:
    done = load(account, csv_of("Name,metadata.k", "=1+1,@SUM(A1)"))
    shown = read(account, done["contact_ids"][0])
    assert (shown["name"], shown["metadata"]) == ("=1+1", {"k": "@SUM(A1)"})
