"""The few calls that every test of this folder makes, and how to look behind the dialect's back."""

import base64
from typing import Any, TypeAlias

import httpx2

from tests.harness import Account

Json: TypeAlias = dict[str, Any]

BOOK = "Patients"


def contact(**fields: Any) -> Json:
    """A contact that POST takes, with some fields replaced or added; a field given as None is left out."""
    whole = {"address_book": BOOK, "name": "Ada Byron"} | fields
    return {field: value for field, value in whole.items() if value is not None}


def post(account: Account, *contacts: Json) -> httpx2.Response:
    """POST some contacts, whatever comes of it."""
    return account.apptoto.post("/contacts", json={"contacts": list(contacts)})


def put(account: Account, *contacts: Json) -> httpx2.Response:
    """PUT some contacts, whatever comes of it."""
    return account.apptoto.put("/contacts", json={"contacts": list(contacts)})


def served(answer: httpx2.Response) -> list[Json]:
    """The contacts of an answer in the list envelope, which must be a success."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["contacts"]
    return list(body["contacts"])


def create(account: Account, **fields: Any) -> Json:
    """Store one contact by POST and give it as answered."""
    (made,) = served(post(account, contact(**fields)))
    return made


def update(account: Account, **fields: Any) -> Json:
    """PUT one contact, with exactly these fields, and give it as answered."""
    (changed,) = served(put(account, fields))
    return changed


def fetch(account: Account, **params: Any) -> Json:
    """Read one contact by GET contact, which must find it."""
    answer = account.apptoto.get("/contact", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(account: Account, **params: Any) -> list[Json]:
    """One page of GET contacts."""
    return served(account.apptoto.get("/contacts", params=params))


def refused(answer: httpx2.Response, status: int = 400) -> Json:
    """The body of a refusal, which must have the dialect's shape."""
    assert answer.status_code == status, answer.text
    body = dict(answer.json())
    assert set(body) <= {"error", "errors"}
    assert isinstance(body["error"], str)
    assert body["error"]
    for issue in body.get("errors", []):
        assert set(issue) == {"index", "field", "message"}
        assert isinstance(issue["index"], int)
        assert isinstance(issue["message"], str)
    return body


def faults(answer: httpx2.Response, status: int = 400) -> list[tuple[int, str]]:
    """Index and field of each fault that a refusal names."""
    return [(issue["index"], issue["field"]) for issue in refused(answer, status)["errors"]]


def stored(account: Account, **params: Any) -> list[Json]:
    """What the account really holds, as the native API tells it."""
    answer = account.native.get("/contacts", params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["contacts"])


def books(account: Account) -> dict[str, Json]:
    """The account's books by name, as the native API tells them."""
    answer = account.native.get("/books")
    assert answer.status_code == 200, answer.text
    found = answer.json()["books"]
    by_name = {book["name"]: book for book in found}
    assert len(by_name) == len(found), "two books of one name"
    return by_name


def numbers(one: Json) -> list[str]:
    """The numbers of a contact as written, in their order."""
    return [phone["number"] for phone in one["phone_numbers"]]


def create_twins(account: Account) -> list[Json]:
    """Two contacts of one external_id, in the books One and Two."""
    return [create(account, external_id="x", address_book=book) for book in ("One", "Two")]


def addresses(one: Json) -> list[str]:
    """The mail addresses of a contact, in their order."""
    return [email["address"] for email in one["email_addresses"]]


def basic(login: str, key: str) -> dict[str, str]:
    """The header that RFC 7617 makes of a login and a key."""
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{key}".encode()).decode()}


def anonymous(account: Account, headers: dict[str, str] | None = None) -> httpx2.Client:
    """A client of the dialect that sends these headers and no other credentials."""
    return account.client("/apptoto/v1", headers=headers or {}, auth=None)
