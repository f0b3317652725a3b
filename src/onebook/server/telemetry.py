"""Traces by OpenTelemetry: a span for each request of a dialect, and within it one for each call of the store.

Loaded only where traces are asked for. Spans name dialects, operations and statuses, never what a request is about.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from opentelemetry import context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from onebook.model.account import Account, Key
from onebook.model.figure import Figure
from onebook.server.app import Mounted, Serve, Served
from onebook.server.wire import Head, Wire
from onebook.store.base import Outcome, Session, Store, Work
from onebook.store.people_base import People

T = TypeVar("T")

SERVER_FAULT: Final = 500


class Telemetry:
    """Makes spans and sends them."""

    def __init__(self, exporter: SpanExporter) -> None:
        """Args: ``exporter``: where finished spans go; they are sent in batches from a thread of their own."""
        self._provider = TracerProvider(resource=Resource.create({"service.name": "onebook"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("onebook")
        self._parents = TraceContextTextMapPropagator()

    def traced(self, serve: Serve) -> Serve:
        """Put a span around serving; it goes on with the caller's trace if a ``traceparent`` came."""

        async def spanned(mounted: Mounted, path: str, head: Head, wire: Wire) -> Served:
            parent = self._parents.extract({"traceparent": head.headers.get("traceparent") or ""})
            with self._tracer.start_as_current_span(head.method, parent, SpanKind.SERVER) as span:
                served = await serve(mounted, path, head, wire)
                span.update_name(f"{served.dialect}.{served.operation}")
                span.set_attributes(
                    {
                        "http.request.method": head.method,
                        "http.response.status_code": served.status,
                        "onebook.dialect": served.dialect,
                        "onebook.operation": served.operation,
                        "onebook.request_id": served.request_id,
                    }
                )
                if served.status >= SERVER_FAULT:
                    span.set_status(Status(StatusCode.ERROR))
                return served

        return spanned

    def over(self, store: Store) -> Store:
        """The same store, with a span for each of its calls."""
        return TracedStore(store, self._tracer)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def sending_to(address: str) -> Telemetry:
    """Telemetry that is sent by OTLP over HTTP to this address."""
    return Telemetry(OTLPSpanExporter(endpoint=address))


class TracedStore:
    """`Store` that makes spans; see `store.base` for what each method promises."""

    def __init__(self, store: Store, tracer: Tracer) -> None:
        self._store = store
        self._tracer = tracer

    def read(self, account: Account, run: Callable[[Session], T]) -> T:
        """In a span."""
        with self._tracer.start_as_current_span("store.read"):
            return self._store.read(account, run)

    def peek(self, account: Account, run: Callable[[Session], T]) -> T:
        """In a span."""
        with self._tracer.start_as_current_span("store.peek"):
            return self._store.peek(account, run)

    def write(self, work: Work) -> object:
        """In a span; see `submit`."""
        with self._tracer.start_as_current_span("store.write") as span:

            def run(session: Session) -> object:
                span.add_event("begun")
                return work.run(session)

            return self._store.write(work._replace(run=run))

    def submit(self, work: Work, done: Callable[[Outcome], None]) -> None:
        """In a span that lasts until the commit; its event ``begun`` parts waiting from working."""
        span = self._tracer.start_span("store.write", context.get_current())

        def run(session: Session) -> object:
            span.add_event("begun")
            return work.run(session)

        def ended(outcome: Outcome) -> None:
            span.end()
            done(outcome)

        self._store.submit(work._replace(run=run), ended)

    @property
    def near(self) -> bool:
        """As the store."""
        return self._store.near

    def remembers(self, secret_hash: bytes) -> bool:
        """As the store."""
        return self._store.remembers(secret_hash)

    def opened_by(self, secret_hash: bytes) -> tuple[Account, Key] | None:
        """Without a span, as the rest."""
        return self._store.opened_by(secret_hash)

    def accounts(self) -> list[Account]:
        """As the store."""
        return self._store.accounts()

    def account_named(self, name: str) -> Account | None:
        """As the store."""
        return self._store.account_named(name)

    def create_account(self, name: str, login: str, run: Callable[[Session], T]) -> T:
        """As the store."""
        return self._store.create_account(name, login, run)

    def people(self, run: Callable[[People], T]) -> T:
        """As the store."""
        return self._store.people(run)

    def change_people(self, run: Callable[[People], T]) -> T:
        """As the store."""
        return self._store.change_people(run)

    def hurried(self) -> bool:
        """As the store."""
        return self._store.hurried()

    def sweep(self, *, answers_before: int, generations_before: int) -> int:
        """As the store."""
        return self._store.sweep(answers_before=answers_before, generations_before=generations_before)

    def probe(self) -> None:
        """As the store."""
        self._store.probe()

    def figures(self) -> list[Figure]:
        """As the store."""
        return self._store.figures()

    def faults(self) -> list[str]:
        """As the store."""
        return self._store.faults()

    def dangling(self) -> dict[str, int]:
        """As the store."""
        return self._store.dangling()

    def cut(self) -> int:
        """As the store."""
        return self._store.cut()

    def rebuild_search(self) -> None:
        """As the store."""
        self._store.rebuild_search()

    def close(self) -> None:
        """As the store."""
        self._store.close()
