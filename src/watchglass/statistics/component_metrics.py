"""The figures of components: one `Metric` each, and four clocks."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from watchglass.model.status import FAILED_COMPONENT_STATUSES, WORK_KINDS
from watchglass.model.verdict import Reason, Verdict, verdict_of
from watchglass.statistics.counted import CountedStep
from watchglass.statistics.definitions import COMPONENT_FIGURES
from watchglass.statistics.exact_sum import exact_sum
from watchglass.statistics.metric import Metric, Value, mean, nearest_rank

Steps = Sequence[CountedStep]


def _reasons(*verdicts: Verdict) -> frozenset[str]:
    return frozenset(reason.value for reason in Reason if verdict_of(reason) in verdicts)


def _in(values: frozenset[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


EXPECTED_REASONS: Final = _reasons(Verdict.EXPECTED)
UNEXPECTED_REASONS: Final = _reasons(Verdict.UNEXPECTED)
_JUDGED: Final = EXPECTED_REASONS | UNEXPECTED_REASONS
IS_FAILED_STEP = f"c.status IN ({_in(frozenset(FAILED_COMPONENT_STATUSES))})"
IS_WORK = f"c.kind IN ({_in(frozenset(WORK_KINDS))})"
_RETRIES = "coalesce(sum(greatest(c.attempt - 1, 0)) FILTER (WHERE {}), 0)::bigint"
CLOCKS: Final = {
    "queue": ("queue_ms", "waiting for a worker", "From being scheduled to the first start; known of first attempts."),
    "execution": ("execution_ms", "at work", "The last attempt, or all attempts where all of them were seen."),
    "retry": ("retry_ms", "back-off and earlier attempts", "From being scheduled to the start of the last attempt."),
    "waiting": ("waiting_ms", "waiting", "Timers, from being set to the end."),
    "duration": ("duration_ms", "altogether", "From being scheduled to the end: all of the clocks together."),
}
"""Each clock of a step: its column, its words, and what it measures."""


def retries_of(step: CountedStep) -> int:
    """Attempts after the first; none where the history does not say."""
    return max((step.attempt or 1) - 1, 0)


def _retries(test: Callable[[CountedStep], bool]) -> Callable[[Steps, Steps], Value]:
    return lambda steps, _: sum(retries_of(step) for step in steps if test(step))


def _share(numerator: Callable[[CountedStep], bool]) -> Callable[[Steps, Steps], Value]:
    return lambda steps, _: sum(map(numerator, steps)) / len(steps) if steps else None


def _steps(test: Callable[[CountedStep], bool]) -> Callable[[Steps, Steps], Value]:
    return lambda steps, _: sum(map(test, steps))


def _share_of_time(steps: Steps, every: Steps) -> Value:
    of_all = sum(step.duration_ms or 0 for step in every)
    known = [step.duration_ms for step in steps if step.duration_ms is not None]
    return sum(known) / of_all if known and of_all else None


def _is_failed(step: CountedStep) -> bool:
    return step.status in FAILED_COMPONENT_STATUSES


def _clock(clock: str, column: str, words: str, what: str) -> tuple[Metric[CountedStep], ...]:
    def values(steps: Steps) -> list[float]:
        return [value for step in steps if (value := getattr(step, column)) is not None]

    def metric(figure: str, label: str, sql: str, of: Callable[[list[float]], Value]) -> Metric[CountedStep]:
        unit = "steps" if figure == "count" else "ms"
        name = f"{clock}_count" if figure == "count" else f"{clock}_{figure}_ms"
        excluded = "Steps for which the history does not tell this time."
        return Metric(name, f"{label} ({words})", unit, what, sql, lambda steps, _: of(values(steps)), excluded)  # type: ignore[arg-type]

    source = f"c.{column}"
    mean_sql = f"({exact_sum(source)} / nullif(count({source}), 0))::double precision"
    return (
        metric("count", "Steps", f"count({source})", len),
        metric("avg", "Average", mean_sql, mean),
        metric("min", "Shortest", f"min({source})", lambda known: min(known, default=None)),
        metric("max", "Longest", f"max({source})", lambda known: max(known, default=None)),
        metric("p50", "p50", _rank(source, 0.5), lambda known: nearest_rank(known, 0.5)),
        metric("p95", "p95", _rank(source, 0.95), lambda known: nearest_rank(known, 0.95)),
    )


def _rank(source: str, share: float) -> str:
    return f"percentile_disc({share}) WITHIN GROUP (ORDER BY {source})"


COMPONENT_METRICS: tuple[Metric[CountedStep], ...] = (
    Metric(
        "count",
        "Steps",
        "steps",
        "Steps of the runs that started in the window.",
        COMPONENT_FIGURES["count"],
        _steps(lambda _: True),
        "Steps that a reset copied from the run before it.",
    ),
    Metric(
        "completed_count",
        "Completed",
        "steps",
        "Steps that ended with a result.",
        "count(*) FILTER (WHERE c.status = 'completed')",
        _steps(lambda step: step.status == "completed"),
    ),
    Metric(
        "failed_count",
        "Failed",
        "steps",
        "Steps that failed, ran out of time or were stopped by force, after their last attempt.",
        COMPONENT_FIGURES["failed_count"],
        _steps(_is_failed),
    ),
    Metric(
        "failure_rate",
        "Failed",
        "share",
        "failed steps ÷ all steps, the open ones among them.",
        f"({COMPONENT_FIGURES['failed_count']})::double precision / nullif(count(*), 0)",
        _share(_is_failed),
    ),
    Metric(
        "retries_expected",
        "Retries, expected",
        "retries",
        "Attempts after the first, of steps whose retry policy allowed them.",
        _RETRIES.format(f"c.reason IN ({_in(EXPECTED_REASONS)})"),
        _retries(lambda step: step.reason in EXPECTED_REASONS),
    ),
    Metric(
        "retries_unexpected",
        "Retries, unexpected",
        "retries",
        "Attempts after the first, of steps that used up, overran or went against their retry policy.",
        _RETRIES.format(f"c.reason IN ({_in(UNEXPECTED_REASONS)})"),
        _retries(lambda step: step.reason in UNEXPECTED_REASONS),
    ),
    Metric(
        "retries_unknown",
        "Retries, not judged",
        "retries",
        "Attempts after the first, of steps that were cancelled or whose policy the history does not tell.",
        _RETRIES.format(f"c.reason IS NULL OR c.reason NOT IN ({_in(_JUDGED)})"),
        _retries(lambda step: step.reason not in _JUDGED),
    ),
    Metric(
        "unexpected_failures",
        "Unexpected failures",
        "steps",
        "Steps judged unexpected, retried or not.",
        f"count(*) FILTER (WHERE c.reason IN ({_in(UNEXPECTED_REASONS)}))",
        _steps(lambda step: step.reason in UNEXPECTED_REASONS),
    ),
    *(metric for clock, (column, words, what) in CLOCKS.items() for metric in _clock(clock, column, words, what)),
    Metric(
        "share_of_time",
        "Share of time",
        "share",
        "The sum of this component's durations ÷ the sum of all components' durations. Steps that run at the same "
        "time each count in full.",
        "sum(c.duration_ms) / nullif(sum(sum(c.duration_ms)) OVER (), 0)",
        _share_of_time,
        "Steps that have not ended.",
    ),
)
MOST_USED_COMPONENT: Metric[CountedStep] = Metric(
    "most_used_component",
    "Most used component",
    "name",
    "The component with most steps of kind activity, local step, sub-workflow or call to another namespace; of several "
    "the first by name.",
    f"mode() WITHIN GROUP (ORDER BY (c.name, c.kind)) FILTER (WHERE {IS_WORK})",
    lambda steps, _: _most_used_pair([(step.name, step.kind) for step in steps if step.kind in WORK_KINDS]),
    "Timers, signals and updates.",
)


def _most_used_pair(names: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    counts = Counter(names)
    return min(counts, key=lambda name: (-counts[name], name)) if counts else None
