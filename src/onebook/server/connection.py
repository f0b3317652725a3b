"""One connection: bytes become requests, which are answered one after another, in their order.

llhttp (by httptools) reads HTTP/1.1; here are the rest of RFC 9112 that a server owes its clients (pipelining, framing
errors, the end of a connection) and the bounds of RFC 9110's and our own patience.

A request is begun at once, on the event loop, and most reads are answered before it comes back: only one that has to
wait gets a task. Whatever asks for a task from its beginning (`asyncio.timeout` does) has to make one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from functools import lru_cache
from types import coroutine
from typing import Any, Final, Protocol, cast

import httptools
import structlog

from onebook.server.framing import Unfit, must_be_fit
from onebook.server.repeated import Repeated, path_of
from onebook.server.wire import ClientGone, Head, Wire

log = structlog.get_logger("onebook.server")

HEAD_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 30.0  # from a request's first byte to the end of its head
STALL_SECONDS: Final = 60.0  # without a byte of a body sent, or of a response taken
STOPPING_SECONDS: Final = 3.0  # the same, once the server stops
IDLE_SECONDS: Final = 75.0  # between requests
LINGER_SECONDS: Final = 5.0  # for what is still on its way to a connection that we end
QUEUED: Final = 64  # requests that a client may send ahead

Serve = Callable[[Head, Wire], Coroutine[Any, Any, object]]


class House(Protocol):
    """Who listens, as a connection sees it."""

    date: str
    is_closing: bool

    def came(self, connection: "Connection") -> None:
        """A connection is there."""

    def went(self, connection: "Connection") -> None:
        """It has ended, and nobody works for it any more."""


class Connection(asyncio.Protocol):
    """A client's connection."""

    def __init__(self, serve: Serve, house: House, loop: asyncio.AbstractEventLoop) -> None:
        self._serve = serve
        self._house = house
        self._loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._client = ""
        # Reading.
        self._target = b""
        self._headers: dict[str, str] = {}
        self._in_head = False
        self._head_bytes = 0  # or, within a body, what came around it since its last part
        self._got_on = False  # among the latest bytes was some of a body, or the end of a request
        self._arriving: Wire | None = None  # whose body is being read
        self._paused = False
        self._deaf = False  # what the client still sends is not for us
        self._repeated = Repeated()
        # Serving.
        self._queue: deque[Wire] = deque()
        self._served: Wire | None = None
        self._task: asyncio.Task[None] | None = None  # the loop itself does not hold it
        self._last = False  # the connection ends with the answers to what is there
        # Patience.
        self._since = loop.time()
        self._writable = asyncio.Event()
        self._writable.set()
        self._unsent = 0

    # --- asyncio's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast("asyncio.Transport", transport)
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)
        self._client = f"{host}:{port}"
        self._house.came(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The connection has ended. What runs goes on, but learns it when it reads or writes here."""
        self._deaf = self._last = True
        self._transport = None
        if self._task is None:
            self._house.went(self)
        for wire in (self._arriving, self._served):
            if wire is not None:
                wire.lose()
        self._queue.clear()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        if self._deaf:
            return
        if not self._in_head:
            self._since = self._loop.time()
        if self._in_head or self._arriving is not None or self._served is not None or self._last:
            self._feed(data)
        else:
            self._begin(data)
        if self._served is None:
            self._serve_queued()
        elif len(self._queue) > QUEUED:
            self.pause()

    def _begin(self, data: bytes) -> None:
        """Take bytes that stand at the beginning of a request, with none before it still to be answered."""
        head = self._repeated.head_of(data)
        if head is not None:
            wire = Wire(head, self)
            wire.body_ended = True
            self._queue.append(wire)
            return
        self._feed(data)
        if len(self._queue) == 1 and not self._in_head and not self._queue[0].has_body:
            self._repeated.learn(data, self._queue[0].head)

    def _feed(self, data: bytes) -> None:
        """Let the parser have bytes, and end the connection if they are nothing to be served."""
        self._got_on = False
        try:
            self._read(data)
        except httptools.HttpParserInvalidMethodError:
            self._give_up(501, "This server knows no such method.")
        except httptools.HttpParserError as error:
            unfit = error.__context__
            if isinstance(unfit, Unfit):
                self._give_up(unfit.status, unfit.sentence)
            else:
                self._give_up(400, "This is no HTTP/1.1 request.")
        if not self._got_on and (self._in_head or self._arriving is not None):
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._give_up(431, "The head of the request is too long.")

    def eof_received(self) -> bool:
        """The client sends nothing more, but may still read. Returns: whether the connection stays for that."""
        self._deaf = self._last = True
        if self._arriving is not None:
            self._arriving.lose()
        return self._served is not None

    def pause_writing(self) -> None:
        """The client takes less than we send."""
        self._writable.clear()
        self._since, self._unsent = self._loop.time(), 0

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable.set()

    # --- the parser's side ---

    def _read(self, data: bytes) -> None:
        """Have the parser take bytes. Raises: HttpParserError."""
        while data:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as wish:
                if self._parser.get_method() == b"CONNECT":
                    # We are no proxy: the request is answered as any other, and what follows is not HTTP.
                    self._deaf = self._last = True
                    return
                data = self._stay() + data[wish.args[0] :]
            else:
                return

    def _stay(self) -> bytes:
        """Pass over a wish for another protocol (RFC 9110 7.8), as some clients send with their first request.

        Returns: what has the parser read that request's body, which it took for the beginning of the other protocol.
        """
        wire = self._queue[-1]
        said = {name: wire.head.headers.get(name, "") for name in ("transfer-encoding", "content-length")}
        if said["transfer-encoding"] or int(said["content-length"] or 0):
            self._arriving, wire.body_ended = wire, False
            framing = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value)
            return f"POST / HTTP/1.1\r\n{framing}\r\n".encode()
        return b""

    def on_message_begin(self) -> None:
        """A request's first byte."""
        self._target, self._headers = b"", {}
        self._in_head, self._head_bytes = True, 0
        self._since = self._loop.time()

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        if not self._in_head:
            return  # RFC 9110 6.5.1: what comes after a body is not taken for what is said before it
        key, text = _name(name), value.decode("latin-1")
        there = self._headers.get(key)
        self._headers[key] = text if there is None else f"{there}, {text}"

    def on_headers_complete(self) -> None:
        """The head has ended."""
        self._in_head, self._head_bytes = False, 0
        if self._arriving is not None:
            return  # it is made up, to read a body after all
        parser, headers = self._parser, self._headers
        target, _, query = self._target.partition(b"?")
        if target[:1] != b"/" and b"://" in target:
            # RFC 9112 3.2.2: a server must take the whole address too, and then its host.
            authority, _, path = target.split(b"://", 1)[1].partition(b"/")
            target, headers["host"] = b"/" + path, authority.decode("latin-1")
        version = parser.get_http_version()
        must_be_fit(version, headers)
        head = Head(
            parser.get_method().decode("latin-1"),
            path_of(target),
            query.decode("latin-1"),
            self._client,
            version,
            headers,
            parser.should_keep_alive() and not self._last,
        )
        self._arriving = Wire(head, self)
        self._queue.append(self._arriving)

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._got_on, self._head_bytes = True, 0
        if self._arriving is not None:
            self._arriving.feed(body)

    def on_message_complete(self) -> None:
        """A body has ended."""
        self._got_on = True
        if self._arriving is not None:
            self._arriving.end_body()
            self._arriving = None

    # --- serving ---

    def _serve_queued(self) -> None:
        """Begin what waits, until one has to wait itself."""
        while self._queue and self._served is None:
            wire = self._served = self._queue.popleft()
            context = copy_context()
            running = self._serve(wire.head, wire)
            try:
                awaited = context.run(running.send, None)
            except StopIteration:
                self._finish(wire, None)
            except Exception as error:  # noqa: BLE001 - whatever it is, the connection has to end
                self._finish(wire, error)
            else:
                self._task = self._loop.create_task(_rest(running, awaited), context=context)
                self._task.add_done_callback(self._task_done)

    def _task_done(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if self._transport is None:
            self._house.went(self)
        if self._served is not None:
            self._finish(self._served, asyncio.CancelledError() if task.cancelled() else task.exception())
        self._serve_queued()

    def _finish(self, wire: Wire, error: BaseException | None) -> None:
        """The application is done with a request."""
        self._served = None
        if self._transport is None:
            return
        if error is not None or not wire.answered:
            if not isinstance(error, (ClientGone, asyncio.CancelledError)):
                log.error("fault", error=type(error).__name__)
            self.cut()
            return
        if wire.is_chunked:
            wire.finish()
        if not wire.keeps or (self._last and not self._queue):
            self._end()
        else:
            self._since = self._loop.time()
            if self._paused:
                self.resume()

    def _give_up(self, status: int, sentence: str) -> None:
        """End after the answers to what came before; what cannot be read is answered if nothing did."""
        self._deaf = self._last = True
        self._in_head = False
        if self._arriving is not None:
            self._arriving.lose()
        if self._served is None and not self._queue:
            wire = Wire(Head("GET", "", "", self._client, "1.1", {}, keeps=False), self)
            wire.response_bytes(status, [("content-type", "text/plain")], sentence.encode())
            self._end(unread=True)

    def _end(self, *, unread: bool = False) -> None:
        """End the connection once all is sent; one that still sends is heard out, or it would lose our answer."""
        self._deaf = self._last = True
        self._queue.clear()
        if self._transport is None:
            return
        if not unread and self._arriving is None:
            self._transport.close()
            return
        self._transport.write_eof()
        self._since = self._loop.time()
        self.resume()

    # --- the house's side ---

    def is_overdue(self, now: float) -> bool:
        """Whether the client's time has run out; ``now`` in the loop's seconds."""
        if not self._writable.is_set() and self._transport is not None:
            unsent = self._transport.get_write_buffer_size()
            if unsent < self._unsent:
                self._since = now
            self._unsent = unsent
        return now - self._since > self._patience()

    def _patience(self) -> float:
        """How long a client may leave us waiting as things are, in seconds."""
        stall = STOPPING_SECONDS if self._house.is_closing else STALL_SECONDS
        if not self._writable.is_set():
            return stall
        if self._served is not None:
            waits = self._arriving is self._served and not self._paused
            return stall if waits else float("inf")
        if self._deaf:
            return LINGER_SECONDS
        return HEAD_SECONDS if self._in_head else IDLE_SECONDS

    def expire(self) -> None:
        """The client's time has run out."""
        if self._in_head and self._served is None:
            self._give_up(408, "The request did not come to its end in time.")
        else:
            self.cut()

    def wind_up(self) -> None:
        """Take no more requests; end when those that are there are answered."""
        self._last = True
        for wire in (self._served, *self._queue):
            if wire is not None:
                wire.keeps = False
        if self._served is None and self._transport is not None:
            self._transport.close()

    # --- the wire's side ---

    @property
    def date(self) -> str:
        """The header line of now."""
        return self._house.date

    def write(self, data: bytes) -> None:
        """As `Line.write`."""
        if self._transport is not None:
            self._transport.write(data)

    async def drained(self) -> None:
        """As `Line.drained`."""
        await self._writable.wait()
        if self._transport is None:
            raise ClientGone

    def pause(self) -> None:
        """As `Line.pause`."""
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """As `Line.resume`."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._since = self._loop.time()
            self._transport.resume_reading()

    def cut(self) -> None:
        """As `Line.cut`."""
        if self._transport is not None:
            self._transport.abort()


async def _rest(running: Coroutine[Any, Any, object], awaited: Any) -> None:
    """Run what is left of a coroutine that was begun outside a task, from what it waits for first."""
    await _steps(running, awaited)


@coroutine
def _steps(running: Coroutine[Any, Any, object], awaited: Any) -> Generator[Any, Any, None]:
    try:
        while True:
            try:
                value = yield awaited
            except BaseException as error:  # noqa: BLE001 - a cancellation too is for the coroutine to heed
                awaited = running.throw(error)
            else:
                awaited = running.send(value)
    except StopIteration:
        return


@lru_cache(1024)
def _name(sent: bytes) -> str:
    """A header's name, of which a client sends the same few again and again."""
    return sent.decode("latin-1").lower()
