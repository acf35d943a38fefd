"""One run to be started, and what happens to it afterwards."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client, WorkflowHandle
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from watchglass.demo.prepare import CALL
from watchglass.demo.queues import OFFICE

_log = structlog.get_logger(__name__)

Handle = WorkflowHandle[Any, Any]
Act = Callable[[Client, Handle], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A run under a fixed workflow id: played once, however often the demo is started."""

    workflow: str
    id: str
    about: object
    """The workflow's input."""
    summary: str
    then: Act | None = None
    task_queue: str = OFFICE
    attributes: TypedSearchAttributes = TypedSearchAttributes.empty
    memo: Mapping[str, Any] = field(default_factory=dict)
    execution_timeout: timedelta | None = None
    start_delay: timedelta | None = None


async def play(client: Client, scene: Scene) -> None:
    """Start the scene unless it was played before, then do what belongs to it."""
    try:
        handle = await _start(client, scene)
    except WorkflowAlreadyStartedError:
        return
    _log.debug("demo_run_started", workflow=scene.workflow, workflow_id=scene.id)
    if scene.then is not None:
        await scene.then(client, handle)


async def _start(client: Client, scene: Scene) -> Handle:
    return await client.start_workflow(
        scene.workflow,
        scene.about,
        id=scene.id,
        task_queue=scene.task_queue,
        execution_timeout=scene.execution_timeout,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        # A demo that was stopped half-way finds its open run again and does what belongs to it.
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        memo=scene.memo,
        search_attributes=scene.attributes,
        static_summary=scene.summary,
        start_delay=scene.start_delay,
        rpc_timeout=CALL,
    )
