"""Metrics of lines that add up: the figures of `run_metrics` and `component_metrics`, of sums and durations."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.definitions import success_rate
from watchglass.statistics.histogram import BINS, percentiles
from watchglass.statistics.line import Line


def run_figures(line: Line) -> dict[str, Any]:
    """By the names of `RUN_METRICS`."""
    sums = line.sums
    return {
        **sums,
        "error_count": sums["error_runs"],
        "success_rate": success_rate(int(sums["completed_runs"]), int(sums["error_runs"])),
        **{f"{name}_duration_ms": value for name, value in measured(RUNS, line, "duration", (50, 95, 99)).items()},
        "duration_count": sums["duration_count"],
    }


def step_figures(line: Line, all_time: float) -> dict[str, Any]:
    """By the names of `COMPONENT_METRICS`. `all_time`: milliseconds of all components together."""
    sums = line.sums
    clocks = {
        f"{measure.name}_{name}_ms": value
        for measure in COMPONENTS.measures
        for name, value in measured(COMPONENTS, line, measure.name, (50, 95)).items()
    }
    time = float(sums["duration_sum_ms"]) if sums["duration_count"] else None
    return {
        **sums,
        "failure_rate": sums["failed_count"] / sums["count"],
        "retries_expected": sums["retries_within"] + sums["retries_default"],
        "unexpected_failures": sums["unexpected_units"],
        **clocks,
        "share_of_time": time / all_time if time is not None and all_time else None,
    }


def measured(kept: Kept, line: Line, name: str, ranks: Sequence[int]) -> Mapping[str, float | None]:
    """`avg`, `min`, `max` and the percentiles of the measure, in milliseconds; None where nothing was measured."""
    count, sum_ms = line.sums[f"{name}_count"], line.sums[f"{name}_sum_ms"]
    minimum, maximum = line.extremes[f"{name}_min_ms"], line.extremes[f"{name}_max_ms"]
    if not count or minimum is None or maximum is None:
        return dict.fromkeys(("avg", "min", "max", *(f"p{rank}" for rank in ranks)))
    if line.durations is not None:
        known = line.durations[name]
        found = [known[math.ceil(rank / 100 * len(known)) - 1] for rank in ranks]
    else:
        counts = histogram_of(kept, line, name)
        found = percentiles(counts, [rank / 100 for rank in ranks], minimum=minimum, maximum=maximum)
    of_ranks = {f"p{rank}": value for rank, value in zip(ranks, found, strict=True)}
    return {"avg": float(sum_ms / count), "min": minimum, "max": maximum, **of_ranks}


def histogram_of(kept: Kept, line: Line, name: str) -> dict[int, int]:
    """The counts of one measure by bin."""
    number = [measure.name for measure in kept.measures].index(name)
    first = number * BINS
    return {code - first: n for code, n in line.histogram if first <= code < first + BINS}


def together(kept: Kept, lines: Sequence[Line]) -> Line:
    """All of these as one; at least one. They are of one reading."""
    first = lines[0]
    if len(lines) == 1:
        return first
    histogram: dict[int, int] = {}
    for line in lines:
        for code, count in line.histogram:
            histogram[code] = histogram.get(code, 0) + count
    extremes = {}
    for column in first.extremes:
        known = [value for line in lines if (value := line.extremes[column]) is not None]
        extremes[column] = (min if kept.extremes[column][0] == "min" else max)(known, default=None)
    durations = {
        name: sorted(value for line in lines if line.durations for value in line.durations[name])
        for name in first.durations or ()
    }
    starts = [moment for line in lines for moment in line.ran or ()]
    return Line(
        first.window,
        (),
        {name: sum(line.sums[name] for line in lines) for name in first.sums},
        extremes,
        tuple(histogram.items()),
        None if first.durations is None else durations,
        (min(starts), max(starts)) if starts else None,
    )
