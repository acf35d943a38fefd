"""A shop's workflows, for looking at them in the page: one that fails at its last step, one with very many steps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

TASK_QUEUE = "shop"
SECONDS = timedelta(seconds=10)


@activity.defn(name="orders.validate")
async def validate(order: dict[str, Any]) -> bool:
    return bool(order)


@activity.defn(name="payments.capture")
async def capture(order: dict[str, Any]) -> str:
    try:
        raise TimeoutError("POST /v2/capture")
    except TimeoutError as cause:
        raise ApplicationError("Card network did not answer", type="GatewayTimeout") from cause


@activity.defn(name="pictures.resize")
async def resize(number: int) -> int:
    return number


@workflow.defn(name="OrderFulfilment")
class OrderFulfilment:
    @workflow.run
    async def run(self, order: dict[str, Any]) -> str:
        await workflow.execute_activity(validate, order, start_to_close_timeout=SECONDS, summary="Validate order")
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=3)
        return await workflow.execute_activity(
            capture, order, start_to_close_timeout=SECONDS, retry_policy=policy, summary="Capture payment"
        )


@workflow.defn(name="Pictures")
class Pictures:
    @workflow.run
    async def run(self, count: int) -> int:
        steps = (workflow.execute_activity(resize, n, start_to_close_timeout=3 * SECONDS) for n in range(count))
        return len(await asyncio.gather(*steps))


@workflow.defn(name="Parcel")
class Parcel:
    """Does a step per signal until it is told that it has arrived."""

    def __init__(self) -> None:
        self._places: list[str] = []
        self._arrived = False

    @workflow.run
    async def run(self) -> int:
        await workflow.wait_condition(lambda: self._arrived)
        return len(self._places)

    @workflow.signal
    def scanned(self, place: str) -> None:
        self._places.append(place)

    @workflow.signal
    def arrived(self) -> None:
        self._arrived = True


@asynccontextmanager
async def shop_worker(address: str) -> AsyncIterator[Client]:
    """A client of the namespace `default`, with a worker that runs the shop."""
    client = await Client.connect(address)
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[OrderFulfilment, Pictures, Parcel],
        activities=[validate, capture, resize],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
    async with worker:
        yield client
