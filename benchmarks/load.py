"""Real runs to measure with: workflows of N activities, executed by a real worker."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

QUEUE = "benchmark"
AT_ONCE = 200
"""Activities that one workflow has under way at a time."""


@activity.defn
async def add_line(number: int) -> dict[str, int | float | str]:
    return {"line": number, "sku": f"SKU-{number:05d}", "quantity": number % 7, "price": 19.9}


@workflow.defn
class Lines:
    @workflow.run
    async def run(self, count: int) -> int:
        for start in range(0, count, AT_ONCE):
            part = range(start, min(start + AT_ONCE, count))
            await asyncio.gather(
                *(workflow.execute_activity(add_line, n, start_to_close_timeout=timedelta(minutes=1)) for n in part)
            )
        return count


async def make_runs(client: Client, *, runs: int, activities: int, prefix: str) -> None:
    """Execute `runs` workflows of `activities` activities each, to their end."""
    turn = asyncio.Semaphore(20)

    async def one(number: int) -> None:
        async with turn:
            await client.execute_workflow(Lines.run, activities, id=f"{prefix}-{number}", task_queue=QUEUE)

    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[Lines],
        activities=[add_line],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_activities=200,
        max_concurrent_workflow_tasks=50,
    ):
        await asyncio.gather(*map(one, range(runs)))
