"""What /metrics shows of requests: how many, how long, by dialect, operation and status."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("onebook_requests_total", "Requests answered.", ("dialect", "operation", "status"))
SECONDS = Histogram(
    "onebook_request_seconds",
    "Time from the request's head to its answer.",
    ("dialect", "operation"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class Measures:
    """Counts requests; the labels' children are looked up once."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._histograms: dict[tuple[str, str], Histogram] = {}

    def count(self, dialect: str, operation: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        counter = self._counters.get((dialect, operation, status))
        if counter is None:
            counter = self._counters[dialect, operation, status] = REQUESTS.labels(dialect, operation, str(status))
            self._histograms[dialect, operation] = SECONDS.labels(dialect, operation)
        counter.inc()
        self._histograms[dialect, operation].observe(seconds)
