"""Real runs to measure with: workflows of N activities, executed by a real worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

QUEUE = "benchmark"
AT_ONCE = 200
"""Activities that one workflow has under way at a time."""


def line(number: int) -> dict[str, int | float | str]:
    """What each activity returns."""
    return {"line": number, "sku": f"SKU-{number:05d}", "quantity": number % 7, "price": 19.9}


@activity.defn
async def add_line(number: int) -> dict[str, int | float | str]:
    return line(number)


@workflow.defn
class Lines:
    @workflow.run
    async def run(self, count: int) -> int:
        await _add_lines(count)
        return count


@workflow.defn
class OpenLines:
    """Adds its lines, says so, and stays open."""

    def __init__(self) -> None:
        self._added = False

    @workflow.run
    async def run(self, count: int) -> None:
        await _add_lines(count)
        self._added = True
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def wait_until_added(self) -> None:
        await workflow.wait_condition(lambda: self._added)

    @workflow.signal
    def note(self) -> None:
        """One more event."""


@activity.defn
async def give(size: int) -> str:
    return "x" * size


@workflow.defn
class Heavy:
    """Values as large as they are given, one after the other."""

    @workflow.run
    async def run(self, count: int, value: str) -> int:
        for _ in range(count):
            await workflow.execute_activity(give, len(value), start_to_close_timeout=timedelta(minutes=1))
        return count


async def _add_lines(count: int) -> None:
    for start in range(0, count, AT_ONCE):
        part = range(start, min(start + AT_ONCE, count))
        await asyncio.gather(
            *(workflow.execute_activity(add_line, n, start_to_close_timeout=timedelta(minutes=1)) for n in part)
        )


async def make_runs(client: Client, *, runs: int, activities: int, prefix: str) -> None:
    """Execute workflows of `activities` activities each, to their end, until there are `runs` of that prefix."""
    there = (await client.count_workflows(f"WorkflowId STARTS_WITH '{prefix}-'")).count
    turn = asyncio.Semaphore(20)

    async def one(number: int) -> None:
        async with turn:
            await client.execute_workflow(Lines.run, activities, id=f"{prefix}-{number}", task_queue=QUEUE)

    async with working(client):
        await asyncio.gather(*map(one, range(there, runs)))


async def make_open_run(client: Client, *, activities: int, workflow_id: str) -> WorkflowHandle[OpenLines, None]:
    """A run that did `activities` activities and has not ended. No worker is left that would answer its events."""
    async with working(client):
        handle = await client.start_workflow(OpenLines.run, activities, id=workflow_id, task_queue=QUEUE)
        await handle.execute_update(OpenLines.wait_until_added)
    return handle


@asynccontextmanager
async def working(client: Client) -> AsyncIterator[None]:
    """A worker for these workflows."""
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[Lines, OpenLines, Heavy],
        activities=[add_line, give],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_activities=200,
        max_concurrent_workflow_tasks=50,
    ):
        yield


async def newest_run(client: Client, workflow_id: str) -> str:
    """The id of its newest run."""
    return (await client.get_workflow_handle(workflow_id).describe()).run_id
