"""PackageX: errors become the vendor's status and body. The vendor lists no codes; these are ours."""

from collections.abc import Mapping

from msgspec import structs

from onebook.dialects.base import Answer, Broken, Credentials, KeyReused, Request, TooOften, WrongVerb, kind_of
from onebook.dialects.packagex.writers import envelope
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

REFUSALS: dict[type[OnebookError], tuple[int, str]] = {
    InvalidInput: (400, "validation_failed"),
    RemoteFailed: (400, "csv_unreachable"),
    NotAuthenticated: (401, "unauthorized"),
    NotPermitted: (403, "forbidden"),
    NotFound: (404, "not_found"),
    WrongVerb: (405, "method_not_allowed"),
    Conflict: (409, "conflict"),
    KeyReused: (409, "conflict"),
    LimitExceeded: (413, "payload_too_large"),
    TooOften: (429, "rate_limited"),
    Broken: (500, "internal_error"),
    Unavailable: (503, "unavailable"),
}

INVALID_BODY = (400, "invalid_body")

# What operations call by another name than the vendor.
FIELDS = {"kind": "type"}

NATIVE_IMPORT = " Larger files go through onebook's own import."


def refuse(request: Request, error: OnebookError) -> Answer:
    """The answer to an error."""
    status, code = _refusal(error)
    answer = envelope(request, status, _message(error), {}, errors=_fields(error), code=code, error_code=code)
    return structs.replace(answer, headers=_headers(error))


def _refusal(error: OnebookError) -> tuple[int, str]:
    if isinstance(error, InvalidInput) and any(issue.field == "body" for issue in error.issues):
        return INVALID_BODY
    if isinstance(error, LimitExceeded) and error.what == "nesting":
        return INVALID_BODY
    return REFUSALS[kind_of(error, REFUSALS)]


def _fields(error: OnebookError) -> list[str]:
    """The names of the failing fields, each once."""
    if isinstance(error, InvalidInput):
        return list(dict.fromkeys(FIELDS.get(i.field, i.field) for i in error.issues if i.field != "body"))
    if isinstance(error, RemoteFailed) or (isinstance(error, LimitExceeded) and error.what == "csv_url"):
        return ["csv_url"]
    return []


def _message(error: OnebookError) -> str:
    if isinstance(error, InvalidInput):
        return " ".join(dict.fromkeys(issue.message for issue in error.issues)) or str(error)
    if isinstance(error, LimitExceeded) and error.what == "csv_url":
        return f"{error}{NATIVE_IMPORT}"
    return str(error)


def _headers(error: OnebookError) -> tuple[tuple[str, str], ...]:
    if isinstance(error, WrongVerb):
        return (("Allow", ", ".join(error.allowed)),)
    if isinstance(error, TooOften | Unavailable):
        return (("Retry-After", str(error.retry_after_seconds)),)
    return ()


def credentials(headers: Mapping[str, str]) -> Credentials:
    """The key of a request; ``PX-API-KEY`` counts if both headers are there.

    Raises: NotAuthenticated("missing") without either.
    """
    secret = headers.get("px-api-key", headers.get("x-api-key"))
    if not secret:
        raise NotAuthenticated("missing")
    return Credentials(secret.strip())
