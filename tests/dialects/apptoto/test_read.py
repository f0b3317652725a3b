"""GET contact, GET contacts and GET address_books."""

from typing import Any

import pytest

from tests.dialects.apptoto.calls import (
    BOOK,
    contact,
    create,
    create_twins,
    fetch,
    listed,
    post,
    refused,
    served,
    stored,
)
from tests.harness import Account, statement

PHONE_TYPES = ["mobile", "home", "work", "main", "home fax", "work fax", "pager", "other"]
EMAIL_TYPES = ["home", "work", "other"]


def create_many(account: Account, count: int) -> list[int]:
    """Store some contacts and give their ids in order."""
    return [one["id"] for one in served(post(account, *(contact(name=f"Person {at}") for at in range(count))))]


@statement("AP-50")
def test_one_contact_by_external_id_comes_bare(account: Account) -> None:
    made = create(account, external_id="P-1", phone="650-555-0134", email="ada@example.org")
    create(account, external_id="P-2")
    read = fetch(account, external_id="P-1")
    assert read == made
    assert {"id", "name", "phone_numbers", "email_addresses"} <= set(read)
    assert "contacts" not in read


@statement("AP-51")
def test_one_contact_by_id_comes_the_same(account: Account) -> None:
    made = create(account, external_id="P-1", phone="650-555-0134", email="ada@example.org")
    create(account)
    assert fetch(account, id=made["id"]) == fetch(account, external_id="P-1") == made


@statement("AP-52")
@pytest.mark.parametrize("key", [{"id": 99999}, {"external_id": "nobody"}])
def test_no_such_contact_is_404(account: Account, key: dict[str, str]) -> None:
    create(account, external_id="P-1")
    refused(account.apptoto.get("/contact", params=key), 404)


@statement("AP-53")
@pytest.mark.parametrize("query", ["", "?id=", "?external_id=", "?address_book_id=1", "?name=Ada"])
def test_a_contact_must_be_named(account: Account, query: str) -> None:
    create(account)
    refused(account.apptoto.get("/contact" + query))


@statement("AP-54")
def test_a_page_is_30_long(account: Account) -> None:
    made = create_many(account, 31)
    assert [one["id"] for one in listed(account)] == made[:30]
    assert [one["id"] for one in listed(account, page=2)] == made[30:]


@statement("AP-55")
def test_pages_of_200_show_each_contact_once(account: Account) -> None:
    made = create_many(account, 203)
    seen: list[int] = []
    lengths: list[int] = []
    for page in range(1, 6):
        shown = [one["id"] for one in listed(account, page=page, page_size=200)]
        lengths.append(len(shown))
        seen.extend(shown)
        if not shown:
            break
    assert lengths == [200, 3, 0]
    assert seen == made


@statement("AP-56")
@pytest.mark.parametrize("page", [2, 1000, 2**53 - 1])
def test_past_the_end_is_an_empty_page(account: Account, page: int) -> None:
    create(account)
    answer = account.apptoto.get("/contacts", params={"page": page})
    assert answer.status_code == 200
    assert answer.json() == {"contacts": []}


def test_limit_is_another_name_of_page_size(account: Account) -> None:
    made = create_many(account, 5)
    assert [one["id"] for one in listed(account, limit=2, page=2)] == made[2:4]


def test_a_page_size_over_500_counts_as_500(account: Account) -> None:
    made = create_many(account, 501)
    assert [one["id"] for one in listed(account, page_size=100000)] == made[:500]
    assert [one["id"] for one in listed(account, page_size=500)] == made[:500]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page_size=0", "page_size=1.5", "limit=-3", "id=x"])
def test_bad_parameters_are_refused(account: Account, query: str) -> None:
    name = query.partition("=")[0]
    assert name in refused(account.apptoto.get(f"/contacts?{query}"))["error"]


@statement("AP-57")
def test_a_book_limits_the_list(account: Account) -> None:
    one, two = create(account), create(account, address_book="Other")
    third = create(account)
    book = one["address_book_id"]
    shown = listed(account, address_book_id=book)
    assert [contact["id"] for contact in shown] == [one["id"], third["id"]]
    assert {contact["address_book_id"] for contact in shown} == {book}
    assert listed(account, address_book_id=two["address_book_id"]) == [two]
    assert listed(account, address_book_id=999) == []


@statement("AP-58")
@pytest.mark.parametrize("number", ["650-555-0134", "(650) 555 0134", "+16505550134", "1 650 555 0134"])
def test_numbers_and_addresses_filter(account: Account, number: str) -> None:
    made = create(
        account, phone_numbers=[{"number": "+33 6 12 34 56 78"}, {"number": "650.555.0134"}], email="Ada@Example.org"
    )
    create(account, phone="650-555-0199", email="bo@example.org")
    assert listed(account, phone_number=number) == [made]
    assert listed(account, email_address="ada@example.ORG") == [made]
    assert listed(account, phone_number=number, email_address="bo@example.org") == []
    assert listed(account, phone_number="650-555-0000") == listed(account, email_address="no@example.org") == []


def test_a_plus_that_was_not_escaped_is_understood(account: Account) -> None:
    made = create(account, phone="+33 6 12 34 56 78")
    assert served(account.apptoto.get("/contacts?phone_number=+33612345678")) == [made]


@statement("AP-59")
def test_the_list_finds_one_by_external_id(account: Account) -> None:
    made = create(account, external_id="P-1")
    create(account, external_id="P-2")
    assert listed(account, external_id="P-1") == [made]
    assert listed(account, id=made["id"]) == [made]
    assert listed(account, external_id="nobody") == listed(account, id=99999) == []


@statement("AP-60")
def test_books_tell_their_names_and_types(account: Account) -> None:
    made = create(account)
    answer = account.apptoto.get("/address_books")
    assert answer.status_code == 200
    assert list(answer.json()) == ["address_books"]
    shown = {book["name"]: book for book in answer.json()["address_books"]}
    assert set(shown) == {"Contacts", BOOK}
    assert shown[BOOK]["id"] == made["address_book_id"]
    for book in shown.values():
        assert list(book) == ["id", "name", "type", "phone_types", "email_types"]
        assert isinstance(book["id"], int)
        assert isinstance(book["type"], str)
        assert (book["phone_types"], book["email_types"]) == (PHONE_TYPES, EMAIL_TYPES)


@statement("AP-61")
@pytest.mark.parametrize("path", ["/contacts", "/contact?external_id=P-1", "/address_books"])
def test_a_get_may_announce_json_and_send_none(account: Account, path: str) -> None:
    create(account, external_id="P-1")
    answer = account.apptoto.get(path, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()


@statement("AP-62")
def test_each_kind_of_book_has_its_own_types(account: Account) -> None:
    book = {
        "name": "Fleet",
        "kind": "fleet",
        "phone_types": ["Cell", "Desk"],
        "email_types": ["Office"],
        "mobile_type": "Cell",
    }
    assert account.native.post("/books", json=book).status_code == 201
    sent = [
        {"number": "650-555-0134", "is_mobile": True},
        {"number": "650-555-0135", "type": "desk"},
        {"number": "650-555-0136", "type": "mobile"},
    ]
    fleet, plain = create(account, address_book="Fleet", phone_numbers=sent), create(account, phone_numbers=sent)

    shown = {one["name"]: one for one in account.apptoto.get("/address_books").json()["address_books"]}
    assert (shown["Fleet"]["phone_types"], shown["Fleet"]["email_types"]) == (["Cell", "Desk"], ["Office"])
    assert shown["Fleet"]["type"] == "fleet"
    assert shown[BOOK]["phone_types"] == PHONE_TYPES
    assert [(one["type"], one["is_mobile"]) for one in fleet["phone_numbers"]] == [
        ("Cell", True),
        ("Desk", False),
        ("mobile", False),
    ]
    assert [one["type"] for one in plain["phone_numbers"]] == ["mobile", "desk", "mobile"]


@statement("AP-63")
def test_one_external_id_in_several_books_needs_a_book(account: Account) -> None:
    one, two = create_twins(account)
    refused(account.apptoto.get("/contact", params={"external_id": "x"}))
    refused(account.apptoto.delete("/contacts", params={"external_id": "x"}))
    refused(account.apptoto.request("DELETE", "/contacts", json={"external_id": "x"}))
    assert len(stored(account)) == 2
    assert listed(account, external_id="x") == [one, two]
    assert fetch(account, external_id="x", address_book_id=two["address_book_id"]) == two
    narrowed = {"external_id": "x", "address_book_id": one["address_book_id"]}
    assert served(account.apptoto.delete("/contacts", params=narrowed)) == [one | {"is_deleted": True}]
    assert listed(account) == [two]


def test_a_contact_without_a_name_shows_what_it_has(account: Account) -> None:
    for given in ({"phones": [{"raw": "+16505550134"}]}, {"emails": [{"address": "ada@example.org"}]}, {}):
        body: dict[str, Any] = {"name": {}, "phones": [], "emails": [], **given}
        assert account.native.post("/contacts", json=body).status_code == 201
    assert [one["name"] for one in listed(account)] == ["+16505550134", "ada@example.org", "(no name)"]
    assert {(one["first_name"], one["last_name"]) for one in listed(account)} == {(None, None)}
