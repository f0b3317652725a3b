"""The way of one request through the pages: receive, find out who asks, run the handler in a thread, answer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from onebook.dialects.base import Answer, Pieces
from onebook.errors import OnebookError
from onebook.web import answering, guard, receiving
from onebook.web.visit import SEND_PIECES, Gone, House, PageRoute, Sent, Visit

T = TypeVar("T")

log = structlog.get_logger("onebook.web")

THREADS: Final = 8


class Already(Response):
    """A response that has been sent another way."""

    async def __call__(self, *_: Any) -> None:
        """Nothing is left to do."""


class Pages:
    """Runs handlers over a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="onebook-page")

    def endpoint(self, route: PageRoute) -> Callable[[Request], Any]:
        """What Starlette calls for a row of the table of pages."""

        async def answer(request: Request) -> Response:
            return await self._answer(route, request)

        return answer

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def _answer(self, route: PageRoute, request: Request) -> Response:
        cookies = receiving.cookies_of(request)
        token, guest = cookies.get(guard.SESSION, ""), cookies.get(guard.GUEST, "")
        fresh = "" if token or guest else guard.new_guest()
        secret = token or guest or fresh
        visit = receiving.visit_of(self._house, request, secret=secret, token=token)
        try:
            person, accounts, words = await self._run(partial(receiving.known, visit))
            visit = structs.replace(visit, person=person, accounts=accounts, words=words)
            visit = receiving.entered(visit, route)
            async with receiving.form_of(self._house, request, route) as (form, files):
                receiving.must_be_ours(request, secret, form)
                visit = structs.replace(visit, form=form, files=files)
                response = await self._run(partial(_acted, route, request, visit))
            if isinstance(response, Answer):
                response = await self._sent(request, response)
        except OnebookError as error:
            response = await self._run(partial(answering.refused, request, visit, error))
        except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a page, and the log no data
            _tell_fault(visit.path, error)
            response = await self._run(partial(answering.refused, request, visit, None))
        if fresh:
            answering.set_guest(response, visit, fresh)
        return response

    @staticmethod
    async def _sent(request: Request, answer: Answer) -> Response:
        if isinstance(answer.body, Pieces):
            await request.scope[SEND_PIECES](structs.replace(answer, headers=(*guard.HEADERS.items(), *answer.headers)))
            return Already()
        headers = {**guard.HEADERS, **dict(answer.headers)}
        return Response(answer.encoded(), answer.status, headers, answer.content_type)


def _acted(route: PageRoute, request: Request, visit: Visit) -> Response | Answer:
    reply = route.handler(visit)
    if isinstance(reply, Sent):
        return reply.answer
    if isinstance(reply, Gone):
        return answering.gone(visit, reply)
    return answering.shown(request, visit, reply)


def _tell_fault(path: str, error: BaseException) -> None:
    """Log what broke and where, but not the message: it may hold people's data."""
    where, at = "", error.__traceback__
    while at is not None:
        where, at = f"{at.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{at.tb_lineno}", at.tb_next
    log.error("fault", page=path.split("/")[1:4:2], error=type(error).__name__, where=where)
