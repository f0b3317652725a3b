"""What /metrics shows of requests: how many, how long, by dialect, operation and status.

Counted in plain dictionaries by the one event loop, which costs a tenth of the library's own locked counters; the
library's collector reads them when asked.
"""

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Measures(Collector):
    """Counts requests."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, int], int] = {}
        self._buckets: dict[tuple[str, str], list[int]] = {}
        self._seconds: dict[tuple[str, str], float] = {}

    def register(self) -> None:
        """Show the counts at /metrics; the newest application's stand in place of those before."""
        for old in [c for c in REGISTRY._collector_to_names if isinstance(c, Measures)]:  # noqa: SLF001 - no public list
            REGISTRY.unregister(old)
        REGISTRY.register(self)

    def count(self, dialect: str, operation: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        at = (dialect, operation)
        self._requests[dialect, operation, status] = self._requests.get((dialect, operation, status), 0) + 1
        self._seconds[at] = self._seconds.get(at, 0.0) + seconds
        buckets = self._buckets.get(at)
        if buckets is None:
            buckets = self._buckets[at] = [0] * (len(BUCKETS_SECONDS) + 1)
        buckets[bisect_left(BUCKETS_SECONDS, seconds)] += 1

    def collect(self) -> Iterator[Metric]:
        """The counts as the library's families."""
        requests = CounterMetricFamily(
            "onebook_requests", "Requests answered.", labels=("dialect", "operation", "status")
        )
        for (dialect, operation, status), number in self._requests.copy().items():
            requests.add_metric((dialect, operation, str(status)), number)
        yield requests
        times = HistogramMetricFamily(
            "onebook_request_seconds", "Time from a request's head to its answer.", labels=("dialect", "operation")
        )
        for at, buckets in self._buckets.copy().items():
            below, bounds = 0, []
            for bound, number in zip((*map(str, BUCKETS_SECONDS), "+Inf"), buckets, strict=True):
                below += number
                bounds.append((bound, float(below)))
            times.add_metric(at, bounds, self._seconds[at])
        yield times
