"""Subscriptions to events: kept and shown; nothing is sent yet."""

from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.alloy.bodies import SUCCESS, read_body, wrapped, write_success
from onebook.dialects.alloy.seen import TEXT
from onebook.dialects.alloy.words import NEEDED
from onebook.dialects.base import REFUSED, Answer, Field, Out, Request, Route, Schema, schema_of, write_fields
from onebook.errors import Issue, NotFound
from onebook.model.account import Subscription
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.store.base import Session


class _WebAddress(Struct, frozen=True):
    """A web address; whether it may be reached is judged when something is sent to it."""

    @property
    def schema(self) -> Schema:
        """See `Converter`."""
        return {**NEEDED.schema, "format": "uri", "pattern": "^https?://."}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """See `Converter`."""
        text = NEEDED.read(value, at, issues)
        if text is REFUSED or _is_web(text):
            return text
        issues.append(Issue(at, "wrong_format", f"{at} must be a web address that begins with http:// or https://."))
        return REFUSED


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


# --- tables ---

SUBSCRIPTION = (
    Field("address", _WebAddress(), need=True, note="Where events are to be sent."),
    Field("topic", strict.Array(NEEDED, most=100), need=True, note="Which events, such as crm/contacts."),
)
SHOWN: tuple[Out[Subscription], ...] = (
    Out("address", lambda one: one.address, TEXT),
    Out("topic", lambda one: list(one.topics), {"type": "array", "items": TEXT}),
    Out("isEnabled", lambda one: one.enabled, {"type": "boolean"}),
    Out("subscriptionId", lambda one: one.id, TEXT),
)

# --- readers ---


def read_new(request: Request) -> dict[str, Any]:
    """The body of a new subscription."""
    return read_body(request, SUBSCRIPTION)


def read_nothing(_: Request) -> None:
    """Nothing is needed."""


def read_named(request: Request) -> str:
    """The subscription that the path names."""
    return request.params["subscriptionId"]


# --- acts ---


def create(session: Session, _: Actor, sent: dict[str, Any]) -> Subscription:
    """Keep a subscription."""
    return accounts.subscribe(session, sent["address"], tuple(sent["topic"]))


def list_all(session: Session, _: Actor, __: None) -> list[Subscription]:
    """Every subscription of the account."""
    return accounts.subscriptions(session)


def get(session: Session, _: Actor, subscription_id: str) -> Subscription:
    """One subscription. Raises: NotFound."""
    found = session.get(Subscription, id=subscription_id)
    if found is None:
        raise NotFound("subscription", subscription_id)
    return found


def delete(session: Session, _: Actor, subscription_id: str) -> None:
    """Remove a subscription."""
    accounts.unsubscribe(session, subscription_id)


# --- writers ---


def write_one(_: Request, subscription: Subscription) -> Answer:
    """One subscription."""
    return Answer(200, {"subscription": write_fields(SHOWN, subscription)})


def write_all(_: Request, subscriptions: list[Subscription]) -> Answer:
    """All subscriptions."""
    return Answer(200, {"subscriptions": [write_fields(SHOWN, one) for one in subscriptions]})


# --- routes ---

_TAGS = ("Webhooks",)
_SCHEMA: Final = schema_of(SHOWN)
_ONE: Final = {200: wrapped("subscription", _SCHEMA)}

ROUTES = (
    Route(
        "POST", "/webhooks", "createSubscription", "Keep a subscription; nothing is sent yet",
        read_new, create, write_one, access="admin",
        body=strict.Object(SUBSCRIPTION).schema, answers=_ONE, tags=_TAGS,
    ),
    Route(
        "GET", "/webhooks", "listSubscriptions", "List subscriptions",
        read_nothing, list_all, write_all, access="read", writes=False,
        answers={200: wrapped("subscriptions", {"type": "array", "items": _SCHEMA})}, tags=_TAGS,
    ),
    Route(
        "GET", "/webhooks/{subscriptionId}", "getSubscription", "Read a subscription",
        read_named, get, write_one, access="read", writes=False,
        answers=_ONE, tags=_TAGS,
    ),
    Route(
        "DELETE", "/webhooks/{subscriptionId}", "deleteSubscription", "Remove a subscription",
        read_named, delete, write_success, access="admin",
        answers={200: SUCCESS}, tags=_TAGS,
    ),
)  # fmt: skip
