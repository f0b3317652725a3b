"""Creating contacts: AL-1, AL-2, AL-8 to AL-15, AL-30, AL-34, AL-38."""

from typing import Any
from uuid import UUID

import pytest

from tests.dialects.alloy.calls import (
    CONTACT_FIELDS,
    TIME,
    change,
    create,
    keyed,
    named_fields,
    read,
    refused,
    stored,
    success,
)
from tests.harness import Account, statement

ADDRESS = {
    "addressType": "billing",
    "street1": "12 Quay St",
    "street2": "Floor 2",
    "city": "Galway",
    "state": "County Galway",
    "countrySubdivision": "IE-G",
    "country": "Ireland",
    "postalCode": "H91 E2K5",
}
EMAILS = [
    {"emailAddressType": "main", "emailAddress": "Ada@Example.com"},
    {"emailAddressType": "secondary", "emailAddress": "not an address"},
    {"emailAddress": "third@example.com"},
]
PHONES = [
    {"phoneNumberType": "primary", "phoneNumber": "+353 91 555 0134"},
    {"phoneNumberType": "secondary", "phoneNumber": "ask the desk"},
    {"phoneNumber": "(091) 555-0135"},
]
REMOTE = {
    "lifecyclestage": "lead",
    "score": 42,
    "ratio": 0.5,
    "tags": ["a", 1, None],
    "nested": {"deep": {"er": [True]}},
    "vip": True,
}


@statement("AL-1")
def test_a_last_name_is_enough(account: Account) -> None:
    answer = account.alloy.post("/crm/contacts", json={"lastName": "X"})
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"contact"}
    assert body["contact"]["lastName"] == "X"
    assert [contact["uid"] for contact in stored(account)] == [body["contact"]["id"]]


@statement("AL-2")
@pytest.mark.parametrize(
    "body",
    [{}, {"firstName": "Ada"}, {"lastName": ""}, {"lastName": " \t\n"}, {"lastName": None}, {"lastName": 5}],
)
def test_without_a_last_name_nothing_is_stored(account: Account, body: dict[str, Any]) -> None:
    assert named_fields(refused(account.alloy.post("/crm/contacts", json=body), 400)) == ["lastName"]
    assert stored(account) == []


@statement("AL-8")
def test_a_contact_has_all_fields_of_the_schema(account: Account) -> None:
    sent = {
        "lastName": "Okafor",
        "firstName": "Ada",
        "account": "Quay Traders",
        "addresses": [ADDRESS],
        "emailAddresses": EMAILS,
        "phoneNumbers": PHONES,
    }
    made = create(account, **sent)
    assert set(made) == CONTACT_FIELDS
    assert {name: made[name] for name in sent} == sent
    assert made["lastActivityAt"] is None


def test_what_was_not_sent_is_null_or_empty(account: Account) -> None:
    made = create(account, firstName=None, account=None, addresses=None, phoneNumbers=None, remoteFields=None)
    assert set(made) == CONTACT_FIELDS
    assert (made["firstName"], made["account"], made["lastActivityAt"]) == (None, None, None)
    assert (made["addresses"], made["emailAddresses"], made["phoneNumbers"]) == ([], [], [])


@statement("AL-9")
def test_the_ids_are_a_uuid_and_text(account: Account) -> None:
    made = create(account)
    assert str(UUID(made["id"])) == made["id"]
    assert isinstance(made["remoteId"], str)
    (kept,) = stored(account)
    assert (made["id"], made["remoteId"]) == (kept["uid"], str(kept["number"]))


@statement("AL-10")
def test_an_address_keeps_all_eight_fields(account: Account) -> None:
    second = {"addressType": "shipping", "city": "Cork"}
    made = create(account, addresses=[ADDRESS, second])
    assert made["addresses"] == [ADDRESS, second]
    assert read(account, made["id"])["addresses"] == [ADDRESS, second]


@statement("AL-11")
def test_emails_and_phones_keep_type_and_order(account: Account) -> None:
    made = create(account, emailAddresses=EMAILS, phoneNumbers=PHONES)
    for contact in (made, read(account, made["id"])):
        assert contact["emailAddresses"] == EMAILS
        assert contact["phoneNumbers"] == PHONES


def test_the_first_email_and_phone_are_the_primary_ones(account: Account) -> None:
    create(account, emailAddresses=EMAILS, phoneNumbers=PHONES)
    (kept,) = stored(account)
    assert [email["primary"] for email in kept["emails"]] == [True, False, False]
    assert [phone["primary"] for phone in kept["phones"]] == [True, False, False]
    assert [phone["e164"] for phone in kept["phones"]] == ["+353915550134", None, None]


def test_entries_that_say_nothing_are_left_out(account: Account) -> None:
    made = create(
        account,
        addresses=[{}, {"city": ""}, {"city": "Cork", "unknown": 1}],
        emailAddresses=[{"emailAddressType": "main"}, {"emailAddress": " "}, {"emailAddress": None}],
        phoneNumbers=[{"phoneNumberType": "main", "phoneNumber": ""}, {"phoneNumber": "+353915550134"}],
    )
    assert made["addresses"] == [{"city": "Cork"}]
    assert made["emailAddresses"] == []
    assert made["phoneNumbers"] == [{"phoneNumber": "+353915550134"}]


@statement("AL-12")
def test_remote_fields_come_back_with_values_and_types(account: Account) -> None:
    made = create(account, remoteFields=REMOTE)
    for contact in (made, read(account, made["id"])):
        assert contact["remoteFields"] == REMOTE
        assert isinstance(contact["remoteFields"]["score"], int)
        assert contact["remoteFields"]["vip"] is True
    (kept,) = stored(account)
    assert kept["custom"] == REMOTE


def test_empty_remote_fields_are_not_shown(account: Account) -> None:
    assert set(create(account, remoteFields={})) == CONTACT_FIELDS
    assert set(create(account, remoteFields={"gone": None})) == CONTACT_FIELDS


def test_a_remote_field_named_like_a_common_one_is_its_own(account: Account) -> None:
    made = create(account, firstName="Ada", remoteFields={"firstname": "Bea", "FirstName": "Cea", "lastName": "D"})
    assert (made["firstName"], made["lastName"]) == ("Ada", "Okafor")
    assert made["remoteFields"] == {"firstname": "Bea", "FirstName": "Cea", "lastName": "D"}


@statement("AL-13")
@pytest.mark.parametrize("value", ["text", 5, 1.5, True, [], [["a", 1]], [{"a": 1}]])
def test_remote_fields_that_are_no_object_are_400(account: Account, value: object) -> None:
    answer = account.alloy.post("/crm/contacts", json={"lastName": "Okafor", "remoteFields": value})
    assert named_fields(refused(answer, 400)) == ["remoteFields"]
    assert stored(account) == []


@statement("AL-14")
def test_a_new_contact_is_not_deleted(account: Account) -> None:
    made = create(account)
    assert made["remoteDeleted"] is False
    assert read(account, made["id"])["remoteDeleted"] is False


@statement("AL-15")
def test_times_are_utc_with_milliseconds(account: Account) -> None:
    made = create(account)
    for name in ("remoteCreatedAt", "remoteUpdatedAt", "createdAt", "updatedAt"):
        assert TIME.fullmatch(made[name])
    assert made["createdAt"] == made["updatedAt"] == made["remoteCreatedAt"] == made["remoteUpdatedAt"]


@statement("AL-30")
def test_calls_with_connection_id_get_the_older_names_of_the_times(account: Account) -> None:
    client, query = keyed(account), {"connectionId": account.credential_id}
    made = success(client.post("/crm/contacts", params=query, json={"lastName": "Okafor"}))["contact"]
    (shown,) = success(client.get("/crm/contacts", params=query))["contacts"]
    for contact in (made, shown):
        assert set(contact) == CONTACT_FIELDS | {"createdTimestamp", "updatedTimestamp"}
        assert contact["createdTimestamp"] == contact["remoteCreatedAt"]
        assert contact["updatedTimestamp"] == contact["remoteUpdatedAt"]
    assert set(read(account, made["id"])) == CONTACT_FIELDS


@statement("AL-34")
def test_an_account_that_nobody_knows_is_kept_as_text(account: Account) -> None:
    made = create(account, account="Nobody & Sons")
    assert made["account"] == "Nobody & Sons"
    assert read(account, made["id"])["account"] == "Nobody & Sons"
    assert success(account.alloy.get("/crm/accounts/count")) == {"count": 0}
    (kept,) = stored(account)
    assert kept["organization"] == "Nobody & Sons"


@statement("AL-38")
def test_unknown_fields_do_no_harm(account: Account) -> None:
    made = create(account, email="ada@example.com", phone=5, id="mine", tags=[{}], lastname="x")
    assert set(made) == CONTACT_FIELDS
    assert made["emailAddresses"] == []
    assert made["id"] != "mine"
    assert change(account, made["id"], email={"no": "matter"})["lastName"] == "Okafor"


def test_equal_contacts_are_all_kept(account: Account) -> None:
    ids = {create(account, firstName="Ada", emailAddresses=EMAILS)["id"] for _ in range(3)}
    assert len(ids) == 3
    assert len(stored(account)) == 3
