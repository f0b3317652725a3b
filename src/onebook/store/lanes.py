"""Threads that write: works of one account in their order and together, those of several accounts at the same time."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from onebook.errors import Unavailable
from onebook.model.figure import Figure, gauge
from onebook.store.base import Outcome, Work
from onebook.store.hurry import Hurry
from onebook.store.waits import Waits

Done = Callable[[Outcome], None]
Queued = tuple[Work, Done, float]
More = Callable[[], Work | None]

BATCH_WORKS = 64
BATCH_SECONDS = 0.02  # a transaction takes no more works after this


class Lanes:
    """Takes works from any thread; calls each one's ``done`` after the commit it was part of."""

    def __init__(self, threads: int, run: Callable[[Work, More], Sequence[Outcome]]) -> None:
        """Start no thread yet.

        Args:
            threads: how many accounts are written at once.
            run: runs a work, and those that ``more`` still gives, in one transaction; one outcome for each.
        """
        self._run = run
        self._threads = threads
        self._started: list[threading.Thread] = []
        self._idle = 0
        self._lanes: dict[int, deque[Queued]] = {}
        self._ready: deque[int] = deque()  # accounts whose works nobody is at
        self._change = threading.Condition()
        self._closing = False
        self.hurry = Hurry()
        self._waits = Waits()

    def submit(self, work: Work, done: Done) -> None:
        """Queue a work."""
        self.hurry.came(work)
        with self._change:
            queued = (work, done, time.monotonic())
            lane = self._lanes.get(work.account.id)
            if lane is None:
                self._lanes[work.account.id] = deque([queued])
                self._ready.append(work.account.id)
                self._wake()
            else:
                lane.append(queued)

    def _wake(self) -> None:
        if self._idle >= len(self._ready) or len(self._started) == self._threads:
            self._change.notify()
            return
        thread = threading.Thread(target=self._loop, name=f"onebook-writer-{len(self._started)}", daemon=True)
        self._started.append(thread)
        thread.start()

    def count(self, *, begin_seconds: float, commit_seconds: float, works: int) -> None:
        """Count a transaction."""
        with self._change:
            self._waits.begin_seconds.add(begin_seconds)
            self._waits.commit_seconds.add(commit_seconds)
            self._waits.works.add(works)

    def figures(self) -> list[Figure]:
        """How long the queues are, and what transactions waited for."""
        with self._change:
            waiting = sum(map(len, self._lanes.values()))
        return [gauge("onebook_write_queue_works", "Works that wait for the writer.", waiting), *self._waits.figures()]

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        for thread in self._started:
            thread.join()

    def _loop(self) -> None:
        while (account := self._next()) is not None:
            self._turn(account)

    def _next(self) -> int | None:
        """An account that has works and nobody at them; waits for one; None once there will be none."""
        with self._change:
            self._idle += 1
            while not self._ready and not (self._closing and not self._lanes):
                self._change.wait()
            self._idle -= 1
            return self._ready.popleft() if self._ready else None

    def _turn(self, account: int) -> None:
        """One transaction of an account; others have their turn before its next."""
        lane = self._lanes[account]
        with self._change:
            taken = [lane.popleft()]
            self._waits.queue_seconds.add(time.monotonic() - taken[0][2])
        until = time.monotonic() + BATCH_SECONDS

        def more() -> Work | None:
            with self._change:
                if not lane or lane[0][0].alone or len(taken) == BATCH_WORKS or time.monotonic() > until:
                    return None
                taken.append(lane.popleft())
            return taken[-1][0]

        try:
            outcomes = self._run(taken[0][0], more)
        except Exception as error:  # noqa: BLE001 - nothing was committed: all who wait are told, and the thread lives on
            outcomes = [Outcome(None, Unavailable.of(error))] * len(taken)
            with self._change:
                self._waits.failed += 1
        for (_, done, _), outcome in zip(taken, outcomes, strict=True):
            done(outcome)
        with self._change:
            if lane:
                self._ready.append(account)
                self._wake()
            else:
                del self._lanes[account]
                if self._closing:
                    self._change.notify_all()
