"""A worker that can be killed: `python -m tests.builder.worker_process ADDRESS PROJECT_ID VERSIONS_FILE`."""

import asyncio
import json
import sys
from pathlib import Path
from uuid import UUID

from temporalio.client import Client
from tests.builder.runs import Bench

from watchglass.model.graph import Graph


async def work(address: str, project_id: str, versions: str) -> None:
    bench = Bench(await Client.connect(address), UUID(project_id))
    bench.versions |= {id: Graph.model_validate(graph) for id, graph in json.loads(Path(versions).read_text()).items()}
    async with bench.working():
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
