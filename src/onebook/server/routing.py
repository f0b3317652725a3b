"""Finding a dialect's route: by the path's parts, in one dictionary look-up a candidate."""

from collections.abc import Iterable

from onebook.dialects.base import Dialect, Route, WrongVerb
from onebook.errors import NotFound

Found = tuple[Route, dict[str, str]]


class Routes:
    """The routes of one dialect, ready to be matched."""

    def __init__(self, dialect: Dialect) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        self._patterns: dict[int, list[tuple[tuple[str | None, ...], tuple[str, ...], dict[str, Route]]]] = {}
        self._trailing_slash = dialect.trailing_slash
        for path in dict.fromkeys(route.path for route in dialect.routes):
            self._enter(path, (route for route in dialect.routes if route.path == path))

    def _enter(self, path: str, routes: Iterable[Route]) -> None:
        verbs = {route.method: route for route in routes}
        if "{" not in path:
            self._exact[path] = verbs
            return
        parts = path.split("/")
        fixed = tuple(None if part.startswith("{") else part for part in parts)
        names = tuple(part.strip("{}") for part in parts if part.startswith("{"))
        self._patterns.setdefault(len(parts), []).append((fixed, names, verbs))

    def find(self, method: str, path: str) -> Found:
        """The route and what stands in its braces. Fixed paths go before patterns.

        Raises: NotFound("route") for an unknown path; WrongVerb for a known one.
        """
        if self._trailing_slash and len(path) > 1:
            path = path.rstrip("/")
        verbs, params = self._exact.get(path), dict[str, str]()
        if verbs is None:
            verbs, params = self._by_pattern(path)
        route = verbs.get(method)
        if route is None:
            raise WrongVerb(list(verbs))
        return route, params

    def _by_pattern(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        parts = path.split("/")
        for fixed, names, verbs in self._patterns.get(len(parts), ()):
            if all(want is None or want == part for want, part in zip(fixed, parts, strict=True)):
                values = [part for want, part in zip(fixed, parts, strict=True) if want is None]
                if all(values):
                    return verbs, dict(zip(names, values, strict=True))
        raise NotFound("route", path)
