"""Files that pages load: served from memory, compressed once, kept by browsers for as long as their content is."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

STATIC: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
FOREVER: Final = "public, max-age=31536000, immutable"
ASK: Final = "no-cache"


class Asset(NamedTuple):
    """A file, as it is and compressed; ``mark`` is the beginning of its SHA-256."""

    body: bytes
    packed: bytes
    mark: str
    media_type: str


@cache
def _paths() -> dict[str, Path]:
    """What there is to serve, by its path below ``static``: nothing else can be asked for."""
    return {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}


@cache
def asset(name: str) -> Asset | None:
    """The file of this name below ``static``."""
    path = _paths().get(name)
    if path is None:
        return None
    body = path.read_bytes()
    mark = hashlib.sha256(body).hexdigest()[:12]
    return Asset(body, gzip.compress(body, 9, mtime=0), mark, TYPES.get(path.suffix, "application/octet-stream"))


def address(name: str) -> str:
    """The address of a file, which changes with its content. Raises: KeyError if there is no such file."""
    found = asset(name)
    if found is None:
        raise KeyError(name)
    return f"/static/{name}?v={found.mark}"


async def serve(request: Request) -> Response:
    """One file; RFC 9110, 8.8.3 and RFC 8246 for how long it may be kept."""
    found = asset(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    tag = f'"{found.mark}"'
    asked = request.query_params.get("v") == found.mark
    headers = {
        "Cache-Control": FOREVER if asked else ASK,
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.body, headers=headers, media_type=found.media_type)
