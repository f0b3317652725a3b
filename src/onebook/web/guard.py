"""What keeps strangers out of the pages: marks against forged requests, cookies, and what browsers are told."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from onebook.web.visit import Cookie

SESSION: Final = "onebook_session"
GUEST: Final = "onebook_guest"
COLUMNS: Final = "onebook_columns"
NOTICE: Final = "onebook_notice"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD"})

#: Nothing but what we serve ourselves, no inline script and no inline style; Tabler draws some signs as data.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_MARK_BYTES: Final = 32


def new_guest() -> str:
    """What a browser holds before anybody has signed in, so that signing in cannot be forged either."""
    return secrets.token_urlsafe(24)


def mark(secret: str) -> str:
    """What a form of this browser brings back: another text each time, so that compression gives nothing away.

    Args: ``secret``: what the browser's cookie holds.
    """
    mask = secrets.token_bytes(_MARK_BYTES)
    hidden = bytes(a ^ b for a, b in zip(mask, _digest(secret), strict=True))
    return base64.urlsafe_b64encode(mask + hidden).decode()


def is_ours(secret: str, given: str) -> bool:
    """Whether a mark was made for the browser that holds ``secret``."""
    try:
        raw = base64.b64decode(given.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 2 * _MARK_BYTES or not secret:
        return False
    shown = bytes(a ^ b for a, b in zip(raw[:_MARK_BYTES], raw[_MARK_BYTES:], strict=True))
    return hmac.compare_digest(shown, _digest(secret))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(b"onebook csrf\n" + secret.encode("utf-8", "replace")).digest()


def from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether the browser itself says that another site sends this request (Fetch Metadata)."""
    return headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def set_cookie(cookie: Cookie, *, secure: bool) -> str:
    """A ``Set-Cookie`` header: for us alone, not for scripts, and not with requests that other sites send."""
    parts = [f"{cookie.name}={cookie.value}", "Path=/", f"Max-Age={cookie.seconds}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if secure else parts)
