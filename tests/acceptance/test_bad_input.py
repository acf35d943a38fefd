"""Whatever Temporal accepts is copied, byte for byte, or set aside with its reason; no run stops another."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from temporalio.api.common.v1 import Payloads
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.common import RawValue
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.hostile import (
    ACTIVITIES,
    JSON_TEXTS,
    NUL_AND_HTML,
    WORKFLOWS,
    Complain,
    Echo,
    EndedFromOutside,
    json_payload,
    nested_failure,
)
from tests.acceptance.observed import new_id, observed_worker
from tests.api.seeded import Caller, client_for

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.executions import read_set_aside
from watchglass.store.failures import failure_from_json
from watchglass.store.history_pages import read_events
from watchglass.store.queue import claim_due, enqueue
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.freshness import TRIES_BEFORE_SET_ASIDE
from watchglass.sync.one import sync_execution, sync_executions
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile(bench: Bench, temporal: EmbeddedTemporal) -> AsyncIterator[Bench]:
    """The bench with a worker that runs the hostile workflows."""
    async with observed_worker(temporal.address, workflows=WORKFLOWS, activities=ACTIVITIES) as (client, queue):
        yield replace(bench, client=client, queue=queue)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ada(bench: Bench) -> AsyncIterator[Caller]:
    token = await create_token(bench.store, user="ada", name="test", lifetime=timedelta(hours=1))
    async with client_for(bench.store, bench.parts) as client:
        yield Caller(client, token)


async def row_of(bench: Bench, key: ExecutionKey) -> Any:
    async with bench.store.write() as reader:
        return await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)


async def units(bench: Bench, execution_id: UUID) -> list[Any]:
    async with bench.store.write() as reader:
        return await reader.fetch(
            "SELECT * FROM component_executions WHERE execution_id = $1 ORDER BY event_id", execution_id
        )


async def shown(ada: Caller, key: ExecutionKey) -> dict[str, Any]:
    """What the page gets: the run with its steps, and each step in full."""
    details: dict[str, Any] = await ada.data("execution.getExecutionDetails", {"executionId": str(key.id)})
    for component in details["components"]:
        await ada.data("execution.getComponentExecution", {"executionId": str(key.id), "eventId": component["eventId"]})
    await ada.data("execution.getHistoryEvents", {"executionId": str(key.id)})
    return details


def payload_bytes(data: bytes) -> list[bytes]:
    return [payload.data for payload in Payloads.FromString(data).payloads]


async def echoed(bench: Bench, workflow_id: str, data: bytes) -> ExecutionKey:
    handle = await bench.client.start_workflow(
        Echo.run, RawValue(json_payload(data)), id=workflow_id, task_queue=bench.queue
    )
    async with asyncio.timeout(120):
        await handle.result()
    return await bench.key_of(handle)


async def stored_values(bench: Bench, key: ExecutionKey) -> list[bytes]:
    """Every payload of the stored history: input, activity input, activity result, result."""
    async with bench.store.write() as reader:
        events = await read_events(reader, project_id=key.project_id, execution_id=key.id)
    fields = (
        ("workflow_execution_started_event_attributes", "input"),
        ("activity_task_scheduled_event_attributes", "input"),
        ("activity_task_completed_event_attributes", "result"),
        ("workflow_execution_completed_event_attributes", "result"),
    )
    return [
        getattr(getattr(event, attributes), field).payloads[0].data
        for event in events
        for attributes, field in fields
        if event.HasField(attributes)
    ]


@pytest.mark.parametrize("data", JSON_TEXTS.values(), ids=JSON_TEXTS.keys())
async def test_a_payload_is_kept_byte_for_byte(hostile: Bench, ada: Caller, data: bytes) -> None:
    key = await echoed(hostile, new_id("payload"), data)
    outcome = await sync_execution(hostile.parts, key)
    assert outcome.synced, outcome.error
    assert await stored_values(hostile, key) == [data] * 4
    row = await row_of(hostile, key)
    (unit,) = await units(hostile, key.id)
    if len(data) < 2000:
        assert [payload_bytes(row[side]) for side in ("input", "result")] == [[data]] * 2
        assert [payload_bytes(unit[side]) for side in ("input", "output")] == [[data]] * 2
    details = await shown(ada, key)
    assert details["execution"]["status"] == "completed"
    assert details["components"][0]["displayName"] == "a summary with \ufffd and \ufffd"


async def test_payloads_of_two_megabytes_are_kept_whole(hostile: Bench, ada: Caller) -> None:
    data = b'"' + b"x" * 1_900_000 + b'"'
    key = await echoed(hostile, new_id("large"), data)
    outcome = await sync_execution(hostile.parts, key)
    assert outcome.synced, outcome.error
    assert await stored_values(hostile, key) == [data] * 4
    row = await row_of(hostile, key)
    assert (row["input"], row["input_bytes"]) == (None, len(data)), "large values stand in the history alone"
    details = await shown(ada, key)
    assert details["components"][0]["inputTruncated"]


async def test_ids_and_errors_with_nul_and_html_are_copied_and_found_again(hostile: Bench, ada: Caller) -> None:
    workflow_id = new_id(f"hostile{NUL_AND_HTML}")
    handle = await hostile.client.start_workflow(Complain.run, id=workflow_id, task_queue=hostile.queue)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    key = await hostile.key_of(handle)
    outcome = await sync_execution(hostile.parts, key)
    assert outcome.synced, outcome.error
    row = await row_of(hostile, key)
    assert row["temporal_workflow_id"] == workflow_id.replace("\x00", "\\x00")
    assert row["temporal_workflow_key"] == workflow_id.encode()
    assert row["error_message"] == f"bad luck {NUL_AND_HTML}".replace("\x00", "\ufffd")
    details = await shown(ada, key)
    assert details["execution"]["failure"]["cause"]["type"] == f"Type{NUL_AND_HTML}".replace("\x00", "\ufffd")


async def fail_deeply(temporal: EmbeddedTemporal, handle: WorkflowHandle[Any, Any], causes: int) -> None:
    """End the run's activity with a failure that no gRPC client could write."""
    url = f"{temporal.http_address}/api/v1/namespaces/default/workflows/{handle.id}/activities/later/fail"
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(120):
        while True:
            answer = await client.post(url, content=f'{{"failure":{nested_failure(causes)}}}')
            if answer.status_code == httpx.codes.OK:
                return
            await asyncio.sleep(0.1)


async def start_waiting(hostile: Bench, prefix: str, *, attempts: int = 1, signals: int = 0) -> Any:
    handle = await hostile.client.start_workflow(
        EndedFromOutside.run,
        args=[RawValue(json_payload(JSON_TEXTS["2^64"])), attempts],
        id=new_id(prefix),
        task_queue=hostile.queue,
    )
    for number in range(signals):
        await handle.signal(EndedFromOutside.note, number)
    return handle


@pytest.mark.parametrize("causes", [120, 1000, 9000])
async def test_a_failure_too_deep_for_grpc_is_copied_and_holds_up_nobody(
    hostile: Bench, ada: Caller, temporal: EmbeddedTemporal, causes: int
) -> None:
    # More events than one page of the HTTP API has.
    handle = await start_waiting(hostile, "deep", signals=300)
    deep = await hostile.key_of(handle)
    await fail_deeply(temporal, handle, causes)
    await handle.terminate("its worker cannot read it either")
    length = (await handle.describe()).history_length
    others = [await echoed(hostile, new_id("beside"), b"1") for _ in range(8)]

    outcomes = await sync_executions(hostile.parts, [*others[:4], deep, *others[4:]])
    assert [outcomes[key].error for key in (deep, *others)] == [None] * 9
    row = await row_of(hostile, deep)
    assert (row["status"], row["synced_event_id"], row["is_final"]) == ("terminated", length, True)
    async with hostile.store.write() as reader:
        events = await read_events(reader, project_id=deep.project_id, execution_id=deep.id)
    assert [event.event_id for event in events] == list(range(1, length + 1))
    given = events[0].workflow_execution_started_event_attributes.input.payloads[0].data
    assert given == JSON_TEXTS["2^64"], "the HTTP API must not write the payload anew"
    (unit,) = [unit for unit in await units(hostile, deep.id) if unit["kind"] == "activity"]
    assert (unit["status"], unit["error_message"], unit["error_type"]) == ("failed", "cause 0", "Deep")
    failure = failure_from_json(unit["failure"])
    kept = 0
    while failure is not None:
        kept, omitted, failure = kept + 1, failure.omitted_causes, failure.cause
    assert kept + omitted == causes + 1
    await shown(ada, deep)
    await assert_totals_equal_recomputation(hostile.store)


async def test_a_pending_failure_too_deep_to_describe_leaves_the_history_readable(
    hostile: Bench, ada: Caller, temporal: EmbeddedTemporal
) -> None:
    handle = await start_waiting(hostile, "pending", attempts=5)
    key = await hostile.key_of(handle)
    await fail_deeply(temporal, handle, 120)
    outcome = await sync_execution(hostile.parts, key)
    assert outcome.synced, outcome.error
    assert (await row_of(hostile, key))["status"] == "running"
    await shown(ada, key)
    await handle.terminate()


async def test_what_cannot_be_copied_is_set_aside_listed_and_tried_again(
    hostile: Bench, temporal: EmbeddedTemporal
) -> None:
    handle = await start_waiting(hostile, "aside")
    key = await hostile.key_of(handle)
    await fail_deeply(temporal, handle, 120)
    await handle.terminate()
    beside = await echoed(hostile, new_id("beside"), b"1")
    async with hostile.store.write() as writer:
        await writer.execute("UPDATE connections SET http_address = NULL WHERE id = $1", hostile.connection.id)
    grpc_alone = Parts(hostile.store, Clients())

    for failures in range(1, TRIES_BEFORE_SET_ASIDE + 1):
        outcomes = await sync_executions(grpc_alone, [key, beside])
        assert outcomes[beside].synced and not outcomes[key].synced
        assert (await row_of(hostile, key))["sync_failures"] == failures
    assert (await row_of(hostile, beside))["sync_status"] == "synced"
    row = await row_of(hostile, key)
    assert row["sync_status"] == "set_aside"
    assert "nests more deeply than gRPC clients can decode" in row["sync_error"]
    async with hostile.store.write() as reader:
        rows, total = await read_set_aside(reader, key.project_id, limit=10)
        day = await reader.fetchval(
            "SELECT next_sync_at BETWEEN now() + interval '23 hours' AND now() + interval '25 hours' "
            "FROM workflow_executions WHERE id = $1",
            key.id,
        )
    assert (total, rows[0]["id"], day) == (1, key.id, True)

    async with hostile.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET next_sync_at = now() - interval '1 second' WHERE id = $1", key.id
        )
        claim = await claim_due(
            writer, connection_id=hostile.connection.id, limit=1000, lease_seconds=60, backfill_limit=1000
        )
    assert (key, True) in claim.runs, "once a day it is tried again by itself"
    await sync_execution(grpc_alone, key)
    assert (await row_of(hostile, key))["sync_status"] == "set_aside"

    async with hostile.store.write() as writer:
        await enqueue(writer, [key])
        claim = await claim_due(
            writer, connection_id=hostile.connection.id, limit=1000, lease_seconds=60, backfill_limit=1000
        )
        await writer.execute(
            "UPDATE connections SET http_address = $2 WHERE id = $1", hostile.connection.id, temporal.http_address
        )
    assert key in [found for found, _ in claim.runs], "somebody asked to try again"
    assert (await sync_execution(hostile.parts, key)).synced
    async with hostile.store.write() as reader:
        assert await read_set_aside(reader, key.project_id, limit=10) == ([], 0)
    await assert_totals_equal_recomputation(hostile.store)


async def _ended_at_once(hostile: Bench, count: int) -> list[ExecutionKey]:
    handles = [
        await hostile.client.start_workflow("Nobody", id=new_id("quick"), task_queue=new_id("nobody"))
        for _ in range(count)
    ]
    for handle in handles:
        await handle.terminate()
    return [await hostile.key_of(handle) for handle in handles]


async def test_one_unreadable_run_in_a_hundred_costs_the_others_no_attempt(
    hostile: Bench, temporal: EmbeddedTemporal
) -> None:
    handle = await start_waiting(hostile, "poison")
    poison = await hostile.key_of(handle)
    await fail_deeply(temporal, handle, 1000)
    await handle.terminate()
    alone, others = await _ended_at_once(hostile, 99), await _ended_at_once(hostile, 99)
    async with hostile.store.write() as writer:
        await writer.execute("UPDATE connections SET http_address = NULL WHERE id = $1", hostile.connection.id)
    grpc_alone = Parts(hostile.store, Clients())

    await sync_executions(grpc_alone, alone[:1])  # So that neither figure holds the connecting.
    began = time.perf_counter()
    outcomes = await sync_executions(grpc_alone, alone)
    between = time.perf_counter()
    mixed = await sync_executions(grpc_alone, [*others[:50], poison, *others[50:]])
    ended = time.perf_counter()
    print(f"99 runs {between - began:.2f} s; with an unreadable one among them {ended - between:.2f} s")
    assert all(outcomes[key].synced for key in alone)
    assert all(mixed[key].synced for key in others)
    assert not mixed[poison].synced
    async with hostile.store.write() as writer:
        failures = await writer.fetchval(
            "SELECT sum(sync_failures) FROM workflow_executions WHERE id = ANY($1)", [key.id for key in others]
        )
        await writer.execute(
            "UPDATE connections SET http_address = $2 WHERE id = $1", hostile.connection.id, temporal.http_address
        )
    assert failures == 0
