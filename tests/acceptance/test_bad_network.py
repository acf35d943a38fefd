"""Between Watchglass and its servers a wire is slow, silent, cut or half closed: each call ends, and nothing is lost.

The limits of time below are no measurements: a call without a deadline of its own would never end.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from temporalio.client import WorkflowHandle
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import Greeting, Steps, new_id
from tests.acceptance.soundness import assert_nothing_half_done
from tests.acceptance.wire import Wire
from tests.api.seeded import client_for
from tests.chaos.answers import Answers, NotAnswered
from tests.chaos.network import FAULTS, spoil, through, wires
from tests.chaos.truth import told
from tests.databases import Database

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import StartupError
from watchglass.model.connection import Connection
from watchglass.store import scope
from watchglass.store.connections import ensure_connection
from watchglass.store.history_pages import unpack_events
from watchglass.store.outage import is_outage
from watchglass.store.pool import open_pool
from watchglass.store.queue import CHANNEL
from watchglass.store.scope import Store
from watchglass.store.seal import Seal
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync import listening
from watchglass.sync.listening import Listening
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

NEVER_SECONDS = 90
"""Whoever waits for longer waits for ever."""
COMMAND_SECONDS = 2.0
LINKS = ("PostgreSQL", "Temporal")


@dataclass(frozen=True)
class Net:
    """What a process of Watchglass has, with a wire before each server."""

    bench: Bench
    wires: Mapping[str, Wire]
    store: Store
    parts: Parts
    connection: Connection

    async def run(self) -> tuple[WorkflowHandle[Any, Any], ExecutionKey]:
        """An open run that has done a step, and is copied so far."""
        bench = self.bench
        handle = await bench.client.start_workflow(Steps.run, id=new_id("net"), task_queue=bench.queue)
        await handle.signal(Steps.step, "one")
        key = await replace(bench, connection=self.connection).key_of(handle)
        assert await eventually(lambda: self.synced(key))
        return handle, key

    def spoil(self, link: str, fault: str) -> None:
        spoil(self.wires[link], fault, random.Random(fault))
        # A sync asks the database forty times.
        self.wires[link].latency = min(self.wires[link].latency, 0.02)

    async def synced(self, key: ExecutionKey) -> bool:
        """Try once, for as long as it takes: done, or put off with a sentence, or the database was away."""
        async with asyncio.timeout(NEVER_SECONDS):
            try:
                outcome = await sync_execution(self.parts, key)
            except Exception as error:
                assert is_outage(error), repr(error)
                return False
        if not outcome.synced:
            assert outcome.is_away and outcome.error is not None
            assert outcome.error.endswith("."), outcome.error
        return outcome.synced

    async def assert_copied(self, handle: WorkflowHandle[Any, Any], key: ExecutionKey) -> None:
        """Once the wire is good again everything stored is Temporal's own."""

        async def is_final() -> bool:
            await self.synced(key)
            async with self.bench.store.write() as reader:
                return bool(
                    await reader.fetchval("SELECT is_final FROM workflow_executions WHERE id = $1", key.id),
                )

        assert await eventually(is_final)
        async with self.bench.store.write() as reader:
            pages = await reader.fetch(
                "SELECT data FROM history_pages WHERE execution_id = $1 ORDER BY first_event_id", key.id
            )
        events = [event async for event in handle.fetch_history_events()]
        assert told([event for page in pages for event in unpack_events(page["data"])]) == told(events)
        await assert_nothing_half_done(self.bench.store)
        await assert_totals_equal_recomputation(self.bench.store)


@pytest_asyncio.fixture(loop_scope="session")
async def net(bench: Bench, database: Database, temporal: EmbeddedTemporal) -> AsyncIterator[Net]:
    postgres = urlsplit(database.login_url)
    async with AsyncExitStack() as stack:
        wired = await stack.enter_async_context(
            wires(**{"PostgreSQL": f"{postgres.hostname}:{postgres.port}", "Temporal": temporal.address})
        )
        urls = [through(url, wired["PostgreSQL"]) for url in (database.login_url, database.sync_url)]
        pools = [await open_pool(url, size=2, command_seconds=COMMAND_SECONDS) for url in urls]
        for pool in pools:
            stack.callback(pool.terminate)
        store = Store(pools[0], pools[1], user_role=database.roles.user, seal=Seal(["key"]))
        async with bench.store.write() as writer:
            connection = await ensure_connection(
                writer,
                project_id=bench.connection.project_id,
                address=wired["Temporal"].address,
                namespace="default",
                is_embedded=False,
            )
        yield Net(bench, wired, store, Parts(store, Clients()), connection)
        for wire in wired.values():
            wire.mend()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("link", LINKS)
async def test_a_sync_over_a_bad_wire_is_done_or_put_off_and_then_made_up_for(net: Net, link: str, fault: str) -> None:
    handle, key = await net.run()
    net.spoil(link, fault)
    await handle.signal(Steps.step, "two")
    await handle.signal(Steps.finish)
    await net.synced(key)
    net.wires[link].mend()
    await net.assert_copied(handle, key)


@pytest.mark.parametrize("link", LINKS)
async def test_a_wire_that_is_cut_at_any_byte_leaves_nothing_half_done(net: Net, link: str) -> None:
    """Ten places, spread over all that a sync sends and gets."""
    wire = net.wires[link]
    _, first = await net.run()
    before = wire.passed
    await net.synced(first)
    length = wire.passed - before
    assert length > 100
    cut = 0
    handle, key = await net.run()
    for place in range(10):
        await handle.signal(Steps.step, f"step {place}")
        wire.cut_after(length * place // 10)
        cut += not await net.synced(key)
        wire.mend()
    assert cut, "no sync was broken off"
    await handle.signal(Steps.finish)
    await net.assert_copied(handle, key)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("link", LINKS)
async def test_a_page_over_a_bad_wire_is_whole_or_a_sentence(net: Net, link: str, fault: str) -> None:
    handle, key = await net.run()
    token = await create_token(net.bench.store, user="ada", name="net", lifetime=timedelta(hours=1))
    answers = Answers()
    async with client_for(net.store, net.parts) as api:
        api.headers["Authorization"] = f"Bearer {token}"
        net.spoil(link, fault)
        for _ in range(2):
            try:
                async with asyncio.timeout(NEVER_SECONDS):
                    page = await answers.ask(api, "execution.getExecutionDetails", executionId=str(key.id))
            except NotAnswered:
                continue
            assert page["execution"]["temporalWorkflowId"] == handle.id
            assert len(page["components"]) == page["execution"]["componentCount"]
        net.wires[link].mend()
        if link == "Temporal":
            assert set(answers.counts) == {"200"}, "the copy is there"
    assert answers.wrong == []
    await handle.signal(Steps.finish)
    await net.assert_copied(handle, key)


async def test_in_a_black_hole_everybody_who_waits_for_the_database_is_told(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope, "TURN_SECONDS", 4.0)

    async def ask() -> None:
        async with net.store.write() as reader:
            await reader.fetchval("SELECT 1")

    net.wires["PostgreSQL"].stop()
    async with asyncio.timeout(NEVER_SECONDS):
        errors = await asyncio.gather(*(ask() for _ in range(40)), return_exceptions=True)
    assert [error for error in errors if not isinstance(error, BaseException) or not is_outage(error)] == []
    async with asyncio.timeout(NEVER_SECONDS):
        with pytest.raises(StartupError, match="cannot be reached"):
            await open_pool("postgresql://x:y@" + net.wires["PostgreSQL"].address + "/z", size=1)
    net.wires["PostgreSQL"].mend()
    assert await eventually(lambda: _answers(net.store))


async def _answers(store: Store) -> bool:
    try:
        async with store.write() as reader:
            return bool(await reader.fetchval("SELECT true"))
    except Exception as error:
        assert is_outage(error), repr(error)
        return False


async def test_news_is_heard_again_after_a_connection_was_lost_without_a_word(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "ALIVE_EVERY_SECONDS", 0.5)
    hears = Listening(net.store)
    task = asyncio.create_task(hears.run())
    try:
        with hears.woken_by(CHANNEL, "first") as woken:
            assert await eventually(lambda: _tell(net.bench.store, "first", woken))
        net.wires["PostgreSQL"].lose()
        with hears.woken_by(CHANNEL, "second") as woken:
            assert await eventually(lambda: _tell(net.bench.store, "second", woken))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _tell(store: Store, payload: str, woken: asyncio.Event) -> bool:
    """Notify, and see whether it is heard. A new listening wakes everybody: that alone does not count."""
    woken.clear()
    async with store.write() as writer:
        await writer.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)
    await asyncio.sleep(0.1)
    return woken.is_set()


async def test_a_temporal_whose_connection_was_lost_without_a_word_is_asked_over_a_new_one(net: Net) -> None:
    bench = net.bench
    handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("net"), task_queue=bench.queue)
    await handle.result()
    access = await net.parts.access(net.connection)
    await describe_run(access, handle.id)
    net.wires["Temporal"].lose()

    async def answers() -> bool:
        key = await replace(bench, connection=net.connection, parts=net.parts).key_of(handle)
        return await net.synced(key)

    async def answers_again() -> bool:
        try:
            return await answers()
        except Exception as error:
            assert "did not answer" in str(error), repr(error)
            return False

    assert await eventually(answers_again)
