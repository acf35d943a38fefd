"""How the durations of runs are spread: counts in bins that grow with the durations."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from watchglass.statistics.columns import RUNS
from watchglass.statistics.definitions import HAS_DURATION
from watchglass.statistics.from_lines import are_many
from watchglass.statistics.histogram import RELATIVE_ERROR, value_of
from watchglass.statistics.read import ask, read_lines
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
    if await are_many(reader, RUNS, window):
        return await _rolled_up(reader, window)
    ends = await reader.fetchrow(
        f"SELECT min(e.duration_ms), max(e.duration_ms) FROM workflow_executions e "  # noqa: S608 - own words only
        f"WHERE {window.where} AND {HAS_DURATION}",
        *window.arguments,
    )
    assert ends is not None
    if ends[0] is None:
        return Distribution([], [], 0)
    edges = log_edges(ends[0], ends[1])
    rows = await reader.fetch(
        f"""
        SELECT width_bucket(e.duration_ms, ${len(window.arguments) + 1}::double precision[]) AS number, count(*)
        FROM workflow_executions e WHERE {window.where} AND {HAS_DURATION} GROUP BY number
        """,  # noqa: S608 - own words only
        *window.arguments,
        edges,
    )
    found = {row["number"]: row["count"] for row in rows}
    return Distribution(edges, [found.get(number, 0) for number in range(1, len(edges))], 0)


async def _rolled_up(reader: Reader, window: Window) -> Distribution:
    """Durations that are told as one value go into its bin together."""
    (line,) = await read_lines(reader, ask(RUNS, window, with_histogram=True))
    shortest, longest = line.extremes["duration_min_ms"], line.extremes["duration_max_ms"]
    if shortest is None or longest is None:
        return Distribution([], [], 0)
    edges = log_edges(shortest, longest)
    counts = [0] * (len(edges) - 1)
    for bin, count in line.histogram:
        place = bisect_right(edges, min(max(value_of(bin), shortest), longest)) - 1
        counts[min(place, len(counts) - 1)] += count
    return Distribution(edges, counts, RELATIVE_ERROR)
