"""PackageX: changing a contact, and groups."""

from collections.abc import Callable

import pytest

from tests.dialects.packagex.calls import Json, create, ids, opened, read, refused, stored, update
from tests.harness import Account, statement


@statement("PX-10")
@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Ada Lovelace"), ("email", "new@example.com"), ("phone", "+14155550199"), ("notes", "new")],
)
def test_one_field_changes_and_the_rest_stays(account: Account, field: str, value: str) -> None:
    before = create(
        account,
        name="Ada Okafor",
        email="ada@example.com",
        phone="+14155550134",
        address="123 Main St, Springfield, IL 62704",
        notes="old",
        metadata={"crm_id": "77"},
    )
    after = update(account, before["id"], **{field: value})
    assert after == {**before, field: value, "updated_at": after["updated_at"]}
    assert after["updated_at"] >= before["updated_at"]
    assert read(account, before["id"]) == after


@statement("PX-11")
def test_children_are_nested_and_referenced(account: Account) -> None:
    group, ada, bea = (create(account, name=name, type=kind) for name, kind in CREW)
    update(account, group["id"], group_contacts={"children": [bea["id"], ada["id"]]})
    shown = read(account, group["id"])
    assert shown["group_contacts"] == {"children": [bea["id"], ada["id"]], "primary": []}
    assert [entry["id"] for entry in shown["referenced_contacts"]] == [bea["id"], ada["id"]]


CREW = (("Crew", "group"), ("Ada", "person"), ("Bea", "person"))


def crew(account: Account) -> tuple[str, str, str]:
    """A group with two children, the first of them primary: their three ids."""
    group, ada, bea = (create(account, name=name, type=kind)["id"] for name, kind in CREW)
    update(account, group, group_contacts={"children": [ada, bea], "primary": [ada]})
    return group, ada, bea


@statement("PX-12")
def test_a_reference_shows_the_child_as_it_is_now(account: Account) -> None:
    group = create(account, name="Crew", type="group")["id"]
    ada = create(account, name="Ada", email="ada@example.com")["id"]
    bea = create(account, name="Bea")["id"]
    update(account, group, group_contacts={"children": [ada, bea]})
    update(account, ada, name="Ada Lovelace")
    assert read(account, group)["referenced_contacts"] == [
        {"id": ada, "name": "Ada Lovelace", "email": "ada@example.com"},
        {"id": bea, "name": "Bea", "email": None},
    ]


@statement("PX-13")
def test_a_child_may_be_primary(account: Account) -> None:
    group, ada, bea = crew(account)
    assert read(account, group)["group_contacts"] == {"children": [ada, bea], "primary": [ada]}
    update(account, group, group_contacts={"primary": [bea]})
    assert read(account, group)["group_contacts"] == {"children": [ada, bea], "primary": [bea]}


@statement("PX-14")
def test_who_is_no_child_cannot_be_primary(account: Account) -> None:
    group, ada, bea = crew(account)
    outsider = create(account, name="Cy")["id"]
    body = {"group_contacts": {"children": [bea], "primary": [outsider]}}
    refused(account.packagex.post(f"/contacts/{group}", json=body), 400, "group_contacts.primary")
    body = {"group_contacts": {"primary": [outsider]}}
    refused(account.packagex.post(f"/contacts/{group}", json=body), 400, "group_contacts.primary")
    assert read(account, group)["group_contacts"] == {"children": [ada, bea], "primary": [ada]}


@statement("PX-15")
def test_a_shorter_list_takes_children_out(account: Account) -> None:
    group, _, bea = crew(account)
    shown = update(account, group, group_contacts={"children": [bea]})
    assert shown["group_contacts"] == {"children": [bea], "primary": []}
    assert [entry["id"] for entry in shown["referenced_contacts"]] == [bea]
    assert update(account, group, group_contacts={"children": []})["referenced_contacts"] == []


def children_of_a_person(account: Account) -> tuple[str, Json, list[str]]:
    ada, bea = create(account, name="Ada")["id"], create(account, name="Bea")["id"]
    return ada, {"name": "New", "group_contacts": {"children": [bea]}}, ["group_contacts.children"]


def an_unknown_child(account: Account) -> tuple[str, Json, list[str]]:
    group, ada, _ = crew(account)
    unknown = "contact_" + "2" * 22
    return group, {"name": "New", "group_contacts": {"children": [ada, unknown]}}, ["group_contacts.children"]


def a_child_without_an_id(account: Account) -> tuple[str, Json, list[str]]:
    group, _, _ = crew(account)
    return group, {"name": "New", "group_contacts": {"children": ["Ada"]}}, ["group_contacts.children"]


def the_group_itself(account: Account) -> tuple[str, Json, list[str]]:
    group, ada, _ = crew(account)
    return group, {"name": "New", "group_contacts": {"children": [ada, group]}}, ["group_contacts.children"]


def a_circle(account: Account) -> tuple[str, Json, list[str]]:
    outer, inner, innermost = (create(account, name=name, type="group")["id"] for name in ("A", "B", "C"))
    update(account, outer, group_contacts={"children": [inner]})
    update(account, inner, group_contacts={"children": [innermost]})
    return innermost, {"name": "New", "group_contacts": {"children": [outer]}}, ["group_contacts.children"]


@statement("PX-16")
@pytest.mark.parametrize(
    "case", [children_of_a_person, an_unknown_child, a_child_without_an_id, the_group_itself, a_circle]
)
def test_impossible_children_change_nothing(
    account: Account, case: Callable[[Account], tuple[str, Json, list[str]]]
) -> None:
    contact, body, errors = case(account)
    before = read(account, contact)
    refused(account.packagex.post(f"/contacts/{contact}", json=body), 400, *errors)
    assert read(account, contact) == before


@statement("PX-42")
@pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty"])
def test_metadata_is_merged(account: Account, nothing: str | None) -> None:
    contact = create(account, name="Ada", metadata={"keep": "1", "change": "2", "drop": "3", "unset": nothing})["id"]
    changed = update(account, contact, metadata={"change": "new", "drop": nothing, "add": False})
    assert changed["metadata"] == {"keep": "1", "change": "new", "add": False}
    assert read(account, contact)["metadata"] == changed["metadata"]
    assert update(account, contact, metadata=nothing)["metadata"] == {}


@statement("PX-50")
def test_a_person_becomes_a_group_and_a_full_group_stays_one(account: Account) -> None:
    first, ada = create(account, name="Crew")["id"], create(account, name="Ada")["id"]
    changed = update(account, first, type="group", group_contacts={"children": [ada]})
    assert changed["type"] == "group"
    assert changed["group_contacts"]["children"] == [ada]
    refused(account.packagex.post(f"/contacts/{first}", json={"type": "person"}), 400, "type")
    assert read(account, first) == changed
    emptied = update(account, first, type="person", group_contacts={"children": []})
    assert emptied["type"] == "person"


@pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty"])
@pytest.mark.parametrize("field", ["email", "phone", "notes", "address"])
def test_a_field_is_cleared(account: Account, field: str, nothing: str | None) -> None:
    filled = {
        "email": "ada@example.com",
        "phone": "+14155550134",
        "notes": "Rings twice",
        "address": "123 Main St, Springfield, IL 62704",
    }
    contact = create(account, name="Ada", **filled)["id"]
    assert update(account, contact, **{field: nothing})[field] is None
    assert read(account, contact)[field] is None


@pytest.mark.parametrize("name", ["", "  ", None], ids=["empty", "blank", "null"])
def test_a_name_cannot_be_cleared(account: Account, name: str | None) -> None:
    contact = create(account, name="Ada")["id"]
    refused(account.packagex.post(f"/contacts/{contact}", json={"name": name, "notes": "new"}), 400, "name")
    assert read(account, contact)["notes"] is None


def test_the_unit_alone_changes_only_the_unit(account: Account) -> None:
    before = create(account, name="Ada", address="123 Main St Apt 4, Springfield, IL 62704")
    after = update(account, before["id"], address_line2="Apt 5")
    assert after["address"]["line2"] == "Apt 5"
    assert after["address"]["line1"] == before["address"]["line1"]
    assert after["address"]["hash"] == before["address"]["hash"]


def test_a_file_cannot_be_sent_to_a_contact(account: Account) -> None:
    contact = create(account, name="Ada")["id"]
    for field, value in (("csv_url", "data:text/csv;base64,TmFtZQo="), ("overwrite", True)):
        refused(account.packagex.post(f"/contacts/{contact}", json={field: value, "name": "Bea"}), 400, field)
    assert stored(account) == ["Ada"]


def test_other_phones_and_emails_of_the_contact_stay(account: Account) -> None:
    body = {
        "name": {"full": "Ada"},
        "phones": [{"raw": "+14155550134"}, {"raw": "+14155550135"}],
        "emails": [{"address": "a@example.com"}, {"address": "b@example.com"}],
    }
    uid = account.native.post("/contacts", json=body).json()["uid"]
    contact = opened(account.packagex.get("/contacts"))[0]["id"]
    update(account, contact, phone="+14155550199", email="")
    shown = account.native.get(f"/contacts/{uid}").json()
    assert [phone["e164"] for phone in shown["phones"]] == ["+14155550199", "+14155550135"]
    assert [(email["address"], email["primary"]) for email in shown["emails"]] == [("b@example.com", True)]


def test_an_unknown_contact_is_not_found(account: Account) -> None:
    for contact in ("contact_" + "2" * 22, "contact_", "x", "contact_" + "0" * 22, "contact_" + "z" * 22):
        refused(account.packagex.post(f"/contacts/{contact}", json={"name": "Ada"}), 404, code="not_found")
    assert stored(account) == []


def test_a_group_may_hold_groups(account: Account) -> None:
    outer, inner, ada = crew(account)[0], create(account, name="Inner", type="group"), create(account, name="Cy")
    update(account, inner["id"], group_contacts={"children": [ada["id"]]})
    shown = update(account, outer, group_contacts={"children": [inner["id"]]})
    assert shown["group_contacts"]["children"] == ids([inner])
