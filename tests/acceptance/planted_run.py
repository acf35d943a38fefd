"""A workflow that puts a different secret into every place where a workflow can put a value."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    ScheduleState,
    StartWorkflowInput,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import RetryPolicy, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.observed import new_id

SECONDS = timedelta(seconds=20)
TENANT = SearchAttributeKey.for_keyword("PlantedTenant")
PLACES = (
    "input",
    "header",
    "memo",
    "memo set later",
    "search attribute",
    "search attribute set later",
    "summary of the run",
    "details of the run",
    "activity input",
    "activity result",
    "activity summary",
    "local activity input",
    "local activity result",
    "child input",
    "child result",
    "child memo",
    "timer summary",
    "signal",
    "update argument",
    "update answer",
    "refused update",
    "query argument",
    "query answer",
    "heartbeat",
    "failure message",
    "failure details",
    "cause of a failure",
    "message of the failed run",
    "details of the failed run",
    "terminate reason",
    "terminate details",
    "schedule input",
    "schedule memo",
    "schedule's own memo",
    "schedule note",
)


def secret_of(seed: str, place: str) -> str:
    """The secret of a place, the same wherever it is asked for."""
    return f"private-{uuid5(UUID(seed), place)}"


def secrets_of(seed: str) -> Mapping[str, str]:
    return {place: secret_of(seed, place) for place in PLACES}


@activity.defn(name="planted.answer")
async def answer(seed: str, given: str, place: str) -> dict[str, str]:
    return {"answer": secret_of(seed, place)}


@activity.defn(name="planted.fail")
async def fail(seed: str) -> None:
    activity.heartbeat({"at": secret_of(seed, "heartbeat")})
    details = {"of": secret_of(seed, "failure details")}
    try:
        raise ValueError(f"cause <{secret_of(seed, 'cause of a failure')}>")
    except ValueError as cause:
        raise ApplicationError(f"no <{secret_of(seed, 'failure message')}>", details, type="Refused") from cause


@workflow.defn(name="PlantedChild")
class PlantedChild:
    @workflow.run
    async def run(self, seed: str, given: str) -> str:
        return secret_of(seed, "child result")


@workflow.defn(name="Planted")
class Planted:
    """Carries secrets everywhere, waits for its signal, and fails."""

    @workflow.init
    def __init__(self, seed: str, given: str) -> None:
        self._is_waiting = False
        self._over = False
        self._seed = seed

    @workflow.run
    async def run(self, seed: str, given: str) -> str:
        await workflow.execute_activity(
            answer,
            args=[seed, self._of("activity input"), "activity result"],
            start_to_close_timeout=SECONDS,
            summary=f"for <{self._of('activity summary')}>",
        )
        await workflow.execute_local_activity(
            answer,
            args=[seed, self._of("local activity input"), "local activity result"],
            start_to_close_timeout=SECONDS,
        )
        await workflow.execute_child_workflow(
            PlantedChild.run,
            args=[seed, self._of("child input")],
            id=workflow.info().workflow_id + "/child",
            memo={"note": self._of("child memo")},
        )
        await workflow.sleep(0.01, summary=f"until <{self._of('timer summary')}>")
        workflow.upsert_memo({"later": self._of("memo set later")})
        workflow.upsert_search_attributes([TENANT.value_set(self._of("search attribute set later"))])
        self._is_waiting = True
        await workflow.wait_condition(lambda: self._over)
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=2)
        try:
            await workflow.execute_activity(fail, seed, start_to_close_timeout=SECONDS, retry_policy=policy)
        except ActivityError as error:
            details = {"of": self._of("details of the failed run")}
            raise ApplicationError(f"ended <{self._of('message of the failed run')}>", details) from error
        return "never"

    @workflow.signal
    def end(self, given: str) -> None:
        self._over = True

    @workflow.update
    async def ask(self, given: str) -> str:
        """Answered when everything before the signal is done."""
        await workflow.wait_condition(lambda: self._is_waiting)
        return self._of("update answer")

    @workflow.update
    def refuse(self, given: str) -> str:
        raise ApplicationError(f"not <{self._of('refused update')}>")

    @workflow.query
    def look(self, given: str) -> str:
        return self._of("query answer")

    def _of(self, place: str) -> str:
        return secret_of(self._seed, place)


class _WithHeader(Interceptor):
    """Sends a header with the start of every run, as tracing and tenants do."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        seed = self._seed

        class Outbound(OutboundInterceptor):
            async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
                value = f'"{secret_of(seed, "header")}"'.encode()
                input.headers = {
                    **input.headers,
                    "x-tenant": Payload(metadata={"encoding": b"json/plain"}, data=value),
                }
                return await super().start_workflow(input)

        return Outbound(next)


@asynccontextmanager
async def planting(address: str, namespace: str, seed: str) -> AsyncIterator[tuple[Client, str]]:
    """A client that sends the header, and the task queue of a worker."""
    client = await Client.connect(address, namespace=namespace, interceptors=[_WithHeader(seed)])
    queue = new_id("planted")
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[Planted, PlantedChild],
        activities=[answer, fail],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
    async with worker:
        yield client, queue


async def plant_runs(client: Client, queue: str, seed: str) -> tuple[str, str]:
    """A schedule, and runs that ended in each way; the workflow ids of the one that failed and the cancelled one."""
    await _plant_schedule(client, queue, seed)
    names = ("failed", "terminated", "cancelled")
    failed, terminated, cancelled = await asyncio.gather(*(_start(client, queue, seed, name) for name in names))
    argument = secret_of(seed, "update argument")
    # A run that is cancelled while a local activity or a child comes to its end does not hear of it and goes on.
    await asyncio.gather(*(run.execute_update(Planted.ask, argument) for run in (failed, terminated, cancelled)))
    with suppress(WorkflowUpdateFailedError):
        await failed.execute_update(Planted.refuse, argument)
    assert await failed.query(Planted.look, secret_of(seed, "query argument")) == secret_of(seed, "query answer")
    await failed.signal(Planted.end, secret_of(seed, "signal"))
    await terminated.terminate(secret_of(seed, "terminate details"), reason=secret_of(seed, "terminate reason"))
    await cancelled.cancel()
    await asyncio.gather(*(_ended(run) for run in (failed, terminated, cancelled)))
    return failed.id, cancelled.id


async def _plant_schedule(client: Client, queue: str, seed: str) -> None:
    await client.create_schedule(
        new_id("planted-schedule"),
        Schedule(
            action=ScheduleActionStartWorkflow(
                "Planted",
                args=[seed, secret_of(seed, "schedule input")],
                id=new_id("planted-scheduled"),
                task_queue=queue,
                memo={"note": secret_of(seed, "schedule memo")},
            ),
            spec=ScheduleSpec(cron_expressions=["0 0 1 1 *"]),
            state=ScheduleState(paused=True, note=secret_of(seed, "schedule note")),
        ),
        memo={"note": secret_of(seed, "schedule's own memo")},
    )


async def _start(client: Client, queue: str, seed: str, name: str) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        Planted.run,
        args=[seed, secret_of(seed, "input")],
        id=new_id(f"planted-{name}"),
        task_queue=queue,
        memo={"note": secret_of(seed, "memo")},
        search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, secret_of(seed, "search attribute"))]),
        static_summary=f"<{secret_of(seed, 'summary of the run')}>",
        static_details=f"<{secret_of(seed, 'details of the run')}>",
    )


async def _ended(handle: WorkflowHandle[Any, Any]) -> None:
    try:
        await handle.result()
    except WorkflowFailureError:
        return
    raise AssertionError("the run was to fail")
