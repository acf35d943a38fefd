"""SIGTERM finishes or hands over what is under way, within a bound; a second one ends at once. Exit codes say which."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Greeting, new_id
from tests.acceptance.running import Running, clean_environment
from tests.databases import SECRET_KEY, Database

from watchglass.auth.tokens import create_token
from watchglass.cli.stop import ONE_WISH_SECONDS
from watchglass.embedded.ports import free_port
from watchglass.embedded.temporal import EmbeddedTemporal

__all__ = ["bench"]

pytestmark = pytest.mark.acceptance


def environment(database: Database, temporal: EmbeddedTemporal, data_dir: Path) -> dict[str, str]:
    return clean_environment(
        WATCHGLASS_DATABASE_URL=database.login_url,
        WATCHGLASS_SYNC_DATABASE_URL=database.sync_url,
        WATCHGLASS_ROLE_SUFFIX=database.roles.suffix,
        WATCHGLASS_SECRET_KEY=SECRET_KEY,
        WATCHGLASS_DATA_DIR=str(data_dir),
        WATCHGLASS_CONTROL_TEMPORAL_ADDRESS=temporal.address,
        WATCHGLASS_CONTROL_TEMPORAL_NAMESPACE="watchglass-stopping",
    )


@asynccontextmanager
async def table_in_use(database: Database, table: str) -> AsyncIterator[asyncpg.Connection]:
    """Nobody reads `table` while the block runs."""
    connection = await asyncpg.connect(database.admin_url)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield connection
    finally:
        await connection.close()


async def until_somebody_waits(connection: asyncpg.Connection, table: str) -> None:
    while not await connection.fetchval(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::regclass", table
    ):
        await asyncio.sleep(0.02)


async def ended(running: Running) -> int:
    return await asyncio.to_thread(running.process.wait, 30)


async def asking(url: str, token: str) -> httpx.Response:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        return await client.get(f"{url}trpc/project.list", timeout=30)


async def test_requests_that_are_being_answered_get_their_answer(
    bench: Bench, database: Database, temporal: EmbeddedTemporal, data_dir: Path
) -> None:
    token = await create_token(bench.store, user="ada", name="stopping")
    with Running("--port", str(free_port()), command="api", env=environment(database, temporal, data_dir)) as api:
        url = (await asyncio.to_thread(api.wait_for, "serving"))["url"]
        async with table_in_use(database, "projects") as held:
            asked = asyncio.create_task(asking(url, token))
            await until_somebody_waits(held, "projects")
            api.process.send_signal(signal.SIGTERM)
        answer = await asked
        assert answer.status_code == 200, answer.text
        began = time.monotonic()
        assert await ended(api) == 0
        print(f"\napi: ended {time.monotonic() - began:.1f} s after its last answer")


async def test_a_second_signal_ends_at_once(
    bench: Bench, database: Database, temporal: EmbeddedTemporal, data_dir: Path
) -> None:
    token = await create_token(bench.store, user="ada", name="stopping")
    with Running("--port", str(free_port()), command="api", env=environment(database, temporal, data_dir)) as api:
        url = (await asyncio.to_thread(api.wait_for, "serving"))["url"]
        # Whoever asks who it is waits here; the limit of statements would end it after five seconds.
        async with table_in_use(database, "projects") as held:
            asked = asyncio.create_task(asking(url, token))
            await until_somebody_waits(held, "projects")
            api.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(ONE_WISH_SECONDS + 0.2)
            api.process.send_signal(signal.SIGTERM)
            assert await ended(api) == 128 + signal.SIGTERM
            with pytest.raises(httpx.HTTPError):
                await asked


async def test_a_worker_lets_go_and_the_next_one_carries_on(
    bench: Bench, database: Database, temporal: EmbeddedTemporal, data_dir: Path
) -> None:
    env = environment(database, temporal, data_dir)
    for name in ("first", "second"):
        with Running(command="worker", env=env) as worker:
            await asyncio.to_thread(worker.wait_for, "working")
            handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id(name), task_queue=bench.queue)
            await handle.result()
            key = await bench.key_of(handle)
            await _copied(bench, key.id)
            began = time.monotonic()
            worker.process.send_signal(signal.SIGTERM)
            assert await ended(worker) == 0
            print(f"\n{name} worker: ended {time.monotonic() - began:.1f} s after SIGTERM")
        async with bench.store.write() as reader:
            assert await reader.fetchval("SELECT count(*) FROM followed_executions WHERE holder IS NOT NULL") == 0


async def _copied(bench: Bench, id: object) -> None:
    async with asyncio.timeout(60):
        while True:
            async with bench.store.write() as reader:
                if await reader.fetchval("SELECT is_final FROM workflow_executions WHERE id = $1", id):
                    return
            await asyncio.sleep(0.1)
