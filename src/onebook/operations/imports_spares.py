"""Processes that read files, started while their file is still on its way into the spool.

One takes a third of a second to be ready, as long as two thousand rows take.
"""

import os
import subprocess
import sys
import threading
import time
from typing import Final

#: Judgement: the import of a file that has come in begins sooner, or waits for others.
KEPT_SECONDS: Final = 10.0

Process = subprocess.Popen[bytes]


def start() -> Process:
    """A process that awaits its task. It gets no environment but the way to our modules."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "onebook.operations.imports_hand"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def end(processes: list[Process]) -> None:
    """End processes, whatever they are at."""
    for process in processes:
        process.kill()
    for process in processes:
        process.communicate()


class Spares:
    """Processes that nobody has taken yet. Args: ``count``: how many one import takes."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._waiting: list[Process] = []
        self._lock = threading.Lock()
        self._until = 0.0

    def prepare(self) -> None:
        """Start as many as an import takes, less those that wait."""
        with self._lock:
            self._until = time.monotonic() + KEPT_SECONDS
            self._waiting += [start() for _ in range(self.count - len(self._waiting))]

    def take(self) -> Process:
        """One that waits and lives, else a new one."""
        with self._lock:
            while self._waiting:
                process = self._waiting.pop()
                if process.poll() is None:
                    return process
                end([process])
        return start()

    def sweep(self, now: float | None = None) -> None:
        """End those that nobody has taken for long. Args: ``now``: by the monotonic clock; None for now."""
        with self._lock:
            if self._until < (time.monotonic() if now is None else now):
                old, self._waiting = self._waiting, []
            else:
                old = []
        end(old)

    def close(self) -> None:
        """End all."""
        self.sweep(float("inf"))
