"""Metadata and passthrough: AL-35, AL-36, AL-44."""

from typing import Any

import pytest

from tests.dialects.alloy.calls import BESIDE, UNKNOWN_CREDENTIAL, keyed, refused, success
from tests.harness import Account, statement

APPS = ("salesforce", "hubspot", "zohoCRM", "dynamics", "onebook")


@statement("AL-35")
@pytest.mark.parametrize("app", APPS)
def test_the_operations_of_an_app_are_arrays_of_text(account: Account, app: str) -> None:
    body = success(keyed(account).get("/metadata/operations", params={"app": app}))
    operations = body["operations"]
    assert {"contact", "account"} <= set(operations)
    assert all(isinstance(name, str) for names in operations.values() for name in names)
    expected = {"listContacts", "createContact", "updateContact", "deleteContact", "getContact"}
    assert set(operations["contact"]) >= expected
    assert "createAccount" in operations["account"]


@statement("AL-36")
def test_the_fields_of_create_contact_mark_the_last_name(account: Account) -> None:
    query = {"app": "hubspot", "operation": "createContact"}
    fields = success(keyed(account).get("/metadata/fields", params=query))["fields"]
    assert {field["name"]: field["required"] for field in fields} == {
        "lastName": True,
        "firstName": False,
        "account": False,
        "addresses": False,
        "emailAddresses": False,
        "phoneNumbers": False,
        "remoteFields": False,
    }
    for field in fields:
        assert set(field) == {"name", "type", "required", "description"}
        assert field["type"] in {"string", "array", "object"}
        assert field["description"]


def test_every_operation_listed_has_fields(account: Account) -> None:
    client = keyed(account)
    operations = success(client.get("/metadata/operations", params={"app": "onebook"}))["operations"]
    for name in (name for names in operations.values() for name in names):
        fields = success(client.get("/metadata/fields", params={"app": "onebook", "operation": name}))["fields"]
        assert all(isinstance(field["required"], bool) for field in fields)
        assert not (name.startswith("update") and any(field["required"] for field in fields))


@pytest.mark.parametrize("app", ["", "pipedrive", "HubSpot", "\x00"])
def test_an_unknown_app_is_400(account: Account, app: str) -> None:
    client = keyed(account)
    refused(client.get("/metadata/operations", params={"app": app}), 400)
    refused(client.get("/metadata/fields", params={"app": app, "operation": "createContact"}), 400)


def test_an_unknown_operation_is_400(account: Account) -> None:
    client = keyed(account)
    refused(client.get("/metadata/operations"), 400)
    refused(client.get("/metadata/fields", params={"app": "hubspot"}), 400)
    refused(client.get("/metadata/fields", params={"app": "hubspot", "operation": "sing"}), 400)


def test_the_apps_that_a_credential_can_be_made_for(account: Account) -> None:
    client = keyed(account, BESIDE)
    apps = success(client.get("/metadata/credentials"))["data"]
    assert [app["name"] for app in apps] == list(APPS)
    for app in apps:
        assert set(app) == {"name", "icon", "isOauth", "properties"}
        assert app["isOauth"] is False
        assert success(client.get(f"/metadata/credentials/{app['name']}"))["data"] == app
    refused(client.get("/metadata/credentials/pipedrive"), 404)


@statement("AL-44")
def test_passing_a_call_through_is_501(account: Account) -> None:
    body: dict[str, Any] = {
        "method": "GET",
        "endpoint": "/objects/contacts",
        "body": {},
        "query": {},
        "extraHeaders": None,
    }
    refused(account.alloy.post("/forward", json=body), 501)
    refused(account.alloy.post("/forward", json={"method": "GET", "path": "/objects/contacts"}), 501)
    refused(keyed(account).post("/forward", params={"connectionId": account.credential_id}, json=body), 501)


def test_passing_through_still_needs_a_credential(account: Account) -> None:
    refused(keyed(account).post("/forward", json={"method": "GET", "path": "/x"}), 400)
    refused(keyed(account).post("/forward", params={"credentialId": UNKNOWN_CREDENTIAL}, json={}), 400)
