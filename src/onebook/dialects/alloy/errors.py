"""How errors are told: always ``message``, never 422, which one of the vendor's clients takes for a result."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from onebook.dialects.base import Answer, Broken, KeyReused, Request, Schema, TooOften, WrongVerb, kind_of
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

REFUSALS: Final[Mapping[type[OnebookError], int]] = {
    InvalidInput: 400,
    NotAuthenticated: 401,
    NotPermitted: 403,
    NotFound: 404,
    WrongVerb: 405,
    Conflict: 409,
    KeyReused: 409,
    LimitExceeded: 400,
    TooOften: 429,
    Broken: 500,
    RemoteFailed: 502,
    Unavailable: 503,
}
TOO_LARGE: Final = 413

HEADERS: Final[Mapping[type[OnebookError], Callable[[Any], tuple[str, str]]]] = {
    NotAuthenticated: lambda _: ("WWW-Authenticate", "Bearer"),
    WrongVerb: lambda error: ("Allow", ", ".join(error.allowed)),
    TooOften: lambda error: ("Retry-After", str(error.retry_after_seconds)),
    Unavailable: lambda error: ("Retry-After", str(error.retry_after_seconds)),
}

SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
    },
    "required": ["message"],
}


def refuse(_: Request, error: OnebookError) -> Answer:
    """An error in the vendor's shape; validation names each field."""
    kind = kind_of(error, REFUSALS)
    status = TOO_LARGE if isinstance(error, LimitExceeded) and error.what == "body" else REFUSALS[kind]
    body: dict[str, Any] = {"message": str(Broken() if kind is Broken else error)}
    if isinstance(error, InvalidInput):
        body["errors"] = [{"field": issue.field, "message": issue.message} for issue in error.issues]
    return Answer(status, body, (HEADERS[kind](error),) if kind in HEADERS else ())
