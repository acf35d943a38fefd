"""Workflows of a team that encrypts everything: plain Temporal code with a codec of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.observed import new_id
from tests.codec import CONVERTER

CARD = "4242-4242-4242-4242"
ONCE = RetryPolicy(maximum_attempts=1)
SECONDS = timedelta(seconds=20)


@activity.defn(name="cards.check")
async def check(card: str) -> str:
    return f"checked {card}"


@activity.defn(name="cards.charge")
async def charge(card: str, amount: int) -> str:
    try:
        raise TimeoutError(f"no answer for {card}")
    except TimeoutError as cause:
        raise ApplicationError(f"declined {card}", {"card": card}, type="Declined") from cause


@activity.defn(name="cards.stamp")
async def stamp(card: str, size: int) -> str:
    return card + "x" * size


@activity.defn(name="cards.retry")
async def retry(card: str) -> str:
    activity.heartbeat(f"half of {card}")
    raise ApplicationError(f"not yet {card}", type="NotYet")


@workflow.defn(name="Charge")
class Charge:
    """Checks a card and fails to charge it."""

    @workflow.run
    async def run(self, card: str) -> str:
        await workflow.execute_activity(check, card, start_to_close_timeout=SECONDS)
        return await workflow.execute_activity(
            charge, args=[card, 2**64], start_to_close_timeout=SECONDS, retry_policy=ONCE
        )


@workflow.defn(name="Stamp")
class Stamp:
    """Completes with a result of any size."""

    @workflow.run
    async def run(self, card: str, size: int) -> str:
        return await workflow.execute_activity(stamp, args=[card, size], start_to_close_timeout=SECONDS)


@workflow.defn(name="Retry")
class Retry:
    """Retries for a minute, with a heartbeat in each attempt."""

    @workflow.run
    async def run(self, card: str) -> str:
        policy = RetryPolicy(initial_interval=timedelta(seconds=30), maximum_attempts=9)
        return await workflow.execute_activity(retry, card, start_to_close_timeout=SECONDS, retry_policy=policy)


@asynccontextmanager
async def vault_worker(address: str, namespace: str = "default") -> AsyncIterator[tuple[Client, str]]:
    """A client that encrypts, and a task queue on which a worker that encrypts runs these workflows."""
    client = await Client.connect(address, namespace=namespace, data_converter=CONVERTER)
    queue = new_id("vault")
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[Charge, Stamp, Retry],
        activities=[check, charge, stamp, retry],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
    async with worker:
        yield client, queue
