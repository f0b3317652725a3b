"""Files that an import fetches by itself, as they are large or slow to come."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple, Self

from onebook.errors import InvalidInput, LimitExceeded, RemoteFailed
from onebook.importing.archive import PROMPT
from onebook.importing.fetch import Slow, Terms, fetch
from onebook.importing.patience import Heed
from onebook.importing.source import Source, is_data_url
from onebook.operations.imports_spool import Landing, Spool

FIELD: Final = "url"
#: How long a call fetches a file before it leaves that to the import.
WAIT_SECONDS: Final = PROMPT.wait_seconds


class Remote(NamedTuple):
    """A file that is still out there. Args: ``address``: where on the web."""

    address: str


def at_hand(address: str, open_: Callable[[str], Source]) -> Source | Remote:
    """A file, or where it is if it is too large or too slow to be waited for. Args: ``open_``: gives it."""
    try:
        return open_(address)
    except (Slow, LimitExceeded):
        if is_data_url(address):
            raise
        return Remote(address)


class Fetching(NamedTuple):
    """Within which bounds imports fetch files.

    Args:
        allow: ``host:port`` entries that may be reached although not public.
        limit_bytes: the most that a file may have. seconds: how long it may take.
    """

    allow: frozenset[str] = frozenset()
    limit_bytes: int = 5 << 30
    seconds: float = 3600.0

    def __call__(self, address: str, spool: Spool, heed: Heed) -> Source:
        """Fetch a file into the spool.

        Raises: InvalidInput: it could not be fetched, or is none. LimitExceeded. What ``heed`` raises.
        """
        terms = Terms(
            allow=self.allow, limit_bytes=self.limit_bytes, field=FIELD, timeout_seconds=self.seconds,
            into=partial(_Arriving, spool), heed=heed,
        )  # fmt: skip
        try:
            return fetch(address, terms)
        except RemoteFailed as error:  # whoever named the address can name another
            raise InvalidInput.of(FIELD, "unreachable", str(error)) from None


FETCHING: Final = Fetching()


class _Arriving:
    """A new file of the spool, into which another is fetched."""

    def __init__(self, spool: Spool, terms: Terms) -> None:
        self._landing: Landing = spool.landing()
        self._terms = terms
        self._size = 0
        self._landed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not self._landed or error[0] is not None:
            self._landing.drop()

    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._terms.limit_bytes:
            raise LimitExceeded(self._terms.field, self._terms.limit_bytes, "bytes")
        self._landing.write((data,))

    def source(self, media_type: str | None, charset: str | None, name: str | None) -> Source:
        landed = replace(self._landing.landed(), media_type=media_type, charset=charset, name=name)
        self._landed = True
        return landed


def digest_of(address: str) -> str:
    """What stands for a file under an idempotency key: what is there may change, what was asked for does not."""
    return hashlib.sha256(address.encode()).hexdigest()
