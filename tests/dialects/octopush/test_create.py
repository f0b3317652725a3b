"""Octopush: storing contacts, with their lists, tags and opt-outs."""

import pytest

from tests.dialects.octopush.calls import (
    ANN,
    BOB,
    EVE,
    by_number,
    create,
    created,
    lists,
    number_of,
    numbers,
    only,
    opt_out,
    opted_out,
    refusal,
    snapshot,
    stored,
    tags,
)
from tests.harness import Account, statement

PARAMS = {f"param{i}": f"text {i}" for i in range(1, 6)}


@statement("OC-10")
def test_a_contact_is_stored_with_all_its_fields(account: Account) -> None:
    created(account, {"phone_number": ANN, "first_name": "Ann", "last_name": "Moor", **PARAMS})
    contact = only(account)
    assert number_of(contact) == ANN
    assert contact["name"] == {"full": "Ann Moor", "given": "Ann", "family": "Moor"}
    assert contact["custom"] == PARAMS
    assert contact["kind"] == "individual"


@statement("OC-11")
def test_storing_one_answers_201_and_the_number_1(account: Account) -> None:
    answer = create(account, {"phone_number": ANN, "first_name": "Ann"})
    assert answer.status_code == 201
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == {"number_of_contacts": 1}


@statement("OC-12")
def test_a_new_list_name_makes_a_list(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="spring")
    assert lists(account) == {"spring": 1}
    assert only(account)["lists"] == ["spring"]


@statement("OC-13")
def test_each_new_name_of_list_names_makes_a_list(account: Account) -> None:
    created(account, {"phone_number": ANN}, {"phone_number": BOB}, list_names=["spring", "club"])
    assert lists(account) == {"spring": 2, "club": 2}
    for contact in stored(account):
        assert sorted(contact["lists"]) == ["club", "spring"]


@statement("OC-14")
def test_list_name_and_list_names_add_up(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="club", list_names=["spring", "club", "spring"])
    assert sorted(only(account)["lists"]) == ["club", "spring"]
    assert lists(account) == {"club": 1, "spring": 1}


@statement("OC-15")
def test_tags_work_as_lists_do(account: Account) -> None:
    created(account, {"phone_number": ANN}, {"phone_number": BOB}, tag_name="vip", tag_names=["gold", "vip"])
    assert tags(account) == {"vip": 2, "gold": 2}
    for contact in stored(account):
        assert sorted(contact["tags"]) == ["gold", "vip"]
    assert lists(account) == {}


@statement("OC-16")
def test_a_list_that_is_there_is_used_again(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="club")
    created(account, {"phone_number": BOB}, list_name="club")
    created(account, {"phone_number": BOB}, list_names=["club"])
    assert lists(account) == {"club": 2}


@statement("OC-17")
def test_without_list_and_tag_the_contact_is_only_in_the_account(account: Account) -> None:
    assert created(account, {"phone_number": ANN, "first_name": "Ann"}) == 1
    contact = only(account)
    assert contact["lists"] == []
    assert contact["tags"] == []
    assert (lists(account), tags(account)) == ({}, {})


def check_opted_out_are_left_out(account: Account, flag: str) -> None:
    """With ``flag`` an opted-out number is neither stored nor, once stored, touched."""
    opt_out(account, ANN)
    assert created(account, {"phone_number": ANN}, {"phone_number": BOB}, list_name="club", **{flag: True}) == 1
    assert numbers(account) == [BOB]
    assert lists(account) == {"club": 1}
    opt_out(account, BOB)
    before = by_number(account, BOB)
    created(account, {"phone_number": BOB, "first_name": "Bob"}, {"phone_number": EVE}, un_list=True, **{flag: True})
    assert by_number(account, BOB) == before
    assert numbers(account) == [BOB, EVE]
    assert opted_out(account) == {ANN, BOB}


@statement("OC-29")
def test_opted_out_numbers_are_left_out_on_request(account: Account) -> None:
    check_opted_out_are_left_out(account, "auto_delete_optout_contacts")


@statement("OC-30")
@pytest.mark.parametrize("newer_name", [None, False], ids=["alone", "beside the newer name"])
def test_the_older_name_of_the_flag_does_the_same(account: Account, newer_name: bool | None) -> None:
    if newer_name is None:
        check_opted_out_are_left_out(account, "auto_remove_blacklisted_numbers")
        return
    opt_out(account, ANN)
    options = {"auto_remove_blacklisted_numbers": True, "auto_delete_optout_contacts": newer_name}
    assert created(account, {"phone_number": ANN}, {"phone_number": BOB}, **options) == 1
    assert numbers(account) == [BOB]


@statement("OC-31")
def test_without_the_flag_an_opted_out_number_is_stored_and_stays_opted_out(account: Account) -> None:
    opt_out(account, ANN)
    assert created(account, {"phone_number": ANN, "first_name": "Ann"}) == 1
    assert created(account, {"phone_number": ANN, "first_name": "Anna"}, auto_delete_optout_contacts=False) == 1
    contact = only(account)
    assert contact["name"]["given"] == "Anna"
    assert contact["opt_out"] is True
    assert opted_out(account) == {ANN}


@statement("OC-32")
def test_all_opted_out_is_a_success_with_nothing_stored(account: Account) -> None:
    opt_out(account, ANN)
    assert created(account, {"phone_number": ANN}, auto_delete_optout_contacts=True) == 0
    assert stored(account) == []


@statement("OC-33")
@pytest.mark.parametrize("body", [{}, {"contacts": []}, {"contacts": None}], ids=str)
def test_no_contacts_is_refused(account: Account, body: dict[str, object]) -> None:
    answer = account.octopush.post("/contact/create", json=body | {"list_name": "club", "tag_name": "vip"})
    assert refusal(answer) == (400, 110)
    assert (lists(account), tags(account)) == ({}, {})


@statement("OC-34")
def test_a_param_of_null_stores_nothing(account: Account) -> None:
    created(account, {"phone_number": ANN, "param1": None, "param2": "blue"})
    assert only(account)["custom"] == {"param2": "blue"}


@statement("OC-35")
def test_an_email_is_stored(account: Account) -> None:
    created(account, {"phone_number": ANN, "email": "ann@example.org"})
    contact = only(account)
    assert [(email["address"], email["primary"]) for email in contact["emails"]] == [("ann@example.org", True)]


@statement("OC-36")
def test_unknown_keys_are_passed_over(account: Account) -> None:
    contact = {"phone_number": ANN, "first_name": "Ann", "param6": "no", "age": {"years": 3}}
    assert created(account, contact, colour="red", campaign=[1, {"x": None}]) == 1
    assert only(account)["name"]["given"] == "Ann"
    assert only(account)["custom"] == {}


@statement("OC-37")
def test_one_number_in_two_spellings_is_one_contact_with_the_later_data(account: Account) -> None:
    first = {"phone_number": ANN, "first_name": "First", "param1": "kept"}
    later = {"phone_number": "0033 6 12 34 56 78", "first_name": "Later"}
    assert created(account, first, later) == 1
    contact = only(account)
    assert contact["name"]["given"] == "Later"
    assert contact["custom"] == {"param1": "kept"}


def test_the_same_number_twice_with_do_not_overwrite_keeps_the_first(account: Account) -> None:
    first, later = {"phone_number": ANN, "first_name": "First"}, {"phone_number": ANN, "first_name": "Later"}
    assert created(account, first, later, do_not_overwrite=True) == 1
    assert only(account)["name"]["given"] == "First"


@statement("OC-38")
def test_ten_thousand_contacts_pass_and_one_more_does_not(account: Account) -> None:
    many = [{"phone_number": f"+3361{i:07d}"} for i in range(10_001)]
    before = snapshot(account)
    assert refusal(create(account, *many, list_name="all", tag_name="all")) == (400, 305)
    assert snapshot(account) == before
    assert created(account, *many[:10_000], list_name="all") == 10_000
    assert lists(account) == {"all": 10_000}


def test_an_unusable_email_is_passed_over_and_the_contact_stored(account: Account) -> None:
    assert created(account, {"phone_number": ANN, "email": "not an address", "first_name": "Ann"}) == 1
    assert only(account)["emails"] == []
    assert only(account)["name"]["given"] == "Ann"


def test_a_contact_goes_into_the_default_book(account: Account) -> None:
    account.native.post("/books", json={"name": "Another"})
    created(account, {"phone_number": ANN})
    books = {book["number"]: book["name"] for book in account.native.get("/books").json()["books"]}
    assert books[only(account)["book"]] == "Contacts"


def test_a_repeated_request_with_an_idempotency_key_is_answered_from_the_first(account: Account) -> None:
    headers = {"Idempotency-Key": "one"}
    body = {"contacts": [{"phone_number": ANN, "first_name": "Ann"}]}
    first = account.octopush.post("/contact/create", json=body, headers=headers)
    account.octopush.request("DELETE", "/contact/delete", json={"phone_numbers": [ANN]})
    again = account.octopush.post("/contact/create", json=body, headers=headers)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert stored(account) == []
    other = account.octopush.post("/contact/create", json={"contacts": [{"phone_number": BOB}]}, headers=headers)
    assert refusal(other) == (409, 125)
    assert stored(account) == []
