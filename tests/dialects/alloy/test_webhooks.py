"""Subscriptions are kept and shown."""

from typing import Any

import pytest

from tests.dialects.alloy.calls import HEX_24, keyed, named_fields, refused, success
from tests.harness import Account

SENT = {"address": "https://hooks.example/alloy", "topic": ["crm/contacts", "crm/accounts"]}


def test_a_subscription_is_kept_until_it_is_deleted(account: Account) -> None:
    client = keyed(account)
    assert success(client.get("/webhooks")) == {"subscriptions": []}
    made = success(client.post("/webhooks", json=SENT))["subscription"]
    assert made == {**SENT, "isEnabled": True, "subscriptionId": made["subscriptionId"]}
    assert HEX_24.fullmatch(made["subscriptionId"])
    assert success(client.get("/webhooks")) == {"subscriptions": [made]}
    path = f"/webhooks/{made['subscriptionId']}"
    assert success(client.get(path)) == {"subscription": made}
    assert success(client.delete(path)) == {"success": True}
    refused(client.get(path), 404)
    refused(client.delete(path), 404)
    assert success(client.get("/webhooks")) == {"subscriptions": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"topic": ["crm/contacts"]}, "address"),
        ({**SENT, "address": "hooks.example"}, "address"),
        ({**SENT, "address": "file:///etc/passwd"}, "address"),
        ({**SENT, "address": "http://[::1"}, "address"),
        ({**SENT, "address": 5}, "address"),
        ({"address": "https://hooks.example"}, "topic"),
        ({**SENT, "topic": "crm/contacts"}, "topic"),
        ({**SENT, "topic": [5]}, "topic[0]"),
        ({**SENT, "topic": [" "]}, "topic[0]"),
    ],
)
def test_a_subscription_needs_a_web_address_and_topics(account: Account, body: dict[str, Any], field: str) -> None:
    client = keyed(account)
    assert named_fields(refused(client.post("/webhooks", json=body), 400)) == [field]
    assert success(client.get("/webhooks")) == {"subscriptions": []}


def test_subscriptions_of_another_account_are_unknown(account: Account, other_account: Account) -> None:
    made = success(keyed(account).post("/webhooks", json=SENT))["subscription"]
    path = f"/webhooks/{made['subscriptionId']}"
    refused(keyed(other_account).get(path), 404)
    refused(keyed(other_account).delete(path), 404)
    success(keyed(account).get(path))
