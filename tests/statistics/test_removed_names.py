"""Names of steps where rows were removed; in a database of its own, because its roll-ups are taken away."""

import random
from datetime import UTC, datetime

from tests.statistics.made import make, splits_early

from watchglass.statistics.fold import fold
from watchglass.statistics.freeze import freeze
from watchglass.statistics.rebuild import rebuild
from watchglass.store.scope import Store

__all__ = ["splits_early"]


async def test_names_of_a_year_whose_first_months_were_removed(store: Store) -> None:
    """Of a workflow whose year is not known to be large yet, as after an import that nobody has folded."""
    made = await make(store, random.Random(11))
    for _ in range(25):
        await made.change()
    assert await rebuild(store, made.project_id)
    while await fold(store, made.project_id):
        pass
    async with store.write() as writer:
        await writer.execute("INSERT INTO project_retention (project_id, keep_days) VALUES ($1, 90)", made.project_id)
    assert await freeze(store, made.project_id, datetime(2026, 2, 1, tzinfo=UTC))
    async with store.write() as writer:
        for table in ("rollup_splits", "rollup_components", "rollup_variants", "component_rollups"):
            await writer.execute(
                f"DELETE FROM {table} WHERE project_id = $1 AND series = $2", made.project_id, made.workflows[0]
            )
    assert await rebuild(store, made.project_id)
    async with store.write() as reader:
        lines = await reader.fetch(
            "SELECT grain, component, variant FROM component_rollups WHERE project_id = $1 AND series = $2",
            made.project_id,
            made.workflows[0],
        )
    assert {line["grain"] for line in lines} >= {2, 3}
    assert [line for line in lines if line["component"] < 0 or line["variant"] < 0] == []
