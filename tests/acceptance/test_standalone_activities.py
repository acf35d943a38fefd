"""Activities that run without any workflow: Temporal keeps them apart from runs, and so they are no runs here."""

from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.worker import Worker
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import greet, new_id

from watchglass.sync.discover import discover
from watchglass.temporal.visibility import count_runs

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


async def known(bench: Bench) -> int:
    async with bench.store.write() as reader:
        count: int = await reader.fetchval("SELECT count(*) FROM workflow_executions")
    return count


async def test_they_are_neither_listed_nor_counted_nor_copied(bench: Bench) -> None:
    await discover(bench.parts, bench.connection)
    access = await bench.parts.access(bench.connection)
    before = await known(bench), await count_runs(access, "")
    queue = new_id("alone")
    client = await Client.connect(bench.connection.address)
    async with Worker(client, task_queue=queue, activities=[greet]):
        done = await client.execute_activity(
            greet, "Ada", id=new_id("greeting"), task_queue=queue, start_to_close_timeout=timedelta(seconds=10)
        )
    assert done == "Hello, Ada"
    assert (await client.count_activities(f"TaskQueue = '{queue}'")).count == 1
    await discover(bench.parts, bench.connection)
    assert (await known(bench), await count_runs(access, "")) == before
