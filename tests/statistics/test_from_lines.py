"""What charts and tables say of many runs is what they say of few: counts alike, percentiles within their error."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from tests.statistics.made import BEGIN, Made, make

from watchglass.statistics import read as reading
from watchglass.statistics.builds import read_build_figures
from watchglass.statistics.columns import RUNS
from watchglass.statistics.component_lines import read_component_lines
from watchglass.statistics.component_metrics import COMPONENT_METRICS
from watchglass.statistics.definitions import IS_COUNTED, RUN_FIGURES
from watchglass.statistics.distribution import read_distribution
from watchglass.statistics.figures import read_workflow_figures
from watchglass.statistics.fold import fold
from watchglass.statistics.from_lines import run_figures
from watchglass.statistics.histogram import RELATIVE_ERROR, SMALLEST_MS
from watchglass.statistics.metric import columns
from watchglass.statistics.question import ask
from watchglass.statistics.queue_lines import read_queue_lines
from watchglass.statistics.read import read_exactly
from watchglass.statistics.rebuild import rebuild
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.slice import Slice
from watchglass.statistics.timeline import read_marks, read_timeline
from watchglass.statistics.version_lines import read_version_lines
from watchglass.statistics.window import Window
from watchglass.statistics.workflow_lines import read_workflow_lines
from watchglass.store.scope import Reader, Store

SHOWN = {"avg_duration_ms", "p50_duration_ms", "p95_duration_ms", "p99_duration_ms", "success_rate", *RUN_FIGURES}
IS_RANKED = ("p50_", "p95_", "p99_", "_p50_ms", "_p95_ms")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(store: Store) -> Made:
    found = await make(store, random.Random(11))
    with pytest.MonkeyPatch.context() as patched:
        for module in ("split", "rebuild"):
            patched.setattr(f"watchglass.statistics.{module}.SPLIT_RUNS", 6)
        for step in range(20):
            await found.change(most=12)
            if step == 5:
                await rebuild(store, found.project_id)
        await fold(store, found.project_id)
    await found.change()
    return found


def windows(made: Made) -> list[Window]:
    odd = BEGIN + timedelta(seconds=31), BEGIN + timedelta(days=2, minutes=7, seconds=30)
    project, workflow = made.project_id, made.workflows[0]
    return [
        Window(project),
        Window(project, workflow),
        Window(project, workflow, *odd),
        Slice(project, None, *odd, top_level=True),
        Slice(project, workflow, top_level=True, version=1),
        Slice(project, workflow, build_id=""),
        Slice(project, workflow, build_id="a", deployment=""),
    ]


async def both(monkeypatch: pytest.MonkeyPatch, made: Made, read: Any) -> tuple[Any, Any]:
    """As of few runs, whose durations are read, and as of many."""
    found = []
    for most in (10**9, -1):
        monkeypatch.setattr(reading, "FEW", most)
        async with made.store.write(isolation="repeatable_read") as reader:
            found.append(await read(reader))
    return found[0], found[1]


def assert_alike(few: Mapping[str, Any], many: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if any(rank in name for rank in IS_RANKED):
            expected, found = few[name], many[name]
            assert (expected is None) == (found is None), name
            if expected is not None:
                assert found == pytest.approx(expected, rel=RELATIVE_ERROR * 1.0001, abs=SMALLEST_MS), name
        else:
            assert many[name] == (pytest.approx(few[name]) if isinstance(few[name], float) else few[name]), name


@pytest.mark.parametrize("number", range(7))
async def test_few_are_what_the_definitions_say(made: Made, number: int) -> None:
    """The figures that the page prints beside their SQL."""
    window = windows(made)[number]
    of_runs = columns(RUN_METRICS, [metric.name for metric in RUN_METRICS if metric.name in SHOWN])
    of_steps = columns(COMPONENT_METRICS, [metric.name for metric in COMPONENT_METRICS])
    async with made.store.write(isolation="repeatable_read") as reader:
        runs = await reader.fetchrow(
            f"SELECT {of_runs} FROM workflow_executions e WHERE {window.where}", *window.arguments
        )
        steps = await reader.fetch(
            f"SELECT c.kind, c.name, {of_steps} FROM workflow_executions e JOIN component_executions c "
            f"ON c.project_id = e.project_id AND c.execution_id = e.id AND {IS_COUNTED} WHERE {window.where} "
            "GROUP BY 1, 2 ORDER BY count DESC, 2, 1",
            *window.arguments,
        )
        (line,), error = await read_exactly(reader, ask(RUNS, window, measured=("duration",)))
        found = await read_component_lines(reader, window)
    assert runs is not None and error == found.percentile_error == 0
    assert_equal(dict(runs), run_figures(line))
    for expected, row in zip(steps, found.rows, strict=True):
        assert_equal(dict(expected), row)


def assert_equal(expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for name, value in expected.items():
        assert found[name] == (pytest.approx(value) if isinstance(value, float) else value), name


@pytest.mark.parametrize("number", range(7))
async def test_over_time(monkeypatch: pytest.MonkeyPatch, made: Made, number: int) -> None:
    window = windows(made)[number]

    async def read(reader: Reader) -> Any:
        return await read_timeline(reader, window, ZoneInfo("Asia/Kolkata"), step="hour", now=BEGIN + timedelta(days=3))

    few, many = await both(monkeypatch, made, read)
    assert few.buckets == many.buckets and len(few.figures) == len(many.figures) > 0
    assert (few.percentile_error, many.percentile_error) == (0, RELATIVE_ERROR)
    for one, other in zip(few.figures, many.figures, strict=True):
        assert_alike(one, other, [name for name in one if name != "number"])


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("by_node", [False, True])
async def test_by_component(monkeypatch: pytest.MonkeyPatch, made: Made, number: int, by_node: bool) -> None:
    window = windows(made)[number]
    if by_node and window.workflow_id is None:
        return

    async def read(reader: Reader) -> Any:
        return await read_component_lines(reader, window, by_node=by_node)

    few, many = await both(monkeypatch, made, read)
    assert few.rows and few.other is many.other is None
    for one, other in zip(few.rows, many.rows, strict=True):
        assert_alike(one, other, ["kind", "name", "node_id", *(metric.name for metric in COMPONENT_METRICS)])


async def test_what_is_not_told_apart_is_one_line(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr("watchglass.statistics.rollups.MOST_COMPONENTS", 1)
    monkeypatch.setattr("watchglass.statistics.split.SPLIT_RUNS", 1)
    made = await make(store, random.Random(5), workflows=1)
    await rebuild(store, made.project_id)
    for _ in range(4):
        await made.change()
        await fold(store, made.project_id)
    window = Window(made.project_id, made.workflows[0])

    async def read(reader: Reader) -> Any:
        return await read_component_lines(reader, window)

    few, many = await both(monkeypatch, made, read)
    assert many.other is not None
    assert sum(row["count"] for row in few.rows) == sum(row["count"] for row in many.rows) + many.other["count"]


@pytest.mark.parametrize("number", [0, 3])
async def test_by_workflow_and_by_task_queue(monkeypatch: pytest.MonkeyPatch, made: Made, number: int) -> None:
    window = windows(made)[number]

    async def workflows(reader: Reader) -> Any:
        return await read_workflow_lines(reader, window, now=BEGIN + timedelta(days=40))

    few, many = await both(monkeypatch, made, workflows)
    assert few.sparks == many.sparks and (few.start, few.end, few.other) == (many.start, many.end, many.other)
    for one, other in zip(few.rows, many.rows, strict=True):
        assert_alike(one, other, [name for name in one if name not in {"first_run_at", "all_lines"}])

    async def queues(reader: Reader) -> Any:
        return await read_queue_lines(reader, window)

    few, many = await both(monkeypatch, made, queues)
    assert len(few.rows) == len(many.rows) > 0
    for one, other in zip(few.rows, many.rows, strict=True):
        assert_alike(one, other, list(one))


@pytest.mark.parametrize("number", [1, 2, 5, 6])
async def test_by_build(monkeypatch: pytest.MonkeyPatch, made: Made, number: int) -> None:
    window = windows(made)[number]

    async def builds(reader: Reader) -> Any:
        return await read_build_figures(reader, window, (await read_workflow_figures(reader, window)).by_build)

    few, many = await both(monkeypatch, made, builds)
    assert len(few) == len(many) > 0
    for one, other in zip(few, many, strict=True):
        assert_alike(one, other, [name for name in one if name != "duration_p95"])


def version_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["version"], row["deployment"], row["build_id"]


@pytest.mark.parametrize("number", [1, 2, 4, 5, 6])
async def test_by_version(monkeypatch: pytest.MonkeyPatch, made: Made, number: int) -> None:
    window = windows(made)[number]

    async def versions(reader: Reader) -> Any:
        return await read_version_lines(reader, window)

    few, many = await both(monkeypatch, made, versions)
    assert (few.other, many.other) == (0, 0)
    assert len(few.rows) == len(many.rows) > 0
    by_key = {version_key(row): row for row in few.rows}
    for row in many.rows:
        one = by_key[version_key(row)]
        assert_alike(one, row, [name for name in one if name != "all_lines"])


@pytest.mark.parametrize("number", [1, 2, 5])
async def test_marks_of_versions(monkeypatch: pytest.MonkeyPatch, made: Made, number: int) -> None:
    window = windows(made)[number]
    few, many = await both(monkeypatch, made, lambda reader: read_marks(reader, window))
    assert {version_key(mark): mark["at"] for mark in few} == {version_key(mark): mark["at"] for mark in many}
    assert few or number == 2


@pytest.mark.parametrize("number", range(3))
async def test_distribution(monkeypatch: pytest.MonkeyPatch, made: Made, number: int) -> None:
    window = windows(made)[number]
    few, many = await both(monkeypatch, made, lambda reader: read_distribution(reader, window))
    assert few.edges == many.edges and few.count == many.count > 0
    # A duration near an edge may be told as one beyond it.
    moved = sum(abs(one - other) for one, other in zip(few.counts, many.counts, strict=True))
    assert moved <= few.count / 4
