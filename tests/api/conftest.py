"""Two tenants of one installation, for the tests of the API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from tests.api.house import house
from tests.api.seeded import RECORDED, Caller, Tenant, client_for, make_tenant, open_parts

from watchglass.store.scope import Store

__all__ = ["house", "installation"]


@dataclass(frozen=True)
class Installation:
    ours: Tenant
    theirs: Tenant
    me: Caller
    them: Caller
    nobody: Caller


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def installation(store: Store) -> AsyncIterator[Installation]:
    parts = open_parts(store)
    ours = await make_tenant(store, parts, "ours", RECORDED[::2])
    theirs = await make_tenant(store, parts, "theirs", RECORDED[1::40])
    async with client_for(store, parts) as client:
        yield Installation(ours, theirs, Caller(client, ours.token), Caller(client, theirs.token), Caller(client, None))
