"""How the durations of runs are spread: counts in bins that grow with the durations."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchglass.statistics.columns import RUNS
from watchglass.statistics.from_lines import histogram_of
from watchglass.statistics.histogram import value_of
from watchglass.statistics.line import Line
from watchglass.statistics.question import ask
from watchglass.statistics.read import read_exactly
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_BINS = 40
_IN_A_DECADE = (20, 10, 5, 3, 2, 1)
"""How many bins may be in one power of ten, the finest first."""


@dataclass(frozen=True, slots=True)
class Distribution:
    edges: Sequence[float]
    """Milliseconds, rising; bin i is from edges[i], which counts, to edges[i + 1], which does not."""
    counts: Sequence[int]
    percentile_error: float

    @property
    def count(self) -> int:
        return sum(self.counts)


def log_edges(shortest: float, longest: float) -> list[float]:
    """Edges around these durations: 1, 2, 5, 10 … milliseconds or finer, with 0 to 1 ms as one bin."""
    low = math.floor(math.log10(max(shortest, 1)))
    high = math.floor(math.log10(max(longest, 1))) + 1
    for each in _IN_A_DECADE:
        edges = [_edge(number, each) for number in range(low * each, high * each + 1)]
        while len(edges) > 1 and edges[1] <= shortest:
            del edges[0]
        while len(edges) > 1 and edges[-2] > longest:
            del edges[-1]
        if shortest < 1:
            edges.insert(0, 0.0)
        if len(edges) <= MOST_BINS + 1:
            return edges
    # Thirty-eight powers of ten of milliseconds are longer than anything has been; this is one bin all the same.
    return [0.0, math.nextafter(longest, math.inf)]


def _edge(number: int, each: int) -> float:
    decade, place = divmod(number, each)
    if each == 3:
        return float(10**decade * (1, 2, 5)[place])
    # To three digits, so that an edge can be read.
    return float(f"{10 ** (decade + place / each):.3g}")


async def read_distribution(reader: Reader, window: Window) -> Distribution:
    """Durations that are told as one value go into its bin together."""
    question = ask(RUNS, window, measured=("duration",), figures=("duration_min_ms", "duration_max_ms"))
    lines, error = await read_exactly(reader, question)
    for line in lines:
        shortest, longest = line.extremes["duration_min_ms"], line.extremes["duration_max_ms"]
        if shortest is None or longest is None:
            break
        edges = log_edges(shortest, longest)
        counts = [0] * (len(edges) - 1)
        for value, count in _values(line, shortest, longest):
            counts[min(bisect_right(edges, value) - 1, len(counts) - 1)] += count
        return Distribution(edges, counts, error)
    return Distribution([], [], 0)


def _values(line: Line, shortest: float, longest: float) -> Iterable[tuple[float, int]]:
    if line.durations is not None:
        return [(value, 1) for value in line.durations["duration"]]
    return [(min(max(value_of(bin), shortest), longest), n) for bin, n in histogram_of(RUNS, line, "duration").items()]
