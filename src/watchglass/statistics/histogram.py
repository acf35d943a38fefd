"""Durations counted in bins whose borders grow by a constant factor: histograms add up, and percentiles stay near.

A bin holds the durations from one border to 1.041 times that border; whatever is in it is told as one value, which is
at most 2 % from any of them. The same idea as DDSketch (Masson, Rim, Lee: VLDB 2019), with fixed bins, so that a
histogram is a sum and a duration that was counted can be taken out again.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate

RELATIVE_ERROR = 0.02
_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_WIDTH = math.log(_GROWTH)
SMALLEST_MS = 0.001
"""A microsecond, the clock of histories. What is shorter is in bin 0 and is told as 0."""
LAST_BIN = 1023
"""Ends at 10 million years."""
BINS = LAST_BIN + 1
"""A code is a measure's number times this, plus the bin: one array holds the histograms of all measures of a row.

Stored as `bins`, the codes, and `bin_counts`, how many of each. A code without a count stands for one duration, and may
come more than once: of few durations, that is shorter.
"""


def bin_of(milliseconds: float) -> int:
    """The Python form of `bin_sql`."""
    if milliseconds < SMALLEST_MS:
        return 0
    return min(1 + math.ceil(math.log(milliseconds / SMALLEST_MS) / _WIDTH), LAST_BIN)


def bin_sql(milliseconds: str) -> str:
    """The bin of an SQL expression in milliseconds; null of null."""
    return (
        f"CASE WHEN ({milliseconds}) IS NULL THEN NULL WHEN ({milliseconds}) < {SMALLEST_MS} THEN 0 "
        f"ELSE least(1 + ceil(ln(({milliseconds}) / {SMALLEST_MS}::double precision) / {_WIDTH!r}), {LAST_BIN}) END"
    )


def value_of(bin: int) -> float:
    """In milliseconds: what a duration in the bin is told as."""
    return 0.0 if bin == 0 else SMALLEST_MS * _GROWTH ** (bin - 1) * 2 / (_GROWTH + 1)


def border_of(bin: int) -> float:
    """In milliseconds: the longest duration of the bin."""
    return 0.0 if bin == 0 else SMALLEST_MS * _GROWTH ** (bin - 1)


def percentiles(counts: Mapping[int, int], ranks: Sequence[float], *, minimum: float, maximum: float) -> list[float]:
    """By nearest rank, within `RELATIVE_ERROR`. `counts` by bin, at least one; all of them lie in minimum … maximum."""
    bins = sorted(counts)
    seen = list(accumulate(counts[bin] for bin in bins))
    places = (bisect_left(seen, max(math.ceil(rank * seen[-1]), 1)) for rank in ranks)
    return [min(max(value_of(bins[place]), minimum), maximum) for place in places]
