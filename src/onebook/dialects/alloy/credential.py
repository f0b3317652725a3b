"""The credential that a call names, and the book that it looks at."""

from typing import Final

from onebook.dialects import strict
from onebook.dialects.base import Field, Request
from onebook.errors import InvalidInput, NotFound
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.store.base import Session

OLDER_MOUNT: Final = "/alloy/2023-12/one"
OLDER_NAME: Final = "connectionId"

CREDENTIAL = (
    Field(
        "credentialId",
        strict.text(longest=255),
        note="The credential whose book is meant; this or connectionId is needed.",
    ),
    Field(
        OLDER_NAME, strict.text(longest=255), note="The older name of credentialId, which goes first if both are sent."
    ),
)


def named_in(request: Request) -> str:
    """The id that the query names. Raises: InvalidInput if it names none."""
    query = request.query
    named = query.get("credentialId") or query.get(OLDER_NAME)
    if not named:
        raise InvalidInput.of("credentialId", "required", "credentialId is required in the query.")
    return named


def book_of(session: Session, actor: Actor, credential_id: str) -> int:
    """The number of the book that a credential looks at.

    Raises: InvalidInput for an unknown credential; NotPermitted if the key is bound to another book.
    """
    try:
        return accounts.credential(session, actor, credential_id).book
    except NotFound:
        raise InvalidInput.of("credentialId", "unknown", "Invalid credentialId.") from None


def is_older(request: Request) -> bool:
    """Whether the client expects the older names of the times."""
    return request.mount == OLDER_MOUNT or OLDER_NAME in request.query
