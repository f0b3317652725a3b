"""Figures about the running service, for whoever watches it; every room counts its own, the server shows them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
NUMBERS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)


class Histogram:
    """How many values lay where, and their sum; one thread adds, any may read.

    >>> waits = Histogram((0.1, 1.0))
    >>> for seconds in (0.05, 0.1, 3.0):
    ...     waits.add(seconds)
    >>> waits.below()
    [2, 2, 3]
    """

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        """Args: the upper bounds, ascending; above the last one there is one place more."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def below(self) -> list[int]:
        """How many lay at or below each bound, and how many there are."""
        total, sums = 0, []
        for count in self.counts:
            total += count
            sums.append(total)
        return sums


class Figure(NamedTuple):
    """One figure with its samples.

    Args:
        name: in Prometheus's spelling, with its unit, without ``_total``. kind: a counter only grows.
        samples: labels and value; for a histogram the value is a `Histogram`.
    """

    name: str
    sentence: str
    kind: Literal["gauge", "counter", "histogram"]
    samples: Sequence[tuple[Mapping[str, str], "float | Histogram"]]


def gauge(name: str, sentence: str, value: float) -> Figure:
    """A figure without labels that goes up and down."""
    return Figure(name, sentence, "gauge", [({}, value)])


def counter(name: str, sentence: str, value: float) -> Figure:
    """A figure without labels that only grows."""
    return Figure(name, sentence, "counter", [({}, value)])


def histogram(name: str, sentence: str, values: Histogram) -> Figure:
    """A figure without labels of how values are spread."""
    return Figure(name, sentence, "histogram", [({}, values)])
