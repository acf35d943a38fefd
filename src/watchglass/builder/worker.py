"""A project's own worker: the interpreter of its drawings, and the components that they are made of."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from watchglass.builder.component import Registered, threads
from watchglass.builder.interpreter import Interpreter
from watchglass.model.journal import READ_GRAPH

ReadGraph = Callable[[str, int], Awaitable[Any]]
"""Workflow id and version → the version's graph as it runs, as JSON. Its failures say whether to try again."""
GRACE = timedelta(seconds=5)
"""What runs when the worker is asked to stop has this long to end; then others take it up."""


def project_worker(
    client: Client, *, task_queue: str, components: Sequence[Registered], read_graph: ReadGraph
) -> Worker:
    """A worker to be run until it shall stop."""

    @activity.defn(name=READ_GRAPH)
    async def read(asked: dict[str, Any]) -> Any:
        return await read_graph(asked["workflowId"], asked["version"])

    return Worker(
        client,
        task_queue=task_queue,
        workflows=[Interpreter],
        activities=[read, *(each.activity for each in components)],
        activity_executor=threads(),
        workflow_runner=sandbox(),
        # Runs whose worker died wait this long for it before another is asked.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=3),
        # What is cancelled hears of it with a heartbeat.
        max_heartbeat_throttle_interval=timedelta(seconds=5),
        graceful_shutdown_timeout=GRACE,
    )


def app_worker(client: Client, *, task_queue: str, components: Sequence[Registered]) -> Worker:
    """A worker for people's own components."""
    return Worker(
        client,
        task_queue=task_queue,
        activities=[each.activity for each in components],
        activity_executor=threads(),
        max_heartbeat_throttle_interval=timedelta(seconds=5),
        graceful_shutdown_timeout=GRACE,
    )


def sandbox() -> SandboxedWorkflowRunner:
    """The sandbox of the interpreter. What it imports is known to be deterministic, and takes long to import anew."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(
            "watchglass.builder", "watchglass.model", "watchglass.errors"
        )
    )
