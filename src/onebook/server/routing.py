"""Finding a dialect's route: by the path's parts, in one dictionary look-up a candidate."""

from collections.abc import Iterable

from onebook.dialects.base import Dialect, Route, WrongVerb
from onebook.errors import NotFound

Found = tuple[Route, dict[str, str]]


class Routes:
    """The routes of one dialect, ready to be matched."""

    def __init__(self, dialect: Dialect) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        # By number of parts: where the braces are, then the path with empty braces → names in them, and verbs.
        self._patterns: dict[int, dict[tuple[int, ...], dict[str, tuple[tuple[str, ...], dict[str, Route]]]]] = {}
        self._trailing_slash = dialect.trailing_slash
        for path in dict.fromkeys(route.path for route in dialect.routes):
            self._enter(path, (route for route in dialect.routes if route.path == path))

    def _enter(self, path: str, routes: Iterable[Route]) -> None:
        verbs = {route.method: route for route in routes}
        parts = path.split("/")
        braces = tuple(at for at, part in enumerate(parts) if part.startswith("{"))
        if not braces:
            self._exact[path] = verbs
            return
        names = tuple(parts[at].strip("{}") for at in braces)
        alike = self._patterns.setdefault(len(parts), {}).setdefault(braces, {})
        alike[_emptied(parts, braces)] = (names, verbs)

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
        for braces, alike in self._patterns.get(len(parts), {}).items():
            found = alike.get(_emptied(parts, braces))
            if found is not None and all(parts[at] for at in braces):
                names, verbs = found
                return verbs, dict(zip(names, (parts[at] for at in braces), strict=True))
        raise NotFound("route", path)


def _emptied(parts: list[str], braces: tuple[int, ...]) -> str:
    """A path whose braces hold nothing."""
    emptied = parts.copy()
    for at in braces:
        emptied[at] = "{}"
    return "/".join(emptied)
