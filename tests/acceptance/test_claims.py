"""Work that is under way is not done twice just because a machine is slow. Nothing here measures time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from temporalio import activity, workflow
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker
from tests.acceptance.bench import Bench
from tests.acceptance.eventually import eventually
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import Greeting, new_id, observed_worker
from tests.databases import make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.connections import ensure_connection
from watchglass.store.queue import Claim, claim_due, keep_claimed, lease
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.activities import Activities
from watchglass.sync.claims import Claims
from watchglass.sync.discover import discover
from watchglass.sync.listening import Listening
from watchglass.sync.messages import BatchResult, Key
from watchglass.sync.parts import Parts
from watchglass.sync.unheard import answer_is_lost
from watchglass.temporal.client import Clients

pytestmark = pytest.mark.acceptance

RUNS = 30
"""More than are read together, so that a batch has two parts."""
LONG = 3600.0


@dataclass(frozen=True)
class Slow(Bench):
    proxy: GrpcProxy

    async def finished_runs(self) -> list[ExecutionKey]:
        handles = [
            await self.client.start_workflow(Greeting.run, [], id=new_id("claimed"), task_queue=self.queue)
            for _ in range(RUNS)
        ]
        await asyncio.gather(*(handle.result() for handle in handles))
        return [await self.key_of(handle) for handle in handles]

    async def claim(self) -> Claim:
        async with self.store.write() as writer:
            return await claim_due(
                writer, connection_id=self.connection.id, limit=1000, lease_seconds=LONG, backfill_limit=0
            )

    async def due_at(self, keys: list[ExecutionKey]) -> dict[ExecutionKey, datetime | None]:
        async with self.store.write() as reader:
            rows = await reader.fetch(
                "SELECT project_id, id, next_sync_at FROM workflow_executions WHERE id = ANY ($1::uuid[])",
                [key.id for key in keys],
            )
        return {ExecutionKey(row["project_id"], row["id"]): row["next_sync_at"] for row in rows}

    async def copied(self, keys: list[ExecutionKey]) -> int:
        return sum(due is None for due in (await self.due_at(keys)).values())

    def reads(self) -> int:
        return self.proxy.calls["GetWorkflowExecutionHistory"] + self.proxy.calls["GetWorkflowExecutionHistoryReverse"]

    def activities(self) -> Activities:
        return Activities(self.parts, Listening(self.store), Claims(self.store))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def slow(store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[Slow]:
    async with GrpcProxy(temporal.address) as proxy, observed_worker(temporal.address) as (client, queue):
        project_id, _ = await make_project(store, "Slow", owner="ada")
        async with store.write() as writer:
            connection = await ensure_connection(
                writer, project_id=project_id, address=proxy.address, namespace="default", is_embedded=True
            )
        yield Slow(store, Parts(store, Clients()), connection, client, queue, proxy)


def messages(keys: list[ExecutionKey]) -> list[Key]:
    return [Key(str(key.project_id), str(key.id)) for key in keys]


async def test_what_was_claimed_is_kept_until_somebody_begins_and_no_list_puts_it_back(slow: Slow) -> None:
    keys = await slow.finished_runs()
    first = await slow.claim()
    assert {key for key, _ in first.runs} >= set(keys)
    assert first.until is not None
    assert set((await slow.due_at(keys)).values()) == {first.until}
    await discover(slow.parts, slow.connection)
    assert not {key for key, _ in (await slow.claim()).runs} & set(keys), "the list tells nothing new of them"

    begun, *waiting = keys
    async with slow.store.write() as writer:
        await lease(writer, [begun], seconds=2 * LONG)
    begun_until = (await slow.due_at([begun]))[begun]
    async with slow.store.write() as writer:
        kept = await keep_claimed(writer, keys, [first.until], seconds=LONG)
    assert kept is not None
    assert kept > first.until
    assert set((await slow.due_at(waiting)).values()) == {kept}
    assert (await slow.due_at([begun]))[begun] == begun_until, "who has begun keeps it"

    await ActivityEnvironment().run(slow.activities().sync_batch, messages(keys))
    assert await slow.copied(keys) == RUNS
    async with slow.store.write() as writer:
        assert await keep_claimed(writer, keys, [first.until, kept], seconds=LONG) is None, "nothing is left to keep"
    assert await slow.copied(keys) == RUNS


async def test_a_second_attempt_leaves_to_the_first_what_that_one_still_keeps(slow: Slow) -> None:
    keys = await slow.finished_runs()
    kept, let_go = keys[:20], keys[20:]
    async with slow.store.write() as writer:
        await lease(writer, kept, seconds=LONG)
    before = slow.reads()
    told: list[tuple[object, ...]] = []
    second = ActivityEnvironment()
    second.info = replace(second.info, attempt=2, heartbeat_details=["begun"])
    assert await second.run(slow.activities().sync_batch, messages(keys)) == BatchResult(synced=len(let_go))
    assert slow.reads() - before == await slow.copied(let_go) == len(let_go)
    assert await slow.copied(kept) == 0

    # One that died before it began has told nothing: then it is the second's to do.
    second.info = replace(second.info, heartbeat_details=[])
    second.on_heartbeat = lambda *details: told.append(details)
    assert await second.run(slow.activities().sync_batch, messages(kept)) == BatchResult(synced=len(kept))
    assert slow.reads() - before == RUNS
    assert ("begun",) in told, "and the third would know"


async def test_a_batch_that_is_given_up_for_slow_writes_what_it_has_read(slow: Slow) -> None:
    keys = await slow.finished_runs()
    before = slow.reads()
    given_up = ActivityEnvironment()

    def give_up(*told: object) -> None:
        if told:
            given_up.cancel(ActivityCancellationDetails(timed_out=True))

    given_up.on_heartbeat = give_up
    with suppress(asyncio.CancelledError):
        await given_up.run(slow.activities().sync_batch, messages(keys))
    copied = await slow.copied(keys)
    assert 0 < copied == slow.reads() - before
    # The queue has the rest: whoever takes it reads nothing a second time.
    await ActivityEnvironment().run(slow.activities().sync_batch, messages(keys))
    assert await slow.copied(keys) == slow.reads() - before == RUNS


@workflow.defn(sandboxed=False)
class Asking:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("answer", start_to_close_timeout=timedelta(seconds=5))


async def test_who_answers_after_being_given_up_is_not_heard_and_puts_back_what_it_took(slow: Slow) -> None:
    keys = await slow.finished_runs()
    claims = Claims(slow.store)
    told: list[Callable[[], Awaitable[bool]]] = []
    goes_on = asyncio.Event()

    @activity.defn
    async def answer() -> None:
        told.append(answer_is_lost())
        await goes_on.wait()

    queue = new_id("asking")
    async with Worker(slow.client, task_queue=queue, workflows=[Asking], activities=[answer]):
        handle = await slow.client.start_workflow(Asking.run, id=queue, task_queue=queue)

        async def asked(times: int) -> bool:
            return len(told) >= times

        assert await eventually(lambda: asked(1))
        assert not await told[0](), "it may still answer"
        claim = await slow.claim()
        claims.keep(claim, told[0])
        (held,) = claims._held
        await claims._renew(held)
        await claims._put_back_lost()
        assert claims._held == [held]
        kept = set((await slow.due_at(keys)).values())
        assert kept.isdisjoint({claim.until, None}), "it is kept for longer"

        assert await eventually(lambda: asked(2))
        assert await told[0]()
        assert not await told[1]()
        async with slow.store.write() as reader:
            now = await reader.fetchval("SELECT clock_timestamp()")
            await claims._renew(held)
            await claims._put_back_lost()
        assert claims._held == []
        due = set((await slow.due_at(keys)).values())
        assert all(at is not None and at >= now for at in due)
        assert {key for key, _ in (await slow.claim()).runs} >= set(keys), "whoever asks next takes them"
        goes_on.set()
        await handle.result()
        assert [await is_lost() for is_lost in told] == [True, False], "the second was heard"
