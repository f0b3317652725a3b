"""Ada comes in by each of the four doors and goes out by the others: word for word, what each client sees of her."""

from collections.abc import Callable
from itertools import product

import httpx2
import pytest

from tests.harness import Account
from tests.journeys.doors import DOORS, Door, Json, said

NUMBER, MAIL = "+33612345678", "ada@example.org"
STREET, TOWN, CODE, COUNTRY = "1 Rue de la Paix", "Paris", "75002", "France"
CUSTOM = {"param1": "gold"}

# Ada in the words of each vendor, with all that the vendor has words for.
SENT: dict[str, Json] = {
    "apptoto": {
        "name": "Ada King Lovelace",
        "phone_numbers": [{"number": NUMBER, "type": "mobile", "is_primary": True}, {"number": "+16505550134"}],
        "email_addresses": [{"address": MAIL, "type": "work"}],
        "external_id": "crm-1",
        "custom_data": CUSTOM,
    },
    "packagex": {
        "name": "Ada King Lovelace",
        "phone": NUMBER,
        "email": MAIL,
        "notes": "prefers mornings",
        "address": {"line1": STREET, "city": TOWN, "postal_code": CODE, "country": COUNTRY, "country_code": "FR"},
        "metadata": CUSTOM,
    },
    "alloy": {
        "firstName": "Ada King",
        "lastName": "Lovelace",
        "phoneNumbers": [{"phoneNumber": NUMBER, "phoneNumberType": "mobile"}],
        "emailAddresses": [{"emailAddress": MAIL, "emailAddressType": "work"}],
        "addresses": [{"street1": STREET, "city": TOWN, "postalCode": CODE, "country": COUNTRY}],
        "account": "Analytical Engines",
        "remoteFields": CUSTOM,
    },
    "octopush": {
        "phone_number": NUMBER,
        "first_name": "Ada King",
        "last_name": "Lovelace",
        "email": MAIL,
        **CUSTOM,
    },
}

# What every client of each vendor sees, whoever sent her.
ALWAYS: dict[str, Json] = {
    "apptoto": {
        "name": "Ada King Lovelace",
        "first_name": "Ada King",
        "last_name": "Lovelace",
        "phone": NUMBER,
        "email": MAIL,
        "custom_data": CUSTOM,
        "address_book": "Contacts",
    },
    "packagex": {"name": "Ada King Lovelace", "phone": NUMBER, "email": MAIL, "metadata": CUSTOM, "type": "person"},
    "alloy": {"firstName": "Ada King", "lastName": "Lovelace", "remoteFields": CUSTOM},
}
_SECOND: Json = {
    "number": "+16505550134",
    "normalized": "+16505550134",
    "type": "other",
    "is_mobile": False,
    "is_primary": False,
}


def _phone(type_: str) -> Json:
    return {
        "id": 1,
        "number": NUMBER,
        "normalized": NUMBER,
        "type": type_,
        "is_mobile": type_ == "mobile",
        "is_primary": True,
    }


def _mail(type_: str) -> Json:
    return {"id": 1, "address": MAIL, "type": type_, "is_primary": True}


def _alloy_lists(phone: str | None = None, mail: str | None = None) -> Json:
    return {
        "phoneNumbers": [said({"phoneNumber": NUMBER, "phoneNumberType": phone})],
        "emailAddresses": [said({"emailAddress": MAIL, "emailAddressType": mail})],
    }


_PLACE = {"street1": STREET, "city": TOWN, "postalCode": CODE, "country": COUNTRY}

# What depends on who sent her: (who sent her, who looks).
BETWEEN: dict[tuple[str, str], Json] = {
    ("apptoto", "apptoto"): {
        "external_id": "crm-1",
        "phone_numbers": [_phone("mobile"), {"id": 2, **_SECOND}],
        "email_addresses": [_mail("work")],
    },
    ("packagex", "apptoto"): {
        "external_id": None,
        "phone_numbers": [_phone("other")],
        "email_addresses": [_mail("other")],
    },
    ("alloy", "apptoto"): {
        "external_id": None,
        "phone_numbers": [_phone("mobile")],
        "email_addresses": [_mail("work")],
    },
    ("octopush", "apptoto"): {
        "external_id": None,
        "phone_numbers": [_phone("other")],
        "email_addresses": [_mail("other")],
    },
    ("apptoto", "packagex"): {"notes": None, "address": None},
    ("packagex", "packagex"): {"notes": "prefers mornings"},
    ("alloy", "packagex"): {"notes": None},
    ("octopush", "packagex"): {"notes": None, "address": None},
    ("apptoto", "alloy"): {
        "account": None,
        "addresses": [],
        "phoneNumbers": [{"phoneNumber": NUMBER, "phoneNumberType": "mobile"}, {"phoneNumber": "+16505550134"}],
        "emailAddresses": [{"emailAddress": MAIL, "emailAddressType": "work"}],
    },
    ("packagex", "alloy"): {"account": None, "addresses": [_PLACE], **_alloy_lists()},
    ("alloy", "alloy"): {"account": "Analytical Engines", "addresses": [_PLACE], **_alloy_lists("mobile", "work")},
    ("octopush", "alloy"): {"account": None, "addresses": [], **_alloy_lists()},
}

WRITERS = [door for door in DOORS if door.name in SENT]
READERS = [door for door in DOORS if door.show]
LOOKS = [pytest.param(w, r, id=f"{w.name}-{r.name}") for w, r in product(WRITERS, READERS)]


def only(account: Account) -> Json:
    (found,) = account.native.get("/contacts").json()["contacts"]
    contact: Json = found
    return contact


def test_every_pair_is_there() -> None:
    assert set(BETWEEN) == {(w.name, r.name) for w, r in product(WRITERS, READERS)}
    assert set(SENT) == {door.name for door in DOORS}


@pytest.mark.parametrize(("writer", "reader"), LOOKS)
def test_in_by_one_and_out_by_the_other(account: Account, writer: Door, reader: Door) -> None:
    assert writer.create(account, SENT[writer.name]).is_success
    client = {"apptoto": account.apptoto, "packagex": account.packagex, "alloy": account.alloy}[reader.name]
    contact = only(account)
    path = {"apptoto": "/contact", "alloy": f"/crm/contacts/{contact['uid']}"}
    if reader.name == "packagex":
        seen = client.get("/contacts").json()["data"][0]
    else:
        params = {"id": contact["number"]} if reader.name == "apptoto" else {}
        seen = client.get(path[reader.name], params=params).json()
        seen = seen.get("contact", seen)
    expected = {**ALWAYS[reader.name], **BETWEEN[writer.name, reader.name]}
    assert {key: seen[key] for key in expected} == expected
    if reader.name == "packagex" and writer.name in ("packagex", "alloy"):
        parts = {"line1": STREET, "city": TOWN, "postal_code": CODE, "country": COUNTRY, "country_code": "FR"}
        assert {part: seen["address"][part] for part in parts} == parts


@pytest.mark.parametrize("writer", WRITERS, ids=lambda door: door.name)
def test_octopush_finds_her_by_her_number_and_changes_only_what_it_says(account: Account, writer: Door) -> None:
    """Its clients cannot read: that it found her is seen by there being one contact, which is on the list."""
    assert writer.create(account, SENT[writer.name]).is_success
    before = only(account)
    body = {
        "contacts": [{"phone_number": "33 6 12 34 56 78", "param2": "new"}],
        "list_name": "spring",
        "tag_name": "vip",
    }
    answer = account.octopush.post("/contact/create", json=body)
    assert (answer.status_code, answer.json()) == (201, {"number_of_contacts": 1})
    after = only(account)
    assert after["custom"] == {**CUSTOM, "param2": "new"}
    assert (after["lists"], after["tags"]) == (["spring"], ["vip"])
    changed = {"custom", "lists", "tags", "version", "updated_at"}
    assert {key for key in after if after[key] != before[key]} == changed


@pytest.mark.parametrize("writer", WRITERS, ids=lambda door: door.name)
@pytest.mark.parametrize("remover", DOORS, ids=lambda door: door.name)
def test_deleted_by_one_she_is_gone_for_all(account: Account, writer: Door, remover: Door) -> None:
    assert writer.create(account, SENT[writer.name]).is_success
    contact = only(account)
    packagex_id = account.packagex.get("/contacts").json()["data"][0]["id"]
    delete: dict[str, Callable[[], httpx2.Response]] = {
        "apptoto": lambda: account.apptoto.delete("/contacts", params={"id": contact["number"]}),
        "packagex": lambda: account.packagex.delete(f"/contacts/{packagex_id}"),
        "alloy": lambda: account.alloy.delete(f"/crm/contacts/{contact['uid']}"),
        "octopush": lambda: account.octopush.request("DELETE", "/contact/delete", json={"phone_numbers": [NUMBER]}),
    }
    assert delete[remover.name]().is_success
    assert account.native.get("/contacts").json()["contacts"] == []
    assert account.apptoto.get("/contacts").json() == {"contacts": []}
    assert account.packagex.get("/contacts").json()["data"] == []
    assert account.alloy.get("/crm/contacts").json()["contacts"] == []
    assert account.apptoto.get("/contact", params={"id": contact["number"]}).status_code == 404
    assert account.packagex.get(f"/contacts/{packagex_id}").status_code == 404
    assert account.alloy.get(f"/crm/contacts/{contact['uid']}").status_code == 404
