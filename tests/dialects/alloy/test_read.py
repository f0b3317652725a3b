"""Reading one contact: AL-16, and what other dialects stored."""

import pytest

from tests.dialects.alloy.calls import ONE, UNKNOWN_ID, create, read, refused, success
from tests.harness import Account, statement


@statement("AL-16")
def test_reading_gives_what_creating_gave(account: Account) -> None:
    made = create(account, firstName="Ada", addresses=[{"city": "Cork"}], remoteFields={"a": 1})
    answer = account.alloy.get(f"/crm/contacts/{made['id']}")
    assert success(answer) == {"contact": made}


@pytest.mark.parametrize("contact_id", [UNKNOWN_ID, "x", "1", "%00", "%ED%A0%80", "-1", "a" * 3000])
def test_an_unknown_id_is_404(account: Account, contact_id: str) -> None:
    refused(account.alloy.get(f"/crm/contacts/{contact_id}"), 404)


def test_an_id_may_be_sent_in_capitals(account: Account) -> None:
    made = create(account)
    assert success(account.alloy.get(f"/crm/contacts/{made['id'].upper()}")) == {"contact": made}


def test_a_remote_id_is_no_id(account: Account) -> None:
    made = create(account)
    refused(account.alloy.get(f"/crm/contacts/{made['remoteId']}"), 404)
    refused(account.alloy.delete(f"/crm/contacts/{made['remoteId']}"), 404)
    assert read(account, made["id"]) == made


def test_a_slash_at_the_end_makes_no_difference(account: Account) -> None:
    made = success(account.alloy.post("/crm/contacts/", json={"lastName": "Okafor"}))["contact"]
    assert success(account.alloy.get(f"/crm/contacts/{made['id']}/"))["contact"] == made
    assert success(account.alloy.get("/crm/contacts/count/")) == {"count": 1}


def test_a_contact_from_elsewhere_shows_all_it_can(account: Account) -> None:
    kept = account.native.post(
        "/contacts",
        json={
            "name": {"full": "Ada King Lovelace"},
            "phones": [{"raw": "+353 91 555 0134", "type": "mobile"}],
            "emails": [{"address": "ada@example.com"}],
            "custom": {"param1": "x", "level": 3},
        },
    ).json()
    shown = read(account, kept["uid"])
    assert (shown["firstName"], shown["lastName"]) == ("Ada King", "Lovelace")
    assert shown["phoneNumbers"] == [{"phoneNumberType": "mobile", "phoneNumber": "+353 91 555 0134"}]
    assert shown["emailAddresses"] == [{"emailAddress": "ada@example.com"}]
    assert shown["remoteFields"] == {"param1": "x", "level": 3}
    assert shown["remoteId"] == str(kept["number"])


def test_credential_is_checked_before_the_id_and_the_id_before_the_body(account: Account) -> None:
    path, body = f"/crm/contacts/{UNKNOWN_ID}", {"lastName": 5}
    refused(account.client(ONE).put(path, json=body), 401)
    refused(account.alloy.put(path, params={"credentialId": "x"}, json=body), 400)
    refused(account.alloy.put(path, json=body), 404)
