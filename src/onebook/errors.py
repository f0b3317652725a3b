"""The whole error family, and the issues they carry.

OnebookError
├── InvalidInput(issues)                 the caller can mend it
├── NotAuthenticated(reason)             no credentials, or wrong ones
├── NotPermitted(action)                 known, but not allowed to do this
├── NotFound(kind, key)                  nothing of that kind bears that key
├── Conflict(kind, key, existing)        the key is taken, or the version has moved on
├── LimitExceeded(what, limit, unit)     too large, too many, too deep
├── Unavailable(retry_after_seconds)     the store is away; the same request may work later
└── RemoteFailed(remote, retryable)      a peer (a web address, a CRM) did not answer as it should

Errors carry facts, never statuses: each dialect says in its ``REFUSALS`` how it answers them.
Messages are fit for a person, and hold no secret, no SQL, no path and no other person's data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with one value: collected, not thrown, so that all are found at once.

    Args:
        field: the field in the words of the page that the caller reads (``phone_numbers[0].number``).
        code: a short stable word for programs, such as ``required`` or ``wrong_type``.
        message: one sentence for the person who will mend it: what, and what would be right.
        index: position of the element in a batch or of the row in a file, from 0; None for a single one.
        value: what was sent, if showing it back helps; never a secret.
    """

    field: str
    code: str
    message: str
    index: int | None = None
    value: Any = None


class OnebookError(Exception):
    """Base of every error that onebook raises on purpose."""


class InvalidInput(OnebookError):
    """The input cannot be taken as it is; ``issues`` says all that is wrong with it."""

    def __init__(self, issues: Iterable[Issue], *, code: str = "validation_failed") -> None:
        self.issues = tuple(issues)
        self.code = code
        super().__init__(self.issues[0].message if self.issues else "The input is not valid.")

    @classmethod
    def of(cls, field: str, code: str, message: str, *, index: int | None = None) -> "InvalidInput":
        """The common case of exactly one issue."""
        return cls([Issue(field, code, message, index)])


class NotAuthenticated(OnebookError):
    """No credentials (``reason`` is ``missing``), or wrong, switched-off or expired ones (``wrong``)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("Credentials are missing." if reason == "missing" else "The credentials are not valid.")


class NotPermitted(OnebookError):
    """The key is known but may not do this."""

    def __init__(self, action: str) -> None:
        self.action = action
        super().__init__(f"This key may not {action}.")


class NotFound(OnebookError):
    """Nothing of ``kind`` (``contact``, ``list``, ``route``…) bears ``key`` in what the caller may see."""

    def __init__(self, kind: str, key: object, *, index: int | None = None) -> None:
        self.kind = kind
        self.key = key
        self.index = index
        super().__init__(f"There is no such {kind}.")


class Conflict(OnebookError):
    """``key`` of ``kind`` is taken by ``existing``, or is not what the caller last read."""

    def __init__(
        self, kind: str, key: object, existing: object = None, *, index: int | None = None, message: str | None = None
    ) -> None:
        self.kind = kind
        self.key = key
        self.existing = existing
        self.index = index
        super().__init__(message or f"This {kind} is already in use.")


class LimitExceeded(OnebookError):
    """``what`` passes ``limit`` counted in ``unit`` (``bytes``, ``elements``, ``levels``)."""

    def __init__(self, what: str, limit: int, unit: str) -> None:
        self.what = what
        self.limit = limit
        self.unit = unit
        super().__init__(f"The {what} is over the limit of {limit:,} {unit}.")


class Unavailable(OnebookError):
    """The store cannot answer now; nothing of the request was kept, unless the message says so."""

    def __init__(self, retry_after_seconds: int = 1, *, message: str | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message or "The service cannot reach its store for the moment.")

    @classmethod
    def of(cls, error: BaseException) -> "Unavailable":
        """What whoever waits is told of an error that nobody could mend: itself, if it is one of these."""
        return error if isinstance(error, cls) else cls()


class RemoteFailed(OnebookError):
    """A remote side failed; ``retryable`` says whether the same call may work later."""

    def __init__(self, remote: str, *, retryable: bool, message: str | None = None) -> None:
        self.remote = remote
        self.retryable = retryable
        super().__init__(message or f"The {remote} did not answer as it should.")
