"""The native API: how it refuses."""

from typing import Any

import pytest

from onebook.dialects.base import Broken, KeyReused, Limits, Request, TooOften, WrongVerb
from onebook.dialects.native.problems import REFUSALS, TYPE_BASE, refuse
from onebook.errors import (
    Conflict,
    InvalidInput,
    LimitExceeded,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OnebookError,
    RemoteFailed,
    Unavailable,
)
from tests.dialects.native.calls import find, person, places, problem
from tests.harness import Account, statement

ERRORS: tuple[tuple[OnebookError, int, dict[str, str]], ...] = (
    (InvalidInput.of("name", "required", "A name is needed."), 400, {}),
    (NotAuthenticated("missing"), 401, {"WWW-Authenticate": "Bearer"}),
    (NotAuthenticated("wrong"), 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}),
    (NotPermitted("read"), 403, {}),
    (NotFound("contact", "x"), 404, {}),
    (NotFound("route", "/x"), 404, {}),
    (WrongVerb(["POST", "GET"]), 405, {"Allow": "GET, POST"}),
    (Conflict("external_id", "x"), 409, {}),
    (KeyReused(running=True), 409, {}),
    (LimitExceeded("body", 10, "bytes"), 413, {}),
    (LimitExceeded("nesting", 64, "levels"), 400, {}),
    (TooOften(7), 429, {"Retry-After": "7"}),
    (Broken(), 500, {}),
    (RemoteFailed("web address", retryable=True), 502, {}),
    (Unavailable(3), 503, {"Retry-After": "3"}),
)


@statement("NA-60")
@pytest.mark.parametrize(
    ("error", "status", "headers"), ERRORS, ids=[f"{status} {error}" for error, status, _ in ERRORS]
)
def test_every_error_is_a_problem_document(error: OnebookError, status: int, headers: dict[str, str]) -> None:
    answer = refuse(Request("GET", "/", "", {}, b"", Limits()), error)
    assert (answer.status, answer.content_type, dict(answer.headers)) == (status, "application/problem+json", headers)
    assert set(answer.body) == {"type", "title", "status", "detail", "issues"}
    assert answer.body["status"] == status
    assert answer.body["type"].startswith(TYPE_BASE)
    assert answer.body["detail"] == str(error)


def test_no_error_is_without_an_answer() -> None:
    assert {type(error) for error, _, _ in ERRORS} == set(REFUSALS)


@statement("NA-61")
def test_all_that_is_wrong_is_told_at_once(account: Account) -> None:
    body = {
        "name": {"full": 1, "fulll": "Ada"},
        "phones": [{"raw": "1"}, {"type": "work"}, {"raw": " ", "primary": "yes"}],
        "emails": [{"address": "nobody"}],
        "addresses": [{"country_code": "xx"}],
        "external_id": "x" * 256,
        "colour": "red",
    }
    assert places(account.native.post("/contacts", json=body)) == [
        "name.full",
        "name.fulll",
        "phones[1].raw",
        "phones[2].raw",
        "phones[2].primary",
        "emails[0].address",
        "addresses[0].country_code",
        "external_id",
        "colour",
    ]


WRONG: tuple[Any, ...] = (
    {"phones": {}},
    {"phones": [1]},
    {"phones": None},
    {"name": "Ada"},
    {"lists": "club"},
    {"lists": [""]},
    {"custom": []},
    {"custom": {"big": 2**60}},
    {"kind": "person"},
    {"book": 1.0},
    {"book": True},
    {"members": ["x"]},
    {"number": 7},
    {"opt_out": False},
    {"version": 1},
    [],
    "text",
    1,
    None,
)


@statement("NA-62")
@pytest.mark.parametrize("body", WRONG, ids=repr)
def test_what_cannot_be_taken_is_refused_whole(account: Account, body: Any) -> None:
    if isinstance(body, dict):
        body = {"notes": "kept?", **body}
    problem(account.native.post("/contacts", json=body), 400)
    assert find(account) == []


@statement("NA-63")
def test_unknown_paths_and_verbs(account: Account) -> None:
    uid = person(account, "Ada")["uid"]
    for path in ("/", "/contact", "/contacts/", f"/contacts/{uid}/", f"/contacts/{uid}/x", "/books/one", "/books/0"):
        problem(account.native.get(path), 404)
    answer = account.native.put(f"/contacts/{uid}", json={})
    problem(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET, PATCH"
