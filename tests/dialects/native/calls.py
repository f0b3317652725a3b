"""The few calls that every test of this folder makes."""

from typing import Any, TypeAlias

import httpx2

from tests.harness import Account

Json: TypeAlias = dict[str, Any]

PHONE = "+16505550134"
MAIL = "ada@example.org"


def store(account: Account, **fields: Any) -> Json:
    """Store one contact, which must succeed, and give it as answered."""
    answer = account.native.post("/contacts", json=fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def person(account: Account, name: str, **fields: Any) -> Json:
    """Store one contact of this full name."""
    return store(account, name={"full": name}, **fields)


def fetch(account: Account, uid: str) -> Json:
    """Read one contact, which must be there."""
    answer = account.native.get(f"/contacts/{uid}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def patch(account: Account, uid: str, **fields: Any) -> Json:
    """Change one contact, which must succeed, and give it as answered."""
    answer = account.native.patch(f"/contacts/{uid}", json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def find(account: Account, **params: Any) -> list[Json]:
    """One page of contacts."""
    answer = account.native.get("/contacts", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["contacts"])


def names(account: Account, **params: Any) -> list[str]:
    """The full names of one page of contacts."""
    return [contact["name"]["full"] for contact in find(account, **params)]


def ok(answer: httpx2.Response, status: int = 200) -> Json:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def problem(answer: httpx2.Response, status: int) -> Json:
    """The problem document of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["status"] == status
    return body


def places(answer: httpx2.Response) -> list[str]:
    """The fields that a 400 complains of."""
    return [issue["field"] for issue in problem(answer, 400)["issues"]]


def new_book(account: Account, name: str, **fields: Any) -> int:
    """Make a book; its number."""
    return int(ok(account.native.post("/books", json={"name": name, **fields}), 201)["number"])


def with_key(account: Account, **fields: Any) -> httpx2.Client:
    """A client with a new key of the account."""
    key = ok(account.native.post("/keys", json=fields), 201)["key"]
    return account.client("/api/v1", headers={"Authorization": f"Bearer {key}"})


def log(account: Account, limit: int = 100) -> list[Json]:
    """The whole log, read in pages."""
    changes: list[Json] = []
    cursor: str | None = None
    while True:
        params = {"limit": limit} | ({"since": cursor} if cursor else {})
        page = ok(account.native.get("/changes", params=params))
        changes += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            return changes
