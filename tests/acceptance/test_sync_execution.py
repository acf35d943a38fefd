"""One run, made equal to Temporal: real server, real database."""

import asyncio
from itertools import pairwise

import pytest
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Greeting, Retried, Steps, new_id

from watchglass.sync.one import sync_execution

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


async def test_a_closed_run_is_copied_whole(bench: Bench) -> None:
    handle = await bench.client.start_workflow(
        Greeting.run, ["Ada", "Grace"], id=new_id("greeting"), task_queue=bench.queue
    )
    await handle.result()
    key = await bench.key_of(handle)
    outcome = await sync_execution(bench.parts, key)
    assert outcome.synced and outcome.changed
    async with bench.store.write() as reader:
        row = await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)
        components = await reader.fetch(
            "SELECT name, status, occurrence FROM component_executions WHERE execution_id = $1 ORDER BY event_id",
            key.id,
        )
    assert row is not None
    assert (row["status"], row["is_final"], row["component_count"]) == ("completed", True, 2)
    assert [tuple(c) for c in components] == [("greet", "completed", 1), ("greet", "completed", 2)]


async def test_syncing_twice_and_four_at_once_changes_nothing(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("steps"), task_queue=bench.queue)
    key = await bench.key_of(handle)
    await sync_execution(bench.parts, key)
    await handle.signal(Steps.step, "one")
    await handle.signal(Steps.finish)
    assert await handle.result() == 1
    outcomes = await asyncio.gather(*(sync_execution(bench.parts, key) for _ in range(4)))
    assert all(outcome.synced for outcome in outcomes)
    first = await bench.digest(key)
    await sync_execution(bench.parts, key)
    assert await bench.digest(key) == first


async def test_a_growing_run_synced_all_the_while_ends_as_if_synced_once(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("steps"), task_queue=bench.queue)
    key = await bench.key_of(handle)

    async def grow() -> None:
        for number in range(8):
            await handle.signal(Steps.step, f"step {number}")
            await asyncio.sleep(0.05)
        await handle.signal(Steps.finish)
        await handle.result()

    async def sync_on() -> list[int]:
        seen = []
        while not growing.done():
            await asyncio.gather(*(sync_execution(bench.parts, key) for _ in range(2)))
            async with bench.store.write() as reader:
                seen.append(
                    await reader.fetchval("SELECT synced_event_id FROM workflow_executions WHERE id = $1", key.id)
                )
        return seen

    growing = asyncio.create_task(grow())
    seen = await sync_on()
    await growing
    await sync_execution(bench.parts, key)
    assert seen == sorted(seen), "the newest stored event never goes back"
    async with bench.store.write() as reader:
        row = await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)
        pages = await reader.fetch(
            "SELECT first_event_id, last_event_id FROM history_pages WHERE execution_id = $1 ORDER BY 1", key.id
        )
        steps = await reader.fetch(
            "SELECT name, kind, status FROM component_executions WHERE execution_id = $1 ORDER BY event_id", key.id
        )
    assert row is not None and row["status"] == "completed"
    assert pages[0][0] == 1
    assert all(before[1] + 1 == after[0] for before, after in pairwise(pages))
    assert sum(step["kind"] == "activity" for step in steps) == 8
    assert {step["status"] for step in steps} == {"completed"}


async def test_every_failed_attempt_of_a_living_activity_is_kept(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Retried.run, 6, id=new_id("retried"), task_queue=bench.queue)
    key = await bench.key_of(handle)
    result = asyncio.create_task(handle.result())
    while not result.done():
        await sync_execution(bench.parts, key)
        await asyncio.sleep(0.3)
    assert await result == "worked at attempt 6"
    await sync_execution(bench.parts, key)
    async with bench.store.write() as reader:
        attempts = await reader.fetch(
            "SELECT number, failure FROM component_attempts WHERE execution_id = $1 ORDER BY seen_no", key.id
        )
    assert [attempt["number"] for attempt in attempts] == [1, 2, 3, 4, 5]
    assert all(f"attempt {attempt['number']} failed" in attempt["failure"] for attempt in attempts)
