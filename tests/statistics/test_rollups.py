"""Whatever was written, corrected, erased and folded: the figures of any window are what its rows add up to."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.statistics.made import Made, make, splits_early

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.compare import find_drift
from watchglass.statistics.definitions import RUN_FIGURES
from watchglass.statistics.fold import fold
from watchglass.statistics.line import Line
from watchglass.statistics.question import BEGINNING, END, Question
from watchglass.statistics.read import count_lines, read_lines
from watchglass.statistics.rebuild import rebuild
from watchglass.store.scope import Store
from watchglass.store.totals import TOTAL_COLUMNS

__all__ = ["splits_early"]

ACROSS_WORKFLOWS = {"kind", "name", "task_queue", "is_top_level"}
MEASURES = {kept.table: tuple(measure.name for measure in kept.measures) for kept in (RUNS, COMPONENTS)}


def told(lines: Sequence[Line]) -> list[Any]:
    """Everything a line says, in an order of its own."""
    return sorted(
        (line.window, line.dimensions, tuple(line.sums.items()), tuple(line.extremes.items()), sorted(line.histogram))
        for line in lines
    )


def some_windows(made: Made) -> list[tuple[datetime, datetime]]:
    """Whole ones, and ones that begin and end where runs start, or just beside it."""
    chance = made.chance
    windows = [(BEGINNING, END)]
    for _ in range(8):
        ends = sorted(made.moment() + timedelta(microseconds=chance.choice((-1, 0, 0, 1))) for _ in range(2))
        windows.append((ends[0], ends[1]))
    return windows


async def assert_figures_are_what_rows_add_up_to(made: Made) -> None:
    for kept, by in ((RUNS, ()), (RUNS, RUNS.names), (COMPONENTS, ("kind", "name")), (COMPONENTS, COMPONENTS.names)):
        for workflow_ids in (None, made.workflows[:1], made.workflows):
            dimensions = tuple(name for name in by if workflow_ids or name in ACROSS_WORKFLOWS)
            dimensions = ("series", *dimensions) if workflow_ids == made.workflows else dimensions
            question = Question(
                kept, made.project_id, workflow_ids, some_windows(made), dimensions, measured=MEASURES[kept.table]
            )
            async with made.store.write(isolation="repeatable_read") as reader:
                assert told(await read_lines(reader, question)) == told(await count_lines(reader, question))


@pytest.mark.parametrize("seed", range(4))
async def test_a_storm(store: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await make(store, random.Random(seed))
    made.has_quiet_years = True
    if seed >= 2:
        # So that many are counted together, which else stand one by one.
        made.has_few_durations = True
        monkeypatch.setattr("watchglass.statistics.rollups._MOST_SINGLE", 2)
    if seed % 2:
        await rebuild(store, made.project_id)
    for step in range(25):
        await made.change()
        if step == 12:
            assert await rebuild(store, made.project_id)
            assert not await keeps_zeros(made)
            if seed % 2:
                await keep_zeros(made)
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
    async with store.write() as reader:
        forms = await reader.fetch(
            "SELECT DISTINCT bin_counts IS NULL AS one_by_one FROM run_rollups WHERE project_id = $1 AND bins <> '{}'",
            made.project_id,
        )
    assert {row["one_by_one"] for row in forms} >= ({True, False} if made.has_few_durations else {True})
    before = await everything(made)
    await rebuild(store, made.project_id)
    assert not await keeps_zeros(made)
    # What was erased may have left finer buckets than a rebuild makes.
    assert [line for line in await everything(made) if line not in before] == []
    assert (await find_drift(store, made.project_id)).drift == ()


def sums_of(kept: Kept) -> list[str]:
    """Those that may be 0."""
    return [name for name in kept.sums if name != kept.counted]


async def keep_zeros(made: Made) -> None:
    """As versions did until 0043: what they left is read and added to as what is kept now."""
    async with made.store.write() as writer:
        for kept in (RUNS, COMPONENTS):
            zeros = ", ".join(f"{name} = coalesce({name}, 0)" for name in sums_of(kept))
            await writer.execute(
                f"UPDATE {kept.table} SET {zeros}, bin_counts = coalesce(bin_counts, '{{}}') WHERE project_id = $1",
                made.project_id,
            )


async def keeps_zeros(made: Made) -> bool:
    async with made.store.write() as reader:
        for kept in (RUNS, COMPONENTS):
            zero = " OR ".join(f"{name} = 0" for name in sums_of(kept))
            if await reader.fetchval(
                f"SELECT EXISTS (SELECT FROM {kept.table} WHERE project_id = $1 AND ({zero}))", made.project_id
            ):
                return True
    return False


async def assert_kept_finely(made: Made) -> None:
    """The storm was one that is told of all grains, and everything in them is right.

    Runs are kept by month in any year, components in those that hold enough runs and in no other.
    """
    async with made.store.write() as reader:
        grains = await reader.fetch("SELECT DISTINCT grain FROM run_rollups WHERE project_id = $1", made.project_id)
        assert {row["grain"] for row in grains} == {0, 1, 2, 3}
        year = "DISTINCT series, date_trunc('year', bucket, 'UTC')"
        of_components, of_runs, split = [
            {
                tuple(row)
                for row in await reader.fetch(f"SELECT {year} FROM {rows} AND project_id = $1", made.project_id)
            }
            for rows in ("component_rollups WHERE true", "run_rollups WHERE true", "rollup_splits WHERE grain = 4")
        ]
        assert of_components == split < of_runs


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
            figures = ", ".join(
                (*(f"coalesce(r.{name}, 0)" for name in kept.sums), *(f"r.{name}" for name in kept.extremes))
            )
            found += [
                tuple(row)
                for row in await reader.fetch(
                    f"SELECT r.series, r.grain, r.bucket, {words}, {figures}, ARRAY(SELECT (code, sum(coalesce(n, 1))) "
                    "FROM unnest(r.bins, r.bin_counts) u(code, n) GROUP BY code ORDER BY code) "
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


async def test_syncs_and_folding_at_the_same_time(store: Store) -> None:
    made = await make(store, random.Random(7))
    others = [Made(store, made.connection, made.workflows, random.Random(seed)) for seed in range(3)]
    await rebuild(store, made.project_id)
    is_over = asyncio.Event()

    async def fold_on() -> int:
        folded = 0
        while not is_over.is_set():
            folded += await fold(store, made.project_id) or 0
            await asyncio.sleep(0)
        return folded

    async def sync(one: Made) -> None:
        for _ in range(15):
            await one.change()

    folding = asyncio.create_task(fold_on())
    async with asyncio.TaskGroup() as tasks:
        for one in others:
            tasks.create_task(sync(one))
    is_over.set()
    assert await folding > 0
    assert (await find_drift(store, made.project_id)).drift == ()
    await assert_figures_are_what_rows_add_up_to(made)
    await assert_totals_equal_recomputation(store)
    while await fold(store, made.project_id):
        pass
    await assert_figures_are_what_rows_add_up_to(made)
    await assert_totals_equal_recomputation(store)


def test_totals_have_every_figure_of_runs() -> None:
    assert tuple(RUN_FIGURES) == TOTAL_COLUMNS
