"""One seeded database for the tests of a module."""

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.databases import Database
from tests.store.rls.matrix import Bench, open_bench
from tests.store.rls.seed import Seeded, seed

from watchglass.store.scope import Store


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seeded(store: Store, database: Database) -> Seeded:
    return await seed(store, database)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bench(database: Database, seeded: Seeded) -> AsyncIterator[Bench]:
    async with open_bench(database, seeded) as opened:
        yield opened
