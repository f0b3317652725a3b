"""POST contacts: what is stored, how it is read, and what is refused whole."""

from typing import Any

import pytest

from tests.dialects.apptoto.calls import (
    BOOK,
    Json,
    addresses,
    books,
    contact,
    create,
    faults,
    fetch,
    listed,
    numbers,
    post,
    refused,
    served,
    stored,
    update,
)
from tests.harness import Account, statement

CONTACT_KEYS = [
    "id",
    "address_book_id",
    "address_book",
    "external_id",
    "name",
    "first_name",
    "last_name",
    "phone",
    "email",
    "phone_numbers",
    "email_addresses",
    "custom_data",
    "is_deleted",
]


@statement("AP-05")
def test_a_contact_with_a_book_and_a_name_is_stored_and_answered(account: Account) -> None:
    body = post(account, contact()).json()
    assert list(body) == ["contacts"]
    (made,) = body["contacts"]
    assert list(made) == CONTACT_KEYS
    assert (made["name"], made["address_book"]) == ("Ada Byron", BOOK)
    (held,) = stored(account)
    assert (held["number"], held["book"], held["name"]["full"]) == (made["id"], made["address_book_id"], "Ada Byron")
    assert (made["phone"], made["email"], made["external_id"]) == (None, None, None)
    assert (made["phone_numbers"], made["email_addresses"], made["custom_data"]) == ([], [], {})
    assert made["is_deleted"] is False


@statement("AP-06")
def test_creating_answers_200(account: Account) -> None:
    assert post(account, contact()).status_code == 200


@statement("AP-07")
def test_an_unknown_book_name_makes_the_book(account: Account) -> None:
    assert "Fresh" not in books(account)
    made = create(account, address_book="Fresh")
    shown = account.apptoto.get("/address_books").json()["address_books"]
    assert [book["id"] for book in shown if book["name"] == "Fresh"] == [made["address_book_id"]]


@statement("AP-08")
def test_one_name_makes_one_book(account: Account) -> None:
    before = len(books(account))
    made = [*served(post(account, contact(), contact())), create(account), create(account, address_book=f"  {BOOK} ")]
    assert len({one["address_book_id"] for one in made}) == 1
    assert {one["address_book"] for one in made} == {BOOK}
    assert len(books(account)) == before + 1


def test_book_names_differ_by_the_case_of_letters(account: Account) -> None:
    assert (
        create(account, address_book="Team")["address_book_id"]
        != create(account, address_book="team")["address_book_id"]
    )


@statement("AP-09")
def test_a_book_may_be_named_by_its_id(account: Account) -> None:
    first = create(account)
    made = create(account, address_book=None, address_book_id=first["address_book_id"])
    assert (made["address_book_id"], made["address_book"]) == (first["address_book_id"], BOOK)


def test_the_id_of_a_book_wins_over_its_name(account: Account) -> None:
    first = create(account)
    made = create(account, address_book="Elsewhere", address_book_id=first["address_book_id"])
    assert made["address_book_id"] == first["address_book_id"]
    assert "Elsewhere" not in books(account)


@statement("AP-10")
@pytest.mark.parametrize("book", [{}, {"address_book": "  "}, {"address_book": None, "address_book_id": None}])
def test_a_contact_without_a_book_is_refused(account: Account, book: Json) -> None:
    before = books(account)
    assert faults(post(account, {"name": "Ada Byron", **book})) == [(0, "address_book")]
    assert stored(account) == []
    assert books(account) == before


@statement("AP-11")
@pytest.mark.parametrize("book_id", [999, 0, -1])
@pytest.mark.parametrize("name", [None, "Fallback"])
def test_an_unknown_book_id_is_refused(account: Account, book_id: int, name: str | None) -> None:
    before = books(account)
    answer = post(account, contact(address_book=name, address_book_id=book_id))
    assert faults(answer) == [(0, "address_book_id")]
    assert books(account) == before
    assert stored(account) == []


@statement("AP-12")
def test_first_and_last_name_make_the_name(account: Account) -> None:
    made = create(account, name=None, first_name="Ada", last_name="King Noel")
    assert (made["name"], made["first_name"], made["last_name"]) == ("Ada King Noel", "Ada", "King Noel")
    assert stored(account)[0]["name"]["full"] == "Ada King Noel"


@statement("AP-13")
@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Ada Byron", "Ada", "Byron"), ("Ada", "Ada", None), ("Ana de la Cruz", "Ana de la", "Cruz")],
)
def test_the_name_decides_over_its_parts(account: Account, name: str, first: str, last: str | None) -> None:
    made = create(account, name=name, first_name="Grace", last_name="Hopper")
    assert (made["name"], made["first_name"], made["last_name"]) == (name, first, last)


@statement("AP-14")
@pytest.mark.parametrize(
    "name",
    [
        {},
        {"first_name": "Ada"},
        {"last_name": "Byron"},
        {"name": " "},
        {"name": None},
        {"first_name": "A", "last_name": ""},
    ],
)
def test_a_contact_without_a_whole_name_is_refused(account: Account, name: Json) -> None:
    before = books(account)
    ((index, field),) = faults(post(account, {"address_book": BOOK, **name}))
    assert index == 0
    assert field in {"name", "first_name", "last_name"}
    assert stored(account) == []
    assert books(account) == before


def test_a_blank_name_leaves_the_word_to_its_parts(account: Account) -> None:
    assert create(account, name="", first_name="Ada", last_name="Byron")["name"] == "Ada Byron"


@statement("AP-15")
def test_the_shorthands_make_one_entry_each(account: Account) -> None:
    made = create(account, phone="650-555-0134", email="ada@example.org")
    assert made["phone_numbers"] == [
        {
            "id": 1,
            "number": "650-555-0134",
            "normalized": "+16505550134",
            "type": "other",
            "is_mobile": False,
            "is_primary": True,
        }
    ]
    assert made["email_addresses"] == [{"id": 1, "address": "ada@example.org", "type": "other", "is_primary": True}]
    assert (made["phone"], made["email"]) == ("650-555-0134", "ada@example.org")
    (held,) = stored(account)
    assert [(phone["raw"], phone["e164"]) for phone in held["phones"]] == [("650-555-0134", "+16505550134")]


@statement("AP-16")
def test_arrays_of_two_make_two_entries(account: Account) -> None:
    made = create(
        account,
        phone_numbers=[
            {"number": "650-555-0134", "type": "work"},
            {"number": "650-555-0135", "type": "mobile", "is_mobile": True, "is_primary": True},
        ],
        email_addresses=[
            {"address": "ada@example.org", "type": "home", "is_primary": False},
            {"address": "byron@example.org", "type": "work", "is_primary": True},
        ],
    )
    phones = [(one["number"], one["type"], one["is_mobile"], one["is_primary"]) for one in made["phone_numbers"]]
    assert phones == [("650-555-0134", "work", False, False), ("650-555-0135", "mobile", True, True)]
    emails = [(one["address"], one["type"], one["is_primary"]) for one in made["email_addresses"]]
    assert emails == [("ada@example.org", "home", False), ("byron@example.org", "work", True)]
    assert (made["phone"], made["email"]) == ("650-555-0135", "byron@example.org")


@statement("AP-17")
@pytest.mark.parametrize("type_sent", [{}, {"type": "work"}, {"type": None}])
def test_is_mobile_sets_the_type(account: Account, type_sent: Json) -> None:
    made = create(account, phone_numbers=[{"number": "650-555-0134", "is_mobile": True, **type_sent}])
    assert (made["phone_numbers"][0]["type"], made["phone_numbers"][0]["is_mobile"]) == ("mobile", True)


@pytest.mark.parametrize(("sent", "kept"), [("Home Fax", "home fax"), ("MOBILE", "mobile"), ("Yacht", "Yacht")])
def test_a_type_takes_the_spelling_of_the_book_or_stays(account: Account, sent: str, kept: str) -> None:
    made = create(account, phone_numbers=[{"number": "650-555-0134", "type": sent}])
    assert made["phone_numbers"][0]["type"] == kept
    assert made["phone_numbers"][0]["is_mobile"] is (kept == "mobile")


@statement("AP-18")
@pytest.mark.parametrize(
    ("flags", "primary"),
    [((None, None), 0), ((False, False), 0), ((False, True), 1), ((True, True), 0), ((None, True, True), 1)],
)
def test_exactly_one_of_a_kind_is_primary(account: Account, flags: tuple[bool | None, ...], primary: int) -> None:
    made = create(
        account,
        phone_numbers=[{"number": f"650-555-013{at}", "is_primary": flag} for at, flag in enumerate(flags)],
        email_addresses=[{"address": f"a{at}@example.org", "is_primary": flag} for at, flag in enumerate(flags)],
    )
    wanted = [at == primary for at in range(len(flags))]
    assert [one["is_primary"] for one in made["phone_numbers"]] == wanted
    assert [one["is_primary"] for one in made["email_addresses"]] == wanted
    assert made["phone"] == f"650-555-013{primary}"
    assert made["email"] == f"a{primary}@example.org"


@statement("AP-19")
@pytest.mark.parametrize(
    ("number", "normalized"),
    [("650-555-0134", "+16505550134"), ("+33 6 12 34 56 78", "+33612345678"), ("call me", None), ("12", None)],
)
def test_each_number_is_shown_normalized_too(account: Account, number: str, normalized: str | None) -> None:
    made = create(account, phone=number)
    assert [(one["number"], one["normalized"]) for one in made["phone_numbers"]] == [(number, normalized)]


def test_the_country_of_the_account_decides_how_a_number_is_read(account: Account) -> None:
    assert account.native.patch("/account", json={"default_country": "FR"}).status_code == 200
    assert create(account, phone="06 12 34 56 78")["phone_numbers"][0]["normalized"] == "+33612345678"


@statement("AP-20")
def test_an_external_id_is_kept_and_usable(account: Account) -> None:
    made = create(account, external_id="P-17")
    assert made["external_id"] == "P-17"
    assert fetch(account, external_id="P-17") == made
    changed = update(account, external_id="P-17", name="Ada King")
    assert (changed["id"], changed["name"], changed["external_id"]) == (made["id"], "Ada King", "P-17")


@statement("AP-21")
def test_a_taken_external_id_is_refused(account: Account) -> None:
    made = create(account, external_id="P-17", phone="650-555-0134")
    answer = post(account, contact(external_id="P-18"), contact(name="Other One", external_id="P-17"))
    assert faults(answer) == [(1, "external_id")]
    assert listed(account) == [made]
    assert create(account, external_id="P-17", address_book="Elsewhere")["id"] != made["id"]


def test_an_external_id_twice_in_one_post_is_refused(account: Account) -> None:
    assert faults(post(account, contact(external_id="x"), contact(external_id="x"))) == [(1, "external_id")]
    assert stored(account) == []
    assert BOOK not in books(account)


@statement("AP-22")
def test_several_contacts_are_stored_and_answered_in_order(account: Account) -> None:
    names = ["Cy Young", "Ada Byron", "Bo Ek"]
    made = served(post(account, *(contact(name=name) for name in names)))
    assert [one["name"] for one in made] == names
    assert sorted(one["name"]["full"] for one in stored(account)) == sorted(names)


@statement("AP-23")
@pytest.mark.parametrize(
    "bad",
    [{"name": None}, {"address_book": None}, {"address_book": None, "address_book_id": 999}, {"phone": 5}],
    ids=["no name", "no book", "unknown book", "wrong type"],
)
def test_one_bad_element_spoils_the_batch(account: Account, bad: Json) -> None:
    answer = post(account, contact(address_book="New"), contact(**bad), contact(address_book="Newer"))
    assert refused(answer)["errors"][0]["index"] == 1
    assert stored(account) == []
    assert not {"New", "Newer", BOOK} & set(books(account))


@statement("AP-24")
def test_the_array_of_addresses_has_a_second_name(account: Account) -> None:
    made = create(account, email_address=[{"address": "ada@example.org"}, {"address": "b@example.org"}])
    assert addresses(made) == ["ada@example.org", "b@example.org"]


@statement("AP-25")
def test_an_unknown_key_is_passed_over(account: Account) -> None:
    plain = create(account)
    made = create(
        account, colour="red", phone_numbers=[{"number": "650-555-0134", "colour": "red"}], address={"a": [1]}
    )
    assert list(made) == list(plain)
    assert "red" not in str(made)


@statement("AP-26")
@pytest.mark.parametrize("data", [{}, {"field_1": "a", "Ünïcode": "ß 漢字 🎉", "": "empty key", "blank": ""}])
def test_custom_data_comes_back_as_sent(account: Account, data: dict[str, str]) -> None:
    made = create(account, custom_data=data)
    assert made["custom_data"] == data
    assert fetch(account, id=made["id"])["custom_data"] == data
    assert stored(account)[0]["custom"] == data


@statement("AP-27")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"contacts":[]}', 200),
        ("{}", 400),
        ('{"contact":[]}', 400),
        ('{"contacts":null}', 400),
        ('{"contacts":{}}', 400),
        ("[]", 400),
        ("", 400),
        ('{"contacts":[', 400),
        ("{contacts:[]}", 400),
    ],
)
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_the_envelope_must_be_there(account: Account, verb: str, body: str, status: int) -> None:
    answer = account.apptoto.request(verb, "/contacts", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"contacts": []}
    else:
        refused(answer)
    assert stored(account) == []


@statement("AP-28")
@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_shorthand_stores_nothing(account: Account, blank: str) -> None:
    made = create(account, phone=blank, email=blank)
    assert (made["phone"], made["email"]) == (None, None)
    assert (made["phone_numbers"], made["email_addresses"]) == ([], [])
    (held,) = stored(account)
    assert held["phones"] == held["emails"] == []


@statement("AP-29")
@pytest.mark.parametrize(
    ("phone", "email", "count"),
    [("+1 (650) 555-0134", "ADA@example.org", 1), ("650-555-0199", "other@example.org", 2)],
    ids=["equal", "different"],
)
def test_shorthand_and_array_are_joined(account: Account, phone: str, email: str, count: int) -> None:
    made = create(
        account,
        phone=phone,
        phone_numbers=[{"number": "650-555-0134", "type": "home"}],
        email=email,
        email_addresses=[{"address": "ada@example.org", "type": "home"}],
    )
    assert numbers(made) == ["650-555-0134", phone][:count]
    assert addresses(made) == ["ada@example.org", email][:count]
    assert made["phone_numbers"][0]["type"] == made["email_addresses"][0]["type"] == "home"


def test_null_means_not_sent(account: Account) -> None:
    fields = "phone email phone_numbers email_addresses external_id custom_data first_name last_name address_book_id"
    sent: dict[str, Any] = {"address_book": BOOK, "name": "Ada Byron"} | dict.fromkeys(fields.split())
    (made,) = served(post(account, sent))
    assert (made["phone_numbers"], made["email_addresses"], made["custom_data"]) == ([], [], {})
    assert (made["name"], made["external_id"]) == ("Ada Byron", None)


def test_what_cannot_be_a_number_or_an_address_is_kept(account: Account) -> None:
    made = create(account, phone="ext. 12", email="not an address")
    assert (made["phone"], made["email"]) == ("ext. 12", "not an address")
