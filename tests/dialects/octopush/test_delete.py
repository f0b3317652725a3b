"""Octopush: taking contacts off a list or out of the account."""

import pytest

from tests.dialects.octopush.calls import (
    ANN,
    BOB,
    EVE,
    assert_no_content,
    created,
    delete,
    lists,
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


@statement("OC-60")
def test_deleted_numbers_are_gone_from_the_account_and_all_lists(account: Account) -> None:
    people = [{"phone_number": number} for number in (ANN, BOB, EVE)]
    created(account, *people, list_names=["club", "spring"], tag_name="vip")
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN, BOB]}))
    assert numbers(account) == [EVE]
    assert lists(account) == {"club": 1, "spring": 1}
    assert tags(account) == {"vip": 1}


@statement("OC-61")
def test_with_a_list_the_numbers_only_leave_that_list(account: Account) -> None:
    created(account, {"phone_number": ANN}, {"phone_number": BOB}, list_names=["club", "spring"], tag_name="vip")
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN], "list_name": "club"}))
    assert numbers(account) == [ANN, BOB]
    assert lists(account) == {"club": 1, "spring": 2}
    assert tags(account) == {"vip": 2}


@pytest.mark.parametrize("sent", ["club", ["club"]], ids=repr)
def test_the_word_for_lists_of_the_create_call_does_not_delete_people(account: Account, sent: object) -> None:
    created(account, {"phone_number": ANN}, list_names=["club", "spring"])
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN], "list_names": sent}))
    assert only(account)["lists"] == ["spring"]


@pytest.mark.parametrize("field", ["list_name", "list_names"])
@pytest.mark.parametrize("sent", [["club", "spring"], [], "", {}], ids=repr)
def test_a_list_that_cannot_be_told_deletes_nobody(account: Account, field: str, sent: object) -> None:
    created(account, {"phone_number": ANN}, list_names=["club", "spring"])
    answer = delete(account, "/contact/delete", {"phone_numbers": [ANN], field: sent})
    assert refusal(answer) == (400, 110)
    assert only(account)["lists"] == ["club", "spring"]


@statement("OC-62")
def test_one_to_two_hundred_numbers_pass(account: Account) -> None:
    many = [f"+3361{i:07d}" for i in range(201)]
    created(account, *many, list_name="club")
    before = snapshot(account)
    assert refusal(delete(account, "/contact/delete", {"phone_numbers": many})) == (400, 305)
    nothing: list[object] = [{}, {"phone_numbers": []}, {"phone_numbers": None}]
    for none in nothing:
        assert refusal(delete(account, "/contact/delete", none)) == (400, 110)
    no_numbers: list[object] = ["abc", ["abc"], [{}, None]]
    for unusable in no_numbers:
        assert refusal(delete(account, "/contact/delete", {"phone_numbers": unusable})) == (400, 117)
    assert snapshot(account) == before
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": many[:200]}))
    assert numbers(account) == many[200:]


def test_a_slash_at_the_end_makes_no_difference(account: Account) -> None:
    created(account, {"phone_number": ANN})
    assert_no_content(delete(account, "/contact/delete/", {"phone_numbers": [ANN]}))
    assert stored(account) == []


@statement("OC-63")
def test_unknown_numbers_are_passed_over(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="club")
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [BOB]}))
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [BOB], "list_name": "club"}))
    assert lists(account) == {"club": 1}
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [BOB, "abc", ANN]}))
    assert stored(account) == []


@statement("OC-64")
@pytest.mark.parametrize("spelling", ["+33 (6) 12.34.56-78", "0033612345678", "33612345678", 33612345678], ids=repr)
def test_numbers_are_found_in_any_spelling(account: Account, spelling: object) -> None:
    created(account, {"phone_number": ANN}, list_name="club")
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [spelling], "list_name": "club"}))
    assert only(account)["lists"] == []
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [spelling]}))
    assert stored(account) == []


def test_a_single_number_counts_as_an_array_of_one(account: Account) -> None:
    created(account, {"phone_number": ANN}, {"phone_number": BOB})
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": ANN}))
    assert numbers(account) == [BOB]


def test_an_opt_out_outlives_its_contact(account: Account) -> None:
    created(account, {"phone_number": ANN})
    opt_out(account, ANN)
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [ANN]}))
    assert opted_out(account) == {ANN}
