"""The native API: storing a contact."""

from typing import Any

import pytest

from tests.dialects.native.calls import MAIL, PHONE, fetch, new_book, ok, patch, person, places, problem, store
from tests.harness import Account, statement

ADDRESS = {
    "type": "home",
    "line1": "12 Rue du Bac",
    "line2": "Apt 4",
    "city": "Paris",
    "state": "Île-de-France",
    "subdivision": "IDF",
    "postal_code": "75007",
    "country": "France",
    "country_code": "FR",
    "text": "12 Rue du Bac, 75007 Paris",
}
WHOLE: dict[str, Any] = {
    "kind": "individual",
    "name": {"full": "Ada  King Lovelace", "given": "Ada King", "family": "Lovelace"},
    "phones": [
        {"raw": "+1 650 555 0134", "type": "work", "primary": False},
        {"raw": "+44 20 7946 0018", "type": None, "primary": True},
    ],
    "emails": [{"address": MAIL, "type": "home", "primary": True}],
    "addresses": [ADDRESS],
    "notes": "Likes\nnumbers. 🧮",
    "organization": "Analytical Engines",
    "external_id": "A-1",
    "custom": {"born": 1815, "titles": ["Countess"], "deep": {"a": [None, 1.5, True]}},
    "lists": ["engines", "club"],
    "tags": ["vip"],
}


def subset(shown: Any, given: Any) -> bool:
    """Whether all that was given is shown; what is shown besides does not count."""
    if isinstance(given, dict) and isinstance(shown, dict):
        return all(name in shown and subset(shown[name], value) for name, value in given.items())
    if isinstance(given, list) and isinstance(shown, list):
        return len(shown) == len(given) and all(map(subset, shown, given))
    return bool(shown == given)


@statement("NA-10")
def test_what_is_stored_comes_back(account: Account) -> None:
    made = store(account, **WHOLE)
    assert subset(made, WHOLE | {"lists": ["club", "engines"]})
    assert (made["number"], made["version"], made["opt_out"], made["members"]) == (1, 1, False, [])
    assert made["created_at"] == made["updated_at"]
    answer = account.native.get(f"/contacts/{made['uid']}")
    assert ok(answer) == made
    assert answer.headers["etag"] == '"1"'


@statement("NA-11")
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"full": "Ada King Lovelace"}, ("Ada King Lovelace", "Ada King", "Lovelace")),
        ({"full": "Cher"}, ("Cher", "Cher", None)),
        ({"given": "Ada", "family": "Byron"}, ("Ada Byron", "Ada", "Byron")),
        ({"family": "Byron"}, ("Byron", None, "Byron")),
        ({"full": "Lady Lovelace", "given": "Ada"}, ("Lady Lovelace", "Ada", "Lovelace")),
        ({"full": "  "}, (None, None, None)),
        ({"full": None}, (None, None, None)),
        ({}, (None, None, None)),
    ],
)
def test_a_full_name_and_its_parts_give_each_other(account: Account, sent: Any, shown: tuple[str | None, ...]) -> None:
    assert tuple(store(account, name=sent)["name"].values()) == shown


@statement("NA-12")
@pytest.mark.parametrize(
    ("raw", "e164", "valid"),
    [
        ("+1 (650) 253-0000 ext. 7", "+16502530000", True),
        ("+1 650 555 0134", "+16505550134", True),
        ("+1 150 555 0134", "+11505550134", False),
        ("06 12 34 56 78", None, False),
        ("the one at home", None, False),
    ],
)
def test_a_number_is_kept_as_written(account: Account, raw: str, e164: str | None, valid: bool) -> None:
    made = store(account, phones=[{"raw": raw}])
    shown = {"raw": raw, "e164": e164, "valid": valid, "type": None, "primary": True}
    assert made["phones"] == fetch(account, made["uid"])["phones"] == [shown]


@statement("NA-13")
def test_national_numbers_need_a_default_country(account: Account) -> None:
    assert store(account, phones=[{"raw": "06 12 34 56 78"}])["phones"][0]["e164"] is None
    ok(account.native.patch("/account", json={"default_country": "FR"}))
    assert store(account, phones=[{"raw": "06 12 34 56 78"}])["phones"][0]["e164"] == "+33612345678"


@statement("NA-14")
@pytest.mark.parametrize("address", ["", "ada", "ada@", "ada@localhost", "a b@example.org", f"{'a' * 65}@example.org"])
def test_a_mail_address_must_be_one(account: Account, address: str) -> None:
    answer = account.native.post("/contacts", json={"emails": [{"address": MAIL}, {"address": address}]})
    assert places(answer) == ["emails[1].address"]
    assert account.native.get("/contacts").json()["contacts"] == []


@statement("NA-15")
def test_equal_entries_count_once_and_one_is_primary(account: Account) -> None:
    made = store(
        account,
        phones=[{"raw": "+1 650 555 0134", "type": "work"}, {"raw": "0049 30"}, {"raw": PHONE, "primary": True}],
        emails=[{"address": MAIL}, {"address": MAIL.upper(), "type": "home"}, {"address": "b@example.org"}],
    )
    assert [(p["raw"], p["type"], p["primary"]) for p in made["phones"]] == [
        ("+1 650 555 0134", "work", True),
        ("0049 30", None, False),
    ]
    assert [(e["address"], e["primary"]) for e in made["emails"]] == [(MAIL, True), ("b@example.org", False)]
    two = store(account, phones=[{"raw": "1", "primary": True}, {"raw": "2", "primary": True}, {"raw": "3"}])
    assert [p["primary"] for p in two["phones"]] == [True, False, False]


@statement("NA-16")
def test_a_known_type_is_spelled_as_the_book_does(account: Account) -> None:
    office = new_book(account, "Office", kind="office")
    phones = [{"raw": PHONE, "type": "business fax"}, {"raw": "1", "type": "Boat"}]
    made = store(account, book=office, phones=phones, emails=[{"address": MAIL, "type": "E-MAIL 2"}])
    assert [p["type"] for p in made["phones"]] == ["Business Fax", "Boat"]
    assert made["emails"][0]["type"] == "E-mail 2"
    more = patch(account, made["uid"], add_phones=[{"raw": "2", "type": "MOBILE"}])
    assert more["phones"][-1]["type"] == "Mobile"


@statement("NA-17")
def test_text_alone_is_read_into_an_address(account: Account) -> None:
    text = "1600 Amphitheatre Parkway, Mountain View, CA 94043"
    read, kept = store(account, addresses=[{"text": text, "type": "work"}, {"text": text, "city": "Elsewhere"}])[
        "addresses"
    ]
    assert (read["line1"], read["city"], read["subdivision"]) == ("1600 Amphitheatre Parkway", "Mountain View", "CA")
    assert (read["postal_code"], read["country_code"], read["type"], read["text"]) == ("94043", "US", "work", text)
    assert (kept["line1"], kept["city"], kept["text"]) == (None, "Elsewhere", text)


@statement("NA-23")
def test_an_external_id_is_unique_in_its_book(account: Account) -> None:
    person(account, "Ada", external_id="A-1")
    again = account.native.post("/contacts", json={"name": {"full": "Bea"}, "external_id": "A-1"})
    assert problem(again, 409)["issues"][0]["field"] == "external_id"
    elsewhere = new_book(account, "Elsewhere")
    other = person(account, "Cleo", external_id="A-1", book=elsewhere)
    assert other["external_id"] == "A-1"
    dora = person(account, "Dora")
    problem(account.native.patch(f"/contacts/{dora['uid']}", json={"external_id": "A-1"}), 409)
    assert fetch(account, dora["uid"]) == dora


@statement("NA-24")
def test_an_organization_is_tied_or_is_text(account: Account) -> None:
    acme = ok(account.native.post("/organizations", json={"name": "Acme"}), 201)["uid"]
    tied = person(account, "Ada", organization_uid=acme)
    assert (tied["organization"], tied["organization_uid"]) == ("Acme", acme)
    text = person(account, "Bea", organization="acme")
    assert (text["organization"], text["organization_uid"]) == ("acme", None)
    both = person(account, "Cleo", organization="Other", organization_uid=acme)
    assert (both["organization"], both["organization_uid"]) == ("Acme", acme)
    loose = patch(account, tied["uid"], organization="Free")
    assert (loose["organization"], loose["organization_uid"]) == ("Free", None)
    none = patch(account, both["uid"], organization_uid=None)
    assert (none["organization"], none["organization_uid"]) == (None, None)


@statement("NA-25")
@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("organization_uid", "0190d8a2-0000-7000-8000-000000000000", 400),
        ("locations", ["0190d8a2-0000-7000-8000-000000000000"], 400),
        ("book", 999, 404),
    ],
)
def test_what_is_referred_to_must_be_there(account: Account, field: str, value: Any, status: int) -> None:
    problem(account.native.post("/contacts", json={"name": {"full": "Ada"}, "lists": ["new"], field: value}), status)
    assert account.native.get("/contacts").json()["contacts"] == []
    assert account.native.get("/lists").json()["lists"] == []


@statement("NA-29")
def test_one_idempotency_key_stores_one_contact(account: Account) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"name": {"full": "Ada"}}
    first = account.native.post("/contacts", json=body, headers=headers)
    again = account.native.post("/contacts", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    problem(account.native.post("/contacts", json={"name": {"full": "Bea"}}, headers=headers), 409)
    assert len(account.native.get("/contacts").json()["contacts"]) == 1
