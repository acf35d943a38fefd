"""The figures of runs: one `Metric` each."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from watchglass.model.status import OPEN_STATUSES
from watchglass.statistics.counted import CountedRun
from watchglass.statistics.definitions import RUN_FIGURES, has_duration, is_error, success_rate
from watchglass.statistics.metric import Metric, Value, mean, nearest_rank, wilson, wilson_sql
from watchglass.store.durations import HAS_DURATION

Runs = Sequence[CountedRun]
_NOT_ERRORS = "Runs that Temporal's workflow retry or cron carries on, and runs that a reset replaced or stopped."
_NO_DURATION = "Open runs, and runs that carried on in a new one."
_NO_RATE = "Open, cancelled and carried-on runs, and errors that Temporal or a reset took up again."


def _count(test: Callable[[CountedRun], bool]) -> Callable[[Runs, Runs], Value]:
    return lambda runs, _: sum(map(test, runs))


def _with_status(name: str, status: str, label: str, formula: str) -> Metric[CountedRun]:
    return Metric(name, label, "runs", formula, RUN_FIGURES[name], _count(lambda run: run.status == status))


def _ended(runs: Runs) -> tuple[int, int]:
    return sum(run.status == "completed" for run in runs), sum(map(is_error, runs))


def _interval(side: int) -> Callable[[Runs, Runs], Value]:
    def bound(runs: Runs, _: Runs) -> Value:
        found = wilson(*_ended(runs))
        return None if found is None else found[side]

    return bound


def _durations(runs: Runs) -> list[float]:
    return [run.duration_ms for run in runs if run.duration_ms is not None and has_duration(run)]


def _of_durations(figure: Callable[[list[float]], Value]) -> Callable[[Runs, Runs], Value]:
    return lambda runs, _: figure(_durations(runs))


def _most_used(names: Sequence[str]) -> str | None:
    counts = Counter(names)
    return min(counts, key=lambda name: (-counts[name], name)) if counts else None


_DURATION = f"WITHIN GROUP (ORDER BY e.duration_ms) FILTER (WHERE {HAS_DURATION})"
_COMPLETED, _ERRORS = RUN_FIGURES["completed_runs"], RUN_FIGURES["error_runs"]
RANKS: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

RUN_METRICS: tuple[Metric[CountedRun], ...] = (
    Metric(
        "total_runs",
        "Runs",
        "runs",
        "Runs that started in the window, of every status. Every run of a chain counts.",
        RUN_FIGURES["total_runs"],
        _count(lambda _: True),
    ),
    Metric(
        "running_runs",
        "Open runs",
        "runs",
        "Runs that are pending, running or paused now.",
        RUN_FIGURES["running_runs"],
        _count(lambda run: run.status in OPEN_STATUSES),
    ),
    _with_status("completed_runs", "completed", "Completed", "Runs that ended with a result."),
    _with_status("failed_runs", "failed", "Failed", "Runs that ended with an error of their own."),
    _with_status("timed_out_runs", "timed_out", "Ran out of time", "Runs that Temporal ended because time ran out."),
    _with_status("terminated_runs", "terminated", "Stopped by force", "Runs that somebody, or a reset, terminated."),
    _with_status("cancelled_runs", "cancelled", "Cancelled", "Runs that ended because they were asked to."),
    _with_status("continued_as_new_runs", "continued_as_new", "Carried on", "Runs that went on in a new run."),
    _with_status("unknown_runs", "unknown", "Unknown", "Runs whose end Temporal deleted before it was seen."),
    Metric(
        "retried_runs",
        "Retried runs",
        "runs",
        "Runs that ended with an error and that Temporal's workflow retry or cron carried on.",
        RUN_FIGURES["retried_runs"],
        _count(lambda run: run.is_retried),
    ),
    Metric(
        "error_count",
        "Errors",
        "runs",
        "Runs that failed, ran out of time or were stopped by force.",
        RUN_FIGURES["error_runs"],
        _count(is_error),
        _NOT_ERRORS,
    ),
    Metric(
        "success_rate",
        "Success rate",
        "share",
        "completed ÷ (completed + failed + ran out of time + stopped by force).",
        f"({_COMPLETED})::double precision / nullif(({_COMPLETED}) + ({_ERRORS}), 0)",
        lambda runs, _: success_rate(*_ended(runs)),
        _NO_RATE,
    ),
    Metric(
        "success_rate_low",
        "Success rate, at least",
        "share",
        "The lower end of Wilson's 95 % interval: with few runs the true rate may lie as low as this.",
        wilson_sql(_COMPLETED, _ERRORS, "low"),
        _interval(0),
        _NO_RATE,
    ),
    Metric(
        "success_rate_high",
        "Success rate, at most",
        "share",
        "The upper end of Wilson's 95 % interval: with few runs the true rate may lie as high as this.",
        wilson_sql(_COMPLETED, _ERRORS, "high"),
        _interval(1),
        _NO_RATE,
    ),
    Metric(
        "duration_count",
        "Runs with a duration",
        "runs",
        "Closed runs, which the durations are of.",
        RUN_FIGURES["duration_count"],
        _count(has_duration),
        _NO_DURATION,
    ),
    Metric(
        "avg_duration_ms",
        "Average duration",
        "ms",
        "The sum of the durations of closed runs ÷ their number. A duration is end − start by Temporal's clock.",
        f"({RUN_FIGURES['duration_sum_ms']} / nullif({RUN_FIGURES['duration_count']}, 0))::double precision",
        _of_durations(mean),
        _NO_DURATION,
    ),
    Metric(
        "min_duration_ms",
        "Shortest duration",
        "ms",
        "The shortest of the closed runs.",
        f"min(e.duration_ms) FILTER (WHERE {HAS_DURATION})",
        _of_durations(lambda durations: min(durations, default=None)),
        _NO_DURATION,
    ),
    Metric(
        "max_duration_ms",
        "Longest duration",
        "ms",
        "The longest of the closed runs.",
        f"max(e.duration_ms) FILTER (WHERE {HAS_DURATION})",
        _of_durations(lambda durations: max(durations, default=None)),
        _NO_DURATION,
    ),
    *(
        Metric(
            f"{rank}_duration_ms",
            f"{rank} duration",
            "ms",
            f"{share:.0%} of the closed runs took this long or less (nearest rank).".replace("%", " %", 1),
            f"percentile_disc({share}) {_DURATION}",
            _of_durations(lambda durations, share=share: nearest_rank(durations, share)),  # type: ignore[misc]
            _NO_DURATION,
        )
        for rank, share in RANKS.items()
    ),
    Metric(
        "most_used_task_queue",
        "Most used task queue",
        "name",
        "The task queue with most runs started in the window; of several the first by name.",
        "mode() WITHIN GROUP (ORDER BY e.task_queue)",
        lambda runs, _: _most_used([run.task_queue for run in runs]),
    ),
)
