"""What the benchmarks of imports read off while one runs: memory, processor time by process, and by statement."""

import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self
from unittest import mock

import apsw

from onebook.operations.imports_prepare import Prepared
from onebook.operations.imports_run import Blocks

# What SQL text is about, by what stands in it; the first that does.
_STAGES = {
    "COMMIT": "commit",
    "INTO contacts_words": "search index",
    "INTO contacts ": "contacts and their indexes",
    "FROM contacts": "finding contacts",
    "contact_phones": "look-ups",
    "contact_emails": "look-ups",
    "group_members": "groups",
    "": "the rest",
}


def proportional_mebibytes() -> float:
    """Memory of this process and its children, shared pages counted in parts; the page cache is none of it."""
    found = 0
    for process in [Path("/proc/self"), *_children()]:
        try:
            lines = (process / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return found / 1024


def _children() -> list[Path]:
    found: list[Path] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread that has just ended
            found += [Path("/proc") / number for number in (task / "children").read_text().split()]
    return found


def await_children() -> None:
    """Wait until this process has none."""
    while _children():
        time.sleep(0.01)


class Peak:
    """The most memory that was seen while something ran."""

    def __init__(self) -> None:
        self.mebibytes = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(1.0):  # a look takes milliseconds, in which nobody gets memory
            self.mebibytes = max(self.mebibytes, proportional_mebibytes())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def cpu_seconds() -> tuple[float, float]:
    """Processor time of this process, and of its children that have ended."""
    own, ended = (sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own, ended


class Stopwatch:
    """Seconds by the clock and of processors (this process and its children that have ended) while it is used."""

    def __init__(self) -> None:
        self.seconds = self.own = self.children = 0.0

    @property
    def cpu_seconds(self) -> float:
        """Of all processes."""
        return self.own + self.children

    def __enter__(self) -> Self:
        self._began = time.perf_counter(), *cpu_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        now = time.perf_counter(), *cpu_seconds()
        self.seconds, self.own, self.children = (end - began for end, began in zip(now, self._began, strict=True))


class WriterTimes:
    """What the writer's thread did while it is used: it had a core, it waited for one, or it waited for rows."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(("on a core", "waiting for a core", "waiting for rows"), 0.0)
        writer = next(thread for thread in threading.enumerate() if thread.name == "onebook-writer")
        self._file = Path(f"/proc/self/task/{writer.native_id}/schedstat")

    def _now(self) -> tuple[float, float]:
        """Seconds on a core, and waiting for one, of the thread so far. Source: Linux, sched-stats."""
        on, waiting, _ = map(int, self._file.read_text().split())
        return on / 1e9, waiting / 1e9

    def _take(
        self, take: Callable[[Blocks, float], Prepared | None], blocks: Blocks, seconds: float
    ) -> Prepared | None:
        began = time.perf_counter()
        try:
            return take(blocks, seconds)
        finally:
            if threading.current_thread().name == "onebook-writer":
                self.seconds["waiting for rows"] += time.perf_counter() - began

    @contextmanager
    def used(self) -> Iterator[None]:
        """Watch it meanwhile; the rest of the time it waits for the disk, or for other threads of Python."""
        on, waiting = self._now()
        take = Blocks.take
        with mock.patch.object(Blocks, "take", lambda blocks, seconds: self._take(take, blocks, seconds)):
            yield
        self.seconds["on a core"], self.seconds["waiting for a core"] = (
            now - before for now, before in zip(self._now(), (on, waiting), strict=True)
        )


class Statements:
    """Processor time of SQLite's statements by what they are about, in connections opened while it is in use."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def add(self, sql: str, seconds: float) -> None:
        """Count a statement."""
        stage = next(stage for sign, stage in _STAGES.items() if sign in sql)
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def taken(self) -> dict[str, float]:
        """Seconds by stage, the longest first, since this was asked last."""
        found = dict(sorted(self._seconds.items(), key=lambda item: -item[1]))
        self._seconds.clear()
        return found

    @contextmanager
    def used(self) -> Iterator[None]:
        """Watch the connections that are opened meanwhile."""
        with mock.patch("apsw.Connection", partial(_Watched, self)):
            yield


class _Watched(apsw.Connection):
    def __init__(self, statements: Statements, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._statements = statements

    def execute(self, statements: str, *given: Any, **more: Any) -> apsw.Cursor:
        began = time.thread_time()
        try:
            return super().execute(statements, *given, **more)
        finally:
            self._statements.add(statements, time.thread_time() - began)

    def executemany(self, statements: str, *given: Any, **more: Any) -> apsw.Cursor:
        began = time.thread_time()
        try:
            return super().executemany(statements, *given, **more)
        finally:
            self._statements.add(statements, time.thread_time() - began)
