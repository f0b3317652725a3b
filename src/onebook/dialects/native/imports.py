"""Imports: a file goes in, planned first or at once; how far it is, what was wrong with it, and the way back.

Source:   docs/dialects/native.md, "Imports"; docs/importing.md
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from msgspec import Struct

from onebook.dialects.base import (
    Answer,
    Engine,
    Event,
    Events,
    Field,
    Limits,
    Long,
    Pieces,
    Reader,
    Request,
    Route,
)
from onebook.dialects.native import import_views as views
from onebook.dialects.native.answers import gone
from onebook.dialects.native.import_options import (
    FILE_TYPES,
    FORMAT,
    FROM,
    LAST_EVENT,
    LOOK,
    QUERY,
    WORKBOOKS,
    Asked,
    read_options,
)
from onebook.dialects.native.reading import body_schema, nothing, read_body, read_query
from onebook.errors import InvalidInput, RemoteFailed
from onebook.importing.fetch import Slow, open_url
from onebook.importing.patience import takes_long
from onebook.importing.source import Source, describe
from onebook.model.imports import Import
from onebook.operations import imports_reports, imports_views
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine as Imports
from onebook.operations.imports_fetching import FIELD, WAIT_SECONDS, Remote, at_hand
from onebook.operations.imports_preview import Preview
from onebook.store.base import Session


class Upload(Struct, frozen=True):
    """A file, or where it is, and what to do with it."""

    source: Source | None
    url: str
    asked: Asked
    key: str | None
    limits: Limits

    def opened(self) -> Source:
        """The file. Raises: as `promised`; TakesLong if it is too large or too slow to be waited for."""
        found = self.promised()
        if isinstance(found, Remote):
            raise takes_long(FIELD)
        return found

    def promised(self) -> Source | Remote:
        """The file, or where it is if it is too large or too slow to be waited for. Raises: InvalidInput if neither."""
        return self.source or at_hand(self.url, self._fetched)

    def _fetched(self, url: str) -> Source:
        limits = self.limits
        try:
            return open_url(
                url,
                field=FIELD,
                data_url_characters=limits.body_bytes,
                fetch_bytes=limits.fetch_bytes,
                fetch_seconds=min(limits.fetch_seconds, WAIT_SECONDS),
                allow=limits.fetch_allow,
            )
        except Slow:
            raise
        except RemoteFailed as error:  # the caller named it, and can name another
            raise InvalidInput.of(FIELD, "unreachable", str(error)) from None


class Mending(Struct, frozen=True):
    """A mended correction workbook, and the import whose rows it has."""

    uid: str
    source: Source


class Wanted(Struct, frozen=True):
    """Whose issues are wanted, and in which format."""

    uid: str
    format: str


class Watched(Struct, frozen=True):
    """Whose progress is wanted, and the id of the last event that the client has had."""

    uid: str
    had: str | None


class Chosen(Struct, frozen=True):
    """An import and the format of its issues."""

    imported: Import
    format: str


class Report(Struct, frozen=True):
    """A file of issues on its way out."""

    format: str
    pieces: Iterator[bytes]


_JSON: Final = "application/json"
_FORM: Final = "multipart/form-data"

# --- readers ---


def read_import(request: Request) -> Long:
    """A POST of /imports: a file as it is, or JSON that says where one is."""
    return Long(_sent(request, QUERY))


def _sent(request: Request, query: tuple[Field, ...]) -> Upload:
    asked = read_options(request, query)
    key = request.headers.get("idempotency-key") or None
    if describe(request.headers.get("content-type", ""))[0] == _JSON:
        return Upload(None, read_body(request, FROM)["url"], asked, key, request.limits)
    return Upload(_file(request, asked.name), "", asked, key, request.limits)


def read_look(request: Request) -> Upload:
    """A POST of /imports/preview: the same."""
    return _sent(request, LOOK)


def _file(request: Request, name: str | None) -> Source:
    """The body as a file. Raises: InvalidInput if there is none, or it is a form."""
    headers = request.headers
    media_type, charset, said = describe(headers.get("content-type", ""), headers.get("content-disposition", ""))
    if media_type == _FORM:
        raise InvalidInput.of("body", "wrong_type", "Send the file itself as the body, not a form.")
    sent = request.upload or Source(request.body, len(request.body))
    if not sent.size:
        raise InvalidInput.of("body", "required", "The body must be a file.")
    return replace(sent, media_type=media_type, charset=charset, name=name or said)


def uid_of(request: Request) -> str:
    """The uid in the path."""
    nothing(request)
    return request.params["uid"]


def read_step(request: Request) -> Long:
    """The uid in the path, of an import to be applied, cancelled or undone."""
    return Long(uid_of(request))


def read_mending(request: Request) -> Long:
    """A mended workbook, the body of POST /imports/{uid}/mend."""
    return Long(Mending(uid_of(request), _file(request, None)))


def read_issues(request: Request) -> Wanted:
    """The query of GET /imports/{uid}/issues."""
    given = read_query(request, (FORMAT,))
    return Wanted(request.params["uid"], given.get("format", "json"))


def read_watched(request: Request) -> Watched:
    """The uid in the path and the header of a client that comes back."""
    return Watched(uid_of(request), request.headers.get("last-event-id"))


# --- acting ---


def act_one(session: Session, actor: Actor, uid: str) -> imports_views.View:
    """One import."""
    return imports_views.one(session, actor, uid)


def act_watched(session: Session, actor: Actor, watched: Watched) -> Watched:
    """Raises: NotFound("import")."""
    imports_views.progress(session, actor, watched.uid)
    return watched


def watch(reader: Reader, watched: Watched) -> Events | None:
    """The events of an import; None for a client that has had the last one."""
    actor = reader.actor

    def look() -> Event:
        found = reader.store.read(actor.account, lambda session: imports_views.progress(session, actor, watched.uid))
        return views.event_of(found)

    now = look()
    return None if now.last and now.id == watched.had else Events((actor.account.id, watched.uid), look)


def act_all(session: Session, actor: Actor, _nothing: None) -> list[imports_views.View]:
    """The newest imports."""
    return imports_views.recent(session, actor)


def act_look(_session: Session, _actor: Actor, upload: Upload) -> Upload:
    """Nothing: a look at a file needs no contact."""
    return upload


def act_choose(session: Session, actor: Actor, asked: Wanted) -> Chosen:
    """The import whose issues are wanted."""
    return Chosen(imports_views.one(session, actor, asked.uid).imported, asked.format)


def write_report(_request: Request, report: Report) -> Answer:
    """The issues as a file, under a name."""
    to = imports_reports.FORMATS[report.format]
    name = ("Content-Disposition", f'attachment; filename="issues.{to.extension}"')
    return Answer(200, Pieces(report.pieces), (name,), to.media_type)


class Desk:
    """What the routes do with the engine that imports files.

    Args: ``imports``: None where the routes are only described.
    """

    def __init__(self, imports: Imports | None) -> None:
        self._given = imports

    @property
    def _imports(self) -> Imports:
        if self._given is None:
            raise RuntimeError
        return self._given

    def begin(self, engine: Engine, upload: Upload) -> None:
        """Take the file over; the import runs by itself from then on."""
        asked = upload.asked
        made = self._imports.begin(engine.actor, upload.promised(), asked.options, key=upload.key, plan=asked.plan)
        self._finish(engine, made)

    def preview(self, reader: Reader, upload: Upload) -> Preview:
        """Look at a file, and keep nothing."""
        end = time.monotonic() + WAIT_SECONDS  # for all of the look, the fetching included
        source = upload.opened()
        return self._imports.preview(reader.actor, source, upload.asked.options, seconds=end - time.monotonic())

    def step(self, do: Callable[[Imports, Actor, str], Import]) -> Callable[[Engine, str], None]:
        """An acting that does one thing with one import."""

        def act(engine: Engine, uid: str) -> None:
            self._finish(engine, do(self._imports, engine.actor, uid))

        return act

    def forget(self, engine: Engine, uid: str) -> None:
        """Remove an import that is at rest."""
        self._imports.forget(engine.actor, uid, engine.finish)

    def mend(self, engine: Engine, mending: Mending) -> None:
        """Run mended rows again."""
        self._finish(engine, self._imports.mend(engine.actor, mending.uid, mending.source))

    @staticmethod
    def _finish(engine: Engine, made: Import) -> None:
        engine.finish(lambda session: imports_views.one(session, engine.actor, made.id))

    def report(self, reader: Reader, chosen: Chosen) -> Report:
        """Begin the file of issues; what its format cannot hold is refused here, before anything is sent."""
        return Report(
            chosen.format, imports_reports.report(self._imports, reader.actor, chosen.imported, chosen.format)
        )


# --- routes ---

_TAGS: Final = ("Imports",)


def _step(desk: Desk, word: str, summary: str, do: Callable[[Imports, Actor, str], Import]) -> Route:
    return Route(
        "POST", f"/imports/{{uid}}/{word}", f"{word}Import", summary,
        read_step, act_one, views.write_one(202),
        act_long=desk.step(do), answers={202: views.IMPORT_SCHEMA}, tags=_TAGS,
    )  # fmt: skip


def routes(imports: Imports | None = None) -> tuple[Route, ...]:
    """The routes over an engine; without one they are only described."""
    desk = Desk(imports)
    return (
        Route(
            "POST", "/imports", "beginImport", "Import a file, or plan to",
            read_import, act_one, views.write_one(202),
            act_long=desk.begin, query=QUERY, body=body_schema(FROM), uploads=FILE_TYPES,
            answers={202: views.IMPORT_SCHEMA}, tags=_TAGS,
        ),
        Route(
            "POST", "/imports/preview", "previewImport", "Look at a file before it is imported",
            read_look, act_look, views.write_preview,
            writes=False, then=desk.preview, query=LOOK, body=body_schema(FROM), uploads=FILE_TYPES,
            answers={200: views.PREVIEW_SCHEMA}, tags=_TAGS,
        ),
        Route(
            "GET", "/imports", "listImports", "List the newest imports",
            nothing, act_all, views.write_all,
            access="read", writes=False, answers={200: views.LIST_SCHEMA}, tags=_TAGS,
        ),
        Route(
            "GET", "/imports/{uid}", "readImport", "Read how far an import is, and what became of its rows",
            uid_of, act_one, views.write_one(200),
            access="read", writes=False, answers={200: views.IMPORT_SCHEMA}, tags=_TAGS,
        ),
        Route(
            "GET", "/imports/{uid}/events", "watchImport", "Follow an import by server-sent events",
            read_watched, act_watched, views.write_events,
            access="read", writes=False, then=watch, headers=(LAST_EVENT,), files=("text/event-stream",), tags=_TAGS,
        ),
        Route(
            "DELETE", "/imports/{uid}", "forgetImport", "Forget an import, but not the contacts that it brought",
            read_step, act_one, gone,
            act_long=desk.forget, answers={204: None}, tags=_TAGS,
        ),
        Route(
            "GET", "/imports/{uid}/issues", "readIssues", "Take the issues of an import away as a file",
            read_issues, act_choose, write_report,
            access="read", writes=False, then=desk.report, query=(FORMAT,),
            files=tuple(known.media_type for known in imports_reports.FORMATS.values()), tags=_TAGS,
        ),
        _step(desk, "apply", "Do exactly what a plan says", lambda engine, actor, uid: engine.apply(actor, uid)),
        _step(desk, "cancel", "Stop an import", lambda engine, actor, uid: engine.cancel(actor, uid)),
        _step(desk, "undo", "Take an import back", lambda engine, actor, uid: engine.undo(actor, uid)),
        Route(
            "POST", "/imports/{uid}/mend", "mendImport", "Run refused rows again that were mended in the workbook",
            read_mending, act_one, views.write_one(200),
            act_long=desk.mend, uploads=WORKBOOKS, answers={200: views.IMPORT_SCHEMA}, tags=_TAGS,
        ),
    )  # fmt: skip
