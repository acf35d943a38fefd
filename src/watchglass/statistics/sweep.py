"""Take out of a project's figures the words that nothing is counted under any more, after runs were erased.

Signals, task queues, builds and deployments are told apart by name. A row of figures that has come down to nothing
would keep the name for good.
"""

import asyncio
from uuid import UUID

from watchglass.errors import Conflict
from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.fold import fold
from watchglass.statistics.keep import TOTALS_LOCK
from watchglass.statistics.rebuild import rebuild
from watchglass.statistics.rollups import MOST_COMPONENTS
from watchglass.store.scope import Store, Writer

_REST_SECONDS = 0.2
_MOST_TRIES = 150
_WORDS = {
    "rollup_components": (
        "EXISTS (SELECT FROM component_rollups r WHERE {same} AND r.component = k.id)",
        "EXISTS (SELECT FROM component_changes c WHERE {noted} AND c.kind = k.kind AND c.name = k.name "
        "AND c.node_id = k.node_id AND k.task_queue IN (c.task_queue, ''))",
    ),
    "rollup_variants": (
        "EXISTS (SELECT FROM run_rollups r WHERE {same} AND r.variant = k.id) "
        "OR EXISTS (SELECT FROM component_rollups r WHERE {same} AND r.variant = k.id)",
        "EXISTS (SELECT FROM run_changes c WHERE {noted}) OR EXISTS (SELECT FROM component_changes c WHERE {noted})",
    ),
}
"""By table: what still counts under a word, and which notes may still use it."""


async def sweep(store: Store, project_id: UUID) -> None:
    """Fold all that is noted, then delete what is counted nowhere. Stop and repeat as you like.

    Raises:
        Conflict: somebody else was at the project's figures all the time.
    """
    for _ in range(_MOST_TRIES):
        if await _is_folded(store, project_id):
            async with store.alone(TOTALS_LOCK, project_id) as writer:
                if writer is not None:
                    await _sweep(writer, project_id)
                    return
        await asyncio.sleep(_REST_SECONDS)
    raise Conflict(
        "The runs are erased. Names of their steps and task queues may still stand among the project's figures, which "
        "were being made anew all the time: erase the workflow id once more in a while."
    )


async def _is_folded(store: Store, project_id: UUID) -> bool:
    async with store.write() as reader:
        is_rolled_up = await reader.fetchval(
            "SELECT EXISTS (SELECT FROM rollup_projects WHERE project_id = $1)", project_id
        )
    if not is_rolled_up:
        return await rebuild(store, project_id) is not None
    while folded := await fold(store, project_id):
        pass
    return folded is not None


async def _sweep(writer: Writer, project_id: UUID) -> None:
    for kept in (RUNS, COMPONENTS):
        await _delete_empty(writer, kept, project_id)
    same = "r.project_id = k.project_id AND r.series = k.series"
    noted = "c.project_id = k.project_id AND c.series = k.series"
    for table, (counted, used) in _WORDS.items():
        unused = f"NOT ({counted}) AND NOT ({used})".format(same=same, noted=noted)
        # A series in which more words came than are told apart counts the rest as one: its numbers stay taken, or a
        # word that was counted with the rest would get a number and be taken away from that.
        full = (
            f"(SELECT max(m.id) FROM {table} m WHERE m.project_id = k.project_id AND m.series = k.series) "  # noqa: S608
            f">= {MOST_COMPONENTS}"
        )
        blank = (
            "kind = '', name = 'erased ' || id, node_id = '', task_queue = ''"
            if table == "rollup_components"
            else "task_queue = '', deployment_name = '', build_id = 'erased ' || id"
        )
        await writer.execute(
            f"UPDATE {table} k SET {blank} WHERE project_id = $1 AND {unused} AND {full}",  # noqa: S608 - own words
            project_id,
        )
        await writer.execute(
            f"DELETE FROM {table} k WHERE project_id = $1 AND {unused} AND NOT {full}",  # noqa: S608 - own words
            project_id,
        )


async def _delete_empty(writer: Writer, kept: Kept, project_id: UUID) -> None:
    zero = " AND ".join(f"coalesce({name}, 0) = 0" for name in kept.sums)
    await writer.execute(
        f"DELETE FROM {kept.table} WHERE project_id = $1 AND {zero} AND bins = '{{}}'",  # noqa: S608 - own words
        project_id,
    )
