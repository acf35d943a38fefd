"""The API on a real Temporal: cache-aside reading, resolving, manual sync, large values, a frozen server."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Greeting, Steps, new_id
from tests.api.seeded import Caller, client_for

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caller(bench: Bench) -> AsyncIterator[Caller]:
    """The owner of the bench's project, asking with a bearer token."""
    token = await create_token(bench.store, user="ada", name="api", lifetime=timedelta(hours=1))
    async with client_for(bench.store, bench.parts) as client:
        yield Caller(client, token)


async def resolve(caller: Caller, bench: Bench, workflow_id: str, run_id: str | None = None) -> str:
    given = {"connectionId": str(bench.connection.id), "temporalWorkflowId": workflow_id}
    answer = await caller.mutate("execution.resolve", given | ({"temporalRunId": run_id} if run_id else {}))
    assert answer.status_code == 200, answer.text
    execution_id: str = answer.json()["result"]["data"]["executionId"]
    return execution_id


async def test_a_run_nobody_has_seen_is_found_by_its_temporal_ids(bench: Bench, caller: Caller) -> None:
    handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("greeting"), task_queue=bench.queue)
    await handle.result()
    found = {
        await resolve(caller, bench, handle.id),
        await resolve(caller, bench, handle.id, handle.first_execution_run_id),
    }
    assert len(found) == 1
    details = await caller.data("execution.getExecutionDetails", {"executionId": found.pop()})
    assert details["execution"]["status"] == "completed"
    assert details["execution"]["temporalWorkflowId"] == handle.id
    assert [component["output"][0]["text"] for component in details["components"]] == ['"Hello, Ada"']
    assert details["sync"]["state"] == "fresh"


async def test_a_run_that_does_not_exist_is_not_found(bench: Bench, caller: Caller) -> None:
    for workflow_id, run_id in ((new_id("nobody"), None), (new_id("nobody"), str(uuid4()))):
        given = {"connectionId": str(bench.connection.id), "temporalWorkflowId": workflow_id, "temporalRunId": run_id}
        assert (await caller.mutate("execution.resolve", given)).status_code == 404


async def test_what_cannot_be_a_run_id_is_the_callers_fault(bench: Bench, caller: Caller) -> None:
    given = {"connectionId": str(bench.connection.id), "temporalWorkflowId": "w", "temporalRunId": "not-a-run-id"}
    answer = await caller.mutate("execution.resolve", given)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"].startswith("Temporal does not accept the question")


async def test_looking_at_an_open_run_shows_what_happened_since(bench: Bench, caller: Caller) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("steps"), task_queue=bench.queue)
    execution_id = await resolve(caller, bench, handle.id)
    await handle.signal(Steps.step, "one")
    await handle.signal(Steps.finish)
    assert await handle.result() == 1
    synced = await caller.mutate("execution.syncExecutionFromTemporal", {"executionId": execution_id})
    result = synced.json()["result"]["data"]
    assert (result["synced"], result["changed"], result["componentCount"]) == (True, True, 3)
    details = await caller.data("execution.getExecutionDetails", {"executionId": execution_id})
    assert details["execution"]["status"] == "completed"
    assert [component["kind"] for component in details["components"]].count("signal") == 2


async def test_lists_have_the_beginnings_of_large_values_which_come_whole_one_at_a_time(
    bench: Bench, caller: Caller
) -> None:
    name = "x" * 300_000
    handle = await bench.client.start_workflow(Greeting.run, [name], id=new_id("greeting"), task_queue=bench.queue)
    await handle.result()
    execution_id = await resolve(caller, bench, handle.id)
    answer = await caller.query("execution.getExecutionDetails", {"executionId": execution_id})
    details = answer.json()["result"]["data"]
    component = details["components"][0]
    for side in ("input", "output"):
        (shown,) = component[side]
        assert (shown["truncated"], component[f"{side}Truncated"]) == (True, True)
        assert len(shown["text"]) == 2048
        assert shown["bytes"] == component[f"{side}Bytes"] > 300_000
    assert component["inputBytes"] == len(name) + 2
    assert details["execution"]["input"][0]["truncated"] is True
    assert len(answer.content) < 300_000
    whole = await caller.data(
        "execution.getComponentExecution", {"executionId": execution_id, "eventId": component["eventId"]}
    )
    assert [payload["text"] for payload in whole["input"]] == [f'"{name}"']
    assert [payload["text"] for payload in whole["output"]] == [f'"Hello, {name}"']
    values = await caller.data("execution.getExecutionValues", {"executionId": execution_id})
    assert values["input"][0]["text"] == f'["{name}"]'
    assert values["result"][0]["text"] == f'["Hello, {name}"]'


async def test_the_page_answers_while_temporal_is_frozen(
    bench: Bench, caller: Caller, temporal: EmbeddedTemporal
) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("steps"), task_queue=bench.queue)
    execution_id = await resolve(caller, bench, handle.id)
    await asyncio.sleep(1.1)  # until the copy counts as stale
    assert temporal.pid is not None
    os.kill(temporal.pid, signal.SIGSTOP)
    try:
        # It answers before the server thaws: waiting for Temporal any longer would end in TIMEOUT instead.
        details = await caller.data("execution.getExecutionDetails", {"executionId": execution_id})
    finally:
        os.kill(temporal.pid, signal.SIGCONT)
    assert details["execution"]["status"] in ("running", "pending")
    assert details["sync"]["state"] in ("syncing", "failed")
    await handle.signal(Steps.finish)
    await handle.result()
