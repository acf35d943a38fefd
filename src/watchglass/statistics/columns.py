"""What a roll-up keeps of executions and of component executions: counts, sums, extremes and histograms.

Everything that writes, reads, rebuilds or compares roll-ups is put together from these: none can forget a figure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from watchglass.model.verdict import Reason, Verdict, verdict_of
from watchglass.statistics.definitions import RUN_FIGURES
from watchglass.statistics.exact_sum import exact_sum
from watchglass.statistics.grains import Grain
from watchglass.statistics.histogram import BINS, bin_sql
from watchglass.store.durations import HAS_DURATION


@dataclass(frozen=True, slots=True)
class Measure:
    """A duration in milliseconds that is averaged, and of which there are extremes and percentiles."""

    name: str
    sql: str
    """Null where it is not known, or does not count."""


@dataclass(frozen=True)
class Kept:
    """The columns of a roll-up, in order: `counts`, then count and sum of each measure, then its extremes."""

    table: str
    changes: str
    always: Grain
    """Every bucket of this grain and of coarser ones is kept, any other when the one around it is split."""
    dimensions: tuple[tuple[str, str, str], ...]
    """Name, type, and SQL over the rows: what a roll-up is split by."""
    counts: Mapping[str, str]
    measures: tuple[Measure, ...]

    @property
    def counted(self) -> str:
        """The sum that says how many there are."""
        return next(iter(self.counts))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the dimensions."""
        return tuple(name for name, _, _ in self.dimensions)

    @cached_property
    def sums(self) -> dict[str, str]:
        """Columns that add up, and their SQL."""
        measured = {
            column: sql
            for measure in self.measures
            for column, sql in (
                (f"{measure.name}_count", f"count({measure.sql})"),
                (f"{measure.name}_sum_ms", f"coalesce({exact_sum(measure.sql)}, 0)"),
            )
        }
        return {**self.counts, **measured}

    @cached_property
    def extremes(self) -> dict[str, tuple[str, str]]:
        """Columns of which the least or the greatest counts: the aggregate, and its SQL."""
        return {
            f"{measure.name}_{aggregate}_ms": (aggregate, f"{aggregate}({measure.sql})")
            for measure in self.measures
            for aggregate in ("min", "max")
        }

    def bins(self, measured: Collection[str]) -> str:
        """SQL of the codes (see `histogram.BINS`) of the rows' durations, in no order. At least one measure."""
        arrays = (
            f"array_agg(({number * BINS} + {bin_sql(measure.sql)})::smallint) FILTER (WHERE {measure.sql} IS NOT NULL)"
            for number, measure in enumerate(self.measures)
            if measure.name in measured
        )
        return f"coalesce({' || '.join(arrays)}, '{{}}')::smallint[]"


_TYPES = {"_ms": "double precision", "_sum_ms": "numeric"}


def type_of(column: str) -> str:
    return next((kind for end, kind in reversed(_TYPES.items()) if column.endswith(end)), "bigint")


BUCKET = "date_bin('1 minute', e.started_at, timestamptz 'epoch')"
"""Changes are kept by the minute in which the execution started."""

_VERSION = (
    ("deployment_name", "text", "coalesce(e.deployment_name, '')"),
    ("build_id", "text", "coalesce(e.build_id, '')"),
    ("version", "integer", "coalesce(e.version, 0)"),
    ("is_top_level", "boolean", "e.parent_run_id IS NULL"),
)

RUNS = Kept(
    table="run_rollups",
    changes="run_changes",
    always=Grain.MONTH,
    dimensions=(("task_queue", "text", "e.task_queue"), *_VERSION),
    counts={
        name: sql
        for name, sql in RUN_FIGURES.items()
        if name not in {"top_level_runs", "duration_count", "duration_sum_ms"}
    },
    measures=(Measure("duration", f"CASE WHEN {HAS_DURATION} THEN e.duration_ms END"),),
)

_RETRIES = "greatest(c.attempt - 1, 0)"


def _reasons(verdict: Verdict) -> str:
    listed = ", ".join(f"'{reason}'" for reason in Reason if verdict_of(reason) is verdict)
    return f"c.reason IN ({listed})"


_NOT_JUDGED = f"c.reason IS NULL OR NOT ({_reasons(Verdict.EXPECTED)} OR {_reasons(Verdict.UNEXPECTED)})"

COMPONENTS = Kept(
    table="component_rollups",
    changes="component_changes",
    always=Grain.YEAR,
    dimensions=(
        ("kind", "text", "c.kind"),
        ("name", "text", "c.name"),
        ("node_id", "text", "CASE WHEN c.iteration IS NULL THEN '' ELSE c.node_id END"),
        ("task_queue", "text", "coalesce(c.task_queue, '')"),
        *_VERSION,
    ),
    counts={
        "count": "count(*)",
        "completed_count": "count(*) FILTER (WHERE c.status = 'completed')",
        "failed_count": "count(*) FILTER (WHERE c.status IN ('failed', 'timed_out', 'terminated'))",
        "open_count": "count(*) FILTER (WHERE c.status IN ('pending', 'running', 'retrying', 'paused'))",
        "retries_within": f"coalesce(sum({_RETRIES}) FILTER (WHERE c.reason = '{Reason.WITHIN_POLICY}'), 0)",
        "retries_default": f"coalesce(sum({_RETRIES}) FILTER (WHERE c.reason = '{Reason.DEFAULT_POLICY}'), 0)",
        "retries_unexpected": f"coalesce(sum({_RETRIES}) FILTER (WHERE {_reasons(Verdict.UNEXPECTED)}), 0)",
        "retries_unknown": f"coalesce(sum({_RETRIES}) FILTER (WHERE {_NOT_JUDGED}), 0)",
        "default_units": f"count(*) FILTER (WHERE c.reason = '{Reason.DEFAULT_POLICY}')",
        "unexpected_units": f"count(*) FILTER (WHERE {_reasons(Verdict.UNEXPECTED)})",
    },
    measures=(
        Measure("duration", "c.duration_ms"),
        Measure("queue", "c.queue_ms"),
        Measure("execution", "c.execution_ms"),
        Measure("retry", "c.retry_ms"),
        Measure("waiting", "c.waiting_ms"),
    ),
)
"""Retries of the server's default policy are counted apart, because the project's setting decides what they are."""
