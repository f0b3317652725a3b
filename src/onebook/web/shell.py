"""All paths that no dialect serves: health, readiness, figures, documents."""

from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from onebook.dialects.base import Dialect
from onebook.store.base import Store
from onebook.web import docs
from onebook.web.health import Readiness


def make_shell(store: Store, dialects: Sequence[Dialect]) -> Starlette:
    """The application around the dialects."""
    ready = Readiness(store)

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
        ]
    )
