"""Add what syncs noted to the roll-ups.

One at a time per project, in one moment of the database (`Store.alone`): rows, notes and roll-ups that it sees belong
together. The figures stay the same whether it runs or not; only what they are read from differs.
"""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from asyncpg.exceptions import SerializationError

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.extremes import find_extremes, lost_extremes
from watchglass.statistics.grains import SPLIT_BY, bucket_sql
from watchglass.statistics.keep import TOTALS_LOCK, add_totals, take_untotalled
from watchglass.statistics.rollups import add_to_rollups
from watchglass.statistics.split import Bucket, split_large
from watchglass.store.scope import Reader, Store, Writer

MOST_UNTOTALLED = 20_000
MOST_CHANGES = 5_000
"""Folded in one transaction, of each kind."""


async def projects_with_changes(reader: Reader) -> list[UUID]:
    """Whose changes are to be folded."""
    rows = await reader.fetch(
        "SELECT p.project_id FROM rollup_projects p "
        "WHERE EXISTS (SELECT FROM run_changes c WHERE c.project_id = p.project_id) "
        "OR EXISTS (SELECT FROM component_changes c WHERE c.project_id = p.project_id)"
    )
    return [row["project_id"] for row in rows]


async def fold(store: Store, project_id: UUID) -> int | None:
    """Add some changes of the project to its roll-ups. Returns how many.

    None when it is not its turn: somebody else is at it, or the project changed since its moment.
    """
    with suppress(SerializationError):
        return await _fold(store, project_id)
    return None


async def _fold(store: Store, project_id: UUID) -> int | None:
    async with store.alone(TOTALS_LOCK, project_id) as writer:
        if writer is None:
            return None
        await add_totals(writer, await take_untotalled(writer, [project_id], most=MOST_UNTOTALLED))
        folded = 0
        touched: set[Bucket] = set()
        for kept in (RUNS, COMPONENTS):
            taken = await _take(writer, kept, project_id)
            if not taken:
                continue
            source = f"SELECT * FROM {kept.changes} WHERE id = ANY ($1::uuid[])"  # noqa: S608 - own words
            await add_to_rollups(writer, kept, source, [taken], every=False)
            if kept is RUNS:
                touched |= await _touched(writer, taken)
            lost = await lost_extremes(writer, kept, taken)
            await writer.execute(f"DELETE FROM {kept.changes} WHERE id = ANY ($1::uuid[])", taken)  # noqa: S608
            await find_extremes(writer, kept, project_id, lost)
            folded += len(taken)
        await split_large(writer, project_id, touched)
        return folded


async def _take(writer: Writer, kept: Kept, project_id: UUID) -> list[UUID]:
    rows = await writer.fetch(
        f"SELECT id FROM {kept.changes} WHERE project_id = $1 ORDER BY id LIMIT {MOST_CHANGES}",  # noqa: S608
        project_id,
    )
    return [row["id"] for row in rows]


async def _touched(writer: Writer, taken: Sequence[UUID]) -> set[Bucket]:
    grains = ", ".join(f"({int(grain)}, {bucket_sql(grain, 'c.bucket')})" for grain in SPLIT_BY)
    rows = await writer.fetch(
        f"SELECT DISTINCT c.series, g.grain, g.bucket FROM run_changes c, LATERAL (VALUES {grains}) g(grain, bucket) "  # noqa: S608
        "WHERE c.id = ANY ($1::uuid[])",
        taken,
    )
    return {(row[0], row[1], row[2]) for row in rows}
