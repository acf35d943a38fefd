"""Syncs that meet: of one run, of one job, of one piece of work; and readings that come in many pages."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import WorkflowHandle
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.derived import derived_rows
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import Steps, new_id
from tests.acceptance.soundness import assert_nothing_half_done
from tests.acceptance.troubled import Asking, BrokenAsking, working
from tests.chaos.truth import told
from tests.databases import Database

from watchglass.model.execution import RunRef
from watchglass.model.redaction import NO_RULES, RedactionRules
from watchglass.parse import PARSE_VERSION
from watchglass.parse.history import parse_history
from watchglass.store.backfills import Advance, NewBackfill, add_backfill, advance, hold_next
from watchglass.store.history_pages import pack_events, unpack_events
from watchglass.store.queue import claim_due, lease
from watchglass.store.redaction import save_rules
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey, SyncState, read_state
from watchglass.sync import read, save
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.sync.read import ReadRun, read_run
from watchglass.sync.rederive import rederive
from watchglass.sync.save import save_runs
from watchglass.temporal import history

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd(database: Database) -> AsyncIterator[Store]:
    """A store with room for eight at once."""
    store = await database.open_store(size=10)
    yield store
    await store.close()


async def run_with_a_step(bench: Bench) -> tuple[WorkflowHandle[Any, Any], ExecutionKey]:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("met"), task_queue=bench.queue)
    await handle.signal(Steps.step, "one")
    return handle, await bench.key_of(handle)


async def state_of(bench: Bench, key: ExecutionKey) -> SyncState:
    async with bench.store.write() as reader:
        state = await read_state(reader, key.id)
    assert state is not None
    return state


async def stored_events(bench: Bench, key: ExecutionKey) -> list[bytes]:
    async with bench.store.write() as reader:
        pages = await reader.fetch(
            "SELECT data FROM history_pages WHERE execution_id = $1 ORDER BY first_event_id", key.id
        )
    return [event.SerializeToString(deterministic=True) for page in pages for event in unpack_events(page["data"])]


async def test_an_older_reading_changes_nothing(bench: Bench) -> None:
    handle, key = await run_with_a_step(bench)
    older = await read_run(bench.parts, await state_of(bench, key))
    await handle.signal(Steps.step, "two")
    await handle.signal(Steps.step, "three")

    async def has_grown() -> bool:
        await sync_execution(bench.parts, key)
        return (await state_of(bench, key)).synced_event_id > older.execution.last_event_id

    assert await eventually(has_grown)
    right = await bench.digest(key)
    assert await save_runs(bench.store, [older]) == []
    assert await bench.digest(key) == right
    await assert_nothing_half_done(bench.store)


@pytest.mark.parametrize("is_replaced", [True, False])
async def test_what_was_read_of_one_history_is_not_added_to_another(bench: Bench, is_replaced: bool) -> None:
    """A namespace failed over while the run was read, and somebody else has stored the other history already.

    It is another one from an event on that was stored, or only after it.
    """
    handle, key = await run_with_a_step(bench)
    await sync_execution(bench.parts, key)
    before = await state_of(bench, key)
    await handle.signal(Steps.step, "two")

    async def longer() -> ReadRun | None:
        reading = await read_run(bench.parts, before)
        return reading if reading.new_pages and reading.execution.last_event_id > before.synced_event_id else None

    reading = await eventually(longer)
    assert reading is not None
    events = [event async for event in handle.fetch_history_events()][: before.synced_event_id + int(not is_replaced)]
    events[-1].event_time.seconds -= 60
    other = replace(reading, execution=parse_history(events, ref=before.ref), replaces=is_replaced)
    new = events if is_replaced else events[-1:]
    assert await save_runs(bench.store, [replace(other, new_pages=pack_events(new))]) == []
    right = await bench.digest(key)
    assert await save_runs(bench.store, [reading]) == [reading]
    assert await bench.digest(key) == right
    outcome = await sync_execution(bench.parts, key)
    assert outcome.synced, outcome
    stored = await stored_events(bench, key)
    assert stored == told([event async for event in handle.fetch_history_events()])[: len(stored)]
    await assert_nothing_half_done(bench.store)


async def test_what_was_read_by_rules_of_before_is_not_stored(bench: Bench) -> None:
    """Changed rules are known to every process within two seconds: until then some read on by those of before."""
    handle, key = await run_with_a_step(bench)
    await sync_execution(bench.parts, key)
    before = await state_of(bench, key)
    await handle.signal(Steps.step, "unspoken")
    try:
        shown = await step_read(bench.parts, before)
        await set_rules(bench, RedactionRules(expressions=("unspoken",)))
        # Nothing else was stored meanwhile, and a process that goes on by what it knew finds out.
        assert await save_runs(bench.store, [shown]) == [shown]
        assert (await sync_execution(bench.parts, key)).synced
        right = await bench.digest(key)
        assert await save_runs(bench.store, [shown]) == [shown]
        assert await bench.digest(key) == right
        rows = await derived_rows(bench.store)
        assert "unspoken" not in str(rows)
        assert (await rederive(bench.store, [key], below=PARSE_VERSION + 1)).done == 1
        assert await derived_rows(bench.store) == rows
    finally:
        await set_rules(bench, NO_RULES)


async def step_read(parts: Parts, before: SyncState) -> ReadRun:
    """A reading that has a step which was not stored before."""

    async def read_on() -> ReadRun | None:
        reading = await read_run(parts, before)
        known = before.synced_event_id
        return reading if any(s.name == "step" and s.event_id > known for s in reading.execution.components) else None

    reading = await eventually(read_on)
    assert reading is not None
    return reading


async def set_rules(bench: Bench, rules: RedactionRules) -> None:
    async with bench.store.write() as writer:
        await save_rules(writer, bench.connection.project_id, rules)


async def test_rows_that_were_derived_again_are_not_overwritten_by_who_read_before(bench: Bench) -> None:
    """Rules may have hidden since what the reading still holds."""
    _, key = await run_with_a_step(bench)
    await sync_execution(bench.parts, key)
    reading = await read_run(bench.parts, await state_of(bench, key))
    assert (await rederive(bench.store, [key], below=PARSE_VERSION + 1)).done == 1
    assert await save_runs(bench.store, [reading]) == [reading]
    assert (await sync_execution(bench.parts, key)).synced


async def test_one_reading_saved_by_eight_at_once_counts_once(bench: Bench, crowd: Store) -> None:
    for _ in range(5):
        handle, key = await run_with_a_step(bench)
        await handle.signal(Steps.finish)
        await handle.result()
        reading = await read_run(bench.parts, await state_of(bench, key))
        await asyncio.gather(*(save_runs(crowd, [reading]) for _ in range(8)))
        await assert_totals_equal_recomputation(bench.store)
    await assert_nothing_half_done(bench.store)


async def test_a_growing_run_synced_by_eight_at_once_is_what_temporal_exports(bench: Bench, crowd: Store) -> None:
    handle, key = await run_with_a_step(bench)
    parts = [Parts(crowd, bench.parts.clients) for _ in range(8)]
    growing = True

    async def sync_on(mine: Parts) -> int:
        done = 0
        while growing:
            outcome = await sync_execution(mine, key)
            assert outcome.error is None, outcome
            done += 1
        return done

    syncing = [asyncio.create_task(sync_on(mine)) for mine in parts]
    for number in range(15):
        await handle.signal(Steps.step, f"step {number}")
        await asyncio.sleep(0.05)
    await handle.signal(Steps.finish)
    assert await handle.result() == 16
    growing = False
    assert sum(await asyncio.gather(*syncing)) > 8
    await sync_execution(bench.parts, key)
    assert await stored_events(bench, key) == told([event async for event in handle.fetch_history_events()])
    await assert_nothing_half_done(bench.store)


async def test_a_history_of_many_pages_is_what_temporal_exports(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE_EVENTS", 3)
    handle, key = await run_with_a_step(bench)
    for number in range(5):
        await handle.signal(Steps.step, f"early {number}")

    async def is_far() -> bool:
        return (await handle.describe()).history_length > 20

    assert await eventually(is_far)
    await sync_execution(bench.parts, key)
    first = (await state_of(bench, key)).synced_event_id
    assert first > 10
    for number in range(5):
        await handle.signal(Steps.step, f"late {number}")
    await handle.signal(Steps.finish)
    await handle.result()
    right = told([event async for event in handle.fetch_history_events()])
    assert len(right) - first > 6
    ref = RunRef(handle.id, handle.result_run_id or "")
    fetched = await history.read_back_to(await bench.parts.access(bench.connection), ref, first)
    assert [event.event_id for event in fetched] == list(range(first, len(right) + 1))
    await sync_execution(bench.parts, key)
    assert await stored_events(bench, key) == right


async def test_events_that_the_server_may_replace_are_not_kept(bench: Bench) -> None:
    """A workflow task that fails again and again: its newest events have ids that later stand for others."""
    queue = new_id("broken")
    handle = await bench.client.start_workflow("Asking", id=new_id("transient"), task_queue=queue)
    async with working(bench.client, queue, workflows=[BrokenAsking]):
        await handle.signal("begin")
        key = await bench.key_of(handle)

        async def fails_again() -> bool:
            pending = (await handle.describe()).raw_description.pending_workflow_task
            await sync_execution(bench.parts, key)
            return pending.attempt > 2

        assert await eventually(fails_again)
    before = await stored_events(bench, key)
    async with working(bench.client, queue, workflows=[Asking]):
        assert await handle.result() == "answered"
    right = told([event async for event in handle.fetch_history_events()])
    assert before == right[: len(before)], "what was stored has changed in Temporal"
    await sync_execution(bench.parts, key)
    assert await stored_events(bench, key) == right


async def test_who_lost_a_job_writes_nothing_more_of_it(bench: Bench) -> None:
    async with bench.store.write() as writer:
        job_id = await add_backfill(writer, bench.connection, NewBackfill())
        first = await hold_next(writer, holder=uuid4(), seconds=-1, without=(), wanted=job_id)
        second = await hold_next(writer, holder=uuid4(), seconds=30, without=(), wanted=job_id)
    assert first is not None and second is not None
    async with bench.store.write() as writer:
        assert not await advance(writer, first, Advance(queued=7), seconds=30)
        assert await advance(writer, second, Advance(queued=2), seconds=30)
        assert await writer.fetchval("SELECT queued_runs FROM backfills WHERE id = $1", job_id) == 2


async def test_what_one_works_on_is_not_due_for_another(bench: Bench) -> None:
    _, key = await run_with_a_step(bench)

    async def taken() -> list[ExecutionKey]:
        async with bench.store.write() as writer:
            claim = await claim_due(
                writer, connection_id=bench.connection.id, limit=1000, lease_seconds=0.5, backfill_limit=1000
            )
        return [found_key for found_key, _ in claim.runs]

    assert key in await taken()
    assert key not in await taken()
    async with bench.store.write() as writer:
        await lease(writer, [key], seconds=60)
    await asyncio.sleep(0.6)
    assert key not in await taken()
    async with bench.store.write() as writer:
        await writer.execute("UPDATE workflow_executions SET next_sync_at = now() WHERE id = $1", key.id)
    assert key in await taken()


class SetClock:
    """The clock of a machine that is wrong by `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._off = int(seconds * 1e9)

    def time_ns(self) -> int:
        return time.time_ns() + self._off

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.mark.parametrize("off", [timedelta(minutes=10), -timedelta(minutes=10)], ids=["fast", "slow"])
async def test_a_wrong_clock_of_ours_changes_no_row_and_leaves_no_run_stale(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    handle, key = await run_with_a_step(bench)
    for module in (read, save):
        monkeypatch.setattr(module, "time", SetClock(off.total_seconds()))
    await sync_execution(bench.parts, key)
    async with bench.store.write() as reader:
        wait = await reader.fetchval(
            "SELECT extract(epoch FROM next_sync_at - clock_timestamp()) FROM workflow_executions WHERE id = $1", key.id
        )
    # The run seems to have been quiet for ten minutes at most, a tenth of which is waited.
    assert 0 < wait < 70, "it is looked at again by the database's clock"
    await handle.signal(Steps.finish)
    await handle.result()
    await sync_execution(bench.parts, key)
    wrong = await bench.digest(key)
    async with bench.store.write() as writer:
        negative = await writer.fetchval(
            "SELECT count(*) FROM component_executions WHERE execution_id = $1 AND duration_ms < 0", key.id
        )
        await writer.execute("UPDATE workflow_executions SET is_final = false WHERE id = $1", key.id)
    assert negative == 0
    monkeypatch.undo()
    await sync_execution(bench.parts, key)
    assert await bench.digest(key) == wrong
