"""Octopush: the shape of every refusal, and that a refusal leaves nothing behind."""

from typing import Any

import pytest

from tests.dialects.octopush.calls import ANN, CALLS, refusal, snapshot, with_club
from tests.harness import Account, statement

SHARED_BODIES = ("", " ", "{", "null", "[]", '"text"', "{'contacts': []}", '{"contacts": [}')

# Method, path, body and the status and code that it earns on an account as `with_club` leaves it.
REFUSED: tuple[tuple[str, str, Any, tuple[int, int]], ...] = (
    ("POST", "/contact/create", {}, (400, 110)),
    ("POST", "/contact/create", {"contacts": [{"phone_number": "abc"}], "list_name": "new"}, (400, 117)),
    ("POST", "/contact/create", {"contacts": [{}] * 10_001, "list_name": "new"}, (400, 305)),
    ("DELETE", "/contact/delete", {}, (400, 110)),
    ("DELETE", "/contact/delete", {"phone_numbers": ["abc"], "list_name": "club"}, (400, 117)),
    ("DELETE", "/contact/delete", {"phone_numbers": [ANN] * 201}, (400, 305)),
    ("DELETE", "/contact/delete", {"phone_numbers": [ANN], "list_name": "nowhere"}, (404, 303)),
    ("POST", "/contact-list/create", {}, (400, 110)),
    ("POST", "/contact-list/create", {"list_name": "club"}, (400, 302)),
    ("DELETE", "/contact-list/delete", {"list_name": "nowhere"}, (404, 303)),
    ("POST", "/contact-list/empty", {"list_name": "nowhere", "delete_contacts": True}, (404, 303)),
    ("GET", "/contact/create", None, (405, 306)),
    ("POST", "/contact/delete", {"phone_numbers": [ANN]}, (405, 306)),
    ("DELETE", "/contact-list/empty", {"list_name": "club"}, (405, 306)),
    ("POST", "/sms-campaign/send", {"recipients": [{"phone_number": ANN}], "list_name": "new"}, (404, 306)),
    ("DELETE", "/contact", {"phone_numbers": [ANN]}, (404, 306)),
)
each_refused = pytest.mark.parametrize(
    ("method", "path", "body", "expected"), REFUSED, ids=[f"{one[0]} {one[1]} {one[3]}" for one in REFUSED]
)


@statement("OC-51")
@pytest.mark.parametrize("content", SHARED_BODIES, ids=repr)
def test_a_body_that_is_empty_or_not_an_object_is_refused(account: Account, content: str) -> None:
    with_club(account)
    before = snapshot(account)
    for method, path, _ in CALLS:
        answer = account.octopush.request(
            method, path, content=content.encode(), headers={"Content-Type": "application/json"}
        )
        assert refusal(answer) == (400, 100)
    assert snapshot(account) == before


@statement("OC-80")
@each_refused
def test_every_error_is_json_with_code_and_message(
    account: Account, method: str, path: str, body: object, expected: tuple[int, int]
) -> None:
    with_club(account)
    assert refusal(account.octopush.request(method, path, json=body)) == expected


@statement("OC-81")
def test_a_wrong_method_is_405_and_an_unknown_path_404(account: Account) -> None:
    wrong_method = account.octopush.get("/contact/create")
    assert refusal(wrong_method) == (405, 306)
    assert wrong_method.headers["allow"] == "POST"
    for path in ("/contact/nothing", "/contact-list", "/wallet/check-balance", "/contact/create/more", "/"):
        assert refusal(account.octopush.post(path, json={})) == (404, 306)


@statement("OC-82")
@each_refused
def test_after_a_refusal_nothing_has_changed(
    account: Account, method: str, path: str, body: object, expected: tuple[int, int]
) -> None:
    with_club(account)
    before = snapshot(account)
    assert account.octopush.request(method, path, json=body).status_code == expected[0]
    assert snapshot(account) == before
