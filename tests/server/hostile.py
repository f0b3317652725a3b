"""Requests that nobody sends in good faith, for any route, made from its own table."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from msgspec import Struct, json

from onebook.dialects.base import Route

T = TypeVar("T")

EACH = 4
MARK = "qqmarkqq"  # stands in every text that a hostile request sends

TEXTS = (
    f"'; DROP TABLE contacts; -- {MARK}",
    f'" OR ""="{MARK}',
    f"../../../../etc/passwd{MARK}",
    f"%00{MARK}",
    f"{{{{7*7}}}}{MARK}",
    f"${{jndi:ldap://{MARK}}}",
    f"{MARK}\r\nSet-Cookie: a=b",
    f"<script>{MARK}</script>",
    MARK * 800,
    "-1",
    "0",
    str(10**30),
    "NaN",
    "𝕳𝖊𝖑𝖑𝖔" + MARK,
)
VALUES: tuple[Any, ...] = (None, True, -1, 10**30, 1.5e308, "", [], {}, [[]], {"": None}, [None], *TEXTS[:4])
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"' + MARK.encode() + b'"',
    b"\xff\xfe{",
    b'{"a":"\\ud800"}',
    b'{"a":"\\u0000' + MARK.encode() + b'"}',
    b"[" * 5000,
    b'{"a":' * 5000,
    b"NaN",
    b'{"contacts": "' + MARK.encode() + b'"}',
    MARK.encode() * 1000,
)


class Hostile(Struct, frozen=True):
    """What to send: the path as it stands on the wire, the query, the body's bytes."""

    path: str
    query: dict[str, str] = {}
    body: bytes | None = None


def of_route(route: Route, fields: dict[str, Any]) -> Iterator[Hostile]:
    """Hostile requests of a route.

    Args: ``fields``: the top level of a good body, each field of which is spoilt in turn.
    """
    plain = _path(route, "1")
    if "{" in route.path:
        yield from (Hostile(_path(route, text)) for text in TEXTS)
    for at, field in enumerate(route.query):
        yield from (Hostile(plain, {field.name: text}) for text in _turn(TEXTS, at))
    yield Hostile(plain, {MARK: MARK})
    if route.body is not None:
        yield from (Hostile(plain, body=body) for body in BODIES)
        for at, name in enumerate(fields):
            yield from (Hostile(plain, body=json.encode({**fields, name: value})) for value in _turn(VALUES, at))


def _turn(values: Sequence[T], at: int) -> list[T]:
    """Some of the values, others at each place: all of them at all would be thousands of requests a route."""
    return [values[(at * EACH + step) % len(values)] for step in range(EACH)]


def _path(route: Route, text: str) -> str:
    parts = (quote(text, safe="") if part.startswith("{") else part for part in route.path.split("/"))
    return "/".join(parts)
