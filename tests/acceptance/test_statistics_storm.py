"""After any storm of syncs, concurrent, repeated and cut off, the kept figures are what the rows add up to."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.hostile import ACTIVITIES as COMPLAINING
from tests.acceptance.hostile import Complain
from tests.acceptance.observed import ACTIVITIES, Chain, Greeting, Retried, Steps, new_id, observed_worker

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.discover import discover
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.one import sync_executions

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

WAVES = 6


async def known(store: Store) -> list[ExecutionKey]:
    async with store.write() as reader:
        rows = await reader.fetch("SELECT project_id, id FROM workflow_executions")
    return [ExecutionKey(row["project_id"], row["id"]) for row in rows]


async def start_wave(client: Client, queue: str, wave: int) -> None:
    """Runs that complete, fail, carry on as new, are retried, cancelled, terminated, time out, or stay open."""

    async def start(run: Any, *arguments: Any, **options: Any) -> WorkflowHandle[Any, Any]:
        return await client.start_workflow(
            run, args=list(arguments), id=new_id(f"storm-{wave}"), task_queue=queue, **options
        )

    await start(Greeting.run, ["Ada", "Grace", "Edsger"])
    await start(Complain.run)
    await start(Chain.run, 3)
    await start(Retried.run, 2)
    await (await start(Steps.run)).cancel()
    await (await start(Steps.run)).terminate("enough")
    await start(Steps.run, run_timeout=timedelta(seconds=1))
    growing = await start(Steps.run)
    for number in range(5):
        await growing.signal(Steps.step, f"step {number}")
        await asyncio.sleep(0.02)
    if wave % 2:
        await growing.signal(Steps.finish)
        with suppress(WorkflowFailureError):
            await growing.result()


async def test_totals_equal_recomputation_after_a_storm(
    bench: Bench, temporal: EmbeddedTemporal, pytestconfig: pytest.Config
) -> None:
    dice = random.Random(pytestconfig.getoption("randomly_seed", 1))
    looking = ImmediateSync(bench.parts)
    storming = True
    cut_off = 0

    async def discover_on() -> None:
        while storming:
            await discover(bench.parts, bench.connection)
            await asyncio.sleep(dice.random() / 10)

    async def sync_on() -> None:
        nonlocal cut_off
        while storming:
            keys = await known(bench.store)
            chosen = dice.sample(keys, min(len(keys), dice.randint(1, 12)))
            task = asyncio.create_task(sync_executions(bench.parts, chosen))
            if dice.random() < 0.3:
                await asyncio.sleep(dice.random() / 20)
                cut_off += task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            if chosen:
                await looking.refresh(chosen[0].id, force=True)
            await asyncio.sleep(0.01)

    async with observed_worker(
        temporal.address,
        workflows=(Greeting, Complain, Chain, Retried, Steps),
        activities=(*ACTIVITIES, *COMPLAINING),
    ) as (client, queue):
        storm = [asyncio.create_task(job()) for job in (discover_on, discover_on, *[sync_on] * 4)]
        await asyncio.gather(*(start_wave(client, queue, wave) for wave in range(WAVES)))
        await asyncio.sleep(4)

        async def has_all() -> bool:
            return len(await known(bench.store)) >= WAVES * 11

        assert await eventually(has_all)
        storming = False
        await asyncio.gather(*storm)
    assert cut_off > 0
    await sync_executions(bench.parts, await known(bench.store))
    async with bench.store.write() as reader:
        rows = await reader.fetch("SELECT status, count(*) FROM workflow_executions GROUP BY status")
    assert {row["status"] for row in rows} == {
        "completed",
        "failed",
        "continued_as_new",
        "cancelled",
        "terminated",
        "timed_out",
        "running",
    }
    await assert_totals_equal_recomputation(bench.store)
