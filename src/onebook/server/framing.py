"""What RFC 9112 forbids in a request's head although its parser lets it pass."""

import re
from functools import lru_cache
from typing import Final

_VERSIONS: Final = ("1.1", "1.0")
# RFC 3986 3.2.2. A doubled header comes joined by ", ", and no host has a blank in it.
_HOST: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=%]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")


class Unfit(Exception):
    """A request that cannot be served, and after which the connection cannot be trusted.

    Args:
        status: of HTTP. sentence: says to the client what was wrong.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def must_be_fit(version: str, headers: dict[str, str]) -> None:
    """Raises: Unfit if proxies before us could take the request for another one than we do."""
    if version not in _VERSIONS:
        raise Unfit(505, "This server speaks HTTP/1.1.")
    host = headers.get("host")
    if not (version == "1.0" if host is None else _is_host(host)):
        raise Unfit(400, "A request names its host, and one only.")
    coding = headers.get("transfer-encoding")
    if coding is None:
        return
    if version == "1.0":  # 6.1: the framing is faulty, whatever else is said of the length
        raise Unfit(400, "HTTP/1.0 knows no Transfer-Encoding.")
    if coding.lower() != "chunked":
        raise Unfit(501, "Of the transfer codings this server knows chunked alone.")


@lru_cache(1024)
def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None
