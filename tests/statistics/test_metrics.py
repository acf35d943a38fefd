"""Every figure says the same in SQL and in Python, whatever the rows are."""

import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchglass.model.status import ComponentKind, ComponentStatus, ExecutionStatus
from watchglass.model.verdict import Reason
from watchglass.statistics.component_metrics import COMPONENT_METRICS, MOST_USED_COMPONENT
from watchglass.statistics.counted import CountedRun, CountedStep
from watchglass.statistics.metric import Metric, wilson
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.store.scope import Store

YEARS = 100 * 366 * 86_400_000.0
_durations = (
    st.none() | st.sampled_from([0.0, 1.0, 250.5, YEARS]) | st.integers(0, int(YEARS) * 1000).map(lambda us: us / 1000)
)
"""Temporal's clock ticks in microseconds."""
_words = st.sampled_from(["charge", "ship", "a", "z"])
_runs = st.builds(
    CountedRun,
    status=st.sampled_from([status.value for status in ExecutionStatus]),
    duration_ms=_durations,
    parent_run_id=st.none() | _words,
    is_retried=st.booleans(),
    superseded_by=st.none() | _words,
    stopped_by_reset=st.booleans(),
    task_queue=_words,
)
_steps = st.builds(
    CountedStep,
    kind=st.sampled_from([kind.value for kind in ComponentKind]),
    name=_words,
    status=st.sampled_from([status.value for status in ComponentStatus]),
    attempt=st.none() | st.integers(1, 9),
    reason=st.none() | st.sampled_from([reason.value for reason in Reason]),
    **{f"{clock}_ms": _durations for clock in ("duration", "queue", "execution", "retry", "waiting")},
)
_TYPES = {"attempt": "integer", "is_retried": "boolean", "stopped_by_reset": "boolean"}
_often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _table(rows: Sequence[Any], kind: type, alias: str) -> tuple[str, list[list[Any]]]:
    """The rows as a table of their own, and its arguments."""
    names = [field.name for field in fields(kind)]
    types = [_TYPES.get(name, "double precision" if name.endswith("_ms") else "text") for name in names]
    arrays = ", ".join(f"${number}::{type}[]" for number, type in enumerate(types, 1))
    return f"unnest({arrays}) AS {alias}({', '.join(names)})", [[asdict(row)[name] for row in rows] for name in names]


async def _assert_equal(
    store: Store, metrics: Sequence[Metric[Any]], rows: Sequence[Any], kind: type, alias: str, group: str
) -> None:
    table, arguments = _table(rows, kind, alias)
    figures = ", ".join(f"{metric.sql} AS {metric.name}" for metric in metrics)
    async with store.write() as reader:
        found = await reader.fetch(f"SELECT {group} AS grouped, {figures} FROM {table} GROUP BY {group}", *arguments)
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, group.removeprefix(f"{alias}.")), []).append(row)
    assert {row["grouped"] for row in found} == set(groups)
    for row in found:
        for metric in metrics:
            in_python, in_sql = metric.of(groups[row["grouped"]], rows), row[metric.name]
            if isinstance(in_python, float) and isinstance(in_sql, float):
                assert math.isclose(in_python, in_sql, rel_tol=1e-9, abs_tol=1e-9), metric.name
                assert math.isfinite(in_sql), metric.name
            else:
                assert in_python == in_sql, metric.name


@_often
@given(st.lists(_runs, max_size=40))
async def test_figures_of_runs_are_the_same_in_both_forms(store: Store, runs: list[CountedRun]) -> None:
    await _assert_equal(store, RUN_METRICS, runs, CountedRun, "e", "e.task_queue")


@_often
@given(st.lists(_steps, max_size=40))
async def test_figures_of_components_are_the_same_in_both_forms(store: Store, steps: list[CountedStep]) -> None:
    await _assert_equal(store, [*COMPONENT_METRICS, MOST_USED_COMPONENT], steps, CountedStep, "c", "c.name")


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_rate_lies_within_its_interval(successes: int, failures: int) -> None:
    found = wilson(successes, failures)
    if successes + failures == 0:
        assert found is None
        return
    assert found is not None
    low, high = found
    assert 0 <= low <= successes / (successes + failures) <= high <= 1


def test_an_interval_is_wilsons() -> None:
    """8 of 10: (0.8 + 0.192 ± 1.96·√(0.016 + 0.0096)) / 1.384 = 0.490 … 0.943."""
    assert wilson(8, 2) == pytest.approx((0.4901624715, 0.9433178485))


def test_every_figure_has_words() -> None:
    of_components = (*COMPONENT_METRICS, MOST_USED_COMPONENT)
    for metrics in (RUN_METRICS, of_components):
        assert len({metric.name for metric in metrics}) == len(metrics)
    for metric in (*RUN_METRICS, *of_components):
        assert metric.label and metric.formula.rstrip(")").endswith("."), metric.name
        assert metric.excludes == "" or metric.excludes.endswith("."), metric.name
