"""A project that changes while its figures are folded: the next turn has them, and nobody calls it a bug."""

import asyncio
import random

import asyncpg
import pytest
from structlog.testing import capture_logs
from tests.databases import Database
from tests.statistics.made import make

from watchglass.statistics.compare import find_drift
from watchglass.statistics.rebuild import rebuild
from watchglass.store.scope import Store
from watchglass.sync.rolled_up import roll_up

WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'component_rollups'::regclass"
_TRIES = 500


async def test_a_project_that_is_renamed_has_another_turn(store: Store, database: Database) -> None:
    made = await make(store, random.Random(7))
    for _ in range(5):
        await made.change()
    admin = await asyncpg.connect(database.admin_url)
    try:
        holds = admin.transaction()
        await holds.start()
        # Its moment is chosen before it comes to this table, and it refers to the project after that.
        await admin.execute("LOCK TABLE component_rollups IN SHARE MODE")
        working = asyncio.create_task(rebuild(store, made.project_id))
        for _ in range(_TRIES):
            if await admin.fetchval(WAITS):
                break
            await asyncio.sleep(0.02)
        else:
            pytest.fail("nobody waits for the table")
        # As owners rename it: one at a time.
        await admin.execute("SELECT FROM projects WHERE id = $1 FOR UPDATE", made.project_id)
        await admin.execute("UPDATE projects SET name = name || ' renamed' WHERE id = $1", made.project_id)
        await holds.commit()
        assert await working is None
    finally:
        await admin.close()
    with capture_logs() as logged:
        await roll_up(store)
    assert logged == []
    assert (await find_drift(store, made.project_id)).drift == ()
