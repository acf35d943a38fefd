"""Two workers and two APIs on one database, as real processes: everything is done once, and a dead one's work moves."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.eventually import eventually
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import Greeting, Steps, new_id, observed_worker
from tests.acceptance.running import Running, clean_environment
from tests.databases import Database, make_project
from tests.servers import make_shared_directory

from watchglass.auth.tokens import create_token
from watchglass.embedded.ports import free_port
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store

pytestmark = pytest.mark.acceptance

RUNS = 150
STEPS = 3
HISTORY_CALLS = ("GetWorkflowExecutionHistory", "GetWorkflowExecutionHistoryReverse")


@dataclass(frozen=True)
class Place:
    store: Store
    proxy: GrpcProxy
    """What everybody asks the observed Temporal through: it counts, and lets reads through alone."""
    client: Client
    queue: str
    token: str
    environment: dict[str, str]

    def start(self, command: str, *arguments: str) -> Running:
        return Running(*arguments, env=self.environment, command=command)

    def history_calls(self) -> int:
        return sum(self.proxy.calls[name] for name in HISTORY_CALLS)

    async def finish_runs(self, prefix: str) -> None:
        await asyncio.gather(
            *(
                self.client.execute_workflow(
                    Greeting.run, ["Ada"] * STEPS, id=f"{prefix}-{number}", task_queue=self.queue
                )
                for number in range(RUNS)
            )
        )

    async def rows(self, query: str, *values: object) -> list[Any]:
        async with self.store.write() as reader:
            return [dict(row) for row in await reader.fetch(query, *values)]

    async def copied(self, prefix: str) -> list[Any]:
        return await self.rows(
            "SELECT id FROM workflow_executions WHERE temporal_workflow_id LIKE $1 AND is_final", f"{prefix}-%"
        )

    def are_all_copied(self, prefix: str) -> Callable[[], Awaitable[bool]]:
        async def question() -> bool:
            return len(await self.copied(prefix)) == RUNS

        return question

    async def assert_nothing_is_doubled(self, prefix: str) -> None:
        found = await self.rows(
            """
            SELECT e.temporal_workflow_id, e.component_count,
                (SELECT count(*) FROM component_executions c WHERE c.execution_id = e.id) AS units,
                (SELECT count(*) - count(DISTINCT (event_id, number)) FROM component_attempts a
                 WHERE a.execution_id = e.id) AS doubled,
                (SELECT sum(last_event_id - first_event_id + 1) FROM history_pages p WHERE p.execution_id = e.id)
                    = e.synced_event_id AS is_whole
            FROM workflow_executions e WHERE temporal_workflow_id LIKE $1
            """,
            f"{prefix}-%",
        )
        assert len({row.pop("temporal_workflow_id") for row in found}) == len(found) == RUNS
        assert {tuple(row.items()) for row in found} == {
            (("component_count", STEPS), ("units", STEPS), ("doubled", 0), ("is_whole", True))
        }
        await assert_totals_equal_recomputation(self.store)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(database: Database, store: Store) -> AsyncIterator[Place]:
    directory = make_shared_directory()
    server = EmbeddedTemporal(directory, preferred_port=0)
    await server.start()
    try:
        async with (
            GrpcProxy(server.address) as proxy,
            observed_worker(server.address) as (client, queue),
        ):
            project_id, _ = await make_project(store, "Side by side", owner="ada")
            async with store.write() as writer:
                await ensure_connection(
                    writer, project_id=project_id, address=proxy.address, namespace="default", is_embedded=True
                )
            environment = clean_environment(
                WATCHGLASS_DATABASE_URL=database.login_url,
                WATCHGLASS_SYNC_DATABASE_URL=database.sync_url,
                WATCHGLASS_ROLE_SUFFIX=database.roles.suffix,
                WATCHGLASS_CONTROL_TEMPORAL_ADDRESS=server.address,
                WATCHGLASS_DATA_DIR=str(directory),
            )
            token = await create_token(store, user="ada", name="test")
            yield Place(store, proxy, client, queue, token, environment)
    finally:
        await server.stop()
        shutil.rmtree(directory)


async def ask(url: str, token: str, procedure: str, **given: Any) -> Any:
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        answer = await client.get(f"/trpc/{procedure}", params={"input": json.dumps(given)}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]["data"]


def kill(worker: Running) -> float:
    """End a process as a power cut would; returns the moment."""
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait()
    return time.monotonic()


async def test_two_workers_and_two_apis_do_everything_once(place: Place) -> None:
    prefix = new_id("once")
    await place.finish_runs(prefix)
    before = place.history_calls()
    with ExitStack() as stack:
        with ExitStack() as working:
            workers = [working.enter_context(place.start("worker")) for _ in range(2)]
            apis = [stack.enter_context(place.start("api", "--port", str(free_port()))) for _ in range(2)]
            urls = [(await asyncio.to_thread(api.wait_for, "serving"))["url"] for api in apis]
            assert await eventually(place.are_all_copied(prefix), seconds=120), workers[0].lines[-3:]
        calls = place.history_calls()
        assert calls - before >= RUNS
        ids = [str(row["id"]) for row in await place.copied(prefix)][:40]
        answers = await asyncio.gather(
            *(ask(url, place.token, "execution.getExecutionDetails", executionId=id) for id in ids for url in urls)
        )
        assert {len(answer["components"]) for answer in answers} == {STEPS}
        assert place.history_calls() == calls, "what has ended is not asked for again"
    await place.assert_nothing_is_doubled(prefix)


async def test_what_a_killed_worker_followed_and_copied_moves_to_the_other(place: Place) -> None:
    open_run = await place.client.start_workflow(Steps.run, id=new_id("held"), task_queue=place.queue)
    prefix = new_id("moved")

    async def known() -> UUID | None:
        found = await place.rows("SELECT id FROM workflow_executions WHERE temporal_workflow_id = $1", open_run.id)
        return found[0]["id"] if found else None

    async def holder() -> UUID | None:
        found = await place.rows(
            "SELECT holder FROM followed_executions f JOIN workflow_executions e ON e.id = f.execution_id "
            "WHERE e.temporal_workflow_id = $1 AND f.leased_until > clock_timestamp()",
            open_run.id,
        )
        assert len(found) <= 1
        return found[0]["holder"] if found else None

    with ExitStack() as stack:
        first = stack.enter_context(place.start("worker"))
        apis = [stack.enter_context(place.start("api", "--port", str(free_port()))) for _ in range(2)]
        urls = [(await asyncio.to_thread(api.wait_for, "serving"))["url"] for api in apis]
        execution_id = await eventually(known)
        assert execution_id, first.lines[-5:]

        async def look() -> None:
            await asyncio.gather(
                *(
                    ask(url, place.token, "execution.getExecutionDetails", executionId=str(execution_id))
                    for url in urls * 5
                )
            )

        async def is_held() -> UUID | None:
            await look()
            return await holder()

        async def keep_looking() -> None:
            while True:
                await look()
                await asyncio.sleep(2)

        dead = await eventually(is_held)
        assert dead
        looking = asyncio.create_task(keep_looking())
        second = stack.enter_context(place.start("worker"))
        await asyncio.to_thread(second.wait_for, "working")
        await place.finish_runs(prefix)

        async def some_are_copied() -> bool:
            return bool(await place.copied(prefix))

        assert await eventually(some_are_copied)
        assert await holder() == dead, "who comes later takes nothing from who works"
        killed_at = kill(first)

        async def is_held_by_another() -> bool:
            return await holder() not in (None, dead)

        assert await eventually(is_held_by_another)
        print(f"followed again {time.monotonic() - killed_at:.1f} s after the kill")
        await open_run.signal(Steps.step, "after the kill")

        async def step_is_copied() -> bool:
            return bool(
                await place.rows(
                    "SELECT FROM component_executions WHERE execution_id = $1 AND kind = 'activity'", execution_id
                )
            )

        assert await eventually(step_is_copied)
        assert await eventually(place.are_all_copied(prefix), seconds=120)
        print(f"all copied {time.monotonic() - killed_at:.1f} s after the kill")
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await open_run.signal(Steps.finish)
        await open_run.result()
    await place.assert_nothing_is_doubled(prefix)
