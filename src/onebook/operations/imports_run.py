"""One import on its way: blocks are prepared by several processes while the store writes, a chunk a transaction.

A chunk commits its contacts, issues, checkpoint and counts together, so whoever takes over goes on exactly there.
"""

import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import msgspec

from onebook.errors import LimitExceeded, OnebookError
from onebook.importing.mapping import numbered
from onebook.importing.source import Source
from onebook.model.account import Account
from onebook.model.imports import Counts, Import
from onebook.operations.imports_ahead import AHEAD
from onebook.operations.imports_groups import Ends
from onebook.operations.imports_hand import Task
from onebook.operations.imports_hands import Hands
from onebook.operations.imports_memory import Memory
from onebook.operations.imports_opened import Opened
from onebook.operations.imports_prepare import Prepared, Wish
from onebook.operations.imports_rates import RATES
from onebook.operations.imports_reading import OpenFile, open_file
from onebook.operations.imports_rows import Headings
from onebook.operations.imports_spares import Spares
from onebook.operations.imports_step import Step
from onebook.store.base import Session, Store, Work

#: How long one transaction takes rows: while others write, and alone. Long ones save most: every page of an index
#: that rows fall into is written once a transaction. Whoever comes, as with a request to cancel, ends a long one.
CHUNK_SECONDS: Final = 0.1
CHUNK_SECONDS_ALONE: Final = 3.0
_POLL_SECONDS: Final = 0.02
# Below this a file is read by the time that a process has started.
SMALL_BYTES: Final = 200_000
_READY_BLOCKS: Final = 2
LEASE_MILLISECONDS: Final = 30_000


class Stopped(OnebookError):
    """The import is not this runner's any more, or was asked to stop."""


class Blocks:
    """Prepared blocks, made in a thread of their own, a few ahead of whoever takes them."""

    def __init__(self, source: Iterator[Prepared]) -> None:
        self._source = source
        self._ready: queue.Queue[Prepared | BaseException | None] = queue.Queue(_READY_BLOCKS)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._make, name="onebook-import-blocks", daemon=True)
        self._thread.start()
        self.ended = False

    def _make(self) -> None:
        try:
            for block in self._source:
                self._put(block)
                if self._stopped.is_set():
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001 - whoever takes the blocks is told
            self._put(error)

    def _put(self, item: Prepared | BaseException | None) -> None:
        while not self._stopped.is_set():
            try:
                self._ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def take(self, seconds: float) -> Prepared | None:
        """The next block; None if there is none yet, or none any more (``ended``). Raises: what the reading raised."""
        if self.ended:
            return None
        try:
            item = self._ready.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(item, BaseException):
            raise item
        self.ended = item is None
        return item

    def stop(self) -> None:
        """Make no more."""
        self._stopped.set()

    def close(self) -> None:
        """Make no more, and wait until nothing is made."""
        self.stop()
        self._thread.join()


@contextmanager
def blocks_of(
    source: Source, imported: Import, account: Account, spares: Spares, opened: Opened, heed: Callable[[], None]
) -> Iterator[tuple[Blocks, Headings]]:
    """The blocks of an import's file from its checkpoint on.

    Args: ``heed``: called once a second while the file is opened and read; it may raise.
    """
    options = imported.options
    with ExitStack() as closing:
        file = opened.take(imported.id, closing)
        # The country was settled when the import was taken in; what the account's has become since is not for it.
        file = file or closing.enter_context(open_file(source, options, None, heed=heed))
        wish = Wish(account.id, options.demand_valid, file.heading_of("phone"), imported.next_index)
        count = 0 if source.size < SMALL_BYTES else spares.count
        helping = Hands(Task(file.plan, wish), count, spares.take)
        blocks = Blocks(helping.prepare(file.blocks(imported.next_index)))
        try:
            yield blocks, headings_of(file)
        finally:
            blocks.stop()
            helping.close()  # before the thread that makes the blocks is waited for: it may wait for a process
            blocks.close()


def headings_of(file: OpenFile) -> Headings:
    """What reasons for leaving rows out call the columns."""
    columns = {name: file.heading_of(name) for name in ("external_id", "phone", "email")}
    return Headings(columns, file.has_kinds, file.has_cards, numbered(file.plan.targets))


class Run:
    """The writing of one import, from its checkpoint to the end of its file.

    Args:
        imported: as it was claimed; its epoch is the fence.
        check: asked in the first chunk's own transaction, before it writes; it may refuse.
    """

    def __init__(
        self,
        store: Store,
        account: Account,
        imported: Import,
        stopping: Callable[[], bool],
        check: Callable[[Session, Import], None],
    ) -> None:
        self._store = store
        self._check = check
        self._stopping = stopping
        self._account = account
        self._import = imported
        # Before the first chunk the parts are still those of a plan.
        begun = imported.next_index > 0
        self._memory = Memory(
            store.read(account, lambda session: list(session.bulk.parts(imported.id))) if begun else ()
        )
        self._ends = Ends()
        self._clock = time.monotonic()

    def write_all(self, blocks: Blocks, headings: Headings) -> None:
        """Write all blocks. Raises: Stopped; what the reading or the store raised: begin anew from the checkpoint."""
        try:
            while not blocks.ended:
                if self._stopping():
                    raise Stopped
                first = blocks.take(1.0)
                if first is None:  # the first block may be long in coming, and nobody is to wait for it to cancel
                    self._store.read(self._account, lambda session: must_be_mine(session, self._import))
                else:
                    self._chunk(first, blocks, headings)
        finally:
            AHEAD.forget(self._import.id)

    def _chunk(self, first: Prepared, blocks: Blocks, headings: Headings) -> None:
        def run(session: Session) -> Counts:
            imported = must_be_mine(session, self._import)
            session.import_id = imported.id
            if imported.next_index == 0:
                self._check(session, imported)
            shown = not imported.options.overwrite
            step = Step(session, imported, self._memory, headings, shown=shown, ends=self._ends)
            next_index, until = imported.next_index, time.monotonic()
            block: Prepared | None = first
            while block is not None:
                step.write(block)
                AHEAD.tell(imported, until, step.counts)
                next_index = block.next_index
                block = self._next(blocks, time.monotonic() - until)
            step.finish()
            session.bulk.keep_part(imported.id, self._memory.count, self._memory.part())
            self._keep(session, imported, step.counts, next_index)
            return step.counts

        began = time.monotonic()
        with without_collecting():
            chunk = Work(self._account, self._import.actor, self._import.dialect, run, alone=True)
            counts = self._store.write(chunk)
        RATES.add(counts, time.monotonic() - began)

    def _next(self, blocks: Blocks, elapsed: float) -> Prepared | None:
        """The next block of the same chunk: none once others wait, or the chunk is long enough."""
        began = time.monotonic() - elapsed
        while not blocks.ended:
            left = chunk_seconds(self._store) - (time.monotonic() - began)
            if left <= 0:
                return None
            block = blocks.take(min(left, _POLL_SECONDS))
            if block is not None:
                return block
        return None

    def _keep(self, session: Session, imported: Import, counts: Counts, next_index: int) -> None:
        """The checkpoint."""
        clock = time.monotonic()
        active, self._clock = imported.active_milliseconds + round((clock - self._clock) * 1000), clock
        keep_progress(session, imported, imported.counts + counts, active, next_index=next_index)


def chunk_seconds(store: Store) -> float:
    """How long a transaction may take now."""
    return CHUNK_SECONDS if store.hurried() else CHUNK_SECONDS_ALONE


@contextmanager
def without_collecting() -> Iterator[None]:
    """While a chunk is written: it is thousands of values that no cycle holds, to be looked through again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def keep_progress(
    session: Session, imported: Import, counts: Counts, active_milliseconds: int, *, next_index: int | None = None
) -> None:
    """Set how far an import is. Raises: LimitExceeded once it has more rows than it may."""
    if counts.rows > imported.options.max_rows:
        raise LimitExceeded(imported.options.field, imported.options.max_rows, "rows")
    more = {} if next_index is None else {"next_index": next_index}
    session.change(
        Import,
        {"id": imported.id},
        **msgspec.structs.asdict(counts),
        **more,
        active_milliseconds=active_milliseconds,
        updated_at=session.now,
        leased_until=session.now + LEASE_MILLISECONDS,
    )


def must_be_mine(session: Session, claimed: Import) -> Import:
    """The import as it is now. Raises: Stopped if another runner has it, or it is to stop."""
    now = session.get(Import, id=claimed.id)
    if now is None or now.epoch != claimed.epoch or now.cancel_asked or now.state != claimed.state:
        raise Stopped("The import was stopped.")
    return now
