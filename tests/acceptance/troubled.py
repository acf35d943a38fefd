"""Workers that bring runs into trouble for real, and out of it again.

`python -m tests.acceptance.troubled ADDRESS QUEUE` is one that can be killed.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.servers import SOURCES

MEMO_EVENTS = 41_000
"""A little more than four fifths of what a server allows."""


@activity.defn(name="charge")
async def charge_fails() -> str:
    raise ApplicationError("the bank does not answer", type="BankSilent")


@activity.defn(name="charge")
async def charge_works() -> str:
    return "charged"


class Hold:
    """An activity that begins and does not end before it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    @activity.defn(name="charge")
    async def charge(self) -> str:
        await self.let_go.wait()
        return "charged"


@workflow.defn(name="Charging")
class Charging:
    """Waits for a signal, then charges on the queue that it was given, again and again until it works."""

    def __init__(self) -> None:
        self._begun = False

    @workflow.run
    async def run(self, queue: str) -> str:
        await workflow.wait_condition(lambda: self._begun)
        return await workflow.execute_activity(
            "charge",
            task_queue=queue,
            result_type=str,
            start_to_close_timeout=timedelta(seconds=600),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=50),
                backoff_coefficient=1,
                maximum_interval=timedelta(milliseconds=50),
            ),
        )

    @workflow.signal
    def begin(self) -> None:
        self._begun = True


@workflow.defn(name="Asking")
class Asking:
    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self._begun)
        return "answered"

    def __init__(self) -> None:
        self._begun = False

    @workflow.signal
    def begin(self) -> None:
        self._begun = True


@workflow.defn(name="Asking")
class BrokenAsking:
    """The same workflow after somebody broke it: its code raises what no workflow should."""

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self._begun)
        raise RuntimeError("somebody broke it")

    def __init__(self) -> None:
        self._begun = False

    @workflow.signal
    def begin(self) -> None:
        self._begun = True


@workflow.defn(name="Growing")
class Growing:
    """Adds events, thousands at a time, once it is told to."""

    def __init__(self) -> None:
        self._begun = False

    @workflow.run
    async def run(self, events: int) -> None:
        await workflow.wait_condition(lambda: self._begun)
        for number in range(events):
            workflow.upsert_memo({"number": number})
            if number % 4000 == 3999:
                await workflow.sleep(0.001)
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def begin(self) -> None:
        self._begun = True


@asynccontextmanager
async def working(
    client: Client,
    queue: str,
    *,
    workflows: Sequence[type] = (),
    activities: Sequence[Callable[..., Any]] = (),
    slots: int = 100,
) -> AsyncIterator[None]:
    """A worker on `queue` for as long as the block lasts."""
    worker = Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        max_concurrent_activities=slots,
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
        # A history of tens of thousands of events is worked through in one go.
        debug_mode=True,
    )
    async with worker:
        yield
    await asyncio.sleep(0)


@contextmanager
def killable(address: str, queue: str) -> Iterator[Callable[[], None]]:
    """A worker in a process of its own; gives what kills it at once, as if the power failed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([SOURCES, *sys.path])}
    process = subprocess.Popen([sys.executable, "-m", __name__, address, queue], env=environment)

    def kill() -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()

    try:
        yield kill
    finally:
        kill()


async def _work(address: str, queue: str) -> None:
    async with working(await Client.connect(address), queue, workflows=[Asking]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:]))
