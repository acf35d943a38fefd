"""Copying older runs: what it would cost, starting it, how far it is, stopping it."""

import asyncio
from datetime import timedelta
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import require_editor, require_member
from watchglass.api.render.backfill import render_backfill, render_estimate, render_unanswered
from watchglass.api.shapes.backfill import (
    Backfill,
    BackfillEstimate,
    BackfillEstimateInput,
    BackfillIdInput,
    Backfills,
    BackfillStart,
)
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.trpc.router import Router
from watchglass.errors import Conflict, Unavailable
from watchglass.model.connection import Connection
from watchglass.model.permission import Permission
from watchglass.store.audit import add_line
from watchglass.store.backfills import (
    NewBackfill,
    add_answer_none,
    add_backfill,
    cancel_backfill,
    connections_unanswered,
    read_backfill,
    read_backfills,
)
from watchglass.store.connections import read_connection
from watchglass.store.levels import set_connection_level

router: Router[Context] = Router()

_NEWEST = 10
_ESTIMATE_SECONDS = 15.0


@router.query("backfill.estimate", permission=Permission.LOOK, timeout=timedelta(seconds=_ESTIMATE_SECONDS + 1))
async def estimate(context: Context, input: BackfillEstimateInput) -> BackfillEstimate:
    """What copying older runs of a connection would cost, by a few questions to its namespace."""
    await _connection(context, input.connection_id)
    try:
        async with asyncio.timeout(_ESTIMATE_SECONDS):
            return render_estimate(await context.sync.estimate(input.connection_id, since=input.since))
    except TimeoutError as error:
        raise Unavailable("Temporal does not answer. Try again in a moment.") from error


@router.mutation("backfill.start", permission=Permission.EDIT)
async def start(context: Context, input: BackfillStart) -> Backfill:
    """Say how far back a connection is copied; the workers do it."""
    connection = await _connection(context, input.connection_id, to_change=True)
    async with context.store.write() as writer:
        if input.level is not None:
            await set_connection_level(writer, connection, input.level)
        if input.none:
            made = await add_answer_none(writer, connection)
        else:
            made = await add_backfill(writer, connection, NewBackfill(from_at=input.since))
        await add_line(
            writer,
            project_id=connection.project_id,
            by=context.principal,
            action="backfill.start",
            target=made,
            details={"since": input.since.isoformat() if input.since else None, "none": bool(input.none)},
        )
    return await _shown(context, made)


@router.query("backfill.get", permission=Permission.LOOK)
async def get(context: Context, input: BackfillIdInput) -> Backfill:
    """One job, and how far it is."""
    return await _shown(context, input.backfill_id)


@router.query("backfill.list", permission=Permission.LOOK)
async def list_backfills(context: Context, input: ProjectIdInput) -> Backfills:
    """A project's newest jobs, and the connections of which nobody has said how far back to copy."""
    async with context.store.read_as(context.principal) as reader:
        role = (await require_member(reader, context.principal, input.project_id, otherwise="project")).role
        rows = await read_backfills(reader, project_id=input.project_id, limit=_NEWEST)
        unanswered = await connections_unanswered(reader, project_id=input.project_id)
    return Backfills(
        items=[render_backfill(row) for row in rows],
        unanswered=[render_unanswered(row) for row in unanswered],
        role=role,
    )


@router.mutation("backfill.cancel", permission=Permission.EDIT)
async def cancel(context: Context, input: BackfillIdInput) -> Backfill:
    """Stop a job; what it has copied stays."""
    async with context.store.read_as(context.principal) as reader:
        row = await read_backfill(reader, input.backfill_id)
        if row is None:
            raise absent("back-fill")
        await require_editor(reader, context.principal, row["project_id"], otherwise="back-fill")
    if row["state"] not in ("waiting", "running"):
        raise Conflict(f"This back-fill is over already ({row['state']}).")
    async with context.store.write() as writer:
        await cancel_backfill(writer, input.backfill_id)
        await add_line(
            writer,
            project_id=row["project_id"],
            by=context.principal,
            action="backfill.cancel",
            target=input.backfill_id,
        )
    return await _shown(context, input.backfill_id)


async def _connection(context: Context, connection_id: UUID, *, to_change: bool = False) -> Connection:
    async with context.store.read_as(context.principal) as reader:
        connection = await read_connection(reader, connection_id)
        if connection is None:
            raise absent("connection")
        if to_change:
            await require_editor(reader, context.principal, connection.project_id, otherwise="connection")
    return connection


async def _shown(context: Context, backfill_id: UUID) -> Backfill:
    async with context.store.read_as(context.principal) as reader:
        row = await read_backfill(reader, backfill_id)
    if row is None:
        raise absent("back-fill")
    return render_backfill(row)
