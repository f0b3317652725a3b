"""What /metrics shows: of requests the four golden signals by dialect and operation, and whatever other rooms count.

Counted in plain dictionaries by the one event loop, which costs a tenth of the library's own locked counters; the
library's collector reads them when asked.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from prometheus_client import REGISTRY, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from onebook.model.figure import Figure, Histogram, gauge

Source = Callable[[], Sequence[Figure]]


class Measures(Collector):
    """Counts requests.

    Args:
        sources: what else is shown, asked whenever somebody looks.
    """

    def __init__(self, *sources: Source) -> None:
        self._sources = sources
        self._requests: dict[tuple[str, str, int], int] = {}
        self._times: dict[tuple[str, str], Histogram] = {}
        self.running = 0

    def register(self) -> None:
        """Show the counts at /metrics; the newest application's stand in place of those before."""
        for old in [c for c in REGISTRY._collector_to_names if isinstance(c, Measures)]:  # noqa: SLF001 - no public list
            REGISTRY.unregister(old)
        REGISTRY.register(self)

    def count(self, dialect: str, operation: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        at = (dialect, operation, status)
        self._requests[at] = self._requests.get(at, 0) + 1
        times = self._times.get((dialect, operation))
        if times is None:
            times = self._times[dialect, operation] = Histogram()
        times.add(seconds)

    def _figures(self) -> Iterator[Figure]:
        requests = [
            ({"dialect": dialect, "operation": operation, "status": str(status)}, float(number))
            for (dialect, operation, status), number in self._requests.copy().items()
        ]
        yield Figure("onebook_requests", "Requests answered.", "counter", requests)
        times = [
            ({"dialect": dialect, "operation": operation}, histogram)
            for (dialect, operation), histogram in self._times.copy().items()
        ]
        yield Figure("onebook_request_seconds", "Time from a request's head to its answer.", "histogram", times)
        yield gauge("onebook_requests_running", "Requests that are being answered.", self.running)
        for source in self._sources:
            yield from source()

    def collect(self) -> Iterator[Metric]:
        """The counts as the library's families."""
        for figure in self._figures():
            yield _family(figure)


def shown_at(host: str, port: int, *sources: Source) -> Callable[[], None]:
    """Show figures at /metrics from a thread of its own, where there is no application; what ends that."""
    Measures(*sources).register()
    server, thread = start_http_server(port, host)

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close


def _family(figure: Figure) -> Metric:
    names = tuple(figure.samples[0][0]) if figure.samples else ()
    if figure.kind == "histogram":
        family: Any = HistogramMetricFamily(figure.name, figure.sentence, labels=names)
    elif figure.kind == "counter":
        family = CounterMetricFamily(figure.name, figure.sentence, labels=names)
    else:
        family = GaugeMetricFamily(figure.name, figure.sentence, labels=names)
    for labels, value in figure.samples:
        parts = (_buckets(value), value.sum) if isinstance(value, Histogram) else (value,)
        family.add_metric(tuple(labels.values()), *parts)
    shown: Metric = family
    return shown


def _buckets(values: Histogram) -> list[tuple[str, float]]:
    bounds = (*map(str, values.bounds), "+Inf")
    return [(bound, float(number)) for bound, number in zip(bounds, values.below(), strict=True)]
