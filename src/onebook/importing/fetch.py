"""Get a file from a web address that a stranger named, without reaching what a stranger must not reach.

A name is resolved once; every address that it has is judged; the connection goes to exactly a judged address, and
is judged again by its other end. Redirects take the same way. No proxy, no cookies, no credentials.
Everything that could tell an open port from a closed or a forbidden one gets one and the same answer.
"""

import contextlib
import http.client
import re
import ssl
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from math import inf
from typing import Protocol, Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from onebook.errors import InvalidInput, LimitExceeded, RemoteFailed
from onebook.importing.connect import Deadline, Reach, Resolver, TimedSocket, connect, place, resolve
from onebook.importing.kind import is_html
from onebook.importing.patience import Heed
from onebook.importing.source import Source, Spool, bare_name, describe, from_data_url, is_data_url

REDIRECTS_AT_MOST = 5
_PORTS = {"http": 80, "https": 443}
_URL_CHARACTERS = 8_192
_HOST_CHARACTERS = 253  # RFC 1035, 2.3.4
_BLOCK_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110, 15.4
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})
# White space, control characters and backslashes: read in different ways by different programs.
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?")
_NAME = re.compile(r".+\.[a-zA-Z]{2,5}(?:\.gz)?")
_KEEP_IN_PATH = "/%:@!$&'()*+,;=~"
_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
    "User-Agent": "onebook",
}


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL taken apart: where to connect, and what to ask for there."""

    url: str
    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        whole = place(self.host, self.port)
        return whole.rpartition(":")[0] if self.port == _PORTS["https" if self.secure else "http"] else whole


class Slow(RemoteFailed):
    """The time was over before the file was there; with more of it, it may come."""


class Into(Protocol):
    """Where a file is put that is fetched; what was written is dropped unless a source was made of it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def write(self, data: bytes, /) -> None:
        """Add bytes. Raises: LimitExceeded if they are now too many."""

    def source(self, media_type: str | None, charset: str | None, name: str | None, /) -> Source:
        """Everything written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a file is fetched.

    Args:
        allow: ``host:port`` entries, in lower case, that may be reached although they are not public.
        limit_bytes: the most that the file may have, as it is sent and when it is unpacked.
        field: the caller's name for the URL (``csv_url``).
        timeout_seconds: for everything together, redirects too. silence_seconds: how long nothing may come meanwhile.
        into: makes the place where an answer is put; None: in memory, or in a temporary file.
        heed: called once a second; it may raise.
        resolver: finds the addresses of a name. tls: checks certificates; the system's trust if None.
    """

    allow: frozenset[str]
    limit_bytes: int
    field: str
    timeout_seconds: float = 30.0
    silence_seconds: float = inf
    into: Callable[["Terms"], Into] | None = None
    heed: Heed = lambda: None
    resolver: Resolver = resolve
    tls: ssl.SSLContext | None = None

    def place(self) -> Into:
        """Where an answer is put."""
        return self.into(self) if self.into else Spool(self.limit_bytes, field=self.field)


def fetch(url: str, terms: Terms) -> Source:
    """Fetch a file by http or https.

    Args: ``url``: as the caller sent it.

    Raises:
        InvalidInput: if it is no web URL, or a web page comes instead of a file.
        LimitExceeded: if the file is too large.
        Slow: if it takes longer. RemoteFailed: for whatever else goes wrong out there.
    """
    deadline = Deadline(terms.timeout_seconds, terms.silence_seconds, terms.heed)
    reach = Reach(terms.allow, deadline, terms.resolver, terms.tls or _system_trust())
    target = _target(url, terms.field)
    for _ in range(REDIRECTS_AT_MOST + 1):
        try:
            found = _ask(target, reach, terms)
        except TimeoutError:
            raise _unreachable(Slow) from None
        except (OSError, http.client.HTTPException, zlib.error, ValueError):
            # From None: the cause says which address was silent or refused.
            raise _unreachable() from None
        if isinstance(found, Source):
            return replace(found, name=found.name or _name_of(target), address=url)
        target = _redirected(target, found, terms.field)
    raise RemoteFailed("web address", retryable=False, message="The web address redirects too often.")


def open_url(
    url: str, *, field: str, data_url_characters: int, fetch_bytes: int, fetch_seconds: float, allow: frozenset[str]
) -> Source:
    """The file behind a data URL or a web address; the caller closes it.

    Args:
        field: the caller's word for the URL. data_url_characters: how long a data URL may be.
        fetch_bytes, fetch_seconds: the most that a file from the web may have, and how long it may take.
        allow: ``host:port`` entries that may be reached although not public.

    Raises:
        InvalidInput: it is neither, or damaged. LimitExceeded: it is too long or too large.
        Slow: if it takes longer. RemoteFailed: for whatever else goes wrong out there.
    """
    if is_data_url(url):
        return from_data_url(url, data_url_characters, field=field)
    return fetch(url, Terms(allow=allow, limit_bytes=fetch_bytes, field=field, timeout_seconds=fetch_seconds))


@cache
def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _unreachable(kind: type[RemoteFailed] = RemoteFailed) -> RemoteFailed:
    """The one answer for a closed, silent, forbidden, unknown or broken address."""
    return kind("web address", retryable=True, message="The web address could not be fetched.")


def _target(url: str, field: str) -> _Target:
    """Take a URL apart, and refuse what two programs could read in two ways."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port, host = parts.port, _host(parts)
    except ValueError:
        parts, port, host = SplitResult("", "", "", "", ""), None, ""
    if len(url) > _URL_CHARACTERS or _UNSAFE.search(url) or parts.scheme not in _PORTS or not host or port == 0:
        raise InvalidInput.of(field, "url", "This is not a web address; it must begin with http:// or https:// .")
    if "@" in parts.netloc:
        raise InvalidInput.of(field, "url", "The web address must not hold a user name or password.")
    path = quote(parts.path or "/", safe=_KEEP_IN_PATH)
    query = "?" + quote(parts.query, safe=_KEEP_IN_PATH + "?") if parts.query else ""
    return _Target(url, parts.scheme == "https", host, port or _PORTS[parts.scheme], path + query)


def _name_of(target: _Target) -> str | None:
    """What the file is called by its address, if that ends like the name of one."""
    last = target.path.partition("?")[0].rpartition("/")[2]
    return bare_name(last) if _NAME.fullmatch(last) else None


def _host(parts: SplitResult) -> str:
    """The host in ASCII and lower case, IPv6 without its brackets; empty if it is none."""
    host = parts.hostname or ""
    if ":" in host:
        return host if re.fullmatch(r"[0-9a-f:.]+", host) else ""
    plain = host.encode("idna").decode("ascii").lower()
    return plain if _HOST.fullmatch(plain) and len(plain) <= _HOST_CHARACTERS else ""


def _redirected(target: _Target, location: str, field: str) -> _Target:
    """Where an answer sends us; what is no web address is as good as unreachable."""
    try:
        # Headers are read as Latin-1, but what servers put there is UTF-8.
        return _target(urljoin(target.url, location.encode("latin-1").decode("utf-8")), field)
    except (InvalidInput, ValueError):
        raise _unreachable() from None


def _ask(target: _Target, reach: Reach, terms: Terms) -> Source | str:
    """One request: the file, or the address that it redirects to."""
    opened = connect(target.host, target.port, reach, secure=target.secure)
    with contextlib.closing(opened), terms.place() as into:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = TimedSocket(opened, reach.deadline)
        connection.putrequest("GET", target.path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", target.authority)
        for name, value in _HEADERS.items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as answer:
            location = answer.headers.get("Location")
            if answer.status in _REDIRECTS and location:
                return location
            _check_status(answer.status)
            return _received(answer, into, terms)


def _check_status(status: int) -> None:
    if http.HTTPStatus.OK <= status < http.HTTPStatus.MULTIPLE_CHOICES:
        return
    retryable = status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or status in _WORTH_ANOTHER_TRY
    message = f"The web address answered with status {status}, not with a file."
    raise RemoteFailed("web address", retryable=retryable, message=message)


def _received(answer: http.client.HTTPResponse, into: Into, terms: Terms) -> Source:
    """The body, unpacked, as a file."""
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    for data in _unpacked(_blocks(answer, terms), coding):
        into.write(data)
    disposition = answer.headers.get("Content-Disposition", "")
    source = into.source(*describe(answer.headers.get("Content-Type", ""), disposition))
    if is_html(source.head()):
        source.close()
        message = "The web address answers with a web page; give the address of the file itself."
        raise InvalidInput.of(terms.field, "web_page", message)
    return source


def _blocks(answer: http.client.HTTPResponse, terms: Terms) -> Iterator[bytes]:
    """The body as it was sent, piece by piece."""
    size = answer.length or 0
    if size > terms.limit_bytes:
        raise LimitExceeded(terms.field, terms.limit_bytes, "bytes")
    taken = 0
    while data := answer.read1(_BLOCK_BYTES):  # as it comes: whoever waits is told how much there is
        taken += len(data)
        # Bounded here too: a packed body may be endless and unpack to nothing.
        if taken > terms.limit_bytes:
            raise LimitExceeded(terms.field, terms.limit_bytes, "bytes")
        yield data
    if answer.length:
        # http.client says nothing when the other side hangs up early on a read of a given size.
        raise http.client.IncompleteRead(b"", answer.length)


def _unpacked(blocks: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """A body without its content coding, in pieces of bounded size however well it was packed.

    Raises:
        zlib.error: if it is damaged or cut short. HTTPException: for a coding that was not asked for.

    Source: RFC 9110, 8.4.1; RFC 1950, 2.2.
    """
    if coding in {"", "identity"}:
        yield from blocks
        return
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise http.client.HTTPException
    inflater = None
    for block in blocks:
        left = block
        while left:
            inflater = inflater or zlib.decompressobj(_window_bits(left, coding))
            yield inflater.decompress(left, _BLOCK_BYTES)
            left = inflater.unconsumed_tail
            if inflater.eof:
                # A gzip file may be several, one behind the other (RFC 1952, 2.2).
                left, inflater = inflater.unused_data, None
    if inflater is not None:
        raise zlib.error


def _window_bits(start: bytes, coding: str) -> int:
    """What to tell zlib; some servers send deflate without the zlib header that the standard wants."""
    if coding != "deflate":
        return zlib.MAX_WBITS | 16
    zlib_header = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS
