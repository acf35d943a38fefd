"""Runs that somebody watches, or that retry, are followed: by one process, seeing every attempt, until they end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Literal

import pytest
import pytest_asyncio
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from tests.acceptance.bench import Bench, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.following import following
from tests.acceptance.observed import Steps, new_id, observed_worker

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.execution import RunRef
from watchglass.store.component_reads import read_attempts, read_components
from watchglass.store.scope import Store, Writer
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.follow import Follower
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

FAILING = 3


@activity.defn
async def labour(lasts: float) -> str:
    """Works for a while, fails three times, and tells how far it is."""
    info = activity.info()
    activity.heartbeat({"attempt": info.attempt})
    await asyncio.sleep(lasts)
    if info.attempt <= FAILING:
        raise ApplicationError(f"attempt {info.attempt} failed", type="NotYet")
    return "done"


@workflow.defn
class Labour:
    @workflow.run
    async def run(self, lasts: float) -> str:
        return await workflow.execute_activity(
            labour,
            lasts,
            start_to_close_timeout=timedelta(seconds=30),
            heartbeat_timeout=timedelta(seconds=20),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1),
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def labourers(temporal: EmbeddedTemporal) -> AsyncIterator[tuple[Client, str]]:
    async with observed_worker(temporal.address, workflows=[Labour], activities=[labour]) as worker:
        yield worker


async def rows(store: Store, query: str, *values: object) -> list[Any]:
    async with store.write() as reader:
        return [dict(row) for row in await reader.fetch(query, *values)]


async def holders(bench: Bench, key: ExecutionKey) -> list[Any]:
    return await rows(
        bench.store,
        "SELECT holder, confirmed_at FROM followed_executions WHERE execution_id = $1 AND leased_until > now()",
        key.id,
    )


async def is_final(bench: Bench, key: ExecutionKey) -> bool:
    (row,) = await rows(bench.store, "SELECT is_final FROM workflow_executions WHERE id = $1", key.id)
    return bool(row["is_final"])


async def start_labour(labourers: tuple[Client, str], lasts: float) -> WorkflowHandle[Any, str]:
    client, queue = labourers
    return await client.start_workflow(Labour.run, lasts, id=new_id("labour"), task_queue=queue)


async def test_what_happens_to_a_watched_run_is_copied_without_asking(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("watched"), task_queue=bench.queue)
    key = await bench.key_of(handle)
    async with following(bench.parts):
        await ImmediateSync(bench.parts).watch(key.project_id, key.id)

        async def steps_are(count: int) -> bool:
            components = await rows(
                bench.store, "SELECT FROM component_executions WHERE execution_id = $1 AND kind = 'activity'", key.id
            )
            return len(components) == count

        async def is_confirmed() -> bool:
            return any(row["confirmed_at"] for row in await holders(bench, key))

        assert await eventually(is_confirmed)
        for number in (1, 2, 3):
            await handle.signal(Steps.step, f"step {number}")
            assert await eventually(lambda count=number: steps_are(count))
        await handle.signal(Steps.finish)
        assert await eventually(lambda: is_final(bench, key))

        async def is_left() -> bool:
            return not await rows(bench.store, "SELECT FROM followed_executions WHERE execution_id = $1", key.id)

        assert await eventually(is_left), "a run that has ended is followed no longer"


class AwayAtFirst(Store):
    """A database that is lost when it is asked for the first time."""

    @asynccontextmanager
    async def write(
        self, *, isolation: Literal["read_committed", "repeatable_read"] = "read_committed"
    ) -> AsyncIterator[Writer]:
        if self not in _asked:
            _asked.append(self)
            raise ConnectionResetError("the database went away")
        async with Store.write(self, isolation=isolation) as writer:
            yield writer


_asked: list[Store] = []


async def test_who_waits_for_news_waits_again_after_the_database_was_away(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("waited-for"), task_queue=bench.queue)
    key = await bench.key_of(handle)
    assert handle.first_execution_run_id is not None
    store = AwayAtFirst(bench.store.login, bench.store.sync)
    follower = Follower(Parts(store, bench.parts.clients), key, is_watched=True)
    listening = asyncio.create_task(
        follower._listen(bench.connection, RunRef(handle.id, handle.first_execution_run_id))
    )

    async def stands() -> bool:
        return listening.done() or follower._stands_at_end

    try:
        assert await eventually(stands)
        assert not listening.done()
        assert _asked == [store]
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await handle.terminate()


async def test_every_attempt_of_a_watched_run_is_kept_with_start_end_and_error(
    bench: Bench, labourers: tuple[Client, str]
) -> None:
    handle = await start_labour(labourers, 1.2)
    key = await bench.key_of(handle)
    async with following(bench.parts):
        watching = ImmediateSync(bench.parts)
        await watching.watch(key.project_id, key.id)

        async def has_next_attempt() -> bool:
            return bool(
                await rows(
                    bench.store,
                    "SELECT FROM component_executions WHERE execution_id = $1 AND next_attempt_at IS NOT NULL "
                    "AND status = 'retrying' AND last_heartbeat_at IS NOT NULL AND heartbeat IS NOT NULL",
                    key.id,
                )
            )

        assert await eventually(has_next_attempt)
        assert await eventually(lambda: is_final(bench, key))
    async with bench.store.write() as reader:
        unit = {"project_id": key.project_id, "execution_id": key.id}
        (component,) = await read_components(reader, **unit, after=0, limit=10)
        attempts = await read_attempts(reader, **unit, event_id=component.event_id)
    assert [attempt.number for attempt in attempts] == [1, 2, 3, 4]
    assert [attempt.source for attempt in attempts] == ["observed"] * FAILING + ["recorded"]
    assert [attempt.failure and attempt.failure.message for attempt in attempts] == [
        *(f"attempt {number} failed" for number in range(1, FAILING + 1)),
        None,
    ]
    times = [(attempt.started_at, attempt.ended_at) for attempt in attempts]
    flat = [moment for pair in times for moment in pair]
    assert None not in flat
    assert flat == sorted(flat), "one after another"  # type: ignore[type-var]
    spent = sum(ended - started for started, ended in times) / 1000  # type: ignore[operator]
    clocks = component.clocks
    assert clocks.execution_ms == pytest.approx(spent)
    assert clocks.queue_ms is None
    assert clocks.retry_ms is not None
    assert clocks.duration_ms == pytest.approx(clocks.execution_ms + clocks.retry_ms)


async def test_a_retrying_run_that_nobody_watches_is_followed_too(bench: Bench, labourers: tuple[Client, str]) -> None:
    handle = await start_labour(labourers, 0.05)
    key = await bench.key_of(handle)

    async def retries() -> bool:
        return (await sync_execution(bench.parts, key)).is_retrying

    async with following(bench.parts):
        assert await eventually(retries)
        assert await eventually(lambda: is_final(bench, key))
    failures = await rows(
        bench.store,
        "SELECT number FROM component_attempts WHERE execution_id = $1 AND failure IS NOT NULL ORDER BY seen_no",
        key.id,
    )
    assert [row["number"] for row in failures] == [1, 2, 3]


async def test_a_run_has_one_follower_however_many_look_and_whoever_could(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("one"), task_queue=bench.queue)
    key = await bench.key_of(handle)
    seen = set()
    async with following(bench.parts), following(bench.parts):
        pages = [ImmediateSync(bench.parts) for _ in range(5)]
        await asyncio.gather(*(page.watch(key.project_id, key.id) for page in pages for _ in range(20)))

        async def is_held() -> bool:
            return bool(await holders(bench, key))

        assert await eventually(is_held)
        for _ in range(40):
            held = await holders(bench, key)
            assert len(held) == 1
            seen.add(held[0]["holder"])
            await asyncio.sleep(0.1)
    assert len(seen) == 1
    assert not await holders(bench, key), "who stops gives its leases back"
    async with following(bench.parts):
        await handle.signal(Steps.finish)
        assert await eventually(lambda: is_final(bench, key)), "another has taken it up"
