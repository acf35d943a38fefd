"""Metrics of lines that add up: the same figures as `run_metrics` and `component_metrics`, from sums and histograms."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.definitions import success_rate
from watchglass.statistics.figures import FEW_RUNS
from watchglass.statistics.histogram import BINS, percentile
from watchglass.statistics.read import Line, ask, read_lines
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

FEW_STEPS = 5_000
"""Figures of more than these are those of roll-ups; of fewer, rows are looked at, and percentiles are exact."""


async def are_many(reader: Reader, kept: Kept, window: Window) -> bool:
    lines = await read_lines(reader, ask(kept, window, figures=()))
    most = FEW_RUNS if kept is RUNS else FEW_STEPS
    return sum(line.sums[next(iter(kept.sums))] for line in lines) > most


def run_figures(line: Line) -> dict[str, Any]:
    """By the names of `RUN_METRICS`."""
    sums = line.sums
    return {
        **sums,
        "error_count": sums["error_runs"],
        "success_rate": success_rate(int(sums["completed_runs"]), int(sums["error_runs"])),
        **{f"{name}_duration_ms": value for name, value in _measured(RUNS, line, 0, (50, 95, 99)).items()},
        "duration_count": sums["duration_count"],
    }


def step_figures(line: Line, all_time: float) -> dict[str, Any]:
    """By the names of `COMPONENT_METRICS`. `all_time`: milliseconds of all components together."""
    sums = line.sums
    clocks = {
        f"{measure.name}_{name}_ms": value
        for number, measure in enumerate(COMPONENTS.measures)
        for name, value in _measured(COMPONENTS, line, number, (50, 95)).items()
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


def _measured(kept: Kept, line: Line, number: int, ranks: Sequence[int]) -> Mapping[str, float | None]:
    """`avg`, `min`, `max` and the percentiles of the measure, in milliseconds; None where nothing was measured."""
    name = kept.measures[number].name
    count, sum_ms = line.sums[f"{name}_count"], line.sums[f"{name}_sum_ms"]
    minimum, maximum = line.extremes[f"{name}_min_ms"], line.extremes[f"{name}_max_ms"]
    if not count or minimum is None or maximum is None:
        return dict.fromkeys(("avg", "min", "max", *(f"p{rank}" for rank in ranks)))
    counts = {code % BINS: n for code, n in line.histogram if code // BINS == number}
    found = {f"p{rank}": percentile(counts, rank / 100, minimum=minimum, maximum=maximum) for rank in ranks}
    return {"avg": float(sum_ms / count), "min": minimum, "max": maximum, **found}


def together(kept: Kept, lines: Sequence[Line]) -> Line:
    """All of these as one; at least one."""
    histogram: dict[int, int] = {}
    for line in lines:
        for code, count in line.histogram:
            histogram[code] = histogram.get(code, 0) + count
    extremes = {}
    for name, (aggregate, _) in kept.extremes.items():
        known = [value for line in lines if (value := line.extremes[name]) is not None]
        extremes[name] = None if not known else min(known) if aggregate == "min" else max(known)
    sums = {name: sum(line.sums[name] for line in lines) for name in kept.sums}
    return Line(lines[0].window, (), sums, extremes, tuple(histogram.items()))
