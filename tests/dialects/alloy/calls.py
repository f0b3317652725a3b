"""Calls that the tests of this dialect make again and again."""

import json
import re
from typing import Any

import httpx2

from tests.harness import Account

ONE = "/alloy/2024-03/one"
OLDER = "/alloy/2023-12/one"
BESIDE = "/alloy/2024-03"
UNKNOWN_CREDENTIAL = "0123456789abcdef01234567"
UNKNOWN_ID = "0b8e0c5e-7a0d-7f0e-9c56-1d2f3a4b5c6d"
CONTACT_FIELDS = {
    "remoteId",
    "firstName",
    "lastName",
    "account",
    "addresses",
    "emailAddresses",
    "phoneNumbers",
    "lastActivityAt",
    "id",
    "remoteCreatedAt",
    "remoteUpdatedAt",
    "remoteDeleted",
    "createdAt",
    "updatedAt",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HEX_24 = re.compile(r"[0-9a-f]{24}")


def keyed(account: Account, base: str = ONE) -> httpx2.Client:
    """A client with the account's key that names no credential."""
    return account.client(base, headers={"Authorization": f"bearer {account.key}"})


def success(answer: httpx2.Response) -> Any:
    """The body of an answer that must be 200 and must not look like an error."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert "error" not in body
    return body


def refused(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """The body of an answer that must be an error of this status in the dialect's own shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert isinstance(body["message"], str)
    assert body["message"]
    return dict(body)


def named_fields(body: dict[str, Any]) -> list[str]:
    """The fields that a refusal names, in its order."""
    return [error["field"] for error in body["errors"]]


def create(account: Account, /, **fields: Any) -> dict[str, Any]:
    """Create a contact, with some last name unless one is given."""
    return dict(success(account.alloy.post("/crm/contacts", json={"lastName": "Okafor", **fields}))["contact"])


def create_account(account: Account, name: str, /, **fields: Any) -> dict[str, Any]:
    """Create a CRM account."""
    return dict(success(account.alloy.post("/crm/accounts", json={"accountName": name, **fields}))["account"])


def read(account: Account, contact_id: str) -> dict[str, Any]:
    """Read a contact by its id."""
    return dict(success(account.alloy.get(f"/crm/contacts/{contact_id}"))["contact"])


def change(account: Account, contact_id: str, /, **fields: Any) -> dict[str, Any]:
    """Change a contact by its id."""
    return dict(success(account.alloy.put(f"/crm/contacts/{contact_id}", json=fields))["contact"])


def listed(account: Account, /, **query: Any) -> list[dict[str, Any]]:
    """The contacts of one page."""
    return list(success(account.alloy.get("/crm/contacts", params=query))["contacts"])


def first_names(account: Account, /, **query: Any) -> list[str | None]:
    """The first names of the contacts of one page, in its order."""
    return [contact["firstName"] for contact in listed(account, **query)]


def count(account: Account, /, **query: Any) -> int:
    """How many contacts there are."""
    return int(success(account.alloy.get("/crm/contacts/count", params=query))["count"])


def stored(account: Account) -> list[dict[str, Any]]:
    """All contacts of the account's books, as the native API shows them."""
    return list(account.native.get("/contacts").json()["contacts"])


def post_raw(account: Account, path: str, body: bytes) -> httpx2.Response:
    """Post bytes as they are, under the name of JSON."""
    return account.alloy.post(path, content=body, headers={"Content-Type": "application/json"})


def as_json(value: object) -> bytes:
    """JSON text in which lone surrogates stay escaped."""
    return json.dumps(value, ensure_ascii=True).encode("ascii")
