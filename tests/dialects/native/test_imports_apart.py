"""Imports of one account, or of one book, and those who may not see them."""

import time
from typing import Any

import httpx2
import pytest

from tests.harness import Account
from tests.patience import PATIENCE_SECONDS

FILE = b"Name,Email\nAda Byron,ada@example.org\nGrace Hopper,nonsense\n"
STEPS = ("apply", "cancel", "undo", "mend")


def begun(account: Account, **query: Any) -> dict[str, Any]:
    """An import that has come to rest."""
    answer = account.native.post("/imports", params=query, content=FILE, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found: dict[str, Any] = account.native.get(f"/imports/{made['uid']}").json()
        if found["state"] in ("done", "planned", "failed"):
            return found
        time.sleep(0.05)
    raise AssertionError(made)


def tried(client: httpx2.Client, uid: str) -> dict[str, int]:
    """The status of everything that can be asked of one import."""
    answers = {"read": client.get(f"/imports/{uid}"), "issues": client.get(f"/imports/{uid}/issues")}
    answers |= {"events": client.get(f"/imports/{uid}/events"), "forget": client.delete(f"/imports/{uid}")}
    answers |= {step: client.post(f"/imports/{uid}/{step}") for step in STEPS if step != "mend"}
    answers["mend"] = client.post(
        f"/imports/{uid}/mend", content=FILE, headers={"Content-Type": "application/octet-stream"}
    )
    assert not any("Grace" in answer.text or "nonsense" in answer.text for answer in answers.values())
    return {what: answer.status_code for what, answer in answers.items()}


def test_another_account_finds_no_import(account: Account, other_account: Account) -> None:
    made = begun(account)
    statuses = tried(other_account.native, made["uid"])
    assert set(statuses.values()) <= {400, 404, 415}, statuses
    assert {statuses[what] for what in ("read", "issues", "events", "forget", "undo")} == {404}
    assert other_account.native.get("/imports").json()["imports"] == []
    assert account.native.get(f"/imports/{made['uid']}").json()["state"] == "done"
    assert len(account.native.get("/contacts").json()["contacts"]) == 1


@pytest.mark.parametrize("scope", ["write", "admin"])
def test_a_key_of_another_book_changes_nothing(account: Account, scope: str) -> None:
    made = begun(account)
    book = account.native.post("/books", json={"name": "Other"}).json()["number"]
    key = account.native.post("/keys", json={"scope": scope, "book": book}).json()["key"]
    bound = account.client("/api/v1", headers={"Authorization": f"Bearer {key}"})
    statuses = tried(bound, made["uid"])
    assert set(statuses.values()) <= {400, 403, 404, 415}, statuses
    assert bound.get("/imports").json()["imports"] == []
    assert len(account.native.get("/contacts").json()["contacts"]) == 1


def test_a_key_of_another_book_fills_its_own(account: Account) -> None:
    book = account.native.post("/books", json={"name": "Other"}).json()["number"]
    key = account.native.post("/keys", json={"scope": "write", "book": book}).json()["key"]
    bound = account.client("/api/v1", headers={"Authorization": f"Bearer {key}"})
    headers = {"Content-Type": "text/csv"}
    assert bound.post("/imports", content=FILE, headers=headers).json()["book"] == book
    default = next(one["number"] for one in account.native.get("/books").json()["books"] if one["number"] != book)
    assert bound.post("/imports", params={"book": default}, content=FILE, headers=headers).status_code == 403


def test_a_reading_key_imports_nothing(account: Account) -> None:
    key = account.native.post("/keys", json={"scope": "read"}).json()["key"]
    reader = account.client("/api/v1", headers={"Authorization": f"Bearer {key}"})
    assert reader.post("/imports", content=FILE, headers={"Content-Type": "text/csv"}).status_code == 403
    assert reader.get("/imports").status_code == 200


def test_a_plan_for_a_book_that_was_deleted_since_is_refused(account: Account) -> None:
    book = account.native.post("/books", json={"name": "Short-lived"}).json()["number"]
    planned = begun(account, book=str(book), plan="true")
    account.native.delete(f"/books/{book}").raise_for_status()
    assert account.native.post(f"/imports/{planned['uid']}/apply").status_code == 409
    assert account.native.get(f"/imports/{planned['uid']}").json()["state"] == "planned"


def test_a_book_that_a_file_is_on_its_way_into_cannot_be_deleted(account: Account) -> None:
    book = account.native.post("/books", json={"name": "To be filled"}).json()["number"]
    rows = "".join(f"Person {number}\n" for number in range(20_000))
    query, headers = {"book": str(book), "overwrite": "true"}, {"Content-Type": "text/csv"}
    made = account.native.post("/imports", params=query, content=f"Name\n{rows}".encode(), headers=headers).json()
    assert account.native.delete(f"/books/{book}").status_code == 409
    account.native.post(f"/imports/{made['uid']}/cancel")
