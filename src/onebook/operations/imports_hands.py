"""Several processes that prepare blocks at the same time; what they answer comes in the order of the file."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Self

import msgspec

from onebook.errors import OnebookError
from onebook.importing.blocks import Block
from onebook.operations.imports_hand import Task, receive, send, work
from onebook.operations.imports_prepare import Prepared
from onebook.operations.imports_spares import Process, end, start

# Judgement: enough that no process waits for the store, few enough that the memory stays small.
_AHEAD = 3
_decode = msgspec.msgpack.Decoder(Prepared).decode
_encode = msgspec.msgpack.Encoder().encode


class HandLost(OnebookError):
    """A process ended before it answered, as when the system killed it for its memory."""


class Hands:
    """Processes with one task; use it with ``with``.

    Args:
        task: what they all do. count: how many; 0 to work in the caller's thread. begin: gives a process.
    """

    def __init__(self, task: Task, count: int, begin: Callable[[], Process] = start) -> None:
        self._task = task
        self._count = count
        self._begin = begin
        self._mine = threading.local()
        self._processes: list[Process] = []
        self._threads = ThreadPoolExecutor(count, "onebook-import-hand") if count else None

    def prepare(self, blocks: Iterator[Block]) -> Iterator[Prepared]:
        """What becomes of the blocks, in their order; few are read ahead.

        Raises: HandLost.
        """
        if self._threads is None:
            yield from (work(self._task, block) for block in blocks)
            return
        # Kept as bytes until they are wanted: as columns they take four times the memory.
        waiting: deque[Future[bytes]] = deque()
        for block in blocks:
            waiting.append(self._threads.submit(self._ask, block))
            if len(waiting) >= self._count * _AHEAD:
                yield _decode(waiting.popleft().result())
        while waiting:
            yield _decode(waiting.popleft().result())

    def _ask(self, block: Block) -> bytes:
        """Have this thread's process prepare a block; gives its answer as it stands."""
        process = getattr(self._mine, "process", None) or self._started()
        if process.stdin is None or process.stdout is None:
            raise HandLost("A process that reads the file has no pipes.")
        with suppress(BrokenPipeError):
            send(process.stdin, _encode(block))
            answer = receive(process.stdout)
            if answer is not None:
                return answer
        raise HandLost("A process that reads the file ended before its time.")

    def _started(self) -> Process:
        """A process for this thread."""
        process = self._begin()
        self._mine.process = process
        self._processes.append(process)
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                send(process.stdin, _encode(self._task))
        return process

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:  # before their threads, which wait for them
            process.kill()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        end(self._processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
