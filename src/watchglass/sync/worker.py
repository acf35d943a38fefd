"""The worker of the system workflows: registers what exists, and sees that every connection has a coordinator."""

import asyncio
import math
import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from watchglass import metrics
from watchglass.auth.sweep import keep_swept
from watchglass.store.connections import all_connections
from watchglass.store.outage import is_outage
from watchglass.sync.activities import Activities
from watchglass.sync.backfill import Backfills
from watchglass.sync.checked import keep_checked
from watchglass.sync.claims import Claims
from watchglass.sync.decode_later import DecodeLater
from watchglass.sync.followers import Followers
from watchglass.sync.listening import Listening
from watchglass.sync.messages import COORDINATOR, SYSTEM_QUEUE, CoordinatorState
from watchglass.sync.outdated import upgrade_slowly
from watchglass.sync.parts import Parts
from watchglass.sync.retained import keep_removing
from watchglass.sync.rolled_up import keep_rolled_up
from watchglass.sync.workflows import TASK_TIMEOUT, Coordinator, FollowExecution, SyncBatch, SyncExecution

log = structlog.get_logger()

CONTROL_NAMESPACE = "watchglass-system"
_LOOK_SECONDS = 2.0
"""A new connection has its coordinator within this time."""
_ENSURE_SECONDS = 15.0
"""All coordinators are seen to this often, as one whose Temporal lost its data is gone."""
_RECENTLY_SECONDS = 60.0
_CALL = timedelta(seconds=5)
_FINISH = timedelta(seconds=8)
"""A sync that takes longer is cancelled, and is another worker's within the time of a lease."""


async def run_worker(parts: Parts, control: Client, *, concurrency: int = 100) -> None:
    """Work until cancelled. `control` is a client of the control Temporal's own namespace.

    `concurrency`: activities at the same time; each connection keeps three of them for itself, of all workers together.
    """
    await _ensure_namespace(control)
    listening = Listening(parts.store)
    claims = Claims(parts.store)
    activities = Activities(parts, listening, claims)
    worker = Worker(
        control,
        task_queue=SYSTEM_QUEUE,
        workflows=[Coordinator, SyncExecution, SyncBatch, FollowExecution],
        # Our own modules hold nothing that a workflow could change, and importing them anew for each is a third of the
        # work that a child costs.
        workflow_runner=SandboxedWorkflowRunner(SandboxRestrictions.default.with_passthrough_modules("watchglass")),
        activities=[
            activities.discover,
            activities.patrol,
            activities.wait_for_work,
            activities.sync_one,
            activities.sync_batch,
        ],
        max_concurrent_activities=concurrency,
        # A coordinator that continues as new waits until its long activities have heard that they are cancelled,
        # and they hear it with a heartbeat.
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        # Workflows whose worker died wait this long for it before another is asked.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=3),
        # Syncs that have begun come to their end; what waits for work lets go at once.
        graceful_shutdown_timeout=_FINISH,
    )
    async with worker:
        log.info("working", message="The worker takes its share of the work", task_queue=SYSTEM_QUEUE)
        await _side_by_side(
            listening.run(),
            claims.run(),
            Followers(parts, listening).run(),
            Backfills(parts).run(),
            upgrade_slowly(parts.store),
            keep_rolled_up(parts.store),
            keep_checked(parts.store),
            keep_removing(parts.store),
            DecodeLater(parts).run(),
            keep_swept(parts.store),
            _keep_coordinators(parts, control),
        )


async def _side_by_side(*works: Coroutine[Any, Any, None]) -> None:
    """Do all of these until one fails; then the others end too."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            # `gather` ends with the first; those that are ending already must not be disturbed in what they still do.
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_coordinators(parts: Parts, control: Client) -> None:
    seen_to: dict[UUID, float] = {}
    while True:
        try:
            await _ensure_coordinators(parts, control, seen_to)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("coordinators_wait", reason=f"The database does not answer: {error}")
        await asyncio.sleep(_LOOK_SECONDS)


async def _ensure_namespace(control: Client) -> None:
    request = RegisterNamespaceRequest(namespace=control.namespace)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    try:
        await control.workflow_service.register_namespace(request, timeout=_CALL)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


async def _ensure_coordinators(parts: Parts, control: Client, seen_to: dict[UUID, float]) -> None:
    """Start the coordinators that are missing: of a new connection, or after the control Temporal lost its data.

    `seen_to`: when each connection's was, by the monotonic clock; those that are not due are left alone.
    """
    async with parts.store.write() as reader:
        connections = await all_connections(reader)
    now = time.monotonic()
    for connection in connections:
        if now - seen_to.get(connection.id, -math.inf) < _ENSURE_SECONDS:
            continue
        try:
            await control.start_workflow(
                Coordinator.run,
                CoordinatorState(str(connection.id)),
                id=f"{COORDINATOR}-{connection.id}",
                task_queue=SYSTEM_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=f"Keeps the copies of {connection.namespace} fresh",
                task_timeout=TASK_TIMEOUT,
                rpc_timeout=_CALL,
            )
            seen_to[connection.id] = now
            log.debug("coordinator_seen_to", connection_id=str(connection.id), namespace=connection.namespace)
        except RPCError as error:
            log.warning("coordinator_not_started", connection_id=str(connection.id), reason=error.message)
    known = {connection.id for connection in connections}
    recently = sum(1 for id, at in seen_to.items() if id in known and now - at < _RECENTLY_SECONDS)
    metrics.COORDINATORS.set(recently)
