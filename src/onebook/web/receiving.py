"""From a request to a `Visit`: who asks, whether they may, and what they sent."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookies import CookieError, SimpleCookie
from typing import Final

from msgspec import structs
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from onebook.errors import InvalidInput, LimitExceeded, NotAuthenticated, NotFound, NotPermitted
from onebook.model.account import Account
from onebook.model.person import Person, Role
from onebook.operations import people
from onebook.operations.people import Caller
from onebook.web import guard
from onebook.web.uploads import Arriving, Uploads
from onebook.web.visit import House, PageRoute, Upload, Values, Visit
from onebook.web.words import Words, chosen, words_of

FORM_BYTES: Final = 2 * 1024 * 1024
FORM_FIELDS: Final = 5_000


def cookies_of(request: Request) -> Mapping[str, str]:
    """The cookies of a request; none if they cannot be read."""
    try:
        found = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy that says so."""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return request.url.scheme == "https" or forwarded == "https"


def visit_of(house: House, request: Request, *, secret: str, token: str) -> Visit:
    """What is known without asking the store. Args: ``secret``: what the marks of this browser's forms are made of."""
    headers, secure = request.headers, is_secure(request)
    return Visit(
        house=house,
        method=request.method,
        path=request.url.path,
        params={name: str(value) for name, value in request.path_params.items()},
        query=Values(request.query_params.multi_items()),
        form=Values(),
        files={},
        swap="hx-request" in headers and "hx-history-restore-request" not in headers,
        words=words_of(chosen(headers.get("accept-language", ""))),
        csrf=guard.mark(secret),
        caller=Caller(request.client.host if request.client else "", headers.get("user-agent", "")),
        address=f"{'https' if secure else 'http'}://{headers.get('host', 'localhost')}",
        secure=secure,
        columns=cookies_of(request).get(guard.COLUMNS, ""),
        token=token,
    )


def known(visit: Visit) -> tuple[Person | None, tuple[tuple[Account, Role], ...], Words]:
    """Who is signed in, the accounts they belong to, and their language; asks the store."""
    if not visit.token:
        return None, (), visit.words
    try:
        person = people.signed_in(visit.house.store, visit.token)
    except NotAuthenticated:
        return None, (), visit.words
    found = tuple(people.accounts_of(visit.house.store, person))
    return person, found, words_of(person.language) if person.language else visit.words


def entered(visit: Visit, route: PageRoute) -> Visit:
    """The visit with the account of its path.

    Raises: NotAuthenticated; NotFound for an account that the person does not belong to; NotPermitted.
    """
    if route.access == "anyone":
        return visit
    person = visit.me
    if "account" not in visit.params:
        return visit
    found = next(((a, r) for a, r in visit.accounts if str(a.id) == visit.params["account"]), None)
    if found is None:
        raise NotFound("account", visit.params["account"])
    actor = people.actor_in(found[0], person, found[1])
    if route.access != "person":
        actor.must_be_allowed(route.access)
    return structs.replace(visit, actor=actor, role=found[1])


def must_be_ours(request: Request, secret: str, form: Values) -> None:
    """Raises: NotPermitted for a changing request that no page of ours made for this browser."""
    if request.method in guard.SAFE:
        return
    given = request.headers.get(guard.CSRF_HEADER) or form[guard.CSRF_FIELD]
    if guard.from_elsewhere(request.headers) or not guard.is_ours(secret, given):
        raise NotPermitted("send this form: it is too old, or another page sent it")


@asynccontextmanager
async def form_of(house: House, request: Request, route: PageRoute) -> AsyncIterator[tuple[Values, dict[str, Upload]]]:
    """The form of a request and the files in it, which are gone afterwards.

    Raises: LimitExceeded("form"); InvalidInput for one that cannot be read, or comes too slowly; Unavailable if the
    disk is full.
    """
    if request.method in guard.SAFE:
        yield Values(), {}
        return
    limit = FORM_BYTES + (house.limits.import_bytes if route.takes_files else 0)
    bounded = Request(request.scope, _bounded(request.receive, limit))
    with_files = route.takes_files and request.headers.get("content-type", "").startswith("multipart/")
    uploads = Uploads(
        request.headers, bounded.stream(), landing=house.imports.landing, max_fields=FORM_FIELDS
    )  # fmt: skip
    try:
        form = await _parsed(house, bounded, uploads if with_files else None)
        yield _texts(form), _files(form)
    finally:
        uploads.drop()


async def _parsed(house: House, bounded: Request, uploads: Uploads | None) -> FormData:
    try:
        async with asyncio.timeout(house.limits.import_seconds):
            return await (uploads.parse() if uploads else bounded.form(max_files=0, max_fields=FORM_FIELDS))
    except (HTTPException, MultiPartException, ClientDisconnect):
        raise InvalidInput.of("form", "unreadable", "The form cannot be read.") from None
    except TimeoutError:
        raise InvalidInput.of("form", "too_slow", "The form took too long to come.") from None


def _bounded(receive: Receive, limit: int) -> Receive:
    size = 0

    async def bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise LimitExceeded("form", limit, "bytes")
        return message

    return bounded


def _texts(form: FormData) -> Values:
    return Values((name, value) for name, value in form.multi_items() if isinstance(value, str))


def _files(form: FormData) -> dict[str, Upload]:
    return {
        name: Upload(value.filename, value.file.landing)
        for name, value in form.multi_items()
        if isinstance(value, UploadFile) and value.filename and isinstance(value.file, Arriving)
    }
