"""`python -m tests.chaos.observed ADDRESS QUEUE`: somebody else's worker, which knows nothing of Watchglass."""

import asyncio
import sys
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.hostile import Complain, complain
from tests.acceptance.observed import ACTIVITIES, WORKFLOWS


async def main(address: str, queue: str) -> None:
    client = await Client.connect(address)
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[*WORKFLOWS, Complain],
        activities=[*ACTIVITIES, complain],
        workflow_runner=UnsandboxedWorkflowRunner(),
        # The next worker is asked soon when this one is killed.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
