"""The calls that the Octopush statements are written with, and the native looks at what came of them."""

from typing import Any

import httpx2

from tests.harness import Account

ANN = "+33612345678"
BOB = "+33612345679"
EVE = "+33612345680"

# One request of each call that would change something on an account that has the list "club" with ANN on it.
CALLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/contact/create", {"contacts": [{"phone_number": ANN, "first_name": "Changed"}], "list_name": "new"}),
    ("DELETE", "/contact/delete", {"phone_numbers": [ANN]}),
    ("POST", "/contact-list/create", {"list_name": "new"}),
    ("DELETE", "/contact-list/delete", {"list_name": "club"}),
    ("POST", "/contact-list/empty", {"list_name": "club", "delete_contacts": True}),
)


def create(account: Account, *contacts: object, **options: object) -> httpx2.Response:
    """Send these contacts to ``/contact/create``, with the options beside them."""
    return account.octopush.post("/contact/create", json={"contacts": list(contacts), **options})


def created(account: Account, *contacts: object, **options: object) -> int:
    """Create and expect success; the number of contacts that the answer names."""
    answer = create(account, *contacts, **options)
    assert answer.status_code == 201, answer.text
    number = answer.json()["number_of_contacts"]
    assert isinstance(number, int)
    return number


def delete(account: Account, path: str, body: object) -> httpx2.Response:
    """Send a DELETE with a JSON body."""
    return account.octopush.request("DELETE", path, json=body)


def with_club(account: Account) -> None:
    """Give the account what `CALLS` would change: ANN on the list "club"."""
    assert created(account, {"phone_number": ANN, "first_name": "Ann"}, list_name="club") == 1


def assert_no_content(answer: httpx2.Response) -> None:
    """The answer is 204 and bears no body."""
    assert answer.status_code == 204, answer.text
    assert answer.content == b""


def refusal(answer: httpx2.Response) -> tuple[int, int]:
    """Status and code of an error, once its body has Octopush's shape."""
    body = answer.json()
    assert answer.headers["content-type"].startswith("application/json")
    assert set(body) == {"code", "message"}
    assert type(body["code"]) is int
    assert isinstance(body["message"], str)
    assert body["message"].strip()
    return answer.status_code, body["code"]


def stored(account: Account) -> list[dict[str, Any]]:
    """Every contact of the account as the native API shows it, oldest first."""
    contacts: list[dict[str, Any]] = []
    cursor = None
    while True:
        params = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = account.native.get("/contacts", params=params).json()
        contacts += page["contacts"]
        cursor = page["next_cursor"]
        if not cursor:
            return sorted(contacts, key=lambda contact: int(contact["number"]))


def only(account: Account) -> dict[str, Any]:
    """The single contact of the account."""
    contacts = stored(account)
    assert len(contacts) == 1, [number_of(contact) for contact in contacts]
    return contacts[0]


def number_of(contact: dict[str, Any]) -> str:
    """The contact's primary number: E.164, or as sent when it is impossible."""
    primary = next(phone for phone in contact["phones"] if phone["primary"])
    return str(primary["e164"] or primary["raw"])


def numbers(account: Account) -> list[str]:
    """The primary numbers of all contacts, sorted."""
    return sorted(number_of(contact) for contact in stored(account))


def by_number(account: Account, number: str) -> dict[str, Any]:
    """The one contact that has this primary number."""
    found = [contact for contact in stored(account) if number_of(contact) == number]
    assert len(found) == 1, numbers(account)
    return found[0]


def lists(account: Account) -> dict[str, int]:
    """Name of each list and how many contacts are on it."""
    return _names(account, "lists")


def tags(account: Account) -> dict[str, int]:
    """Name of each tag and how many contacts bear it."""
    return _names(account, "tags")


def _names(account: Account, what: str) -> dict[str, int]:
    entries = account.native.get(f"/{what}").json()[what]
    counts = {entry["name"]: entry["contacts"] for entry in entries}
    assert len(counts) == len(entries), f"doubled names among the {what}"
    return counts


def opt_out(account: Account, number: str) -> None:
    """Mark a number as opted out, as the vendor does when a person answers STOP."""
    assert account.native.post("/opt-outs", json={"phone": number}).status_code == 201


def opted_out(account: Account) -> set[str]:
    """The numbers that are marked as opted out."""
    return {mark["key"] for mark in account.native.get("/opt-outs").json()["opt_outs"]}


def snapshot(account: Account) -> dict[str, object]:
    """All that Octopush could have changed in the account."""
    return {
        "contacts": stored(account),
        "lists": lists(account),
        "tags": tags(account),
        "opt_outs": opted_out(account),
    }
