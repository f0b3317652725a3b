"""What developers read in a browser: the page of all APIs, and the OpenAPI document of each.

The viewer's assets are served from here; see static/vendor/VENDORED.md.
"""

import html
import json
from collections.abc import Sequence
from functools import cache
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from onebook.dialects.base import Dialect
from onebook.dialects.openapi import document
from onebook.web.assets import STATIC

# The viewer writes styles into its elements; nothing else may come from anywhere but here.
POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes(dialects: Sequence[Dialect]) -> list[BaseRoute]:
    """The page, and ``/openapi/<dialect>.json`` for each dialect."""
    by_name = {dialect.name: dialect for dialect in dialects}

    @cache
    def written(name: str) -> bytes:
        return json.dumps(document(by_name[name])).encode()

    async def openapi(request: Request) -> Response:
        """The OpenAPI document of one dialect."""
        name = request.path_params["dialect"]
        if name not in by_name:
            return Response(status_code=404)
        return Response(written(name), media_type="application/json")

    async def docs(_request: Request) -> Response:
        """The page of all APIs."""
        return HTMLResponse(page(dialects), headers=HEADERS)

    return [
        Route("/docs", docs),
        Route("/openapi/{dialect}.json", openapi),
    ]


def page(dialects: Sequence[Dialect]) -> str:
    """The HTML of the page, with the documents' addresses for the viewer, and as links for who has no JavaScript."""
    sources = [
        {"title": dialect.title, "slug": dialect.name, "url": f"/openapi/{dialect.name}.json"} for dialect in dialects
    ]
    links = "".join(f'<li><a href="{one["url"]}">{html.escape(one["title"])}</a></li>' for one in sources)
    template = Template((STATIC / "docs.html").read_text("utf-8"))
    return template.substitute(sources=html.escape(json.dumps(sources)), links=links)
