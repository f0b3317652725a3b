"""Settings → store → operations → application: the only room that names concrete classes."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import Engine as SqlEngine

from onebook.dialects import alloy, apptoto, native, octopush, packagex
from onebook.dialects.base import Dialect, Limits
from onebook.errors import InvalidInput
from onebook.operations.imports_engine import Engine
from onebook.operations.imports_fetching import Fetching
from onebook.operations.throttle import Throttle
from onebook.server.app import App, Watching
from onebook.server.measures import shown_at
from onebook.settings import Settings
from onebook.store import moving
from onebook.store.base import Store
from onebook.store.migrate import migrate_sqlite
from onebook.store.sqlite import SqliteStore
from onebook.store.sqlite_copies import SqliteCopies, rebuild_words, shared_engine
from onebook.web.shell import make_shell
from onebook.web.visit import House

if TYPE_CHECKING:
    from onebook.server.telemetry import Telemetry

DIALECTS: tuple[Dialect, ...] = (
    native.DIALECT,
    apptoto.DIALECT,
    packagex.DIALECT,
    alloy.DIALECT,
    octopush.DIALECT,
)


#: How long a thread of Python may run on while others wait for their turn, in seconds. By itself that is 0.005: as long
#: as SQLite takes for many statements, after each of which whoever writes has to have its turn back (decision 0026).
TURN_SECONDS: Final = 0.0005


def open_store(settings: Settings, *, new: bool = False) -> Store:
    """The store that the settings name, migrated to the newest schema.

    Args: ``new``: whether a file that is not there is made; a command that looks for something must not make one
        where a path was mistyped.

    Raises: InvalidInput if there is no such file.
    """
    sys.setswitchinterval(TURN_SECONDS)
    if settings.on_postgres:
        return _open_postgres(settings)
    path: Path = settings.database_path
    if not (new or path.exists()):
        raise InvalidInput.of("database", "missing", f"There is no database {path}.")
    migrate_sqlite(path)
    return SqliteStore(path)


def copies_of(settings: Settings) -> SqliteCopies:
    """What takes and puts back copies of the database that the settings name."""
    if settings.on_postgres:
        sentence = "PostgreSQL has its own tools for copies, such as pg_dump and pg_basebackup; docs/postgresql.md."
        raise InvalidInput.of("database", "not_sqlite", sentence)
    return SqliteCopies(settings.database_path)


def move(source: Settings, target: Settings) -> Iterator[moving.Step]:
    """Move all that one database holds to another while servers write to it; gives what was done, step by step.

    Raises: Conflict if the target is in use or has other accounts; InvalidInput if they are the same.
    """
    if (source.on_postgres, source.database) == (target.on_postgres, target.database):
        raise InvalidInput.of("to", "same", "That is the same database.")
    open_store(source).close()
    open_store(target, new=True).close()
    with _source_of(source) as here, _target_of(target) as there:
        yield from moving.move(here, there, rebuild_words)


def give_up_move(source: Settings) -> None:
    """Have a database serve again that is being moved, or has moved."""
    open_store(source).close()
    with _source_of(source) as here:
        moving.give_up(here)


@contextmanager
def _source_of(settings: Settings) -> Iterator[moving.Place]:
    if settings.on_postgres:
        with _engine_of_postgres(settings.database) as engine:
            yield moving.Place(engine.execution_options(isolation_level="REPEATABLE READ"), engine)
    else:
        path: Path = settings.database_path
        with shared_engine(path, writes=False) as reading, shared_engine(path, writes=True) as writing:
            yield moving.Place(reading, writing)


@contextmanager
def _target_of(settings: Settings) -> Iterator[SqlEngine]:
    if settings.on_postgres:
        with _engine_of_postgres(settings.database) as engine:
            yield engine
    else:
        with SqliteCopies(settings.database_path).engine() as engine:
            yield engine


@contextmanager
def _engine_of_postgres(url: str) -> Iterator[SqlEngine]:
    with _driver_of_postgres():
        from onebook.store.migrate_postgres import engine_of  # noqa: PLC0415 - psycopg is an extra
    engine = engine_of(url)
    yield engine
    engine.dispose()


def _open_postgres(settings: Settings) -> Store:
    with _driver_of_postgres():
        from onebook.store.migrate_postgres import migrate_postgres  # noqa: PLC0415 - psycopg is an extra
        from onebook.store.postgres import PostgresStore  # noqa: PLC0415
    migrate_postgres(settings.database)
    return PostgresStore(settings.database, connections=max(settings.connections, 4))


def distribute(settings: Settings) -> list[str]:
    """Spread the tables over a Citus cluster; names of those that were not.

    Raises: InvalidInput if the settings name no cluster.
    """
    if not settings.on_postgres:
        raise InvalidInput.of("database", "not_postgres", "A cluster is named by a postgresql:// URL.")
    with _driver_of_postgres():
        from onebook.store.citus import distribute as spread  # noqa: PLC0415 - psycopg is an extra
    _open_postgres(settings).close()
    return spread(settings.database)


@contextmanager
def _driver_of_postgres() -> Iterator[None]:
    """Raises: InvalidInput without the extra that brings the driver."""
    try:
        yield
    except ImportError as error:
        sentence = "PostgreSQL needs one more package: install onebook with its extra, as onebook[postgres]."
        raise InvalidInput.of("database", "missing_extra", sentence) from error


def make_imports(settings: Settings, store: Store) -> Engine:
    """The engine that imports files; they lie in the data directory."""
    fetching = Fetching(frozenset(settings.entries("fetch_allow")), settings.import_bytes, settings.import_seconds)
    return Engine(store, Path(settings.data) / "imports", undo_days=settings.undo_days, fetching=fetching)


def limits_of(settings: Settings) -> Limits:
    """The bounds of requests."""
    return Limits(
        body_bytes=settings.body_bytes,
        batch=settings.batch,
        nesting=settings.nesting,
        fetch_seconds=settings.fetch_seconds,
        fetch_bytes=settings.fetch_bytes,
        import_rows=settings.import_rows,
        import_bytes=settings.import_bytes,
        import_seconds=settings.import_seconds,
        fetch_allow=frozenset(settings.entries("fetch_allow")),
    )


def make_app(settings: Settings, store: Store, imports: Engine) -> App:
    """The application over a store and the engine that imports files."""
    hosts = dict(entry.lower().split("=", 1) for entry in settings.entries("hosts") if "=" in entry)
    over = {native.DIALECT.name: native.over(imports), packagex.DIALECT.name: packagex.over(imports)}
    dialects = tuple(over.get(dialect.name, dialect) for dialect in DIALECTS)
    watching = Watching((store.figures, imports.figures), settings.log_requests)
    if settings.traces:
        traces = _telemetry(settings.traces)
        store, watching = traces.over(store), watching._replace(trace=traces.traced, close=traces.close)
    shell = make_shell(House(store, imports, Throttle(), limits_of(settings)), DIALECTS)
    return App(store, dialects, shell, limits_of(settings), imports.landing, hosts, watching)


def show_figures(settings: Settings, store: Store, imports: Engine) -> Callable[[], None]:
    """Show the figures of a process without a server at /metrics, if the settings name a port; what ends that."""
    if not settings.metrics_port:
        return lambda: None
    return shown_at(settings.host, settings.metrics_port, store.figures, imports.figures)


def _telemetry(address: str) -> "Telemetry":
    """Raises: InvalidInput without the extra that sends traces."""
    try:
        from onebook.server import telemetry  # noqa: PLC0415 - loaded only where traces are asked for
    except ImportError as error:
        sentence = "Sending traces needs more packages: install onebook with its extra, as onebook[otel]."
        raise InvalidInput.of("traces", "missing_extra", sentence) from error
    return telemetry.sending_to(address)


_ANY_ADDRESS = ("0.0.0.0", "[::]")  # noqa: S104 - nothing is bound here


def link_of(settings: Settings, token: str) -> str:
    """The address of a one-time link; behind a proxy, whoever hands it on puts the public name in."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    if host in _ANY_ADDRESS:  # a browser cannot go there
        host = "localhost"
    return f"http://{host}:{settings.port}/enter/{token}"


def set_up_logging(settings: Settings) -> None:
    """Log to standard error, as lines for people or as JSON."""
    renderer = structlog.processors.JSONRenderer() if settings.log_json else structlog.dev.ConsoleRenderer(colors=False)
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
