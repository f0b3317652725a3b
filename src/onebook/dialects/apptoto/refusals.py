"""4 Errors: each of ours as Apptoto's status and body."""

from collections.abc import Iterable, Mapping
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

BAD_REQUEST: Final = 400
REFUSALS: Final[Mapping[type[OnebookError], int]] = {
    InvalidInput: BAD_REQUEST,
    Conflict: BAD_REQUEST,  # an external_id that is taken
    LimitExceeded: BAD_REQUEST,
    NotAuthenticated: 401,
    NotPermitted: 403,
    NotFound: 404,
    WrongVerb: 405,
    KeyReused: 409,
    TooOften: 429,
    Broken: 500,
    RemoteFailed: 502,
    Unavailable: 503,
}
ERROR: Final[Schema] = {
    "type": "object",
    "properties": {
        "error": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"},
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                },
                "required": ["index", "field", "message"],
            },
        },
    },
    "required": ["error"],
}


def refuse(_request: Request, error: OnebookError) -> Answer:
    """An error as the dialect says it: a sentence, and what is wrong with which element of a batch."""
    status = REFUSALS[kind_of(error, REFUSALS)]
    body: dict[str, object] = {"error": str(error)}
    told = [
        {"index": issue.index, "field": issue.field, "message": issue.message}
        for issue in _issues(error)
        if issue.index is not None
    ]
    if told:
        body["errors"] = told
    return Answer(status, body, tuple(_headers(error)))


def _issues(error: OnebookError) -> tuple[Issue, ...]:
    if isinstance(error, InvalidInput):
        return error.issues
    if isinstance(error, Conflict):
        return (Issue(error.kind, "taken", str(error), error.index),)
    return ()


def _headers(error: OnebookError) -> Iterable[tuple[str, str]]:
    if isinstance(error, NotAuthenticated):
        yield "WWW-Authenticate", 'Basic realm="onebook", charset="UTF-8"'
    elif isinstance(error, WrongVerb):
        yield "Allow", ", ".join(error.allowed)
    elif isinstance(error, TooOften | Unavailable):
        yield "Retry-After", str(error.retry_after_seconds)
