"""The worker goes on when its database goes away and comes back."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import pytest
from structlog.testing import capture_logs
from temporalio.client import Client
from tests.acceptance.commit_cutter import CommitCutter
from tests.databases import Database, make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.ids import uuid7_at
from watchglass.store.connections import ensure_connection
from watchglass.store.pool import open_pool
from watchglass.store.scope import Store
from watchglass.sync import worker
from watchglass.sync.messages import COORDINATOR
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

pytestmark = pytest.mark.acceptance


def through(url: str, port: int) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"))


async def test_coordinators_are_kept_once_the_database_is_back(
    store: Store, database: Database, temporal: EmbeddedTemporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_LOOK_SECONDS", 0.05)
    control = await Client.connect(temporal.address, namespace=worker.CONTROL_NAMESPACE)
    server = urlsplit(database.sync_url)
    cutter = CommitCutter(server.hostname or "", server.port or 0)
    async with cutter:
        url, port = through(database.sync_url, cutter.port), cutter.port
        pool = await open_pool(url, size=1)
        keeping = asyncio.create_task(worker._keep_coordinators(Parts(Store(pool, pool), Clients()), control))
        await asyncio.sleep(0.2)
    with capture_logs() as logs:
        async with asyncio.timeout(60):
            while not any(line["event"] == "coordinators_wait" for line in logs):
                assert not keeping.done(), keeping
                await asyncio.sleep(0.05)
    project_id, _ = await make_project(store, f"away-{uuid7_at(0)}", owner="ada")
    async with store.write() as writer:
        made = await ensure_connection(
            writer, project_id=project_id, address=temporal.address, namespace="default", is_embedded=False
        )
    back = await asyncio.start_server(cutter._serve, "127.0.0.1", port)
    handle = control.get_workflow_handle(f"{COORDINATOR}-{made.id}")
    try:
        async with asyncio.timeout(60):
            while True:
                with suppress(Exception):
                    await handle.describe()
                    break
                assert not keeping.done(), keeping
                await asyncio.sleep(0.1)
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await handle.terminate("the test is over")
        back.close()
        pool.terminate()
