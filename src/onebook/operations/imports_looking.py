"""Looking at imports: what they are, how far they are, what was wrong with their rows."""

import threading
import time
from collections.abc import Iterable, Iterator

from onebook.model.imports import AT_REST, Import, ImportIssue, IssueKind, OriginalRow, Progress
from onebook.operations.actor import Actor
from onebook.operations.imports_ahead import AHEAD
from onebook.operations.imports_reading import open_file
from onebook.operations.imports_records import progress_of, seen
from onebook.operations.imports_spool import Spool
from onebook.store.base import Store

_WAIT_SECONDS = 0.05
_WAITS_BESIDE = 20
_KINDS = 200


class Looking:
    """The half of `imports_base.Imports` that changes nothing. Args: ``stop``: set once nobody is to wait any more."""

    def __init__(self, store: Store, spool: Spool, stop: threading.Event) -> None:
        self._store = store
        self._spool = spool
        self._stop = stop

    def find(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.find`."""
        return self._store.read(actor.account, lambda session: seen(session, actor, import_id))

    def recent(self, actor: Actor, *, limit: int = 100) -> list[Import]:
        """As `Imports.recent`."""
        return self._store.read(actor.account, lambda session: session.imports.newest(actor.key.book, limit))

    def progress(self, actor: Actor, import_id: str) -> Progress:
        """As `Imports.progress`."""
        return progress_of(AHEAD.shown(self.find(actor, import_id)))

    def wait(self, actor: Actor, import_id: str, *, seconds: float) -> Import:
        """As `Imports.wait`."""
        until = time.monotonic() + seconds
        while (found := self.find(actor, import_id)).state not in AT_REST and time.monotonic() < until:
            if self._waited(import_id):
                break
        return found

    def _waited(self, import_id: str) -> bool:
        """Wait a little, or up to a second while it is being written here; whether nobody is to wait any more."""
        for _ in range(_WAITS_BESIDE):
            if self._stop.wait(_WAIT_SECONDS):
                return True
            if not AHEAD.has(import_id):
                break
        return False

    def issues(self, actor: Actor, import_id: str, *, after: int = -1, limit: int = 1000) -> list[ImportIssue]:
        """As `Imports.issues`."""
        self.find(actor, import_id)
        return self._store.read(actor.account, lambda session: session.bulk.issues(import_id, after, limit))

    def issue_kinds(self, actor: Actor, import_id: str) -> list[IssueKind]:
        """As `Imports.issue_kinds`."""
        self.find(actor, import_id)
        return self._store.read(actor.account, lambda session: session.bulk.issue_kinds(import_id, _KINDS))

    def rows_of(self, actor: Actor, import_id: str, indexes: Iterable[int]) -> Iterator[OriginalRow]:
        """As `Imports.rows_of`."""
        found = self.find(actor, import_id)
        source = self._spool.source(import_id, found.name)
        wanted = iter(indexes)
        index = next(wanted, None)
        with open_file(source, found.options, actor.account.default_country) as file:
            for row in file.rows():
                while index is not None and index < row.index:
                    index = next(wanted, None)
                if index is None:
                    return
                if index == row.index:
                    yield row
