"""Copying executions on request."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.freshness import SYNC_SECONDS
from watchglass.api.shapes.base import ExecutionIdInput, ProjectIdInput
from watchglass.api.shapes.sync import (
    Resolved,
    ResolveInput,
    SetAsideExecution,
    SetAsideExecutions,
    SyncExecutionInput,
    SyncResult,
    TriedAgain,
)
from watchglass.api.trpc.router import Router
from watchglass.errors import Unavailable
from watchglass.model.permission import Permission
from watchglass.model.refresh import Refreshed
from watchglass.store.audit import add_line
from watchglass.store.executions import read_execution, read_set_aside
from watchglass.store.projects import connection_exists, project_exists
from watchglass.store.summaries import Row

router: Router[Context] = Router()

_SET_ASIDE_LIMIT = 200
_RESOLVE_SECONDS = 5.0


@router.mutation("execution.syncExecutionFromTemporal", permission=Permission.LOOK)
async def sync_execution_from_temporal(context: Context, input: SyncExecutionInput) -> SyncResult:
    """Copy one execution from Temporal now."""
    work: Callable[[UUID], Awaitable[Refreshed | None]] = _forced(context) if input.immediate else _queued(context)
    return await _synced(context, input.execution_id, work)


@router.mutation("execution.tryAgain", permission=Permission.LOOK)
async def try_again(context: Context, input: ExecutionIdInput) -> SyncResult:
    """Try again to copy an execution that was set aside."""
    row = await _visible(context, input.execution_id)
    async with context.store.write() as writer:
        await add_line(
            writer,
            project_id=row["project_id"],
            by=context.principal,
            action="execution.tryAgain",
            target=input.execution_id,
            details={"temporalWorkflowId": row["temporal_workflow_id"]},
        )
    await context.sync.enqueue(input.execution_id)
    return await _synced(context, input.execution_id, _forced(context))


@router.mutation("execution.resolve", permission=Permission.LOOK, timeout=timedelta(seconds=_RESOLVE_SECONDS + 1))
async def resolve(context: Context, input: ResolveInput) -> Resolved:
    """Find a run by Temporal's ids, copying it when nobody has seen it yet."""
    async with context.store.read_as(context.principal) as reader:
        if not await connection_exists(reader, input.connection_id):
            raise absent("connection")
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            execution_id = await context.sync.resolve(
                input.connection_id, workflow_id=input.temporal_workflow_id, run_id=input.temporal_run_id
            )
    except TimeoutError as error:
        raise Unavailable("Temporal does not answer. Try again in a moment.") from error
    if execution_id is None:
        raise absent("run")
    return Resolved(execution_id=str(execution_id))


@router.query("sync.setAside", permission=Permission.LOOK)
async def list_set_aside(context: Context, input: ProjectIdInput) -> SetAsideExecutions:
    """Executions of a project that could not be copied."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        rows, total = await read_set_aside(reader, input.project_id, limit=_SET_ASIDE_LIMIT)
    return SetAsideExecutions(items=[_set_aside(row) for row in rows], total=total)


@router.mutation("sync.tryAgainAll", permission=Permission.LOOK)
async def try_all_again(context: Context, input: ProjectIdInput) -> TriedAgain:
    """Try again to copy everything that a project has set aside; what fails again is tried with pauses as at first."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
    async with context.store.write() as writer:
        await add_line(
            writer,
            project_id=input.project_id,
            by=context.principal,
            action="sync.tryAgainAll",
            target=input.project_id,
        )
    return TriedAgain(executions=await context.sync.enqueue_set_aside(input.project_id))


def _forced(context: Context) -> Callable[[UUID], Awaitable[Refreshed | None]]:
    async def work(execution_id: UUID) -> Refreshed | None:
        try:
            async with asyncio.timeout(SYNC_SECONDS):
                return await context.sync.refresh(execution_id, force=True)
        except TimeoutError:
            return None

    return work


def _queued(context: Context) -> Callable[[UUID], Awaitable[Refreshed | None]]:
    async def work(execution_id: UUID) -> Refreshed | None:
        await context.sync.enqueue(execution_id)
        return None

    return work


async def _synced(
    context: Context, execution_id: UUID, work: Callable[[UUID], Awaitable[Refreshed | None]]
) -> SyncResult:
    began = time.monotonic()
    await _visible(context, execution_id)
    refreshed = await work(execution_id)
    if refreshed is not None and refreshed.error is not None:
        raise Unavailable(refreshed.error)
    row = await _visible(context, execution_id)
    return SyncResult(
        synced=refreshed is not None and refreshed.synced,
        changed=refreshed is not None and refreshed.changed,
        component_count=row["component_count"],
        synced_at=row["synced_at"],
        took_ms=(time.monotonic() - began) * 1000,
    )


async def _visible(context: Context, execution_id: UUID) -> Row:
    async with context.store.read_as(context.principal) as reader:
        row = await read_execution(reader, execution_id)
    if row is None:
        raise absent("execution")
    return row


def _set_aside(row: Any) -> SetAsideExecution:
    return SetAsideExecution(
        execution_id=str(row["id"]),
        workflow_id=str(row["workflow_id"]),
        workflow_name=row["workflow_name"],
        temporal_workflow_id=row["temporal_workflow_id"],
        temporal_run_id=row["temporal_run_id"],
        error=row["sync_error"],
        set_aside_at=row["set_aside_at"],
        next_sync_at=row["next_sync_at"],
    )
