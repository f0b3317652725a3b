"""PackageX: one new contact."""

import re

import pytest

from tests.dialects.packagex.calls import Json, create, read, refused, stored
from tests.harness import Account, statement

CONTACT_KEYS = {
    "object",
    "id",
    "organization_id",
    "type",
    "name",
    "email",
    "phone",
    "notes",
    "address",
    "locations",
    "group_contacts",
    "referenced_contacts",
    "metadata",
    "created_at",
    "updated_at",
}


@statement("PX-5")
def test_a_name_is_enough(account: Account) -> None:
    made = create(account, name="Ada Okafor")
    assert set(made) >= CONTACT_KEYS
    assert re.fullmatch(r"contact_[1-9A-HJ-NP-Za-km-z]{22}", made["id"])
    assert re.fullmatch(r"org_[1-9A-HJ-NP-Za-km-z]{22}", made["organization_id"])
    assert made["name"] == "Ada Okafor"
    assert [made[key] for key in ("email", "phone", "notes", "address")] == [None] * 4
    assert made["locations"] == made["referenced_contacts"] == []
    assert made["metadata"] == {}
    assert stored(account) == ["Ada Okafor"]


@statement("PX-6")
@pytest.mark.parametrize("more", [{}, {"name": ""}, {"name": "  "}, {"name": None}], ids=str)
def test_without_a_name_nothing_is_created(account: Account, more: Json) -> None:
    answer = account.packagex.post("/contacts", json={"email": "ada@example.com", **more})
    refused(answer, 400, "name", code="validation_failed")
    assert stored(account) == []


@statement("PX-8")
def test_a_contact_is_a_person_if_nothing_else_is_said(account: Account) -> None:
    made = create(account, name="Ada Okafor")
    assert made["type"] == "person"
    assert made["group_contacts"] == {"children": [], "primary": []}
    assert create(account, name="Bea", type=None)["type"] == "person"


@statement("PX-9")
def test_a_group_begins_without_children(account: Account) -> None:
    made = create(account, name="Crew", type="group")
    assert made["type"] == "group"
    assert made["group_contacts"] == {"children": [], "primary": []}
    assert account.native.get("/contacts", params={"kind": "group"}).json()["contacts"][0]["name"]["full"] == "Crew"


@statement("PX-43")
@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ({f"k{n}": "v" for n in range(25)}, {f"k{n}": "v" for n in range(26)}),
        ({"k" * 100: "v"}, {"k" * 101: "v"}),
        ({"k": "v" * 500}, {"k": "v" * 501}),
    ],
    ids=["pairs", "key", "value"],
)
def test_metadata_has_limits(account: Account, within: Json, beyond: Json) -> None:
    made = create(account, name="Ada Okafor", metadata=within)
    assert made["metadata"] == within
    refused(account.packagex.post("/contacts", json={"name": "Bea", "metadata": beyond}), 400, "metadata")
    refused(account.packagex.post(f"/contacts/{made['id']}", json={"metadata": beyond}), 400, "metadata")
    assert stored(account) == ["Ada Okafor"]
    assert read(account, made["id"])["metadata"] == within


def test_everything_given_comes_back(account: Account) -> None:
    made = create(
        account,
        name=" Ada Okafor ",
        email="Ada@Example.com",
        phone="(415) 555-0134",
        address="123 Main St, Springfield, IL 62704",
        address_line2="Apt 4",
        notes="Rings twice",
        metadata={"crm_id": "77", "vip": True, "visits": 3, "tags": ["a", 1]},
        options={"parse_addresses": True},
    )
    assert read(account, made["id"]) == made
    assert made["name"] == "Ada Okafor"
    assert made["email"] == "Ada@Example.com"
    assert made["phone"] == "+14155550134"
    assert made["notes"] == "Rings twice"
    assert made["metadata"] == {"crm_id": "77", "vip": True, "visits": 3, "tags": ["a", 1]}
    assert made["address"]["line1"] == "123 Main St"
    assert made["address"]["line2"] == "Apt 4"
    assert made["address"]["postal_code"] == "62704"


def test_children_may_be_given_at_once(account: Account) -> None:
    ada, bea = create(account, name="Ada")["id"], create(account, name="Bea")["id"]
    made = create(account, name="Crew", type="group", children=[bea, ada, bea], primary=[ada])
    assert made["group_contacts"] == {"children": [bea, ada], "primary": [ada]}


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+11234567890", "+11234567890"),
        ("415.555.0134", "+14155550134"),
        ("[415] 555 0134", "+14155550134"),
        ("+44 20 7946 0018", "+442079460018"),
    ],
)
def test_a_phone_need_only_be_possible(account: Account, phone: str, shown: str) -> None:
    assert create(account, name="Ada", phone=phone)["phone"] == shown


@pytest.mark.parametrize("phone", ["12", "555", "not a number", "+", "+1415555013456789"])
def test_a_phone_that_cannot_be_is_refused(account: Account, phone: str) -> None:
    refused(account.packagex.post("/contacts", json={"name": "Ada", "phone": phone}), 400, "phone")
    assert stored(account) == []


@pytest.mark.parametrize(
    "email",
    ["thor@asgard", "ada@", "@example.com", "ada example.com", f"{'a' * 65}@example.com", "a@" + "b" * 60 * 5 + ".com"],
)
def test_an_email_that_cannot_be_is_refused(account: Account, email: str) -> None:
    refused(account.packagex.post("/contacts", json={"name": "Ada", "email": email}), 400, "email")
    assert stored(account) == []


def test_all_faults_are_named_at_once(account: Account) -> None:
    body = {"name": "", "type": "robot", "email": "thor@asgard", "phone": "12", "metadata": []}
    refused(account.packagex.post("/contacts", json=body), 400, "name", "type", "email", "phone", "metadata")
    assert stored(account) == []


def test_two_contacts_may_be_alike(account: Account) -> None:
    first, second = (create(account, name="Ada", email="ada@example.com", phone="+14155550134") for _ in range(2))
    assert first["id"] != second["id"]
    assert stored(account) == ["Ada", "Ada"]


def test_a_write_is_done_once_for_one_idempotency_key(account: Account) -> None:
    headers = {"Idempotency-Key": "order-1"}
    first = account.packagex.post("/contacts", json={"name": "Ada"}, headers=headers)
    again = account.packagex.post("/contacts", json={"name": "Ada"}, headers=headers)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    refused(account.packagex.post("/contacts", json={"name": "Bea"}, headers=headers), 409, code="conflict")
    assert stored(account) == ["Ada"]
