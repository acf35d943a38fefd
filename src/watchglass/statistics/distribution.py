"""How the durations of runs are spread: counts in bins that grow with the durations."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from watchglass.statistics.definitions import HAS_DURATION
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
