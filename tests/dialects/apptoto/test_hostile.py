"""What no honest client sends: never a failure of the server, always the dialect's own refusal, nothing half stored."""

import json

import httpx2
import pytest

from tests.dialects.apptoto.calls import BOOK, books, create, listed, refused, served, stored
from tests.harness import Account

HUGE = 10**30
DEEP = 200

WRONG_VALUES = {
    "null": "null",
    "true": "true",
    "integer": "7",
    "negative": "-7",
    "fraction": "1.5",
    "huge integer": str(HUGE),
    "huge exponent": "1e400",
    "text": '"x"',
    "long text": f'"{"x" * 100_000}"',
    "NUL": '"a\\u0000b"',
    "high surrogate": '"\\ud800"',
    "low surrogate": '"\\udc00"',
    "controls": '"\\u0001\\u001b\\u007f"',
    "array": "[]",
    "nested array": "[[]]",
    "array of null": "[null]",
    "object": "{}",
    "odd object": '{"number":null,"address":null}',
    "deep array": "[" * DEEP + "]" * DEEP,
    "deep object": '{"a":' * DEEP + "1" + "}" * DEEP,
}
FIELDS = (
    "address_book",
    "address_book_id",
    "name",
    "first_name",
    "last_name",
    "phone",
    "email",
    "phone_numbers",
    "email_addresses",
    "email_address",
    "external_id",
    "custom_data",
    "id",
    "add_phone",
    "add_email",
    "unknown",
)
BROKEN_BODIES = {
    "empty": b"",
    "blank": b"   ",
    "array": b"[]",
    "text": b'"contacts"',
    "number": b"1",
    "null": b"null",
    "NaN": b'{"contacts":[NaN]}',
    "cut short": b'{"contacts":[{"name":"A',
    "trailing words": b'{"contacts":[]} x',
    "invalid UTF-8": b'{"contacts":[{"address_book":"B","name":"\xff\xfe"}]}',
    "UTF-16": '{"contacts":[]}'.encode("utf-16"),
    "overlong UTF-8": b'{"contacts":[{"address_book":"B","name":"\xc0\xaf"}]}',
    "raw surrogate": b'{"contacts":[{"address_book":"B","name":"\xed\xa0\x80"}]}',
    "lone surrogate": b'{"contacts":[{"address_book":"B","name":"\\ud800"}]}',
    "NUL": b'{"contacts":[{"address_book":"B","name":"a\\u0000b"}]}',
    "NUL in a number": b'{"contacts":[{"address_book":"B","name":"a","phone":"1\\u0000"}]}',
    "NUL in a book": b'{"contacts":[{"address_book":"B\\u0000","name":"a"}]}',
    "NUL in a custom key": b'{"contacts":[{"address_book":"B","name":"a","custom_data":{"k\\u0000":"v"}}]}',
    "surrogate in a custom value": b'{"contacts":[{"address_book":"B","name":"a","custom_data":{"k":"\\udfff"}}]}',
    "raw control": b'{"contacts":[{"address_book":"B","name":"a\x00b"}]}',
    "deep arrays": b'{"contacts":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "form": b"contacts=1",
}


def send(account: Account, verb: str, body: bytes) -> httpx2.Response:
    """Send raw bytes as JSON."""
    return account.apptoto.request(verb, "/contacts", content=body, headers={"Content-Type": "application/json"})


def whole(account: Account) -> tuple[str, str]:
    """All that the account holds, to be compared."""
    return json.dumps(stored(account)), json.dumps(sorted(books(account)))


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES.keys())
def test_a_broken_body_is_refused(account: Account, verb: str, body: bytes) -> None:
    create(account)
    before = whole(account)
    refused(send(account, verb, body))
    assert whole(account) == before


@pytest.mark.parametrize("verb", ["POST", "PUT"])
@pytest.mark.parametrize("field", FIELDS)
def test_any_value_in_any_field_is_taken_or_refused(account: Account, verb: str, field: str) -> None:
    create(account)
    for what, value in WRONG_VALUES.items():
        before = whole(account)
        frame = {"address_book": json.dumps(BOOK), "name": '"Ada Byron"', field: value}
        element = ",".join(f'"{key}":{text}' for key, text in frame.items())
        answer = send(account, verb, f'{{"contacts":[{{{element}}}]}}'.encode())
        if answer.status_code == 200:
            (made,) = served(answer)
            assert made["id"] in [one["number"] for one in stored(account)], what
            assert account.native.delete(f"/contacts/{stored_uid(account, made['id'])}").status_code < 300, what
        else:
            refused(answer, 404 if (field, answer.status_code) == ("id", 404) else 400)
            assert whole(account) == before, what


def stored_uid(account: Account, number: int) -> str:
    """The uid of the contact that bears a number."""
    return str(next(one["uid"] for one in stored(account) if one["number"] == number))


@pytest.mark.parametrize("text", ['"a\\u0000b"', '"\\ud800"', '"a\\udc00"'])
@pytest.mark.parametrize("field", ["name", "first_name", "phone", "email", "external_id", "address_book", "add_phone"])
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_unstorable_text_is_refused(account: Account, verb: str, field: str, text: str) -> None:
    held = create(account)
    frame = {"id": str(held["id"])} if verb == "PUT" else {"address_book": '"New"', "name": '"Ada Byron"'}
    if (verb, field) == ("POST", "add_phone"):
        field = "last_name"
    element = ",".join(f'"{key}":{value}' for key, value in (frame | {field: text}).items())
    refused(send(account, verb, f'{{"contacts":[{{{element}}}]}}'.encode()))
    assert listed(account) == [held]
    assert "New" not in books(account)


@pytest.mark.parametrize("number", [2**53, 2**63, 2**64, HUGE, -HUGE])
@pytest.mark.parametrize("field", ["id", "address_book_id"])
def test_huge_integers_are_refused(account: Account, field: str, number: int) -> None:
    held = create(account)
    element = f'{{"contacts":[{{"{field}":{number},"name":"Ada Byron","address_book":"New"}}]}}'
    refused(send(account, "PUT", element.encode()))
    if field == "address_book_id":
        refused(send(account, "POST", element.encode()))
    for verb, path in (("GET", "/contact"), ("DELETE", "/contacts"), ("GET", "/contacts")):
        answer = account.apptoto.request(verb, path, params={field: str(number), "external_id": "x"})
        assert 400 <= answer.status_code < 500, (verb, path)
        refused(answer, answer.status_code)
    assert listed(account) == [held]
    assert "New" not in books(account)


def test_of_doubled_keys_the_last_counts(account: Account) -> None:
    body = b'{"contacts":[],"contacts":[{"address_book":"B","name":"First One","name":"Last One"}]}'
    (made,) = served(send(account, "POST", body))
    assert made["name"] == "Last One"
    body = b'{"contacts":[{"address_book":"B","name":"A B","custom_data":{"k":"1","k":"2"}}]}'
    (made,) = served(send(account, "POST", body))
    assert made["custom_data"] == {"k": "2"}


@pytest.mark.parametrize(
    "query",
    [
        f"page={HUGE}",
        f"page_size={HUGE}",
        f"page={2**53 - 1}&page_size=500",
        "page=%00",
        "page=1e3",
        "page=%EF%BC%91",
        "page=+1",
        "page=1_0",
        "external_id=%00",
        "external_id=%FF%FE",
        "external_id=%ED%A0%80",
        "external_id=" + "x" * 5000,
        "phone_number=%00",
        "phone_number=%2B",
        "phone_number=" + "9" * 3000,
        "email_address=%00",
        "email_address=%25%27%22%3B--",
        "address_book_id=x",
        f"address_book_id={HUGE}",
        "id=%E2%88%9E",
        "id=1&id=2",
        "id[]=1",
        "&&==&%",
    ],
)
@pytest.mark.parametrize("call", [("GET", "/contacts"), ("GET", "/contact"), ("DELETE", "/contacts")], ids=" ".join)
def test_any_query_is_answered(account: Account, call: tuple[str, str], query: str) -> None:
    held = create(account)
    answer = account.apptoto.request(call[0], f"{call[1]}?{query}")
    if answer.status_code == 200:
        assert call == ("GET", "/contacts")
    else:
        refused(answer, answer.status_code)
        assert answer.status_code in {400, 404}
    assert listed(account) == [held]


@pytest.mark.parametrize(
    "text", ["Robert'); DROP TABLE contacts;--", "{{7*7}}", "<script>", "a" * 5000, "\u202eabc", "🎉👩"]
)
def test_strange_but_honest_text_is_kept(account: Account, text: str) -> None:
    made = create(account, name=text, address_book=text[:100], custom_data={text[:100]: text}, email=text)
    assert (made["name"], made["address_book"], made["email"]) == (text, text[:100], text)
    assert listed(account) == [made]
    assert listed(account, email_address=text[:100]) == ([made] if len(text) < 100 else [])


def test_a_refusal_tells_nothing_of_the_inside(account: Account) -> None:
    for body in (b"{", b'{"contacts":[{"name":5}]}', b'{"contacts":[{"address_book_id":99,"name":"A"}]}'):
        text = send(account, "POST", body).text
        assert account.key not in text
        for word in ("Traceback", "sqlite", "SELECT", "msgspec", ".py", "/work"):
            assert word not in text
