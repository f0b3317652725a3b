"""All paths that no dialect serves: health, readiness, figures, documents, and the pages for people."""

from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from onebook.dialects.base import Dialect
from onebook.errors import NotFound
from onebook.web import assets, docs, table
from onebook.web.health import Readiness
from onebook.web.pages import Pages
from onebook.web.visit import House, PageRoute, Reply, Visit


def make_shell(house: House, dialects: Sequence[Dialect]) -> Starlette:
    """The application around the dialects."""
    ready, pages = Readiness(house.store), Pages(house)

    async def healthz(_request: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        """The store can be read and written."""
        if await run_in_threadpool(ready):
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "away"}, 503, {"Retry-After": "1"})

    async def metrics(_request: Request) -> Response:
        """Prometheus's text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *docs.routes(dialects),
            Route("/static/{name:path}", assets.serve),
            *(Route(row.path, pages.endpoint(row), methods=[row.method]) for row in table.PAGES),
            Route("/{nowhere:path}", pages.endpoint(PageRoute("GET", "", _nowhere, "anyone"))),
        ]
    )


def _nowhere(visit: Visit) -> Reply:
    raise NotFound("page", visit.path)
