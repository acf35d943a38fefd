"""Erase runs for good, as privacy law may ask: every trace of them, and nothing copies them again.

First the workflow id is barred, then its runs go, some at a time, each batch in one transaction with its line in the
audit log. Whoever is interrupted starts again and finds the rest. Figures follow in the same transaction: they are
about the runs that are there, as if the erased ones had never been copied. At the end go the names that only the
erased runs had: of steps, signals, builds and task queues among the figures, of queues, and of workflow types.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from watchglass.errors import Conflict
from watchglass.model.project import Principal
from watchglass.model.status import OPEN_STATUSES
from watchglass.statistics.keep import totals_kept
from watchglass.statistics.sweep import sweep
from watchglass.store.audit import add_line
from watchglass.store.erased_runs import (
    Erasable,
    bar_workflow,
    count_mentions,
    digest_of,
    erase_from_log,
    erase_locked,
    find_erasable,
)
from watchglass.store.project_keys import ensure_project_key
from watchglass.store.scope import Store
from watchglass.store.sync_states import lock_states
from watchglass.store.task_queues import delete_unused_queues
from watchglass.store.workflows import delete_without_runs

_BATCH_RUNS = 50
MOST_LOOKED_AT = 100_000


@dataclass(frozen=True, slots=True)
class Erased:
    runs: int
    mentions: int
    """Runs of other workflow ids that were started by an erased one or started it: their histories name it."""


async def refuse_open(store: Store, project_id: UUID, workflow_id: str, run_id: str | None) -> list[Erasable]:
    """The runs that would be erased.

    Raises:
        Conflict: one of them is still running; what it does next would have to be copied.
    """
    async with store.write() as reader:
        runs = await find_erasable(reader, project_id, workflow_id, run_id, limit=MOST_LOOKED_AT)
    running = [run for run in runs if run.status in OPEN_STATUSES and not run.is_gone]
    if running:
        raise Conflict(
            f"Run {running[0].run_id} is still {running[0].status}. Cancel or terminate it first, and erase it when it "
            "has ended. Nothing was erased."
        )
    return runs


async def erase(
    store: Store,
    project_id: UUID,
    workflow_id: str,
    *,
    run_id: str | None = None,
    by: Principal | None,
    show: Callable[[int], None] = lambda _: None,
) -> Erased:
    """Erase all runs of a workflow id, also those that were never copied, or one run of it.

    Raises:
        Conflict: one of them is still running; or names could not be taken out of the figures, which others make anew.
        Unsealable: this process does not have the installation's key.
    """
    await refuse_open(store, project_id, workflow_id, run_id)
    async with store.write() as writer:
        key = await ensure_project_key(writer, store.seal, project_id)
        if run_id is None:
            await bar_workflow(writer, project_id, digest_of(key, "workflow", workflow_id))
        await erase_from_log(writer, project_id, [], None if run_id else workflow_id)
        mentions = await count_mentions(writer, project_id, workflow_id)
    total = 0
    while True:
        async with store.write() as writer:
            runs = await find_erasable(writer, project_id, workflow_id, run_id, limit=_BATCH_RUNS)
            # What a sync has in hand is waited for; it finds no row to write afterwards.
            locked = await lock_states(writer, [run.key for run in runs])
            runs = [run for run in runs if run.key in locked]
            if not runs:
                break
            async with totals_kept(writer, [(run.key.project_id, run.key.id) for run in runs]):
                await erase_locked(writer, runs, {run.run_id: digest_of(key, "run", run.run_id) for run in runs})
            await erase_from_log(writer, project_id, runs, None)
            await add_line(
                writer,
                project_id=project_id,
                by=by,
                action="execution.erase",
                target=digest_of(key, "workflow", workflow_id).hex()[:16],
                details={"runs": len(runs)},
            )
        total += len(runs)
        show(total)
    await sweep(store, project_id)
    async with store.write() as writer:
        await delete_unused_queues(writer, project_id)
        await delete_without_runs(writer, project_id)
    return Erased(total, mentions)
