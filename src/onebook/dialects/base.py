"""What every dialect is made of: requests, answers, tables of fields, routes.

A request walks five steps: the server receives it, ``Route.read`` turns the vendor's words into a command,
``Route.act`` runs the operations on it in one transaction, the store keeps what they wrote, and ``Route.write``
turns the result into the vendor's answer. Tables say what the vendor's page says in rows; the OpenAPI document and
the matrix of fields are made from the same tables.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from onebook.errors import InvalidInput, Issue, LimitExceeded, OnebookError
from onebook.model.account import Scope
from onebook.operations.actor import Actor
from onebook.operations.imports_spool import Landed
from onebook.store.base import Session, Store

C = TypeVar("C")
V = TypeVar("V")

Schema = dict[str, Any]


class Refused:
    """What a converter gives for a value that it cannot take; it has added an issue, or (casting) has not."""


REFUSED = Refused()


class Converter(Protocol):
    """Reads one value of foreign JSON (or of a query, as text).

    Attributes:
        schema: JSON Schema of what is accepted, for the OpenAPI document.
    """

    @property
    def schema(self) -> Schema: ...

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """The value as the dialect uses it, or REFUSED.

        Args: ``at`` names the place in the vendor's words, such as ``phone_numbers[0].number``.
        """


class Field(NamedTuple):
    """One row of a vendor's table of fields.

    Args:
        name: in the vendor's spelling. type: how it is read.
        need: whether it must be there (a rule that a flag cannot say is in the reader).
        to: where it goes in the model (``name.full``, ``phones``), for the matrix; empty for what is not stored.
        note: one sentence for the reader of the API page.
    """

    name: str
    type: Converter
    need: bool = False
    to: str = ""
    note: str = ""


class Out(NamedTuple, Generic[V]):
    """One row of a vendor's answer: its name, how it comes out of the value, its JSON Schema, where it is from."""

    name: str
    get: Callable[[V], Any]
    schema: Schema
    of: str = ""


def read_fields(fields: Sequence[Field], value: Mapping[str, Any], at: str, issues: list[Issue]) -> dict[str, Any]:
    """Read an object by its table; what is not in the table is ignored.

    Returns: the fields that are there and could be read, by the vendor's names. A JSON null is given to the
    field's converter like any other value. Missing needed fields and refused values become issues.
    """
    read: dict[str, Any] = {}
    for name, converter, need, _to, _note in fields:
        if name in value:
            got = converter.read(value[name], at + name, issues)
            if got is not REFUSED:
                read[name] = got
        elif need:
            issues.append(Issue(at + name, "required", f"{at}{name} is required."))
    return read


def write_fields(table: Sequence[Out[V]], value: V) -> dict[str, Any]:
    """Write an object by its table."""
    written = {}
    for name, get, _schema, _of in table:
        written[name] = get(value)
    return written


def schema_of(table: Sequence[Out[Any]]) -> Schema:
    """The JSON Schema of what `write_fields` writes: every key is always there."""
    return {
        "type": "object",
        "properties": {out.name: out.schema for out in table},
        "required": [out.name for out in table],
    }


class Limits(Struct, frozen=True):
    """Bounds of a request; see the settings of the same names."""

    body_bytes: int = 16 * 1024 * 1024
    batch: int = 10_000
    nesting: int = 64
    fetch_seconds: float = 30.0
    fetch_bytes: int = 64 * 1024 * 1024
    import_rows: int = 250_000
    import_bytes: int = 5 << 30
    import_seconds: float = 3600.0
    fetch_allow: frozenset[str] = frozenset()


class Request(Struct):
    """What the server received, with no framework inside.

    Args:
        path: below the dialect's base, beginning with a slash. params: what stood in the route's braces.
        headers: by lower-case name. who: set once the key is checked.
        upload: a file that was sent, where the route takes files; ``body`` is then empty.
    """

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    limits: Limits
    mount: str = ""
    params: dict[str, str] = {}
    who: Actor | None = None
    parsed_query: dict[str, str] | None = None
    upload: Landed | None = None

    @property
    def actor(self) -> Actor:
        """Who acts; set before any route's ``read`` runs."""
        if self.who is None:
            raise RuntimeError
        return self.who

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a doubled one the last counts."""
        if self.parsed_query is None:
            self.parsed_query = _parsed(self.query_string)
        return self.parsed_query

    def country(self, otherwise: str | None) -> str | None:
        """The default country of national phone numbers: the account's, else the dialect's own."""
        return self.actor.account.default_country or otherwise

    def json(self, *, nul: bool = False) -> Any:
        """The body as JSON; of doubled keys the last counts.

        Args: ``nul``: whether NUL characters in text pass (to be removed by the dialect's converters).

        Raises: InvalidInput with code ``bad_json``, ``nul`` or ``surrogate``; LimitExceeded("nesting").
        """
        return read_json(self.body, self.limits.nesting, nul=nul)


def _parsed(query: str) -> dict[str, str]:
    if "%" in query or "+" in query:
        return dict(parse_qsl(query, keep_blank_values=True))
    # Nothing is escaped: what parse_qsl would do, at a tenth of its price.
    read = {}
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            read[name] = value
    return read


def read_json(body: bytes, nesting: int, *, nul: bool = False) -> Any:
    """Parse JSON as `Request.json` promises; a byte order mark before it is passed over (RFC 8259, 8.1)."""
    try:
        value = msgspec.json.decode(body.removeprefix(BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidInput.of("body", "bad_json", "The body is not valid JSON.") from None
    if body.count(b"[") + body.count(b"{") > nesting and _depth(value) > nesting:
        raise LimitExceeded("nesting", nesting, "levels")
    if b"\\u" in body:
        _must_be_text(value, nul=nul)
    return value


def _depth(value: Any) -> int:
    """How deep arrays and objects are nested, without recursion."""
    depth, level = 0, [value]
    while level:
        inner = [v for v in level if isinstance(v, (dict, list))]
        depth += bool(inner)
        level = [child for v in inner for child in (v.values() if isinstance(v, dict) else v)]
    return depth


def _must_be_text(value: Any, *, nul: bool) -> None:
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            rest += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            rest += one
        elif isinstance(one, str):
            if "\0" in one and not nul:
                raise InvalidInput.of("body", "nul", "The body has a NUL character in a text.")
            if any("\ud800" <= letter <= "\udfff" for letter in one):
                raise InvalidInput.of("body", "surrogate", "The body has half of a surrogate pair in a text.")


class Pieces(Struct, frozen=True):
    """A body that is made while it is sent.

    Args: ``of``: the bytes piece by piece, taken in a thread, one after the other as the client takes them; an empty
        piece is none. If it has a ``close`` it is called, whether all were taken or the client went away.
    """

    of: Iterator[bytes]


class Event(Struct, frozen=True):
    """How something is at a moment.

    Args: ``id``: another one whenever something has changed. ``data``: to be written as JSON. ``last``: nothing more
        will change by itself.
    """

    id: str
    name: str
    data: Any
    last: bool


class Events(Struct, frozen=True):
    """A body of server-sent events: one at once, and one for each change.

    Args: ``key``: those with equal keys see the same. ``look``: gives what is there now, called in a thread; raises
        NotFound once that is gone, which ends the body.
    """

    key: tuple[object, ...]
    look: Callable[[], Event]


class Answer(Struct, frozen=True):
    """A status and a body: a value to be written as JSON, bytes as they are, `Pieces`, `Events`, or None for no body.

    Args: ``kept``: what an idempotency key keeps in place of a body that shows a secret; None: the body itself.
    """

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    kept: Any = None

    def encoded(self) -> bytes:
        """The body's bytes, of any body but `Pieces` and `Events`."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


class Credentials(Struct, frozen=True):
    """What a request brought: the key's secret and, where the dialect has one, the login."""

    secret: str
    login: str | None = None


class Long(Struct, frozen=True):
    """A command that needs more than one transaction; ``Route.act_long`` takes it, in a thread of its own."""

    command: Any


class Reader(Struct, frozen=True):
    """What a route reads with that needs more than one look at the store: the store, and who reads."""

    store: Store
    actor: Actor


class Engine(Struct, frozen=True):
    """What a long command acts with: the store, who acts, and ``finish``, the last transaction.

    ``finish`` runs a work, writes the answer of its result, and keeps both together with the idempotency key.
    """

    store: Store
    actor: Actor
    limits: Limits
    finish: Callable[[Callable[[Session], Any]], Any]


Read = Callable[[Request], Any]
Act = Callable[[Session, Actor, Any], Any]
Write = Callable[[Request, Any], Answer]


class Route(Struct, frozen=True):
    """One operation of a vendor's API.

    Args:
        method, path: as on the vendor's page, parameters in braces: ``/contacts/{id}``.
        name: the operation's id in the OpenAPI document, unique in the dialect.
        read: request → command; raises InvalidInput. act: runs in one transaction; its result goes to ``write``.
        access: the scope that the key needs. writes: whether ``act`` writes.
        quick: a reading ``act`` of a few statements by key, fit to run without a thread of its own.
        act_long: for commands that ``read`` wrapped in `Long`.
        then: goes on with what a reading ``act`` found, in a thread, with as many looks at the store as it needs.
        query, headers: tables of the query's parameters and of the headers that this very route reads.
        body: schema of the JSON body. answers: status → JSON Schema.
        files: media types of the answer, where it is a file.
        uploads: media types of files that may be sent in place of the JSON body.
    """

    method: str
    path: str
    name: str
    summary: str
    read: Read
    act: Act
    write: Write
    access: Scope = "write"
    writes: bool = True
    quick: bool = False
    act_long: Callable[[Engine, Any], Any] | None = None
    then: Callable[[Reader, Any], Any] | None = None
    query: tuple[Field, ...] = ()
    headers: tuple[Field, ...] = ()
    body: Schema | None = None
    body_needed: bool = True
    answers: Mapping[int, Schema | None] = {}
    files: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Dialect(Struct, frozen=True):
    """A vendor's API.

    Args:
        name: one word. mounts: base paths where it answers, the first being the one in documents.
        credentials: headers → what they bring; raises NotAuthenticated("missing").
        refuse: an error → the vendor's status and body; also for paths and verbs that are not there
            (NotFound("route"), `WrongVerb`) and for our own faults (`Broken`).
        security: OpenAPI security schemes, all of which a request needs unless ``one_scheme_enough``.
        error: JSON Schema of an error's body.
    """

    name: str
    title: str
    description: str
    mounts: tuple[str, ...]
    credentials: Callable[[Mapping[str, str]], Credentials]
    refuse: Callable[[Request, OnebookError], Answer]
    routes: tuple[Route, ...]
    security: Schema
    error: Schema
    one_scheme_enough: bool = False
    trailing_slash: bool = False
    in_tables: Mapping[str, tuple[Field, ...]] = {}
    out_tables: Mapping[str, tuple[Out[Any], ...]] = {}


class WrongVerb(OnebookError):
    """The path is known, the verb is not; ``allowed`` are those that are."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"This path answers {', '.join(self.allowed)} only.")


class Broken(OnebookError):
    """A fault of our own; nothing of it is told."""

    def __init__(self) -> None:
        super().__init__("Something went wrong inside the service. Nothing was changed.")


def kind_of(error: OnebookError, known: Collection[type[OnebookError]]) -> type[OnebookError]:
    """What an error is to a dialect: its class or the nearest above it that the dialect knows, else `Broken`."""
    return next((kind for kind in type(error).__mro__ if kind in known), Broken)


class KeyReused(OnebookError):
    """An idempotency key came with another request, or the first request with it still runs."""

    def __init__(self, *, running: bool) -> None:
        self.running = running
        super().__init__(
            "A request with this idempotency key is still running."
            if running
            else "This idempotency key was used for another request."
        )


class TooOften(OnebookError):
    """Too many requests."""

    def __init__(self, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__("Too many requests.")
