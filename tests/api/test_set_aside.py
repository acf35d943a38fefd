"""Runs that could not be copied ten times over: named with why and since when, and tried again one by one or all."""

from uuid import UUID, uuid4

import pytest_asyncio
from tests.api.seeded import Caller, Tenant, client_for, make_tenant, open_parts
from tests.api.test_attention import RUNNING, listed

from watchglass.model.status import SyncStatus
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey, mark_failed
from watchglass.sync.listing import add_runs


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(store: Store) -> Tenant:
    return await make_tenant(store, open_parts(store), "shop", [])


async def set_aside(store: Store, tenant: Tenant) -> ExecutionKey:
    (key,) = await add_runs(open_parts(store), tenant.connection, [listed(RUNNING, "Order")])
    async with store.write() as writer:
        for status in (SyncStatus.FAILED, SyncStatus.SET_ASIDE, SyncStatus.SET_ASIDE):
            await mark_failed(
                writer, key, error="Its history is broken.", status=status, failures=10, next_in_seconds=86_400
            )
    return key


async def are_due(store: Store) -> set[UUID]:
    async with store.write() as reader:
        rows = await reader.fetch("SELECT id FROM workflow_executions WHERE next_sync_at <= clock_timestamp()")
    return {row["id"] for row in rows}


async def test_they_are_listed_and_tried_again_together(store: Store, shop: Tenant) -> None:
    keys = [await set_aside(store, shop) for _ in range(3)]
    project = {"projectId": str(shop.project_id)}
    async with client_for(store, open_parts(store)) as client:
        ada = Caller(client, shop.token)
        answer = await ada.data("sync.setAside", project)
        assert answer["total"] == 3
        assert {run["executionId"] for run in answer["items"]} == {str(key.id) for key in keys}
        assert {run["error"] for run in answer["items"]} == {"Its history is broken."}
        assert all(run["setAsideAt"] < run["nextSyncAt"] for run in answer["items"])
        assert not await are_due(store) & {key.id for key in keys}
        again = await ada.mutate("sync.tryAgainAll", project)
        assert again.json()["result"]["data"] == {"executions": 3}
        assert await are_due(store) >= {key.id for key in keys}
        stranger = await ada.mutate("sync.tryAgainAll", {"projectId": str(uuid4())})
        assert stranger.status_code == 404


async def test_a_run_that_fails_otherwise_is_set_aside_no_longer(store: Store, shop: Tenant) -> None:
    key = await set_aside(store, shop)
    async with store.write() as writer:
        since = await writer.fetchval("SELECT set_aside_at FROM workflow_executions WHERE id = $1", key.id)
        await mark_failed(writer, key, error="Away.", status=SyncStatus.FAILED, failures=1, next_in_seconds=1)
        now = await writer.fetchval("SELECT set_aside_at FROM workflow_executions WHERE id = $1", key.id)
    assert since is not None
    assert now is None
