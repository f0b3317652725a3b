"""The native API: contacts as a file."""

import io
import json

import httpx2
import openpyxl
import pytest

from tests.dialects.native.calls import new_book, person, problem, with_key
from tests.harness import Account, statement


def names_in(format_name: str, content: bytes) -> list[str]:
    """The full names in a file, in its order."""
    if format_name == "jsonl":
        return [json.loads(line)["name"]["full"] for line in content.splitlines()]
    if format_name == "xlsx":
        rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2, values_only=True)
        return [row[2] for row in rows]
    text = content.decode("utf-8-sig")
    if format_name == "csv":
        return [line.split(",")[2] for line in text.splitlines()[1:]]
    return [line.removeprefix("FN:") for line in text.splitlines() if line.startswith("FN:")]


@statement("NA-35")
@pytest.mark.parametrize("format_name", ["csv", "xlsx", "vcard", "vcard3", "jsonl"])
def test_an_export_has_what_the_key_sees_and_the_filters_let_through(account: Account, format_name: str) -> None:
    club = new_book(account, "Club")
    for name, more in (("Ada", {"tags": ["vip"]}), ("Bea", {}), ("Cleo", {"tags": ["vip"]})):
        person(account, name, **more)
    person(account, "Dora", book=club, tags=["vip"])
    bound = with_key(account, scope="read", book=club)

    def taken(client: httpx2.Client = account.native, **query: str) -> list[str]:
        answer = client.get("/contacts/export", params={"format": format_name, **query})
        assert answer.status_code == 200
        return names_in(format_name, answer.content)

    assert taken() == ["Ada", "Bea", "Cleo", "Dora"]
    assert taken(tag="vip") == ["Ada", "Cleo", "Dora"]
    assert taken(tag="vip", q="cle dor") == ["Cleo", "Dora"]
    assert taken(bound) == ["Dora"]


@statement("NA-36")
def test_what_cannot_be_exported_is_refused_before_anything_is_sent(account: Account) -> None:
    person(account, "Ada", notes="x" * 40_000)
    for query in ({"format": "pdf"}, {"limit": "5"}, {"cursor": "x"}, {"tags": "vip"}, {"format": "xlsx"}):
        problem(account.native.get("/contacts/export", params=query), 400)
    assert account.native.get("/contacts/export", params={"format": "csv"}).status_code == 200
