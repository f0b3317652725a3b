"""One request's walk after its key was checked: read, act and keep, answer; with idempotency keys.

Reading a small body and point reads run on the event loop; everything longer in threads; writes in the store's
writer, whose commit many requests share. An answer is made inside the transaction, so that it can be stored with it,
and sent after the commit.
"""

import asyncio
import hashlib
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from msgspec import structs

from onebook.dialects.base import Answer, Engine, KeyReused, Long, Reader, Request, Route
from onebook.errors import InvalidInput, OnebookError
from onebook.store.base import Outcome, Session, Store, Work

BIG_BODY_BYTES = 32 * 1024  # reading more than this would hold the event loop for over a millisecond
THREADS = 8
# Long commands fetch files and wait for imports; in threads of their own, so that no reader waits with them.
LONG_THREADS = 16
KEY_HEADER = "idempotency-key"
KEY_LENGTH = 255

T = TypeVar("T")


class Exchange:
    """Runs routes against one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="onebook-request")
        self._long_threads = ThreadPoolExecutor(LONG_THREADS, thread_name_prefix="onebook-long")
        self._running: set[tuple[int, str]] = set()
        self._finished: deque[tuple[asyncio.Future[Any], Outcome]] = deque()
        self._waking = threading.Lock()

    def close(self) -> None:
        """Let the threads finish."""
        self._threads.shutdown(wait=True)
        self._long_threads.shutdown(wait=True)

    @property
    def waiting(self) -> int:
        """How many calls wait for a thread."""
        return self._threads._work_queue.qsize()  # noqa: SLF001 - the pool tells nobody else

    async def run(self, route: Route, request: Request) -> Answer:
        """The answer of a route. Raises: whatever reading or acting raised; nothing of it was then kept."""
        if len(request.body) > BIG_BODY_BYTES:
            command = await self.in_thread(partial(route.read, request))
        else:
            command = route.read(request)
        if isinstance(command, Long):
            return await self._guarded(request, partial(self._long, route, request, command.command))
        if route.writes:
            return await self._guarded(request, partial(self._write, route, request, command))
        if route.then is not None:
            return await self.in_thread(partial(self._look_on, route, request, command, route.then))
        return await self.in_thread(partial(self._look, route, request, command))

    def look(self, route: Route, request: Request) -> Answer:
        """The answer of a quick route, made at once. Raises: as `run`."""
        return self._look(route, request, route.read(request))

    async def in_thread(self, call: Callable[[], T]) -> T:
        """Run what would hold the event loop for too long."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _look(self, route: Route, request: Request, command: Any) -> Answer:
        read = self._store.peek if route.quick else self._store.read
        actor = request.actor
        return read(actor.account, lambda session: route.write(request, route.act(session, actor, command)))

    def _look_on(self, route: Route, request: Request, command: Any, then: Callable[[Reader, Any], Any]) -> Answer:
        actor = request.actor
        found = self._store.read(actor.account, lambda session: route.act(session, actor, command))
        return route.write(request, then(Reader(self._store, actor), found))

    async def _guarded(self, request: Request, run: Callable[[], Awaitable[Answer]]) -> Answer:
        """Run a writing call; with an idempotency key, one at a time for each key."""
        key = idempotency_key(request)
        if key is None:
            return await run()
        running = (request.actor.account.id, key)
        if running in self._running:
            raise KeyReused(running=True)
        self._running.add(running)
        try:
            return await run()
        finally:
            self._running.discard(running)

    async def _write(self, route: Route, request: Request, command: Any) -> Answer:
        actor = request.actor
        work = Work(
            actor.account,
            actor.key.id,
            actor.dialect,
            lambda session: answered_once(session, request, lambda: _acted(session, route, request, command)),
        )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._store.submit(work, partial(self._done, loop, future))
        return await future

    def _done(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], outcome: Outcome) -> None:
        """Called by the writer: hand the outcome to the event loop, waking it once for all of a commit."""
        self._finished.append((future, outcome))
        if self._waking.acquire(blocking=False):
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._waking.release()
        while self._finished:
            future, outcome = self._finished.popleft()
            if future.done():  # the client went away; what it wrote stays
                continue
            if outcome.error is not None:
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.value)

    async def _long(self, route: Route, request: Request, command: Any) -> Answer:
        run = partial(self._run_long, route, request, command)
        return await asyncio.get_running_loop().run_in_executor(self._long_threads, run)

    def _run_long(self, route: Route, request: Request, command: Any) -> Answer:
        if route.act_long is None:
            raise RuntimeError
        actor = request.actor
        before = partial(self._store.read, actor.account, lambda session: stored_answer(session, request))
        stored = before()
        if stored is not None:
            return stored
        answers: list[Answer] = []

        def finish(run: Callable[[Session], Any]) -> Any:
            def last(session: Session) -> Any:
                # Another process may have carried out the very same request since we looked.
                stored = stored_answer(session, request)
                if stored is not None:
                    answers.append(stored)
                    return None
                result = run(session)
                answers.append(route.write(request, result))
                keep_answer(session, request, answers[-1])
                return result

            return self._store.write(Work(actor.account, actor.key.id, actor.dialect, last))

        try:
            route.act_long(Engine(self._store, actor, request.limits, finish), command)
        except OnebookError:  # such as that there is nothing to do any more: it has just been done
            stored = before()
            if stored is None:
                raise
            return stored
        return answers[-1]


def _acted(session: Session, route: Route, request: Request, command: Any) -> Answer:
    return route.write(request, route.act(session, request.actor, command))


def idempotency_key(request: Request) -> str | None:
    """The request's key. Raises: InvalidInput if it is longer than 255 characters."""
    key = request.headers.get(KEY_HEADER)
    if key is not None and len(key) > KEY_LENGTH:
        raise InvalidInput.of("Idempotency-Key", "too_long", f"An idempotency key has at most {KEY_LENGTH} characters.")
    return key or None


def _hash_of(request: Request) -> bytes:
    # What one key was answered may show what a key bound to a book must not see.
    bound_to = request.actor.key.book or ""
    told = (request.method, request.mount + request.path, request.query_string, str(bound_to))
    sent = request.body if request.upload is None else request.upload.digest.encode()
    return hashlib.sha256("\n".join(told).encode() + b"\n" + sent).digest()


def stored_answer(session: Session, request: Request) -> Answer | None:
    """The answer that this very request got before. Raises: KeyReused if its key came with another request."""
    key = idempotency_key(request)
    stored = session.answer(key) if key is not None else None
    if stored is None:
        return None
    request_hash, status, content_type, body = stored
    if request_hash != _hash_of(request):
        raise KeyReused(running=False)
    return Answer(status, body if content_type else None, (("Idempotent-Replayed", "true"),), content_type)


def keep_answer(session: Session, request: Request, answer: Answer) -> None:
    """Store the answer with what this transaction wrote, if the request has an idempotency key."""
    key = idempotency_key(request)
    if key is not None:
        content_type = answer.content_type if answer.body is not None else ""
        kept = answer if answer.kept is None else structs.replace(answer, body=answer.kept)
        session.keep_answer(key, _hash_of(request), answer.status, content_type, kept.encoded())


def answered_once(session: Session, request: Request, act: Callable[[], Answer]) -> Answer:
    """The stored answer, or that of ``act``, which is then stored."""
    stored = stored_answer(session, request)
    if stored is not None:
        return stored
    answer = act()
    keep_answer(session, request, answer)
    return answer
