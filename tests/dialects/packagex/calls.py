"""The few calls that the PackageX tests make over and over, and the checks that go with every answer."""

import base64
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from httpx2 import Response

from tests.harness import Account

ENVELOPE = {"status", "message", "data", "errors", "code", "error_code", "pagination", "endpoint", "events"}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Json = dict[str, Any]


def opened(answer: Response, status: int = 200) -> Any:
    """The data of an answer that must have gone well."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) >= ENVELOPE
    assert body["status"] == status
    assert body["errors"] == []
    assert body["code"] is None
    return body["data"]


def refused(answer: Response, status: int, *errors: str, code: str | None = None) -> None:
    """The answer is a refusal in the envelope that names exactly these fields."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) >= ENVELOPE
    assert body["status"] == status
    assert body["data"] == {}
    assert body["errors"] == list(errors)
    assert body["message"]
    assert body["code"] == body["error_code"]
    assert isinstance(body["code"], str)
    assert code in (None, body["code"])


def create(account: Account, **fields: Any) -> Json:
    """Create one contact and give it back."""
    made: Json = opened(account.packagex.post("/contacts", json=fields), 201)
    return made


def update(account: Account, contact: str, **fields: Any) -> Json:
    """Change one contact and give it back."""
    changed: Json = opened(account.packagex.post(f"/contacts/{contact}", json=fields))
    return changed


def read(account: Account, contact: str) -> Json:
    """Read one contact."""
    found: Json = opened(account.packagex.get(f"/contacts/{contact}"))
    return found


def listed(account: Account, **query: str | int) -> list[Json]:
    """The contacts of one page of the list."""
    found: list[Json] = opened(account.packagex.get("/contacts", params=query))
    return found


def names(account: Account, **query: str | int) -> list[str]:
    """Their names, in the order of the list."""
    return [contact["name"] for contact in listed(account, **query)]


def stored(account: Account) -> list[str | None]:
    """The full names of all that the account holds, seen without this dialect, sorted."""
    found = account.native.get("/contacts", params={"limit": 100}).json()["contacts"]
    return sorted(contact["name"]["full"] for contact in found)


def csv_of(*rows: str) -> bytes:
    """A CSV file in UTF-8 with LF line ends."""
    return ("\n".join(rows) + "\n").encode()


def workbook_of(*rows: Sequence[str | float]) -> bytes:
    """An .xlsx file with one sheet."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return content.getvalue()


def data_url(content: bytes, media_type: str = "text/csv") -> str:
    """A base64 data URL (RFC 2397)."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def load(account: Account, content: bytes, *, media_type: str = "text/csv", **more: Any) -> Json:
    """Create many contacts from a file and give back the ids and the issues."""
    body = {"csv_url": data_url(content, media_type), **more}
    done: Json = opened(account.packagex.post("/contacts", json=body), 201)
    return done


def loaded(account: Account, content: bytes, **more: Any) -> list[Json]:
    """The contacts that a file without faults makes, in the order of its rows."""
    done = load(account, content, **more)
    assert done["issues"] == []
    return [read(account, contact) for contact in done["contact_ids"]]


def ids(contacts: Iterable[Json]) -> list[str]:
    """The ids of some contacts."""
    return [contact["id"] for contact in contacts]
