"""Figures as they are read, held against the rows that they are of, all of one moment of the database.

In two ways: every line of roll-ups and notes against the same query over rows; and the figures that pages show against
the Python form of their definitions over rows that are fetched plainly.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.statistics.test_rollups import ACROSS_WORKFLOWS, MEASURES, told

from watchglass.model.journal import READ_GRAPH
from watchglass.statistics import component_lines, error_groups, figures, queue_lines, version_lines
from watchglass.statistics import read as reading
from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.component_metrics import COMPONENT_METRICS
from watchglass.statistics.counted import CountedRun, CountedStep
from watchglass.statistics.definitions import RUN_FIGURES, is_error
from watchglass.statistics.metric import nearest_rank
from watchglass.statistics.question import BEGINNING, END, Question
from watchglass.statistics.read import count_lines, read_lines
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.slice import Slice
from watchglass.store.scope import Reader, Store

_OF_RUN = tuple(CountedRun.__dataclass_fields__)
_OF_STEP = tuple(CountedStep.__dataclass_fields__)


@dataclass
class Compared:
    figures: int = 0
    """Numbers that were compared."""
    differences: list[str] = field(default_factory=list)

    def equal(self, what: str, read: Any, counted: Any) -> None:
        self.figures += 1
        if read != counted:
            self.differences.append(f"{what}: read {read!r}, counted {counted!r}"[:1500])

    def close(self, what: str, read: Any, counted: Any, *, within: float) -> None:
        self.figures += 1
        if read is None or counted is None:
            is_close = read is counted
        elif isinstance(read, str):
            is_close = read == counted
        else:
            is_close = math.isclose(float(read), float(counted), rel_tol=within + 1e-9, abs_tol=1e-6)
        if not is_close:
            self.differences.append(f"{what}: read {read!r}, counted {counted!r}, within {within}")


@dataclass(frozen=True)
class _Run:
    workflow_id: UUID
    started_at: datetime
    version: tuple[Any, ...]
    error_group: str
    counted: CountedRun
    steps: list[tuple[str | None, CountedStep]]
    """Each with its task queue."""


@contextmanager
def rolled_up_early(most: int) -> Iterator[None]:
    """Pages read roll-ups of windows with more runs or steps than this, instead of thousands."""
    before, reading.FEW = reading.FEW, most
    try:
        yield
    finally:
        reading.FEW = before


def _questions(
    project_id: UUID, workflows: Sequence[UUID], windows: Sequence[tuple[datetime, datetime]]
) -> Iterator[Question]:
    """Runs and components, all together and split by everything, of the project, of one workflow and of each."""
    for kept, by in ((RUNS, ()), (RUNS, RUNS.names), (COMPONENTS, ("kind", "name")), (COMPONENTS, COMPONENTS.names)):
        for workflow_ids in (None, workflows[:1], workflows):
            dimensions = tuple(name for name in by if workflow_ids or name in ACROSS_WORKFLOWS)
            dimensions = ("series", *dimensions) if workflow_ids == workflows else dimensions
            yield Question(kept, project_id, workflow_ids, windows, dimensions, measured=MEASURES[kept.table])


async def compare_figures(
    store: Store, project_id: UUID, dice: random.Random, found: Compared, *, windows: int
) -> None:
    """Of a project: in all of time and in so many other windows."""
    async with store.write(isolation="repeatable_read") as reader:
        runs = await _rows(reader, project_id)
        await _compare_totals(reader, project_id, runs, found)
        if not runs:
            return
        workflows = sorted({run.workflow_id for run in runs})
        dice.shuffle(workflows)
        asked = [(BEGINNING, END), *(_window(runs, dice) for _ in range(windows))]
        for question in _questions(project_id, workflows, asked):
            lines, counted = told(await read_lines(reader, question)), told(await count_lines(reader, question))
            found.figures += sum(len(line[2]) + len(line[3]) + len(line[4]) for line in counted)
            if lines != counted:
                extra, missing = (
                    [one for one in some if one not in others] for some, others in ((lines, counted), (counted, lines))
                )
                what = f"lines of {question.kept.table} by {question.by}"
                found.differences.append(f"{what}: read {extra}, counted {missing}"[:1500])
        for start, end in asked[:3]:
            for workflow_id in (None, workflows[0]):
                for top_level in (False, True):
                    window = Slice(project_id, workflow_id, start, end, top_level)
                    await _compare_pages(reader, window, [run for run in runs if _is_in(window, run)], found)


async def _rows(reader: Reader, project_id: UUID) -> list[_Run]:
    columns = ", ".join(f"e.{name}" for name in _OF_RUN)
    rows = await reader.fetch(
        f"SELECT e.id, e.workflow_id, e.started_at, e.version, e.deployment_name, e.build_id, e.error_group, {columns} "
        "FROM workflow_executions e WHERE e.project_id = $1",
        project_id,
    )
    runs = {
        row["id"]: _Run(
            row["workflow_id"],
            row["started_at"],
            (row["version"], None, None)
            if row["version"] is not None
            else (None, row["deployment_name"] or None, row["build_id"] or None),
            row["error_group"],
            CountedRun(*(row[name] for name in _OF_RUN)),
            [],
        )
        for row in rows
    }
    columns = ", ".join(f"c.{name}" for name in _OF_STEP)
    steps = await reader.fetch(
        f"SELECT c.execution_id, c.copied, c.task_queue, {columns} FROM component_executions c WHERE c.project_id = $1",
        project_id,
    )
    for row in steps:
        if not row["copied"] and row["name"] != READ_GRAPH:
            step = CountedStep(*(row[name] for name in _OF_STEP))
            runs[row["execution_id"]].steps.append((row["task_queue"], step))
    return list(runs.values())


def _window(runs: Sequence[_Run], dice: random.Random) -> tuple[datetime, datetime]:
    """Begins and ends where runs start, or a microsecond beside it."""
    ends = sorted(dice.choice(runs).started_at + timedelta(microseconds=dice.choice((-1, 0, 0, 1))) for _ in range(2))
    return ends[0], ends[1]


def _is_in(window: Slice, run: _Run) -> bool:
    return (
        (window.workflow_id is None or window.workflow_id == run.workflow_id)
        and (window.start is None or run.started_at >= window.start)
        and (window.end is None or run.started_at < window.end)
        and (not window.top_level or run.counted.parent_run_id is None)
    )


_IN_PYTHON: Mapping[str, Callable[[Sequence[CountedRun]], Any]] = {
    **{metric.name: lambda runs, of=metric.of: of(runs, runs) for metric in RUN_METRICS},  # type: ignore[misc]
    "top_level_runs": lambda runs: sum(run.parent_run_id is None for run in runs),
    "error_runs": lambda runs: sum(map(is_error, runs)),
}


async def _compare_totals(reader: Reader, project_id: UUID, runs: Sequence[_Run], found: Compared) -> None:
    """The totals of each workflow and of the project, with what is noted and not added to them yet."""
    noted = ", ".join(
        "CASE WHEN is_top_level THEN total_runs ELSE 0 END" if name == "top_level_runs" else name
        for name in RUN_FIGURES
    )
    sums = ", ".join(f"sum({name}) AS {name}" for name in RUN_FIGURES)
    names = ", ".join(RUN_FIGURES)
    rows = await reader.fetch(
        f"""
        SELECT series, {sums} FROM (
            SELECT workflow_id AS series, {names} FROM workflow_statistics WHERE project_id = $1
            UNION ALL SELECT project_id, {names} FROM project_statistics WHERE project_id = $1
            UNION ALL SELECT series, {noted} FROM run_changes WHERE project_id = $1 AND NOT is_totalled
        ) totals GROUP BY series HAVING sum(total_runs) <> 0
        """,
        project_id,
    )
    kept = {row["series"]: row for row in rows}
    by_series: dict[UUID, list[CountedRun]] = {}
    for run in runs:
        by_series.setdefault(run.workflow_id, []).append(run.counted)
        by_series.setdefault(project_id, []).append(run.counted)
    found.equal("series with totals", set(kept), set(by_series))
    for series in kept.keys() & by_series.keys():
        for name in RUN_FIGURES.keys() & _IN_PYTHON.keys():
            found.equal(f"total {name} of {series}", kept[series][name], _IN_PYTHON[name](by_series[series]))


async def _compare_pages(reader: Reader, window: Slice, inside: Sequence[_Run], found: Compared) -> None:
    counted = [run.counted for run in inside]
    if window.workflow_id is not None:
        of_workflow = await figures.read_workflow_figures(reader, window)
        sums, durations = of_workflow.sums, of_workflow.durations
        for rank in ("p50", "p95", "p99"):
            of_rows = _IN_PYTHON[f"{rank}_duration_ms"](counted)
            what = f"{rank} of {window}"
            found.close(what, getattr(durations, rank), of_rows, within=durations.percentile_error)
        found.equal(f"minimum of {window}", durations.minimum, _IN_PYTHON["min_duration_ms"](counted))
        longest = durations.maximum
    else:
        of_project = await figures.read_project_figures(reader, window)
        sums, longest, queue = of_project.sums, of_project.duration_max_ms, of_project.busiest_queue
        found.equal(f"busiest queue in {window}", queue and queue["name"], _IN_PYTHON["most_used_task_queue"](counted))
    found.equal(f"maximum of {window}", longest, _IN_PYTHON["max_duration_ms"](counted))
    for name in sums.keys() & _IN_PYTHON.keys():
        found.equal(f"{name} in {window}", sums[name], _IN_PYTHON[name](counted))
    await _compare_components(reader, window, inside, found)
    await _compare_queues(reader, window, inside, found)
    await _compare_versions(reader, window, inside, found)
    await _compare_errors(reader, window, inside, found)


async def _compare_components(reader: Reader, window: Slice, inside: Sequence[_Run], found: Compared) -> None:
    every = [step for run in inside for _, step in run.steps]
    groups: dict[tuple[str, str], list[CountedStep]] = {}
    for step in every:
        groups.setdefault((step.kind, step.name), []).append(step)
    read = await component_lines.read_component_lines(reader, window)
    found.equal(f"components in {window}", {(row["kind"], row["name"]) for row in read.rows}, set(groups))
    for row in read.rows:
        group = groups.get((row["kind"], row["name"]), [])
        for metric in COMPONENT_METRICS:
            within = read.percentile_error if metric.name.endswith(("p50_ms", "p95_ms")) else 0
            what = f"{metric.name} of {row['kind']} {row['name']} in {window}"
            found.close(what, row[metric.name], metric.of(group, every), within=within)


async def _compare_queues(reader: Reader, window: Slice, inside: Sequence[_Run], found: Compared) -> None:
    read = await queue_lines.read_queue_lines(reader, window)
    runs: dict[str, int] = {}
    waits: dict[str, list[float | None]] = {}
    for run in inside:
        runs[run.counted.task_queue] = runs.get(run.counted.task_queue, 0) + 1
        for queue, step in run.steps:
            if queue:
                waits.setdefault(queue, []).append(step.queue_ms)
    found.equal(f"queues in {window}", {row["task_queue"] for row in read.rows}, (runs.keys() | waits.keys()) - {""})
    for row in read.rows:
        queue = row["task_queue"]
        known = [wait for wait in waits.get(queue, []) if wait is not None]
        found.equal(f"runs of {queue} in {window}", row["runs"], runs.get(queue, 0))
        found.equal(f"steps of {queue} in {window}", row["steps"], len(waits.get(queue, [])))
        found.equal(f"waits of {queue} in {window}", row["queue_count"], len(known))
        found.equal(f"longest wait of {queue} in {window}", row["queue_max_ms"], max(known, default=None))
        p95 = nearest_rank(known, 0.95)
        found.close(f"p95 of {queue} in {window}", row["queue_p95_ms"], p95, within=read.percentile_error)


async def _compare_versions(reader: Reader, window: Slice, inside: Sequence[_Run], found: Compared) -> None:
    groups: dict[tuple[Any, ...], list[_Run]] = {}
    for run in inside:
        groups.setdefault(run.version, []).append(run)
    read = await version_lines.read_version_lines(reader, window)
    found.equal(f"number of versions in {window}", len(read.rows) + read.other, len(groups))
    for row in read.rows:
        version = row["version"], row["deployment"] or None, row["build_id"] or None
        group = groups.get(version, [])
        counted = [run.counted for run in group]
        for name in ("total_runs", "error_count", "duration_count"):
            found.equal(f"{name} of version {version} in {window}", row[name], _IN_PYTHON[name](counted))
        starts = [run.started_at for run in group]
        ends = row["first_run_at"], row["last_run_at"]
        found.equal(
            f"ends of version {version} in {window}", ends, (min(starts, default=None), max(starts, default=None))
        )


async def _compare_errors(reader: Reader, window: Slice, inside: Sequence[_Run], found: Compared) -> None:
    groups: dict[str, int] = {}
    for run in inside:
        if is_error(run.counted):
            groups[run.error_group] = groups.get(run.error_group, 0) + 1
    read = await error_groups.read_error_groups(reader, window)
    rows = {row["error_group"]: row["count"] for row in read.rows}
    found.equal(f"errors in {window}", sum(rows.values()) + read.other_count, sum(groups.values()))
    found.equal(f"error groups in {window}", rows, {name: groups.get(name) for name in rows})
