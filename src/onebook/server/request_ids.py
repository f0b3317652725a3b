"""The id by which one request is found again: in its answer's X-Request-Id, in log lines and in traces."""

import re
import secrets
from itertools import count
from typing import Final

HEADER: Final = "x-request-id"
# Whatever stands in a log line must not end the line, or make it endless.
_SANE = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_PREFIX = secrets.token_hex(6)
_numbers = count(1)


def request_id(sent: str | None) -> str:
    r"""What the caller sent if it is up to 128 harmless characters, else a new id.

    >>> request_id("7f3-a")
    '7f3-a'
    >>> request_id("no such\nthing").endswith("thing")
    False
    """
    if sent is not None and _SANE.fullmatch(sent):
        return sent
    return f"{_PREFIX}-{next(_numbers):x}"
