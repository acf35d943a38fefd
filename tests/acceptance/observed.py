"""An observed namespace with somebody else's worker: plain Temporal code that knows nothing of Watchglass."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}"


@activity.defn
async def fail_until(attempt: int) -> str:
    now = activity.info().attempt
    if now < attempt:
        raise ApplicationError(f"attempt {now} failed", type="NotYet")
    return f"worked at attempt {now}"


@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, names: list[str]) -> list[str]:
        return [
            await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10)) for name in names
        ]


@workflow.defn
class Retried:
    @workflow.run
    async def run(self, attempts: int) -> str:
        return await workflow.execute_activity(
            fail_until,
            attempts,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), backoff_coefficient=1),
        )


@workflow.defn
class Steps:
    """Does one step per signal until it is told to finish."""

    def __init__(self) -> None:
        self._steps: list[str] = []
        self._finished = False

    @workflow.run
    async def run(self) -> int:
        done = 0
        while not (self._finished and not self._steps):
            await workflow.wait_condition(lambda: self._finished or bool(self._steps))
            if self._steps:
                await workflow.execute_activity(greet, self._steps.pop(0), start_to_close_timeout=timedelta(seconds=10))
                done += 1
        return done

    @workflow.signal
    def step(self, name: str) -> None:
        self._steps.append(name)

    @workflow.signal
    def finish(self) -> None:
        self._finished = True


@workflow.defn
class Chain:
    """Greets once a run, and carries on as a new run until `links` runs have followed."""

    @workflow.run
    async def run(self, links: int) -> str:
        greeting = await workflow.execute_activity(greet, f"run {links}", start_to_close_timeout=timedelta(seconds=10))
        if links:
            workflow.continue_as_new(links - 1)
        return greeting


WORKFLOWS = (Greeting, Retried, Steps, Chain)
ACTIVITIES = (greet, fail_until)


def new_id(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:8]}"


@asynccontextmanager
async def observed_worker(
    address: str,
    namespace: str = "default",
    *,
    workflows: Sequence[type] = WORKFLOWS,
    activities: Sequence[Callable[..., Any]] = ACTIVITIES,
) -> AsyncIterator[tuple[Client, str]]:
    """A client of the namespace, and a task queue on which a worker runs these workflows."""
    client = await Client.connect(address, namespace=namespace)
    queue = new_id("queue")
    worker = Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
    async with worker:
        yield client, queue
    await asyncio.sleep(0)
