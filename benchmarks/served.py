"""`watchglass up` as a process of its own, looking at the runs that are measured."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from tests.acceptance.running import Running, clean_environment

from benchmarks.place import NAMESPACE, Installation, Place
from watchglass.embedded.ports import free_port
from watchglass.errors import StartupError
from watchglass.sync.worker import CONTROL_NAMESPACE

PATIENCE_SECONDS = 300
CALLS_PER_SECOND = 10_000.0
"""The most that a connection can be set to."""
_PAGE = Path(__file__).parents[1] / "src" / "watchglass" / "_web" / "index.html"


@dataclass(frozen=True)
class Served:
    """A running Watchglass."""

    place: Place
    installation: Installation
    url: str
    token: str
    cookies: Mapping[str, str]
    """Of somebody who is signed in."""
    page_pid: int
    """The process that serves page and API."""
    worker_pid: int

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=60, trust_env=False
        )

    async def wait_for_copy(self, workflow_id: str) -> str:
        """The execution id of a run, once the worker has found and copied it."""
        connection = await asyncpg.connect(self.installation.admin_url)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    found = await connection.fetchval(
                        "SELECT id::text FROM workflow_executions "
                        "WHERE temporal_workflow_id = $1 AND detail_state = 'complete'",
                        workflow_id,
                    )
                    if found is not None:
                        return str(found)
                    await asyncio.sleep(0.2)
        finally:
            await connection.close()


@asynccontextmanager
async def serve(place: Place, installation: Installation) -> AsyncIterator[Served]:
    """Start it beside the servers of `place`; their Temporal is its control Temporal too."""
    if not _PAGE.exists():
        raise StartupError("The page is not built. `./dev python -m benchmarks` builds it first.")
    await _raise_budget(installation)
    await _end_coordinators(place)
    settings = {
        **installation.environment(),
        "WATCHGLASS_LOG_LEVEL": "debug",
        "WATCHGLASS_CONTROL_TEMPORAL_ADDRESS": place.temporal.address,
        "TEMPORAL_ADDRESS": place.temporal.address,
        "TEMPORAL_NAMESPACE": NAMESPACE,
    }
    with Running("--port", str(free_port()), env=clean_environment(**settings)) as running:
        worker = running.wait_for("process_started", process="worker")
        ready = running.wait_for("ready")
        yield Served(
            place=place,
            installation=installation,
            url=ready["url"],
            token=ready["token"],
            cookies=await _sign_in(ready),
            page_pid=running.process.pid,
            worker_pid=worker["pid"],
        )


async def _raise_budget(installation: Installation) -> None:
    """So that what is measured is the work and not the limit, which is 50 calls a second for a foreign server."""
    database = await asyncpg.connect(installation.admin_url)
    try:
        await database.execute("UPDATE connections SET history_per_second = $1", CALLS_PER_SECOND)
    finally:
        await database.close()


async def _end_coordinators(place: Place) -> None:
    """Those of earlier measurements on the same data look for connections that are no more."""
    control = await Client.connect(place.temporal.address, namespace=CONTROL_NAMESPACE)
    try:
        async for found in control.list_workflows("ExecutionStatus = 'Running'"):
            await control.get_workflow_handle(found.id, run_id=found.run_id).terminate()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # The first of them makes the namespace.
            raise


async def _sign_in(ready: Mapping[str, str]) -> Mapping[str, str]:
    secret = urlsplit(ready["sign_in_url"]).fragment.partition("=")[2]
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{ready['url']}auth/exchange", json={"token": secret})
    answer.raise_for_status()
    return dict(answer.cookies)


async def ask(client: httpx.AsyncClient, procedure: str, **given: Any) -> httpx.Response:
    """Call a query; the answer's body has been read."""
    answer = await client.get(f"trpc/{procedure}", params={"input": json.dumps(given)})
    answer.raise_for_status()
    return answer
