"""A workflow in which a secret goes everywhere that a value can go, in plain sight of Temporal."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.observed import new_id

SECONDS = timedelta(seconds=20)
CITY = SearchAttributeKey.for_keyword("PrivateCity")


@activity.defn(name="private.echo")
async def echo(person: dict[str, str]) -> dict[str, str]:
    return person


@activity.defn(name="private.fail")
async def fail(secret: str) -> None:
    activity.heartbeat({"password": secret})
    try:
        raise ValueError(f"cause of <{secret}>")
    except ValueError as cause:
        raise ApplicationError(f"no <{secret}>", {"password": secret}, type="Refused") from cause


@workflow.defn(name="PrivateChild")
class PrivateChild:
    @workflow.run
    async def run(self, person: dict[str, str]) -> dict[str, str]:
        return person


@workflow.defn(name="Private")
class Private:
    """Echoes, fails and carries a secret around; stays open until it is told to end."""

    def __init__(self) -> None:
        self._over = False

    @workflow.run
    async def run(self, secret: str, tries: int) -> str:
        person = {"name": "Ada", "password": secret}
        await workflow.execute_activity(echo, person, start_to_close_timeout=SECONDS, summary=f"for <{secret}>")
        await workflow.execute_local_activity(echo, person, start_to_close_timeout=SECONDS)
        await workflow.execute_child_workflow(
            PrivateChild.run, person, id=workflow.info().workflow_id + "/child", memo={"password": secret}
        )
        workflow.upsert_memo({"later": {"password": secret}})
        await workflow.wait_condition(lambda: self._over)
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=tries)
        await workflow.execute_activity(fail, secret, start_to_close_timeout=SECONDS, retry_policy=policy)
        return "never"

    @workflow.signal
    def end(self, person: dict[str, str]) -> None:
        self._over = True

    @workflow.update
    def ask(self, person: dict[str, str]) -> dict[str, str]:
        return person


async def started(client: Client, queue: str, secret: str, *, tries: int = 2) -> WorkflowHandle:
    """A run that waits for its signal."""
    attributes = TypedSearchAttributes([SearchAttributePair(CITY, f"<{secret}>")])
    handle = await client.start_workflow(
        Private.run,
        args=[f"<{secret}>", tries],
        id=new_id("private"),
        task_queue=queue,
        memo={"password": secret, "note": f"<{secret}>"},
        search_attributes=attributes,
        static_summary=f"<{secret}>",
    )
    await handle.execute_update(Private.ask, {"password": secret})
    return handle


async def ended(handle: WorkflowHandle, secret: str) -> None:
    """Sent its signal, and failed."""
    await handle.signal(Private.end, {"password": secret})
    try:
        await handle.result()
    except WorkflowFailureError:
        return
    raise AssertionError("the run was to fail")


async def all_ended(handles: Sequence[WorkflowHandle], secret: str) -> None:
    await asyncio.gather(*(ended(handle, secret) for handle in handles))


@asynccontextmanager
async def private_worker(address: str, namespace: str = "default") -> AsyncIterator[tuple[Client, str]]:
    client = await Client.connect(address, namespace=namespace)
    queue = new_id("private")
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[Private, PrivateChild],
        activities=[echo, fail],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
    async with worker:
        yield client, queue
