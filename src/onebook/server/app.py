"""One thin callable before all dialects; anything else goes to the shell (health, documents, pages).

It sees a request as `server/wire.py` has it; the shell gets its ASGI by a bridge.
"""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple

import structlog
from msgspec import Struct, structs

from onebook.dialects.base import Answer, Broken, Dialect, Events, Limits, Pieces, Request, Route
from onebook.errors import OnebookError
from onebook.importing.source import describe
from onebook.model.figure import Figure, gauge
from onebook.operations import accounts
from onebook.operations.imports_spool import Landing
from onebook.server.asgi import Application, Bridge
from onebook.server.events import Watch
from onebook.server.exchange import Exchange
from onebook.server.measures import Measures, Source
from onebook.server.receiving import in_memory, land
from onebook.server.request_ids import HEADER, request_id
from onebook.server.routing import Routes
from onebook.server.streaming import stream
from onebook.server.wire import Head, Wire
from onebook.store.base import Store

log = structlog.get_logger("onebook.server")

JSON = "application/json"
SENT_BY_AND_BY = (Pieces, Events)
# RFC 9111 3.5 keeps answers out of shared caches only where the key comes as Authorization; two vendors' do not.
PRIVATE = ("cache-control", "no-store")


class Mounted(NamedTuple):
    """A dialect at one of its bases."""

    base: str
    dialect: Dialect
    routes: Routes


class Served(Struct, frozen=True):
    """What became of a request, for whoever watches."""

    dialect: str
    operation: str
    status: int
    request_id: str


Serve = Callable[[Mounted, str, Head, Wire], Coroutine[Any, Any, Served]]


class Watching(NamedTuple):
    """How the application lets itself be watched.

    Args:
        sources: of figures besides its own. log_requests: whether each request has its line in the log.
        trace: puts a span around the serving of each request. close: called when no request comes any more.
    """

    sources: tuple[Source, ...] = ()
    log_requests: bool = False
    trace: Callable[[Serve], Serve] | None = None
    close: Callable[[], None] | None = None


class App:
    """The application.

    Args:
        shell: the ASGI application that serves all other paths.
        landing: makes a place for a file that is sent.
        hosts: host name → dialect, for clients whose path is fixed: there the dialect answers without its name.
    """

    def __init__(
        self,
        store: Store,
        dialects: Sequence[Dialect],
        shell: Application,
        limits: Limits,
        landing: Callable[[], Landing],
        hosts: dict[str, str] | None = None,
        watching: Watching = Watching(),  # noqa: B008 - it is frozen
    ) -> None:
        self._store = store
        self._shell = shell
        self._limits = limits
        self._landing = landing
        self._hosts = hosts or {}
        self._exchange = Exchange(store)
        self._ending = asyncio.Event()
        self._watch = Watch(self._exchange.in_thread, self._ending)
        self._log_requests = watching.log_requests
        self._close = watching.close
        self._dialect: Serve = watching.trace(self._serve) if watching.trace else self._serve
        self._measures = Measures(self._figures, *watching.sources)
        self._measures.register()
        mounted = [Mounted(base, d, routes) for d in dialects for routes in [Routes(d)] for base in d.mounts]
        self._mounted = {one.base: one for one in mounted}
        longest_first = sorted(map(re.escape, self._mounted), key=len, reverse=True)
        self._base = re.compile(f"(?:{'|'.join(longest_first)})(?=/|$)")

    def serve(self, head: Head, wire: Wire) -> Coroutine[Any, Any, object]:
        """Serve one request."""
        path = self._full_path(head) if self._hosts else head.path
        base = self._base.match(path)
        return self._dialect(self._mounted[base[0]], path, head, wire) if base else self._from_shell(head, wire)

    async def _from_shell(self, head: Head, wire: Wire) -> None:
        headers = ((HEADER, request_id(head.headers.get(HEADER))),)
        bridge = Bridge(head, wire, partial(self._send_pieces, wire), headers)
        # Its library asks for a task, which a connection gives only to a request that has begun to wait.
        await asyncio.create_task(self._shell(bridge.scope, bridge.receive, bridge.send))

    def _full_path(self, head: Head) -> str:
        """The path as if no host name stood for a dialect."""
        host = head.headers.get("host", "")
        dialect = self._hosts.get(host.rsplit(":", 1)[0].lower()) or self._hosts.get(host.lower())
        return f"/{dialect}{head.path}" if dialect else head.path

    async def _send_pieces(self, wire: Wire, answer: Answer) -> None:
        """Send what a page gives as a file."""
        if isinstance(answer.body, Pieces):
            await stream(answer, answer.body, wire, self._exchange.in_thread)

    def _figures(self) -> list[Figure]:
        return [gauge("onebook_threads_waiting", "Calls that wait for a thread.", self._exchange.waiting)]

    def end_streams(self) -> None:
        """End what would not end by itself, as the server is about to stop."""
        self._ending.set()

    def close(self) -> None:
        """Let what runs in threads finish, and what is told about it go out."""
        self._exchange.close()
        if self._close is not None:
            self._close()

    async def _serve(self, mounted: Mounted, path: str, head: Head, wire: Wire) -> Served:
        started = time.perf_counter()
        request = Request(
            method=head.method,
            path=path[len(mounted.base) :] or "/",
            query_string=head.query_string,
            headers=head.headers,
            body=b"",
            limits=self._limits,
            mount=mounted.base,
        )
        mark = request_id(request.headers.get(HEADER))
        operation = "none"
        self._measures.running += 1
        try:
            claim = head.claims.get(mounted.dialect.name) or _claim(mounted.dialect, head)
            asked = (self._store, claim, mounted.dialect.name, time.time_ns() // 1_000_000)
            if self._store.near or accounts.is_remembered(self._store, claim):
                request.who = accounts.authenticate(*asked)
            else:
                request.who = await self._exchange.in_thread(partial(accounts.authenticate, *asked))
            route, request.params = mounted.routes.find(request.method, request.path)
            operation = route.name
            request.who.must_be_allowed(route.access)
            if wire.has_body:
                await self._receive(route, request, wire)
            exchange = self._exchange
            at_once = route.quick and self._store.near
            answer = exchange.look(route, request) if at_once else await exchange.run(route, request)
        except OnebookError as error:
            answer = mounted.dialect.refuse(request, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets its dialect's own error
            _tell_fault(Served(mounted.dialect.name, operation, 500, mark), error)
            answer = mounted.dialect.refuse(request, Broken())
        finally:
            self._measures.running -= 1
        if request.upload is not None:
            await self._exchange.in_thread(request.upload.discard)
        seconds = time.perf_counter() - started
        served = Served(mounted.dialect.name, operation, answer.status, mark)
        self._measures.count(served.dialect, operation, served.status, seconds)
        if self._log_requests:
            log.info("request", method=request.method, milliseconds=round(seconds * 1000, 2), **structs.asdict(served))
        if type(answer.body) in SENT_BY_AND_BY:
            answer = structs.replace(answer, headers=(*answer.headers, (HEADER, mark), PRIVATE))
            try:
                await asyncio.create_task(self._stream(answer, wire))
            except Exception as error:  # noqa: BLE001 - the status is out; the client sees the connection cut
                _tell_fault(served, error)
        else:
            _send(answer, wire, mark)
        return served

    async def _stream(self, answer: Answer, wire: Wire) -> None:
        if isinstance(answer.body, Events):
            await self._watch.send(answer, answer.body, wire)
        else:
            await stream(answer, answer.body, wire, self._exchange.in_thread)

    async def _receive(self, route: Route, request: Request, wire: Wire) -> None:
        """Take the body in: a file to disk, anything else into memory."""
        if route.uploads and describe(request.headers.get("content-type", ""))[0] != JSON:
            in_thread = self._exchange.in_thread
            landing = land(request, wire, self._landing(), self._limits, in_thread)
            request.upload = await asyncio.create_task(landing)  # it bounds its time
        else:
            request.body = await in_memory(request, wire, self._limits.body_bytes)


def _claim(dialect: Dialect, head: Head) -> accounts.Claim:
    """Who the header fields say they are from; kept with them. Raises: NotAuthenticated."""
    told = dialect.credentials(head.headers)
    claim = head.claims[dialect.name] = accounts.claim_of(told.secret, told.login)
    return claim


def _tell_fault(served: Served, error: BaseException) -> None:
    """Log what broke and where, but not the message: it may hold people's data."""
    where, at = "", error.__traceback__
    while at is not None:
        where, at = f"{at.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{at.tb_lineno}", at.tb_next
    log.error("fault", **structs.asdict(served), error=type(error).__name__, where=where)


def _send(answer: Answer, wire: Wire, mark: str) -> None:
    if answer.body is None:
        wire.response_bytes(answer.status, (*answer.headers, (HEADER, mark), PRIVATE), b"")
    else:
        headers = (*answer.headers, (HEADER, mark), PRIVATE, ("content-type", answer.content_type))
        wire.response_bytes(answer.status, headers, answer.encoded())
