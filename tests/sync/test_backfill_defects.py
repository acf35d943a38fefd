"""A job that fails in a way that nobody expected says so and is tried again; whoever walks the jobs goes on."""

import asyncio
from contextlib import suppress

import asyncpg
from tests.acceptance.eventually import eventually
from tests.databases import Database, make_project

from watchglass.store.backfills import NewBackfill, add_backfill, read_backfill
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store
from watchglass.sync.backfill import Backfills
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients


async def test_a_job_that_fails_unexpectedly_says_so_and_is_tried_again(store: Store, database: Database) -> None:
    project_id, _ = await make_project(store, "Defects", owner="ada")
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'nobody expected this' USING ERRCODE = '22P02'; END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON backfills FOR EACH ROW WHEN (NEW.phase = 'copying')
            EXECUTE FUNCTION refuse();
    """)
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="a", is_embedded=False
        )
        job = await add_backfill(writer, connection, NewBackfill(levels=True))

    async def told() -> str:
        async with store.write() as reader:
            row = await read_backfill(reader, job)
        assert row is not None
        return row["error"] or ""

    async def is_done() -> bool:
        async with store.write() as reader:
            row = await read_backfill(reader, job)
        return row is not None and (row["state"], row["error"]) == ("done", None)

    walking = asyncio.create_task(Backfills(Parts(store, Clients())).run())
    try:
        sentence = await eventually(told)
        assert "nobody expected this" in sentence
        assert sentence.endswith("it is tried again by itself.")
        await admin.execute("DROP TRIGGER refuse ON backfills")
        assert await eventually(is_done)
        assert not walking.done()
    finally:
        walking.cancel()
        with suppress(asyncio.CancelledError):
            await walking
        await admin.close()
