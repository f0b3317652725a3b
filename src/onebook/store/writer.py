"""One thread that writes, and commits together what many ask at the same time.

A flush to disk costs more than many contacts; shared by all who wait, full durability costs each of them little.
One who waits alone is committed at once.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onebook.errors import Unavailable
from onebook.model.figure import Figure, gauge
from onebook.store.base import Outcome, Work
from onebook.store.hurry import Hurry
from onebook.store.waits import Waits

Done = Callable[[Outcome], None]
Queued = tuple[Work, Done, float]  # and when it was queued

BATCH_WORKS = 256
BATCH_SECONDS = 0.02  # a transaction takes no more works after this


class Writer:
    """Takes works from any thread; calls each one's ``done`` after the commit it was part of."""

    def __init__(
        self,
        begin: Callable[[], None],
        commit: Callable[[], None],
        rollback: Callable[[], None],
        run: Callable[[Work], Outcome],
        run_alone: Callable[[Work], Outcome],
    ) -> None:
        """Args: the engine's transaction, and what runs a work inside it, shared or alone, and never raises."""
        self._begin = begin
        self._commit = commit
        self._rollback = rollback
        self._run = run
        self._run_alone = run_alone
        self._queue: queue.SimpleQueue[Queued | None] = queue.SimpleQueue()
        self._held: Queued | None = None  # taken from the queue, but for a transaction of its own
        self.hurry = Hurry()
        self._alone = threading.Lock()
        self._waits = Waits()
        self._thread = threading.Thread(target=self._loop, name="onebook-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work, done: Done) -> None:
        """Queue a work."""
        self.hurry.came(work)
        self._queue.put((work, done, time.monotonic()))

    def figures(self) -> list[Figure]:
        """How long the queue is, and what transactions waited for."""
        return [
            gauge("onebook_write_queue_works", "Works that wait for the writer.", self._queue.qsize()),
            *self._waits.figures(),
        ]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Have the write connection for oneself, between two transactions."""
        with self._alone:
            yield

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        going_on = True
        while going_on:
            first, self._held = self._held or self._queue.get(), None
            if first is None:
                return
            with self._alone:
                going_on = self._single(first) if first[0].alone else self._transaction(first)

    def _timed_begin(self, first: Queued) -> None:
        began = time.monotonic()
        self._waits.queue_seconds.add(began - first[2])
        self._begin()
        self._waits.begin_seconds.add(time.monotonic() - began)

    def _timed_commit(self, works: int) -> None:
        began = time.monotonic()
        self._commit()
        self._waits.commit_seconds.add(time.monotonic() - began)
        self._waits.works.add(works)

    def _give_up(self) -> None:
        self._waits.failed += 1
        self._rollback()

    def _single(self, taken: Queued) -> bool:
        """Run a work that wants to be alone."""
        work, done, _ = taken
        try:
            self._timed_begin(taken)
            outcome = self._run_alone(work)
            if outcome.error is None:
                self._timed_commit(1)
            else:
                self._rollback()
        except Exception as error:  # noqa: BLE001 - nothing was committed: who waits is told so, and the writer lives on
            self._give_up()
            outcome = Outcome(None, Unavailable.of(error))
        done(outcome)
        return True

    def _transaction(self, first: Queued) -> bool:
        """Run one shared transaction; False once the writer is to stop."""
        finished: list[tuple[Done, Outcome]] = []
        going_on = True
        taken: Queued | None = first
        try:
            self._timed_begin(first)
            until = time.monotonic() + BATCH_SECONDS
            while taken is not None:
                finished.append((taken[1], self._run(taken[0])))
                taken = None
                if len(finished) < BATCH_WORKS and time.monotonic() < until and not self._queue.empty():
                    taken = self._queue.get()
                    going_on = taken is not None
                    if taken is not None and taken[0].alone:
                        self._held, taken = taken, None
            self._timed_commit(len(finished))
        except Exception as error:  # noqa: BLE001 - nothing was committed: all who wait are told, and the writer lives on
            self._give_up()
            away = Outcome(None, Unavailable.of(error))
            finished = [(done, away) for done, _ in finished]
            if taken is not None:
                finished.append((taken[1], away))
        for done, outcome in finished:
            done(outcome)
        return going_on
