"""Whatever was written, corrected, erased and folded: the figures of any window are what its rows add up to."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.statistics.made import BEGIN, Made, make

from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.compare import find_drift
from watchglass.statistics.fold import fold
from watchglass.statistics.read import BEGINNING, END, Line, Question, count_lines, read_lines
from watchglass.statistics.rebuild import rebuild
from watchglass.store.scope import Store

ACROSS_WORKFLOWS = {"kind", "name", "task_queue", "is_top_level"}
SPLIT_AT = 6
"""So that storms of hundreds of runs are kept in minutes, too."""


@pytest.fixture(autouse=True)
def splits_early(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("split", "rebuild"):
        monkeypatch.setattr(f"watchglass.statistics.{module}.SPLIT_RUNS", SPLIT_AT)


def told(lines: Sequence[Line]) -> list[Any]:
    """Everything a line says, in an order of its own."""
    return sorted(
        (line.window, line.dimensions, tuple(line.sums.items()), tuple(line.extremes.items()), sorted(line.histogram))
        for line in lines
    )


def some_windows(chance: random.Random) -> list[tuple[datetime, datetime]]:
    """Wide and narrow ones, with whole and broken ends."""
    windows = [(BEGINNING, END)]
    for _ in range(3):
        start = BEGIN + timedelta(seconds=chance.choice((0, 1, 60, 3_600, 7_200, 86_400 * chance.random())))
        width = timedelta(
            seconds=chance.choice((0, 1, 59.999999, 60, 3_600, 90_000, 86_400 * 40)), microseconds=chance.randrange(2)
        )
        windows.append((start, start + width))
    return windows


async def assert_figures_are_what_rows_add_up_to(made: Made) -> None:
    chance = made.chance
    for kept, by in ((RUNS, ()), (RUNS, RUNS.names), (COMPONENTS, ("kind", "name")), (COMPONENTS, COMPONENTS.names)):
        for workflow_ids in (None, made.workflows[:1], made.workflows):
            dimensions = tuple(name for name in by if workflow_ids or name in ACROSS_WORKFLOWS)
            dimensions = ("series", *dimensions) if workflow_ids == made.workflows else dimensions
            question = Question(
                kept, made.project_id, workflow_ids, some_windows(chance), dimensions, with_histogram=True
            )
            async with made.store.write(isolation="repeatable_read") as reader:
                assert told(await read_lines(reader, question)) == told(await count_lines(reader, question))


@pytest.mark.parametrize("seed", range(4))
async def test_a_storm(store: Store, seed: int) -> None:
    made = await make(store, random.Random(seed))
    if seed % 2:
        await rebuild(store, made.project_id)
    for step in range(25):
        await made.change()
        if step == 12:
            assert await rebuild(store, made.project_id)
        if made.chance.random() < 0.5:
            await fold(store, made.project_id)
        if step % 6 == 0:
            await assert_figures_are_what_rows_add_up_to(made)
    await assert_figures_are_what_rows_add_up_to(made)
    assert (await find_drift(store, made.project_id)).drift == ()
    while await fold(store, made.project_id):
        pass
    await assert_figures_are_what_rows_add_up_to(made)
    await assert_kept_finely(made)
    before = await everything(made)
    await rebuild(store, made.project_id)
    # What was erased may have left finer buckets than a rebuild makes.
    assert [line for line in await everything(made) if line not in before] == []
    assert (await find_drift(store, made.project_id)).drift == ()


async def assert_kept_finely(made: Made) -> None:
    """The storm was one that is told of all grains, and everything in them is right."""
    async with made.store.write() as reader:
        grains = await reader.fetch("SELECT DISTINCT grain FROM run_rollups WHERE project_id = $1", made.project_id)
        assert {row["grain"] for row in grains} == {0, 1, 2, 3}


async def everything(made: Made) -> list[Any]:
    """What the roll-ups hold, in words; without the numbers that stand for them, and without empty lines."""
    found: list[Any] = []
    async with made.store.write() as reader:
        for kept, number in ((RUNS, "total_runs"), (COMPONENTS, "count")):
            named = (
                "LEFT JOIN rollup_components k "
                "ON (k.project_id, k.series, k.id) = (r.project_id, r.series, r.component)"
                if kept is COMPONENTS
                else ""
            )
            words = "v.deployment_name, v.build_id, v.version, v.is_top_level, " + (
                "k.kind, k.name, k.node_id, k.task_queue" if kept is COMPONENTS else "v.task_queue"
            )
            figures = ", ".join(f"r.{name}" for name in (*kept.sums, *kept.extremes))
            found += [
                tuple(row)
                for row in await reader.fetch(
                    f"SELECT r.series, r.grain, r.bucket, {words}, {figures}, r.bins, r.bin_counts "
                    f"FROM {kept.table} r LEFT JOIN rollup_variants v "
                    f"ON (v.project_id, v.series, v.id) = (r.project_id, r.series, r.variant) {named} "
                    f"WHERE r.project_id = $1 AND r.{number} <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
                    made.project_id,
                )
            ]
        found += [
            tuple(row)
            for row in await reader.fetch(
                "SELECT * FROM workflow_statistics WHERE project_id = $1 AND total_runs > 0 ORDER BY 2", made.project_id
            )
        ]
    return found
