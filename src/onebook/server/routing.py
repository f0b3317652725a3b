"""Finding a dialect's route: one look into a dictionary, or one regular expression for all paths with braces."""

import re

from onebook.dialects.base import Dialect, Route, WrongVerb
from onebook.errors import NotFound

Found = tuple[Route, dict[str, str]]
_BRACES = re.compile(r"\{(\w+)\}")


class Routes:
    """The routes of one dialect, ready to be matched."""

    def __init__(self, dialect: Dialect) -> None:
        self._trailing_slash = dialect.trailing_slash
        verbs: dict[str, dict[str, Route]] = {}
        for route in dialect.routes:
            verbs.setdefault(route.path, {})[route.method] = route
        self._exact = {path: there for path, there in verbs.items() if "{" not in path}
        # Each path ends with an empty group: which one took part in a match tells the path. The more is fixed in a
        # path, the earlier it is tried.
        self._by_mark: dict[int, tuple[tuple[str, ...], dict[str, Route]]] = {}
        patterns, groups = [], 0
        for path in sorted(verbs.keys() - self._exact.keys(), key=lambda path: path.count("{")):
            names = tuple(_BRACES.findall(path))
            fixed = map(re.escape, _BRACES.split(path)[::2])
            patterns.append("([^/]+)".join(fixed) + "()")
            groups += len(names) + 1
            self._by_mark[groups] = (names, verbs[path])
        self._pattern = re.compile("|".join(patterns) or "(?!)")

    def find(self, method: str, path: str) -> Found:
        """The route and what stands in its braces. Fixed paths go before patterns; HEAD is GET without the body.

        Raises: NotFound("route") for an unknown path; WrongVerb for a known one.
        """
        if self._trailing_slash and len(path) > 1:
            path = path.rstrip("/")
        params: dict[str, str] = {}
        verbs = self._exact.get(path)
        if verbs is None:
            found = self._pattern.fullmatch(path)
            if found is None or found.lastindex is None:
                raise NotFound("route", path)
            mark = found.lastindex
            names, verbs = self._by_mark[mark]
            params = dict(zip(names, found.groups()[mark - len(names) - 1 : mark - 1], strict=True))
        route = verbs.get("GET" if method == "HEAD" else method)
        if route is None:
            raise WrongVerb(list(verbs))
        return route, params
