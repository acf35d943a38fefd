"""What differs is found, whatever it is; what only is not folded yet is no difference."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.statistics.made import Made, make

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.compare import find_drift
from watchglass.statistics.fold import fold
from watchglass.statistics.rebuild import rebuild
from watchglass.store.scope import Store

SPLIT_AT = 6


@pytest.fixture(autouse=True)
def splits_early(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("split", "rebuild"):
        monkeypatch.setattr(f"watchglass.statistics.{module}.SPLIT_RUNS", SPLIT_AT)


@pytest_asyncio.fixture(loop_scope="session")
async def made(store: Store) -> AsyncIterator[Made]:
    """Kept in all grains; some of it is folded, some is noted."""
    made = await make(store, random.Random(7))
    await rebuild(store, made.project_id)
    for _ in range(12):
        await made.change()
        await fold(store, made.project_id)
    await made.change()
    yield made


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_differs_at_any_time(store: Store, seed: int) -> None:
    made = await make(store, random.Random(100 + seed))
    await rebuild(store, made.project_id)
    corrections = 0
    for _ in range(20):
        await made.change()
        async with store.write() as reader:
            corrections += await reader.fetchval(
                "SELECT count(*) FROM run_changes WHERE project_id = $1 AND is_correction", made.project_id
            )
        assert (await find_drift(store, made.project_id)).drift == ()
        if made.chance.random() < 0.4:
            await fold(store, made.project_id)
            assert (await find_drift(store, made.project_id)).drift == ()
    assert corrections > 0


async def execute(made: Made, query: str) -> None:
    async with made.store.write() as writer:
        done = await writer.execute(query, made.project_id)
    assert not done.endswith(" 0"), query


PLANTED = [
    *((kept, f"{name} = coalesce({name}, 0) + 1") for kept in (RUNS, COMPONENTS) for name in kept.sums),
    *((kept, f"{name} = coalesce({name}, 0) + 0.5") for kept in (RUNS, COMPONENTS) for name in kept.extremes),
    *(
        (
            kept,
            "bin_counts = ARRAY(SELECT 1 + (i = 1)::int FROM generate_series(1, cardinality(bins)) i ORDER BY i)",
        )
        for kept in (RUNS, COMPONENTS)
    ),
    *((kept, "bins = bins || bins[1:1]") for kept in (RUNS, COMPONENTS)),
    *((kept, "bins = ARRAY[1300]::smallint[] || bins[2:]") for kept in (RUNS, COMPONENTS)),
]


async def test_each_figure_of_a_roll_up(made: Made) -> None:
    while await fold(made.store, made.project_id):
        pass
    assert (await find_drift(made.store, made.project_id)).compared > 50
    for kept, change in PLANTED:
        one = (
            f"(project_id, series, grain, bucket) = (SELECT project_id, series, grain, bucket FROM {kept.table} "
            "WHERE project_id = $1 AND cardinality(bins) > 0 ORDER BY md5(series::text || bucket::text || grain) "
            "LIMIT 1)"
        )
        await execute(made, f"UPDATE {kept.table} SET {change} WHERE {one}")
        found = await find_drift(made.store, made.project_id)
        assert [drift.table for drift in found.drift if drift.grain is not None] == [kept.table], change
        assert await rebuild(made.store, made.project_id)
    assert (await find_drift(made.store, made.project_id)).drift == ()


@pytest.mark.parametrize("kept", [RUNS, COMPONENTS], ids=lambda kept: kept.table)
async def test_a_roll_up_that_is_missing_or_left(made: Made, kept: Kept) -> None:
    months = "WHERE project_id = $1 AND grain = 3"
    await execute(made, f"DELETE FROM {kept.table} {months} AND series = project_id")
    assert (await find_drift(made.store, made.project_id)).drift
    assert await rebuild(made.store, made.project_id)
    # Of a time in which no execution starts any more.
    await execute(made, f"UPDATE {kept.table} SET bucket = bucket - interval '1 year' {months}")
    assert (await find_drift(made.store, made.project_id)).drift
    assert await rebuild(made.store, made.project_id)
    assert (await find_drift(made.store, made.project_id)).drift == ()


async def test_rows_that_were_written_without_a_note(made: Made) -> None:
    """As code of the version before does."""
    await execute(made, "UPDATE workflow_executions SET is_retried = NOT is_retried WHERE project_id = $1")
    assert {drift.table for drift in (await find_drift(made.store, made.project_id)).drift} >= {"run_rollups"}
    assert await rebuild(made.store, made.project_id)
    assert (await find_drift(made.store, made.project_id)).drift == ()


@pytest.mark.parametrize("table", ["workflow_statistics", "project_statistics"])
@pytest.mark.parametrize("figure", ["total_runs", "top_level_runs", "duration_sum_ms"])
async def test_a_total(made: Made, table: str, figure: str) -> None:
    await execute(made, f"UPDATE {table} SET {figure} = {figure} + 1 WHERE project_id = $1 AND total_runs > 0")
    drift = (await find_drift(made.store, made.project_id)).drift
    assert {each.table for each in drift} == {table}
    assert await rebuild(made.store, made.project_id)
    assert (await find_drift(made.store, made.project_id)).drift == ()
