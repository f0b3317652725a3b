"""One thin ASGI callable before all dialects; anything else goes to the shell (health, documents, pages)."""

import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, NamedTuple

import structlog

from onebook.dialects.base import Answer, Broken, Dialect, Limits, Pieces, Request
from onebook.errors import LimitExceeded, OnebookError
from onebook.operations import accounts
from onebook.server.exchange import Exchange
from onebook.server.measures import Measures
from onebook.server.routing import Routes
from onebook.server.streaming import stream
from onebook.store.base import Store

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Shell = Callable[[Scope, Receive, Send], Awaitable[None]]

log = structlog.get_logger("onebook.server")

NO_CONTENT = 204


class Mounted(NamedTuple):
    """A dialect at one of its bases."""

    base: str
    dialect: Dialect
    routes: Routes


class App:
    """The ASGI application.

    Args:
        hosts: host name → dialect, for clients whose path is fixed: there the dialect answers without its name.
    """

    def __init__(
        self,
        store: Store,
        dialects: Sequence[Dialect],
        shell: Shell,
        limits: Limits,
        hosts: dict[str, str] | None = None,
    ) -> None:
        self._store = store
        self._shell = shell
        self._limits = limits
        self._hosts = hosts or {}
        self._exchange = Exchange(store)
        self._measures = Measures()
        self._measures.register()
        mounted = [Mounted(base, d, routes) for d in dialects for routes in [Routes(d)] for base in d.mounts]
        self._mounted = sorted(mounted, key=lambda m: -len(m.base))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path = self._full_path(scope) if self._hosts else scope["path"]
        for mounted in self._mounted:
            if path.startswith(mounted.base) and path[len(mounted.base) : len(mounted.base) + 1] in ("", "/"):
                await self._serve(mounted, path, scope, receive, send)
                return
        await self._shell(scope, receive, send)

    def _full_path(self, scope: Scope) -> str:
        """The path as if no host name stood for a dialect."""
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        dialect = self._hosts.get(host.rsplit(":", 1)[0].lower()) or self._hosts.get(host.lower())
        path: str = scope["path"]
        return f"/{dialect}{path}" if dialect else path

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self._exchange.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, mounted: Mounted, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(
            method=scope["method"],
            path=path[len(mounted.base) :] or "/",
            query_string=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=b"",
            limits=self._limits,
            mount=mounted.base,
        )
        operation = "none"
        try:
            secret, login = mounted.dialect.credentials(request.headers)
            now = time.time_ns() // 1_000_000
            request.who = accounts.authenticate(self._store, secret, login, mounted.dialect.name, now)
            route, request.params = mounted.routes.find(request.method, request.path)
            operation = route.name
            request.who.must_be_allowed(route.access)
            request.body = await _body(request, receive, self._limits.body_bytes)
            answer = await self._exchange.run(route, request)
        except OnebookError as error:
            answer = mounted.dialect.refuse(request, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets its dialect's own error
            _tell_fault(mounted.dialect.name, operation, error)
            answer = mounted.dialect.refuse(request, Broken())
        self._measures.count(mounted.dialect.name, operation, answer.status, time.perf_counter() - started)
        if isinstance(answer.body, Pieces):
            try:
                await stream(answer, answer.body, receive, send, self._exchange.in_thread)
            except Exception as error:  # noqa: BLE001 - the status is out; the client sees the connection cut
                _tell_fault(mounted.dialect.name, operation, error)
        else:
            await _send(answer, send, head=request.method == "HEAD")


def _tell_fault(dialect: str, operation: str, error: BaseException) -> None:
    """Log what broke and where, but not the message: it may hold people's data."""
    where, at = "", error.__traceback__
    while at is not None:
        where, at = f"{at.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{at.tb_lineno}", at.tb_next
    log.error("fault", dialect=dialect, operation=operation, error=type(error).__name__, where=where)


async def _body(request: Request, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises: LimitExceeded("body") as soon as it is known to be too long."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise LimitExceeded("body", limit, "bytes")
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > limit:
            raise LimitExceeded("body", limit, "bytes")
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise LimitExceeded("body", limit, "bytes")
    return b"".join(parts)


async def _send(answer: Answer, send: Send, *, head: bool) -> None:
    body = answer.encoded()
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if answer.body is not None:
        headers.append((b"content-type", answer.content_type.encode("latin-1")))
    if answer.status != NO_CONTENT:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
