"""What people do to a run that is under way, and what it was started with."""

import asyncio
import itertools
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from watchglass.api.context import Context
from watchglass.api.procedures.details import found_execution, readable_execution
from watchglass.api.procedures.freshness import SYNC_SECONDS
from watchglass.api.procedures.rights import require_editor
from watchglass.api.procedures.run_data import read_input
from watchglass.api.procedures.shown import shown
from watchglass.api.shapes.base import ExecutionIdInput
from watchglass.api.shapes.run import ApprovalInput, Done, EndInput, RunInputGiven
from watchglass.api.trpc.router import Router
from watchglass.builder.approval import approval_of, refuse_overtaken
from watchglass.builder.start import cancel_run, decide, terminate_run
from watchglass.builder.stored import from_stored
from watchglass.errors import Conflict
from watchglass.model.graph import APPROVED, REJECTED, TIMED_OUT
from watchglass.model.journal import Decision
from watchglass.model.permission import Permission
from watchglass.model.status import OPEN_STATUSES
from watchglass.store.audit import Action, add_line
from watchglass.store.node_states import JournalFact, Runs, read_chain_before, read_journal
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row
from watchglass.store.versions import read_version
from watchglass.temporal.access import Access

router: Router[Context] = Router()

_SECONDS = timedelta(seconds=20)
_PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds before each further look at what became of an answer."""
_ENDS = {APPROVED: "approved", REJECTED: "rejected", TIMED_OUT: "out of time"}


@router.mutation("execution.cancel", permission=Permission.EDIT, timeout=_SECONDS)
async def cancel(context: Context, input: EndInput) -> Done:
    """Ask a run to end in its own way."""
    run = await _open_run(context, input)
    await cancel_run(run.access, **run.place, reason=input.reason, by=context.principal.name)
    return await _done(context, run, "execution.cancel", {"reason": input.reason})


@router.mutation("execution.terminate", permission=Permission.EDIT, timeout=_SECONDS)
async def terminate(context: Context, input: EndInput) -> Done:
    """Stop a run by force: it gets no chance to clean up."""
    run = await _open_run(context, input)
    await terminate_run(run.access, **run.place, reason=input.reason, by=context.principal.name)
    return await _done(context, run, "execution.terminate", {"reason": input.reason})


@router.mutation("execution.approve", permission=Permission.EDIT, timeout=_SECONDS)
async def approve(context: Context, input: ApprovalInput) -> Done:
    """Answer an approval node that waits. The first answer counts."""
    run = await _open_run(context, input)
    iteration = tuple(input.iteration)
    async with context.store.read_as(context.principal) as reader:
        version = await read_version(reader, run.row["workflow_id"], run.row["version"]) if run.row["version"] else None
        if version is None:
            raise Conflict("This run is not of a workflow that is built here, so no node of it can be answered.")
        node = approval_of(from_stored(version["graph"]), input.node, iteration)
        entry = await _entry(reader, run.row, input.node, iteration)
    if run.is_fresh:
        _refuse_unless_waiting(node.name or node.id, entry)
    decision = Decision(
        node=input.node,
        iteration=iteration,
        approved=input.approved,
        values=input.values,
        by=context.principal.name,
    )
    await decide(run.access, **run.place, decision=decision, form=node.form)
    action: Action = "execution.approve" if input.approved else "execution.reject"
    await _done(context, run, action, {"node": input.node, "iteration": list(iteration)})
    settled = await _settled(context, run.row, input.node, iteration)
    if settled is not None and settled.output is not None:
        refuse_overtaken(node, json.loads(settled.output), decision)
    return Done()


async def _entry(reader: Reader, row: Row, node: str, iteration: tuple[int, ...]) -> JournalFact | None:
    """What was last written down of a node."""
    runs = Runs(row["project_id"], await read_chain_before(reader, row), is_open=True)
    return (await read_journal(reader, runs, {node: iteration})).get(node)


async def _settled(context: Context, row: Row, node: str, iteration: tuple[int, ...]) -> JournalFact | None:
    """What became of an answer; None when no worker has taken it within two seconds. It waits for one then."""
    try:
        async with asyncio.timeout(SYNC_SECONDS):
            for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
                async with context.store.read_as(context.principal) as reader:
                    entry = await _entry(reader, row, node, iteration)
                if entry is None or entry.state != "started":
                    return entry
                await asyncio.sleep(pause)
                await context.sync.refresh(row["id"], force=True)
    except TimeoutError:
        pass
    return None


def _refuse_unless_waiting(name: str, entry: JournalFact | None) -> None:
    if entry is None:
        raise Conflict(f"“{name}” is not waiting yet: the run has not come to it.")
    if entry.state != "started":
        raise Conflict(f"“{name}” no longer waits: it is {_ENDS.get(entry.port or '', 'over')}.")


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that the person asking may do something to."""

    row: Row
    access: Access
    is_fresh: bool
    """The copy equals Temporal."""

    @property
    def place(self) -> dict[str, str]:
        return {"temporal_workflow_id": self.row["temporal_workflow_id"], "run_id": self.row["temporal_run_id"]}


async def _open_run(context: Context, input: ExecutionIdInput) -> _Run:
    """Raises NotFound, Forbidden, and Conflict when the run is over."""
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
        await require_editor(reader, context.principal, row["project_id"], otherwise="execution")
    is_fresh = await _refreshed(context, row)
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
    if row["status"] not in OPEN_STATUSES:
        raise Conflict(f"Run {row['temporal_workflow_id']} is over ({row['status'].replace('_', ' ')}).")
    connection = await context.namespaces.connection(row["connection_id"])
    return _Run(row, await context.namespaces.access(connection, urgent=True), is_fresh)


async def _done(context: Context, run: _Run, action: Action, details: dict[str, Any]) -> Done:
    """Write it down, and have what came of it copied: whoever did it looks at the run."""
    async with context.store.write() as writer:
        await add_line(
            writer,
            project_id=run.row["project_id"],
            by=context.principal,
            action=action,
            target=run.row["id"],
            details=details | {"temporalWorkflowId": run.row["temporal_workflow_id"]},
        )
    await _refreshed(context, run.row)
    return Done()


async def _refreshed(context: Context, row: Row) -> bool:
    """Make the copy equal to Temporal, in no more than two seconds; false when that could not be done."""
    try:
        async with asyncio.timeout(SYNC_SECONDS):
            return (await context.sync.refresh(row["id"], force=True)).synced
    except TimeoutError:
        return False


@router.query("execution.getInput", permission=Permission.PAYLOADS)
async def get_input(context: Context, input: ExecutionIdInput) -> RunInputGiven:
    """What a built run was started with, to run it again with a change."""
    async with context.store.read_as(context.principal) as reader:
        row = await readable_execution(reader, context.principal, input.execution_id)
    if row["input"] is None and row["input_bytes"] is None:
        await _refreshed(context, row)
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
        given = await read_input(reader, row)
    answer = RunInputGiven(workflow_id=str(row["workflow_id"]), version=row["version"], input=given)
    return await shown(context, row, answer, sees=True)
