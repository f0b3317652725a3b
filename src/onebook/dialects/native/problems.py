"""Errors of the native API: problem details (RFC 9457).

Source:   docs/dialects/native.md, "Errors"
"""

from typing import Final

from onebook.dialects.base import Answer, Broken, KeyReused, Request, Schema, TooOften, WrongVerb, kind_of
from onebook.errors import (
    Conflict,
    InvalidInput,
    Issue,
    LimitExceeded,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OnebookError,
    RemoteFailed,
    Unavailable,
)

CONTENT_TYPE: Final = "application/problem+json"
TYPE_BASE: Final = "urn:onebook:problem:"

# Error class -> status, last word of the type, title. The status of three more depends on what was wrong; see below.
REFUSALS: Final[dict[type[OnebookError], tuple[int, str, str]]] = {
    InvalidInput: (400, "invalid-input", "The request is not valid."),
    NotAuthenticated: (401, "not-authenticated", "A valid key is needed."),
    NotPermitted: (403, "not-permitted", "The key may not do this."),
    NotFound: (404, "not-found", "There is no such thing."),
    WrongVerb: (405, "wrong-verb", "The path does not answer this verb."),
    Conflict: (409, "conflict", "This conflicts with what is there."),
    KeyReused: (409, "key-reused", "The idempotency key is in use."),
    LimitExceeded: (400, "limit-exceeded", "The request is over a limit."),
    TooOften: (429, "too-often", "Too many requests."),
    Broken: (500, "broken", "Something went wrong."),
    RemoteFailed: (502, "remote-failed", "Another service failed."),
    Unavailable: (503, "unavailable", "The service is away for a moment."),
}
TOO_LARGE: Final = 413
PRECONDITION_FAILED: Final = 412
MOST_ISSUES: Final = 100  # judgement: nobody mends more at once, and an answer should not outgrow its question

ISSUE_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "index": {"type": ["integer", "null"]},
        "field": {"type": "string"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "value": {},
    },
    "required": ["index", "field", "code", "message"],
}
ERROR_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "issues": {"type": "array", "items": ISSUE_SCHEMA},
    },
    "required": ["type", "title", "status", "detail", "issues"],
}


def refuse(request: Request, error: OnebookError) -> Answer:
    """An error as a problem document."""
    status, word, title = REFUSALS[kind_of(error, REFUSALS)]
    if isinstance(error, LimitExceeded) and error.what == "body":
        status = TOO_LARGE
    if isinstance(error, Conflict) and error.kind == "version" and "if-match" in request.headers:
        status = PRECONDITION_FAILED
    body = {
        "type": TYPE_BASE + word,
        "title": title,
        "status": status,
        "detail": str(error),
        "issues": [_issue(issue) for issue in _issues_of(error)[:MOST_ISSUES]],
    }
    return Answer(status, body, _headers(error), CONTENT_TYPE)


def _issues_of(error: OnebookError) -> tuple[Issue, ...]:
    if isinstance(error, InvalidInput):
        return error.issues
    if isinstance(error, Conflict):
        return (Issue(error.kind, "conflict", str(error), error.index),)
    return ()


def _issue(issue: Issue) -> dict[str, object]:
    shown = {name: getattr(issue, name) for name in ("index", "field", "code", "message")}
    return shown if issue.value is None else {**shown, "value": issue.value}


def _headers(error: OnebookError) -> tuple[tuple[str, str], ...]:
    if isinstance(error, NotAuthenticated):
        challenge = "Bearer" if error.reason == "missing" else 'Bearer error="invalid_token"'
        return (("WWW-Authenticate", challenge),)
    if isinstance(error, WrongVerb):
        return (("Allow", ", ".join(error.allowed)),)
    if isinstance(error, Unavailable | TooOften):
        return (("Retry-After", str(error.retry_after_seconds)),)
    return ()
