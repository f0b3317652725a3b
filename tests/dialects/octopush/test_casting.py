"""Octopush: what is understood although it was not sent as the page says."""

import json

import pytest

from tests.dialects.octopush.calls import (
    ANN,
    BOB,
    EVE,
    assert_no_content,
    create,
    created,
    delete,
    lists,
    number_of,
    numbers,
    only,
    refusal,
    snapshot,
    stored,
    tags,
)
from tests.harness import Account, statement

TRUE = [True, 1, "1", "true", "TRUE", "yes", "Yes", "on", "ON"]
FALSE = [False, 0, "0", "false", "False", "no", "NO", "off"]
ABSENT = ["maybe", "", 2, -1, 0.5, None, [], [True], {}, {"true": True}]


@statement("OC-40")
@pytest.mark.parametrize(
    "spelling",
    [
        "+33 6.12-34 (56) 78",
        "+33/612/345/678",
        "+33[6]12{34}5678",
        "\u00a0+33\u202f6\u201312\u201434 56 78 ",
        "\u202a+33612345678\u202c",
        "+" + "".join(chr(0xFF10 + int(digit)) for digit in "33612345678"),
    ],
)
def test_blanks_dots_dashes_and_brackets_in_a_number_do_not_matter(account: Account, spelling: str) -> None:
    assert created(account, {"phone_number": spelling}) == 1
    assert only(account)["phones"][0]["e164"] == ANN


@statement("OC-41")
@pytest.mark.parametrize(
    "spelling", ["0033612345678", "00 33 6 12 34 56 78", "33612345678", 33612345678, 33612345678.0], ids=repr
)
def test_other_spellings_lead_to_the_same_contact(account: Account, spelling: object) -> None:
    created(account, {"phone_number": ANN, "first_name": "Ann"})
    assert created(account, {"phone_number": spelling, "last_name": "Moor"}) == 1
    assert only(account)["name"]["full"] == "Ann Moor"
    assert numbers(account) == [ANN]


@statement("OC-42")
@pytest.mark.parametrize("number", ["+111222233334444", "+2222333334444555"])
def test_the_vendors_samples_are_taken_with_their_digits_unaltered(account: Account, number: str) -> None:
    assert created(account, {"phone_number": number, "first_name": "Sample"}) == 1
    assert only(account)["phones"][0]["raw"] == number
    assert only(account)["phones"][0]["e164"] is None
    assert created(account, {"phone_number": number.replace("+", "00"), "first_name": "Again"}) == 1
    assert only(account)["name"]["given"] == "Again"


@statement("OC-43")
@pytest.mark.parametrize(
    "bad",
    ["abc", "", "+", "+1234", "+12345678901234567", "0612345678", "+33x612345678", "33+612345678", None, True, [], {}],
    ids=repr,
)
def test_an_unusable_number_is_left_out_and_the_good_ones_stored(account: Account, bad: object) -> None:
    good = [{"phone_number": ANN}, {"phone_number": BOB}]
    broken = {"phone_number": bad, "first_name": "Nobody"}
    assert created(account, good[0], broken, {"first_name": "Numberless"}, good[1], list_name="club") == 2
    assert numbers(account) == [ANN, BOB]
    assert lists(account) == {"club": 2}


@statement("OC-44")
@pytest.mark.parametrize(
    "contacts", [[{"phone_number": "abc"}, {"phone_number": "+1"}], [{}], [{"first_name": "Ann"}], [None]], ids=str
)
def test_only_unusable_numbers_are_refused(account: Account, contacts: list[object]) -> None:
    before = snapshot(account)
    assert refusal(create(account, *contacts, list_name="club", tag_name="vip")) == (400, 117)
    assert snapshot(account) == before


@statement("OC-45")
@pytest.mark.parametrize("name", ["un_list", "un_tag", "do_not_overwrite"])
def test_words_and_numbers_for_yes_and_no_are_understood(account: Account, name: str) -> None:
    for value in TRUE:
        assert flag_counts_as_true(account, name, value), value
    for value in FALSE + ABSENT:
        assert not flag_counts_as_true(account, name, value), value


def flag_counts_as_true(account: Account, name: str, value: object) -> bool:
    """Whether ``name`` with ``value`` took the contact off its list or tag, or kept its data."""
    created(account, {"phone_number": ANN, "first_name": "Before"}, list_name="club", tag_name="vip")
    created(account, {"phone_number": ANN, "first_name": "After"}, **{name: value})
    contact = only(account)
    effects: dict[str, bool] = {
        "un_list": contact["lists"] == [],
        "un_tag": contact["tags"] == [],
        "do_not_overwrite": contact["name"]["given"] == "Before",
    }
    return effects[name]


@statement("OC-46")
@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"list_names": "spring"}, ["spring"]),
        ({"list_name": ["a", "b"]}, ["a", "b"]),
        ({"list_name": ["a", "b"], "list_names": "c"}, ["a", "b", "c"]),
        ({"list_names": ["a", 7, None, {}, [], "", "  ", " b "]}, ["7", "a", "b"]),
        ({"list_name": 2024}, ["2024"]),
        ({"list_name": {}, "list_names": {"a": 1}}, []),
        ({"list_name": None, "list_names": None}, []),
    ],
    ids=str,
)
def test_one_text_and_several_are_understood_in_either_field(
    account: Account, options: dict[str, object], names: list[str]
) -> None:
    as_tags = {key.replace("list", "tag"): value for key, value in options.items()}
    assert created(account, {"phone_number": ANN}, **options, **as_tags) == 1
    assert sorted(only(account)["lists"]) == names
    assert sorted(only(account)["tags"]) == names


@statement("OC-47")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (42, "42"),
        (42.0, "42"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        ({}, "Before"),
        ([], "Before"),
        (["Ann"], "Before"),
        (10**30, "Before"),
        (1e300, "Before"),
    ],
    ids=repr,
)
def test_a_number_becomes_text_and_an_object_is_passed_over(account: Account, sent: object, kept: str) -> None:
    created(account, {"phone_number": ANN, "first_name": "Before", "param3": "Before"})
    created(account, {"phone_number": ANN, "first_name": sent, "param3": sent})
    assert only(account)["name"]["given"] == kept
    assert only(account)["custom"] == {"param3": kept}


@statement("OC-48")
def test_long_names_are_cut_and_the_cut_name_is_the_key(account: Account) -> None:
    long_list, long_tag = "é" * 35, "ł" * 25
    created(account, {"phone_number": ANN}, list_name=long_list, tag_name=long_tag)
    assert lists(account) == {"é" * 30: 1}
    assert tags(account) == {"ł" * 20: 1}
    created(account, {"phone_number": BOB}, list_names=["é" * 30], tag_names=[long_tag])
    assert lists(account) == {"é" * 30: 2}
    assert tags(account) == {"ł" * 20: 2}
    assert refusal(account.octopush.post("/contact-list/create", json={"list_name": long_list})) == (400, 302)
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": [BOB], "list_name": long_list}))
    assert lists(account) == {"é" * 30: 1}
    assert_no_content(account.octopush.post("/contact-list/empty", json={"list_name": long_list}))
    assert_no_content(delete(account, "/contact-list/delete", {"list_name": long_list}))
    assert lists(account) == {}


def test_a_blank_left_at_the_cut_goes_too(account: Account) -> None:
    created(account, {"phone_number": ANN}, list_name="x" * 29 + " yz")
    assert lists(account) == {"x" * 29: 1}


@statement("OC-49")
def test_one_object_counts_as_an_array_of_one(account: Account) -> None:
    body = {"contacts": {"phone_number": ANN, "first_name": "Ann"}}
    answer = account.octopush.post("/contact/create", json=body)
    assert (answer.status_code, answer.json()) == (201, {"number_of_contacts": 1})
    assert only(account)["name"]["given"] == "Ann"


def test_a_text_or_a_number_in_contacts_is_a_phone_number(account: Account) -> None:
    assert created(account, ANN, int(BOB), {"phone_number": EVE}) == 3
    assert numbers(account) == [ANN, BOB, EVE]


@statement("OC-50")
@pytest.mark.parametrize("text", ["Inès", "Łukasz", "李", "עמית", "👩‍🚀", "e\u0301", "O'Neil & <Söhne>"])
@pytest.mark.parametrize("escaped", [False, True], ids=["as it is", "escaped"])
def test_any_script_comes_back_as_it_was_sent(account: Account, text: str, escaped: bool) -> None:
    body = {"contacts": [{"phone_number": ANN, "first_name": text, "param1": text}], "list_name": text}
    content = json.dumps(body, ensure_ascii=escaped).encode()
    headers = {"Content-Type": "application/json"}
    assert account.octopush.post("/contact/create", content=content, headers=headers).status_code == 201
    contact = only(account)
    assert (contact["name"]["given"], contact["custom"]) == (text, {"param1": text})
    assert lists(account) == {text: 1}


@statement("OC-53")
def test_control_characters_are_taken_out(account: Account) -> None:
    contact = {"phone_number": ANN, "first_name": "A\x00n\x1fn", "last_name": "\x00", "param1": "a\tb\r\nc\x7f\x85"}
    assert created(account, contact, list_names=["cl\x00ub", "\x01"], tag_name="v\x00ip") == 1
    stored_contact = only(account)
    assert stored_contact["name"] == {"full": "Ann", "given": "Ann", "family": None}
    assert stored_contact["custom"] == {"param1": "abc"}
    assert (lists(account), tags(account)) == ({"club": 1}, {"vip": 1})


def test_a_national_number_is_completed_with_the_accounts_country(account: Account) -> None:
    assert refusal(create(account, {"phone_number": "06 12 34 56 78"})) == (400, 117)
    assert account.native.patch("/account", json={"default_country": "FR"}).status_code == 200
    assert created(account, {"phone_number": "06 12 34 56 78"}) == 1
    assert numbers(account) == [ANN]
    assert created(account, {"phone_number": "33612345678", "first_name": "Ann"}) == 1
    assert number_of(only(account)) == ANN
    assert_no_content(delete(account, "/contact/delete", {"phone_numbers": ["0612345678"]}))
    assert stored(account) == []
