"""Running what is built."""

import asyncio
from datetime import timedelta
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.built import changeable_draft
from watchglass.api.shapes.run import RunInput, StartedRun
from watchglass.api.trpc.router import Router
from watchglass.builder.launch import launch, prepare
from watchglass.errors import Unavailable
from watchglass.model.connection import Connection
from watchglass.model.permission import Permission

router: Router[Context] = Router()

_COPY_SECONDS = 5.0
_RUN_SECONDS = 20.0


@router.mutation("workflow.run", permission=Permission.EDIT, timeout=timedelta(seconds=_RUN_SECONDS))
async def run(context: Context, input: RunInput) -> StartedRun:
    """Start a run of a version, and copy it at once."""
    workflow = await changeable_draft(context, input.workflow_id)
    async with context.store.read_as(context.principal) as reader:
        what = await prepare(reader, workflow, input.version)
    temporal_id, run_id = await launch(
        context.store,
        await context.namespaces.access(what.connection, urgent=True),
        what,
        input.input,
        temporal_workflow_id=input.temporal_workflow_id,
        by=context.principal,
    )
    execution_id = await _copied(context, what.connection, temporal_id, run_id)
    if execution_id is None:
        raise Unavailable(
            f"Run {temporal_id} was started, but Temporal did not answer when it was to be copied. It appears among "
            "the workflow's runs by itself: do not start it again."
        )
    return StartedRun(execution_id=str(execution_id))


async def _copied(context: Context, connection: Connection, temporal_id: str, run_id: str) -> UUID | None:
    """The execution that the run is; None when Temporal does not answer. The run goes on either way."""
    try:
        async with asyncio.timeout(_COPY_SECONDS):
            return await context.sync.resolve(connection.id, workflow_id=temporal_id, run_id=run_id)
    except (TimeoutError, Unavailable):
        return None
