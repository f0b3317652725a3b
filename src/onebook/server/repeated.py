"""A client that keeps its connection says the same header fields with each request: they are read once.

Only where nothing is left to judge: a GET whose target is in origin-form and of RFC 3986's characters, and whose fields
are, byte for byte, those of the request before, which the parser took, which had no body, and which came by itself.
"""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from onebook.server.wire import Head

FIELDS_BYTES: Final = 4096  # more are not kept; judgement: ten times what clients send
_LINE: Final = re.compile(rb"GET (/[\w\-.~!$&'()*+,;=:@/%]*)(?:\?([\w\-.~!$&'()*+,;=:@/?%]*))? HTTP/1\.1\r\n", re.ASCII)
_END: Final = b"\r\n\r\n"


class Repeated:
    """The fields of one connection's last request."""

    __slots__ = ("_fields", "_head")

    def __init__(self) -> None:
        self._fields: bytes | None = None
        self._head = Head("", "", "", "", "", {}, keeps=False)

    def head_of(self, data: bytes) -> Head | None:
        """The head of a request that repeats the fields of the one before; None for any other bytes."""
        if self._fields is None or not data.endswith(self._fields):
            return None
        line = _LINE.fullmatch(data, 0, len(data) - len(self._fields))
        if line is None:
            return None
        path, query = line.groups(b"")
        before = self._head
        return Head(
            "GET", path_of(path), query.decode(), before.client, "1.1", before.headers, keeps=True, claims=before.claims
        )

    def learn(self, data: bytes, head: Head) -> None:
        """Remember a request's fields, if the bytes are exactly one request without a body."""
        self._fields = None
        if not head.keeps or data.find(_END) != len(data) - len(_END):
            return
        line = _LINE.match(data)
        if line is not None and len(data) - line.end() <= FIELDS_BYTES:
            self._fields, self._head = data[line.end() :], head


def path_of(target: bytes) -> str:
    """The path of a target, percent-decoded; what is no UTF-8 becomes what no path holds."""
    if b"%" in target:
        target = unquote_to_bytes(target)
    return target.decode("utf-8", "replace")
