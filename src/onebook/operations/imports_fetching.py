"""Files that an import fetches by itself, as they are large or slow to come."""

import hashlib
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
        limit_bytes: the most that a file may have. seconds: how long it may take; silence_seconds: and nothing come.
    """

    allow: frozenset[str] = frozenset()
    limit_bytes: int = 5 << 30
    seconds: float = 3600.0
    silence_seconds: float = 60.0

    def __call__(self, address: str, spool: Spool, heed: Heed, tell: Callable[[int], None]) -> Source:
        """Fetch a file into the spool. Args: ``tell``: is told how many bytes there are as they come.

        Raises: InvalidInput: it could not be fetched, or is none. LimitExceeded. What ``heed`` raises.
        """
        terms = Terms(
            allow=self.allow, limit_bytes=self.limit_bytes, field=FIELD, timeout_seconds=self.seconds,
            silence_seconds=self.silence_seconds, into=partial(_Arriving, spool, tell), heed=heed,
        )  # fmt: skip
        try:
            return fetch(address, terms)
        except RemoteFailed as error:  # whoever named the address can name another
            raise InvalidInput.of(FIELD, "unreachable", str(error)) from None


FETCHING: Final = Fetching()


class _Arriving:
    """A new file of the spool, into which another is fetched."""

    def __init__(self, spool: Spool, tell: Callable[[int], None], terms: Terms) -> None:
        self._landing: Landing = spool.landing()
        self._terms = terms
        self._tell = tell
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
        self._tell(self._size)

    def source(self, media_type: str | None, charset: str | None, name: str | None) -> Source:
        landed = replace(self._landing.landed(), media_type=media_type, charset=charset, name=name)
        self._landed = True
        return landed


class Fetchers:
    """Threads that fetch: apart from those that import, which a silent server would hold up.

    Args: ``at_once``: how many fetch, of all accounts. ``each``: how many of one account; others of it wait.
    """

    def __init__(self, at_once: int = 8, each: int = 2) -> None:
        self._threads = ThreadPoolExecutor(at_once, "onebook-fetch")
        self._each = each
        self._running = Counter[int]()
        self._waiting = defaultdict[int, deque[Callable[[], None]]](deque)
        self._lock = threading.Lock()

    def submit(self, account_id: int, run: Callable[[], None]) -> None:
        """Have something run, once its account has a thread free. Args: ``run``: raises nothing."""
        with self._lock:
            self._waiting[account_id].append(run)
            self._begin(account_id)

    def _begin(self, account_id: int) -> None:
        if self._waiting[account_id] and self._running[account_id] < self._each:
            self._running[account_id] += 1
            self._threads.submit(self._run, account_id, self._waiting[account_id].popleft())

    def _run(self, account_id: int, run: Callable[[], None]) -> None:
        try:
            run()
        finally:
            with self._lock:
                self._running[account_id] -= 1
                self._begin(account_id)

    def stop(self) -> None:
        """Begin no more, and wait for those that run."""
        with self._lock:
            self._waiting.clear()
        self._threads.shutdown(cancel_futures=True)


def digest_of(address: str) -> str:
    """What stands for a file under an idempotency key: what is there may change, what was asked for does not."""
    return hashlib.sha256(address.encode()).hexdigest()
