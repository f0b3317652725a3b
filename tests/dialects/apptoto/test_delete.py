"""DELETE contacts, by query and by body."""

import httpx2
import pytest

from tests.dialects.apptoto.calls import (
    BOOK,
    Json,
    books,
    contact,
    create,
    listed,
    refused,
    served,
    stored,
    update,
)
from tests.harness import Account, statement


def delete_by_body(account: Account, body: Json) -> httpx2.Response:
    """DELETE contacts with a JSON body."""
    return account.apptoto.request("DELETE", "/contacts", json=body)


@statement("AP-70")
@pytest.mark.parametrize("key", ["id", "external_id"])
def test_a_body_names_the_contact_to_delete(account: Account, key: str) -> None:
    made, kept = create(account, external_id="P-1"), create(account, external_id="P-2")
    answer = delete_by_body(account, {key: made[key]})
    assert answer.status_code == 200
    assert listed(account) == [kept]
    assert [one["number"] for one in stored(account)] == [kept["id"]]


@statement("AP-71")
@pytest.mark.parametrize("key", ["id", "external_id"])
def test_the_query_names_the_contact_to_delete(account: Account, key: str) -> None:
    made, kept = create(account, external_id="P-1"), create(account, external_id="P-2")
    answer = account.apptoto.delete("/contacts", params={key: made[key]})
    assert answer.status_code == 200
    assert listed(account) == [kept]
    assert [one["number"] for one in stored(account)] == [kept["id"]]


@statement("AP-72")
def test_the_deleted_contact_is_answered_as_it_was(account: Account) -> None:
    made = create(account, external_id="P-1", phone="650-555-0134", custom_data={"a": "1"})
    answer = account.apptoto.delete("/contacts", params={"id": made["id"]})
    assert served(answer) == [made | {"is_deleted": True}]


@statement("AP-73")
def test_a_deleted_contact_is_gone_and_its_external_id_free(account: Account) -> None:
    made = create(account, external_id="P-1", phone="650-555-0134")
    served(account.apptoto.delete("/contacts", params={"id": made["id"]}))
    for key in ({"id": made["id"]}, {"external_id": "P-1"}):
        refused(account.apptoto.get("/contact", params=key), 404)
        assert listed(account, **key) == []
    assert listed(account) == listed(account, phone_number="650-555-0134") == stored(account) == []
    again = update(account, **contact(external_id="P-1"))
    assert again["id"] > made["id"]
    assert again["phone_numbers"] == []
    assert create(account)["id"] > again["id"]


@statement("AP-74")
def test_deleting_again_is_404_and_nobody_is_400(account: Account) -> None:
    made, kept = create(account, external_id="P-1"), create(account)
    served(delete_by_body(account, {"id": made["id"]}))
    refused(delete_by_body(account, {"id": made["id"]}), 404)
    refused(account.apptoto.delete("/contacts", params={"external_id": "P-1"}), 404)
    refused(account.apptoto.delete("/contacts"))
    refused(delete_by_body(account, {}))
    refused(delete_by_body(account, {"address_book_id": kept["address_book_id"]}))
    assert listed(account) == [kept]


@statement("AP-75")
def test_a_book_outlives_its_last_contact(account: Account) -> None:
    made = create(account)
    served(account.apptoto.delete("/contacts", params={"id": made["id"]}))
    assert books(account)[BOOK]["number"] == made["address_book_id"]
    shown = account.apptoto.get("/address_books").json()["address_books"]
    assert BOOK in [book["name"] for book in shown]
    assert create(account)["address_book_id"] == made["address_book_id"]


def test_the_query_wins_over_the_body(account: Account) -> None:
    one, two = create(account), create(account)
    answer = account.apptoto.request("DELETE", "/contacts", params={"id": one["id"]}, json={"id": two["id"]})
    assert [gone["id"] for gone in served(answer)] == [one["id"]]
    assert listed(account) == [two]


def test_an_opt_out_outlives_the_contact(account: Account) -> None:
    made = create(account, phone="650-555-0134")
    assert account.native.post("/opt-outs", json={"phone": "+16505550134"}).status_code == 201
    served(account.apptoto.delete("/contacts", params={"id": made["id"]}))
    assert [one["key"] for one in account.native.get("/opt-outs").json()["opt_outs"]] == ["+16505550134"]
