"""Runs that carry each other on, asked for as one story."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Chain, greet, new_id, observed_worker
from tests.api.seeded import Caller, client_for

from watchglass.auth.tokens import create_token
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.discover import discover
from watchglass.sync.one import sync_executions

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@workflow.defn
class Moody:
    """Continues as new once, fails at the first attempt of the second run, and completes at its second."""

    @workflow.run
    async def run(self, day: int) -> str:
        await workflow.execute_activity(greet, f"day {day}", start_to_close_timeout=timedelta(seconds=10))
        if day == 1:
            workflow.continue_as_new(2)
        if workflow.info().attempt == 1:
            raise ApplicationError("not in the mood", type="Moody")
        return "done"


@workflow.defn
class Tick:
    @workflow.run
    async def run(self) -> str:
        return "tick"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caller(bench: Bench) -> AsyncIterator[Caller]:
    token = await create_token(bench.store, user="ada", name="chain", lifetime=timedelta(hours=1))
    async with client_for(bench.store, bench.parts) as client:
        yield Caller(client, token)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def moods(bench: Bench) -> AsyncIterator[tuple[Client, str]]:
    async with observed_worker(bench.connection.address, workflows=[Moody, Tick], activities=[greet]) as found:
        yield found


async def copied(bench: Bench, workflow_id: str, count: int) -> list[str]:
    """Copy at least `count` runs of a workflow id; their execution ids, oldest first."""
    async with asyncio.timeout(120):
        while True:
            await discover(bench.parts, bench.connection)
            async with bench.store.write() as reader:
                rows = await reader.fetch(
                    "SELECT project_id, id FROM workflow_executions WHERE temporal_workflow_id = $1 "
                    "ORDER BY started_at, id",
                    workflow_id,
                )
            if len(rows) >= count:
                break
            await asyncio.sleep(0.1)
    await sync_executions(bench.parts, [ExecutionKey(row["project_id"], row["id"]) for row in rows])
    return [str(row["id"]) for row in rows]


async def whole(caller: Caller, execution_id: str, *, order: str, limit: int) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"executionId": execution_id, "order": order, "limit": limit}
    while True:
        page = await caller.data("execution.getChain", asked)
        runs += page["items"]
        if page["nextCursor"] is None:
            return runs
        asked["cursor"] = page["nextCursor"]


async def test_a_chain_is_told_page_by_page_from_either_end(bench: Bench, caller: Caller) -> None:
    handle = await bench.client.start_workflow(Chain.run, 6, id=new_id("daily"), task_queue=bench.queue)
    await handle.result()
    ids = await copied(bench, handle.id, 7)
    for order, expected in (("asc", ids), ("desc", ids[::-1])):
        for limit in (2, 7, 50):
            runs = await whole(caller, ids[3], order=order, limit=limit)
            assert [run["executionId"] for run in runs] == expected
            assert [run["number"] for run in runs] == [ids.index(id) + 1 for id in expected]
    middle = await caller.data("execution.getChain", {"executionId": ids[3]})
    assert (middle["number"], middle["previousExecutionId"], middle["nextExecutionId"]) == (4, ids[2], ids[4])
    oldest = middle["items"][-1]
    assert (oldest["origin"], oldest["fromRunId"], oldest["isMissingBefore"]) == ("first", None, False)
    assert {run["origin"] for run in middle["items"][:-1]} == {"carried_on"}
    assert [run["fromExecutionId"] for run in middle["items"]] == [*ids[-2::-1], None]
    figures = middle["figures"]
    assert (figures["totalRuns"], figures["carriedOnRuns"], figures["totalComponents"]) == (7, 6, 7)
    assert figures["totalDurationMs"] == pytest.approx(sum(run["durationMs"] for run in middle["items"]))
    assert (figures["hasFirst"], figures["missingPlaces"], figures["uncopiedRuns"], figures["openRuns"]) == (
        True,
        0,
        0,
        0,
    )


async def test_each_run_says_how_it_came_to_be(bench: Bench, caller: Caller, moods: tuple[Client, str]) -> None:
    client, queue = moods
    handle = await client.start_workflow(
        Moody.run,
        1,
        id=new_id("moody"),
        task_queue=queue,
        retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=2),
    )
    await handle.result()
    answer = await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace="default",
            workflow_execution=WorkflowExecution(workflow_id=handle.id),
            reason="once more",
            workflow_task_finish_event_id=3,
            request_id=str(uuid4()),
        )
    )
    await client.get_workflow_handle(handle.id, run_id=answer.run_id).result()
    ids = await copied(bench, handle.id, 4)
    chain = await caller.data("execution.getChain", {"executionId": ids[0], "order": "asc"})
    assert [run["origin"] for run in chain["items"]] == ["first", "carried_on", "retried", "reset"]
    assert [run["status"] for run in chain["items"]] == ["continued_as_new", "failed", "completed", "completed"]
    assert chain["items"][3]["fromExecutionId"] == ids[2]
    assert [run["isReplaced"] for run in chain["items"]] == [False, False, True, False]
    figures = chain["figures"]
    assert (figures["carriedOnRuns"], figures["retriedRuns"], figures["resetRuns"]) == (1, 1, 1)


async def test_cron_runs_are_one_chain(bench: Bench, caller: Caller, moods: tuple[Client, str]) -> None:
    client, queue = moods
    handle = await client.start_workflow(
        Tick.run, id=new_id("cron"), task_queue=queue, cron_schedule="@every 1s", run_timeout=timedelta(seconds=20)
    )
    ids = await copied(bench, handle.id, 3)
    await client.get_workflow_handle(handle.id).terminate()
    chain = await caller.data("execution.getChain", {"executionId": ids[0], "order": "asc"})
    assert [run["origin"] for run in chain["items"][:3]] == ["first", "cron", "cron"]


async def test_runs_that_nobody_has_are_said(bench: Bench, caller: Caller) -> None:
    handle = await bench.client.start_workflow(Chain.run, 3, id=new_id("late"), task_queue=bench.queue)
    await handle.result()
    given = {"connectionId": str(bench.connection.id), "temporalWorkflowId": handle.id}
    answer = await caller.mutate("execution.resolve", given)
    last = answer.json()["result"]["data"]["executionId"]
    alone = await caller.data("execution.getChain", {"executionId": last})
    assert [run["isMissingBefore"] for run in alone["items"]] == [True]
    assert (alone["figures"]["hasFirst"], alone["figures"]["missingPlaces"]) == (False, 1)
    ids = await copied(bench, handle.id, 4)
    found = await caller.data("execution.getChain", {"executionId": last})
    assert (found["number"], found["figures"]["hasFirst"], found["figures"]["missingPlaces"]) == (4, True, 0)
    assert found["previousExecutionId"] == ids[2]


async def test_without_a_first_run_id_the_links_join_the_runs(bench: Bench, caller: Caller) -> None:
    handle = await bench.client.start_workflow(Chain.run, 3, id=new_id("old"), task_queue=bench.queue)
    await handle.result()
    ids = await copied(bench, handle.id, 4)
    async with bench.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET first_run_id = NULL WHERE temporal_workflow_id = $1", handle.id
        )
    for asked in ids:
        runs = await whole(caller, asked, order="asc", limit=3)
        assert [run["executionId"] for run in runs] == ids


async def test_a_run_alone_is_a_chain_of_one(bench: Bench, caller: Caller, moods: tuple[Client, str]) -> None:
    client, queue = moods
    handle = await client.start_workflow(Tick.run, id=new_id("alone"), task_queue=queue)
    await handle.result()
    (own,) = await copied(bench, handle.id, 1)
    chain = await caller.data("execution.getChain", {"executionId": own})
    assert (chain["number"], len(chain["items"]), chain["nextCursor"]) == (1, 1, None)
    assert chain["previousExecutionId"] is chain["nextExecutionId"] is None
