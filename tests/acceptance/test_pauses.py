"""Runs and activities that somebody pauses, resets, changes and resumes on a real server: by whom, since when, why."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio import activity, workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    PauseActivityRequest,
    PauseWorkflowExecutionRequest,
    ResetActivityRequest,
    UnpauseActivityRequest,
    UnpauseWorkflowExecutionRequest,
    UpdateActivityOptionsRequest,
)
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from tests.acceptance.bench import Bench, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id, observed_worker

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.component import Component
from watchglass.model.pause import Pause
from watchglass.model.status import ComponentStatus
from watchglass.store.component_reads import read_components
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.one import sync_execution

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@activity.defn
async def post() -> str:
    raise ApplicationError("the letter box is full", type="Full")


@activity.defn
async def carry() -> str:
    """Does not hear that it is paused: it sends no heartbeat."""
    await asyncio.sleep(3600)
    return "carried"


@workflow.defn
class Letters:
    """Posts what cannot be posted, and has something carried on a queue that no worker asks when `lost`."""

    @workflow.run
    async def run(self, kind: str) -> str:
        policy = RetryPolicy(initial_interval=timedelta(hours=1), backoff_coefficient=1)
        queue = new_id_of(workflow.info().workflow_id) if kind == "lost" else None
        return await workflow.execute_activity(
            post if kind == "post" else carry,
            activity_id="only",
            task_queue=queue,
            start_to_close_timeout=timedelta(hours=2),
            retry_policy=policy,
        )


def new_id_of(workflow_id: str) -> str:
    return f"nobody-{workflow_id}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def postmen(temporal: EmbeddedTemporal) -> AsyncIterator[tuple[Client, str]]:
    async with observed_worker(temporal.address, workflows=[Letters], activities=[post, carry]) as worker:
        yield worker


@dataclass(frozen=True)
class Copied:
    """A run of one activity, and its copy."""

    bench: Bench
    handle: WorkflowHandle[Any, str]
    key: ExecutionKey

    @property
    def of(self) -> dict[str, Any]:
        execution = WorkflowExecution(workflow_id=self.handle.id)
        return {"namespace": "default", "execution": execution, "id": "only", "identity": "ada"}

    @property
    def run(self) -> dict[str, Any]:
        return {
            "namespace": "default",
            "workflow_id": self.handle.id,
            "identity": "ada",
            "request_id": new_id("request"),
        }

    @property
    def service(self) -> Any:
        return self.bench.client.workflow_service

    async def step(self) -> Component:
        """The activity as its copy has it after a sync."""
        (component,) = await self._steps()
        return component

    async def _steps(self) -> list[Component]:
        outcome = await sync_execution(self.bench.parts, self.key)
        assert outcome.error is None
        async with self.bench.store.write() as reader:
            return await read_components(
                reader, project_id=self.key.project_id, execution_id=self.key.id, after=0, limit=10
            )

    async def until(self, status: ComponentStatus, *, attempt: int = 1) -> Component:
        async def is_so() -> bool:
            # None before the workflow's first task is done.
            return [(step.status, step.attempt) for step in await self._steps()] == [(status, attempt)]

        assert await eventually(is_so)
        return await self.step()

    async def row(self) -> Any:
        await sync_execution(self.bench.parts, self.key)
        async with self.bench.store.write() as reader:
            return await reader.fetchrow(
                "SELECT e.status, e.phase, e.problem, e.current_step, e.lifecycle::text "
                "FROM workflow_executions e WHERE id = $1",
                self.key.id,
            )


async def start(bench: Bench, postmen: tuple[Client, str], kind: str) -> Copied:
    client, queue = postmen
    handle = await client.start_workflow(Letters.run, kind, id=new_id(kind), task_queue=queue)
    return Copied(bench, handle, await bench.key_of(handle))


async def test_a_paused_activity_says_who_paused_it_and_why_until_it_is_resumed(
    bench: Bench, postmen: tuple[Client, str]
) -> None:
    copied = await start(bench, postmen, "post")
    await copied.until(ComponentStatus.RETRYING, attempt=2)
    await copied.service.pause_activity(PauseActivityRequest(**copied.of, reason="the box is being emptied"))
    step = await copied.step()
    assert (step.status, step.attempt, step.started_at, step.next_attempt_at) == (ComponentStatus.PAUSED, 2, None, None)
    assert step.pause is not None
    assert step.pause.at is not None
    assert step.pause == Pause(step.pause.at, "ada", "the box is being emptied")
    row = await copied.row()
    assert (row["status"], row["phase"], row["problem"]) == ("running", "waiting", None)
    assert row["current_step"] == '[5, "post", "post", 2, true]'

    # Its policy is changed and its attempts are counted from the start again; it stays paused.
    change = UpdateActivityOptionsRequest(**copied.of, update_mask=FieldMask(paths=["retry_policy.maximum_attempts"]))
    change.activity_options.retry_policy.maximum_attempts = 7
    await copied.service.update_activity_options(change)
    await copied.service.reset_activity(ResetActivityRequest(**copied.of, keep_paused=True))
    again = await copied.step()
    assert (again.status, again.attempt, again.pause) == (ComponentStatus.PAUSED, 1, step.pause)
    assert again.policy is not None
    assert again.policy.maximum_attempts == 7

    await copied.service.unpause_activity(UnpauseActivityRequest(**copied.of))
    resumed = await copied.until(ComponentStatus.RETRYING, attempt=2)
    assert resumed.pause is None
    assert resumed.next_attempt_at is not None
    assert (await copied.row())["phase"] == "retrying"


async def test_an_attempt_under_way_is_still_seen_at_work(bench: Bench, postmen: tuple[Client, str]) -> None:
    copied = await start(bench, postmen, "carry")
    running = await copied.until(ComponentStatus.RUNNING)
    await copied.service.pause_activity(PauseActivityRequest(**copied.of))
    step = await copied.step()
    assert (step.status, step.started_at) == (ComponentStatus.PAUSED, running.started_at)
    assert step.pause is not None
    assert (step.pause.by, step.pause.reason) == ("ada", None)


async def test_a_paused_run_names_no_problem_that_only_resuming_would_show(
    bench: Bench, postmen: tuple[Client, str]
) -> None:
    copied = await start(bench, postmen, "lost")
    await copied.until(ComponentStatus.PENDING)
    await copied.service.pause_workflow_execution(PauseWorkflowExecutionRequest(**copied.run, reason="the house moves"))
    row = await copied.row()
    assert (row["status"], row["phase"], row["problem"]) == ("paused", "waiting", None)
    await copied.service.unpause_workflow_execution(UnpauseWorkflowExecutionRequest(**copied.run, reason="it moved"))
    row = await copied.row()
    assert row["status"] == "running"
    for word in ("paused", "the house moves", "unpaused", "it moved", "ada"):
        assert f'"{word}"' in row["lifecycle"]


async def test_an_activity_moved_to_another_queue_is_where_it_was_moved(
    bench: Bench, postmen: tuple[Client, str]
) -> None:
    copied = await start(bench, postmen, "lost")
    step = await copied.until(ComponentStatus.PENDING)
    assert step.task_queue == new_id_of(copied.handle.id)
    change = UpdateActivityOptionsRequest(**copied.of, update_mask=FieldMask(paths=["task_queue.name"]))
    change.activity_options.task_queue.name = postmen[1]
    await copied.service.update_activity_options(change)
    moved = await copied.until(ComponentStatus.RUNNING)
    assert moved.task_queue == postmen[1]
