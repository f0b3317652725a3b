"""A connection to a judged address, with one end of time for all that happens on it."""

import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from onebook.importing.network import is_number, is_public
from onebook.importing.patience import Heed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

T = TypeVar("T")
# Host and port to the addresses of the host.
Resolver = Callable[[str, int], list[str]]

# One address of several may be silent; the next gets its turn well before the end.
CONNECT_SECONDS = 4.0
_STEP_SECONDS = 1.0
_ADDRESSES_AT_MOST = 8


class Forbidden(OSError):
    """The place is not public, nor allowed by name; shown to nobody as such."""


class Deadline:
    """One end of time for everything together.

    Args:
        seconds: from now. silence: how long nothing may come in between.
        heed: asked once a second, between two steps, whether to go on; it may raise.
    """

    def __init__(self, seconds: float, silence: float = inf, heed: Heed = lambda: None) -> None:
        self._asked = self._heard = time.monotonic()
        self._end = self._asked + seconds
        self._silence = silence
        self._heed = heed

    def left(self, at_most: float | None = None) -> float:
        """Seconds until the end, but no more than ``at_most``.

        Raises:
            TimeoutError: if none are left.
        """
        now = time.monotonic()
        if now - self._asked >= _STEP_SECONDS:
            self._asked = now
            self._heed()
        seconds = min(self._end, self._heard + self._silence) - now
        if seconds <= 0:
            raise TimeoutError
        return seconds if at_most is None else min(seconds, at_most)

    def over(self, step: Callable[[float], T]) -> T:
        """What a step gives that may be tried again and again; it has so many seconds each time.

        Raises:
            TimeoutError: if none are left.
        """
        while True:
            seconds = self.left(_STEP_SECONDS)
            try:
                done = step(seconds)
            except TimeoutError:
                continue
            self._heard = time.monotonic()
            return done


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached, and how.

    Args:
        allow: ``host:port`` entries that need not be public.
        deadline: of everything.
        resolver: finds the addresses of a name.
        tls: checks the certificates of https.
    """

    allow: frozenset[str]
    deadline: Deadline
    resolver: Resolver
    tls: ssl.SSLContext


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(address[0]) for *_, address in found]


def place(host: str, port: int) -> str:
    """``host:port``, as a setting names it; IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def connect(host: str, port: int, reach: Reach, *, secure: bool) -> socket.socket:
    """Connect to one of the addresses of a host, after judging all of them.

    Raises:
        OSError: if any address is forbidden, or none answers, or the certificate is not the host's.
    """
    allowed = place(host, port) in reach.allow
    addresses = _judged(host, port, reach, allowed=allowed)
    plain = _first_open(addresses, port, reach.deadline)
    opened = plain
    try:
        _judge_again(plain, allowed=allowed)
        if secure:
            opened = secret = reach.tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            reach.deadline.over(_timed(secret, secret.do_handshake))
    except BaseException:
        opened.close()
        raise
    return opened


def _timed(plain: socket.socket, step: Callable[[], T]) -> Callable[[float], T]:
    """A step of a socket that has so many seconds."""

    def run(seconds: float) -> T:
        plain.settimeout(seconds)
        return step()

    return run


def _judge_again(plain: socket.socket, *, allowed: bool) -> None:
    """Judge the other end: what we are really connected to, whatever was asked for."""
    if not allowed and not is_public(str(plain.getpeername()[0])):
        raise Forbidden


def _judged(host: str, port: int, reach: Reach, *, allowed: bool) -> list[str]:
    """The addresses of a host; one that is forbidden spoils the others, since a name may turn to it any time."""
    if not allowed and ":" not in host and is_number(host) and not is_public(host):
        raise Forbidden
    addresses = list(dict.fromkeys(_resolved(host, port, reach)))
    if not addresses or not (allowed or all(map(is_public, addresses))):
        raise Forbidden
    return addresses[:_ADDRESSES_AT_MOST]


def _resolved(host: str, port: int, reach: Reach) -> list[str]:
    """Look up a name beside us: the system's resolver knows no deadline of its own."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(reach.resolver(host, port))
        except Exception as error:  # noqa: BLE001 -- raised again by whoever waits
            answers.put(error)

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    answer = reach.deadline.over(partial(_taken, answers))
    if isinstance(answer, Exception):
        raise OSError from answer
    return answer


def _taken(answers: "queue.SimpleQueue[T]", seconds: float) -> T:
    """Raises: TimeoutError if none comes."""
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None


def _first_open(addresses: list[str], port: int, deadline: Deadline) -> socket.socket:
    """The first address that answers. An address is a number here, so that nothing is looked up again."""
    last: OSError | None = None
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        seconds = deadline.left(CONNECT_SECONDS)
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(seconds)
            plain.connect((address, port))
            return plain
        except OSError as error:
            plain.close()
            last = error
    raise ConnectionError from last  # no TimeoutError: more time would not make it answer


class TimedSocket:
    """As much of a socket as `http.client` uses, each step of it bounded by the deadline.

    A timeout set on a socket bounds one step only: a byte every few seconds would keep us for ever.
    """

    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        self._plain = plain
        self._deadline = deadline

    def sendall(self, data: "ReadableBuffer") -> None:
        """Send everything."""
        self._plain.settimeout(self._deadline.left())
        self._plain.sendall(data)

    def makefile(self, _mode: str = "rb") -> BinaryIO:
        """A reader of what comes."""
        return io.BufferedReader(_TimedReader(self._plain, self._deadline))

    def close(self) -> None:
        """Nothing: an answer is still being read; the socket is closed by whoever connected."""


class _TimedReader(io.RawIOBase):
    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._plain = plain
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        return self._deadline.over(_timed(self._plain, lambda: self._plain.recv_into(buffer)))
