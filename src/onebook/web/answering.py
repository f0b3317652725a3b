"""From a handler's `Reply`, or an error, to a response: a page, a piece of one, a way on, or bytes."""

import base64
import binascii
import gzip
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from onebook.errors import (
    Conflict,
    InvalidInput,
    LimitExceeded,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OnebookError,
    Unavailable,
)
from onebook.web import guard, menu
from onebook.web.templates import draw
from onebook.web.visit import Cookie, Gone, Notice, Shown, Visit

SEE_OTHER: Final = 303
WORTH_PACKING_BYTES: Final = 1_000
NOTICE_SECONDS: Final = 60
# What a form is answered with when it is shown again: to htmx a success, as there is something to show.
SHOWN_AGAIN: Final = frozenset({409, 422})

#: Error → status. The words are in the tables, under ``error.<status>``.
STATUSES: Final[tuple[tuple[type[OnebookError], int], ...]] = (
    (NotFound, 404),
    (NotPermitted, 403),
    (InvalidInput, 422),
    (Conflict, 409),
    (LimitExceeded, 413),
    (Unavailable, 503),
    (OnebookError, 500),
)


_read_notice: Final = msgspec.json.Decoder(Notice).decode


def shown(request: Request, visit: Visit, reply: Shown) -> Response:
    """A page, or for htmx a piece of one with the notice beside it."""
    values = {**_around(request, visit), **reply.values}
    status, headers = reply.status, {**guard.HEADERS, **reply.headers}
    if visit.swap:
        html = draw(reply.template, {**values, "notice": None})
        if reply.notice is not None:
            html += draw("piece/notice.html", {**values, "notice": reply.notice, "beside": True})
        status = 200 if status in SHOWN_AGAIN else status
    else:
        html = draw(reply.template, {**values, "notice": reply.notice or _kept_notice(request)})
    response = _html(request, html, status, headers)
    for cookie in reply.cookies:
        _set(response, visit, cookie)
    if not visit.swap and guard.NOTICE in request.cookies:
        _set(response, visit, Cookie(guard.NOTICE, "", 0))
    return response


def _around(request: Request, visit: Visit) -> dict[str, Any]:
    """What every template may use."""
    return {
        "visit": visit,
        "t": visit.words,
        "person": visit.person,
        "menu": menu.shown(visit) if visit.actor is not None else (),
        "asked_for": request.url.path,
        "shortcuts": menu.SHORTCUTS,
    }


def _html(request: Request, html: str, status: int, headers: Mapping[str, str]) -> Response:
    body = html.encode("utf-8", "replace")
    packed = len(body) >= WORTH_PACKING_BYTES and "gzip" in request.headers.get("accept-encoding", "")
    if packed:
        body, headers = gzip.compress(body, 5), {**headers, "Content-Encoding": "gzip"}
    return Response(body, status, {**headers, "Vary": "HX-Request, Accept-Encoding"}, "text/html; charset=utf-8")


def gone(visit: Visit, reply: Gone) -> Response:
    """The way on; htmx gets it as a header, since a browser would follow it before htmx sees it."""
    if visit.swap:
        response = Response(status_code=200, headers={**guard.HEADERS, "HX-Redirect": reply.to})
    else:
        response = Response(status_code=SEE_OTHER, headers={**guard.HEADERS, "Location": reply.to})
    for cookie in reply.cookies:
        _set(response, visit, cookie)
    if reply.notice is not None:
        text = base64.urlsafe_b64encode(msgspec.json.encode(reply.notice)).decode()
        _set(response, visit, Cookie(guard.NOTICE, text, NOTICE_SECONDS))
    return response


def _set(response: Response, visit: Visit, cookie: Cookie) -> None:
    response.headers.append("Set-Cookie", guard.set_cookie(cookie, secure=visit.secure))


def set_guest(response: Response, visit: Visit, guest: str) -> None:
    """Give a stranger's browser something that its forms can be told by."""
    _set(response, visit, Cookie(guard.GUEST, guest, 86_400))


def _kept_notice(request: Request) -> Notice | None:
    """What the page before had to say."""
    try:
        text = base64.urlsafe_b64decode(request.cookies.get(guard.NOTICE, "").encode())
        return _read_notice(text) if text else None
    except (binascii.Error, ValueError):  # not ours: cookies can be written by anybody
        return None


def refused(request: Request, visit: Visit, error: OnebookError | None) -> Response:
    """The page of an error, or for htmx a notice; None is a fault of ours."""
    if isinstance(error, NotAuthenticated):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        onward = f"?next={quote(here, safe='')}" if request.method == "GET" and not visit.swap and here != "/" else ""
        return gone(visit, Gone(f"/sign-in{onward}"))
    status = 500 if error is None else next(status for kind, status in STATUSES if isinstance(error, kind))
    issues = error.issues if isinstance(error, InvalidInput) else ()
    said = [visit.words.issue(issue.code, issue.message) for issue in issues]
    if isinstance(error, Conflict):
        said = [visit.words.issue("conflict", str(error))]
    if visit.swap:
        notice = Notice(f"error.{status}.title", bad=True)
        html = draw("piece/notice.html", {**_around(request, visit), "notice": notice, "beside": False, "said": said})
        away = {**guard.HEADERS, "HX-Retarget": "#notices", "HX-Reswap": "beforeend"}
        return _html(request, html, status, away)
    values = {"status": status, "said": said}
    return shown(request, visit, Shown("error.html", values, status))
