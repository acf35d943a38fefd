"""Only fetch the histories that `watchglass sync --wait` would copy: same client, same pages, same concurrency.

python -m benchmarks.fetch ADDRESS NAMESPACE QUERY
"""

import asyncio
import sys

import uvloop

from benchmarks.process import Mark
from watchglass.cli.main import leave
from watchglass.model.execution import RunRef
from watchglass.sync.backfill import BATCHES_AT_ONCE
from watchglass.sync.one import READERS
from watchglass.temporal.access import Access
from watchglass.temporal.client import Clients
from watchglass.temporal.history import read_forward
from watchglass.temporal.visibility import list_runs


async def fetch(address: str, namespace: str, query: str) -> int:
    """Return how many events the runs have that match `query`."""
    access = Access((await Clients().get(address, namespace)).workflow_service, namespace)
    turn = asyncio.Semaphore(BATCHES_AT_ONCE * READERS)

    async def count(ref: RunRef) -> int:
        async with turn:
            return await count_events(access, ref)

    tasks: list[asyncio.Task[int]] = []
    async with asyncio.TaskGroup() as group:
        async for page in list_runs(access, query):
            refs = [RunRef(info.execution.workflow_id, info.execution.run_id) for info in page]
            tasks += [group.create_task(count(ref)) for ref in refs]
    return sum(task.result() for task in tasks)


async def count_events(access: Access, ref: RunRef) -> int:
    return sum([len(page) async for page in read_forward(access, ref)])


if __name__ == "__main__":
    mark = Mark.now()
    print(uvloop.run(fetch(*sys.argv[1:4])))
    print(mark.spent())
    leave(0)
