"""Rows that older rules made become what today's rules say, from what is stored alone."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import WorkflowFailureError
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.crash_points import Crashed, Fuse, FusedStore
from tests.acceptance.eventually import eventually
from tests.acceptance.hostile import ACTIVITIES as COMPLAINING
from tests.acceptance.hostile import Complain
from tests.acceptance.observed import ACTIVITIES, WORKFLOWS, Chain, Greeting, Retried, Steps, new_id, observed_worker
from tests.acceptance.older_rules import spoil
from tests.acceptance.running import clean_environment
from tests.acceptance.test_related_runs import completed_tasks, listed, reset
from tests.api.seeded import Caller, client_for
from tests.databases import Database

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.parse import PARSE_VERSION
from watchglass.statistics.keep import totals_kept
from watchglass.store.outdated import count_outdated
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey, lock_states, mark_gone
from watchglass.sync.one import sync_execution, sync_executions
from watchglass.sync.outdated import rederive_outdated, upgrade_slowly
from watchglass.sync.parts import Parts
from watchglass.sync.rederive import rederive
from watchglass.temporal.client import Clients

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def runs(bench: Bench, temporal: EmbeddedTemporal) -> dict[str, ExecutionKey]:
    """Copied runs in every state that differs in what it is derived from."""
    async with observed_worker(
        temporal.address, workflows=(*WORKFLOWS, Complain), activities=(*ACTIVITIES, *COMPLAINING)
    ) as (client, queue):

        async def start(run: Any, *given: Any, **options: Any) -> Any:
            return await client.start_workflow(
                run, args=list(given), id=new_id("rules"), task_queue=queue, memo={"from": "a test"}, **options
            )

        done = await start(Greeting.run, ["Ada", "Grace"])
        failed = await start(Complain.run)
        chain = await start(Chain.run, 2)
        stopped = await start(Steps.run)
        waiting = await start(Steps.run)
        superseded = await start(Steps.run)
        large = await start(Greeting.run, ["x" * 100_000])
        await waiting.signal(Steps.step, "one")
        await superseded.signal(Steps.step, "one")
        for handle in done, failed, chain, large:
            with suppress(WorkflowFailureError):
                await handle.result()
        await stopped.terminate("enough")
        reset_run = await reset(bench, done, to_event=(await completed_tasks(done))[1])
        await client.get_workflow_handle(done.id, run_id=reset_run).result()
        async with asyncio.timeout(120):
            while len(await completed_tasks(superseded)) < 2:
                await asyncio.sleep(0.05)
        await reset(bench, superseded, to_event=(await completed_tasks(superseded))[0])
        retried = await start(Retried.run, 1000)
        keys = {
            name: (await listed(bench, handle.id, count))
            for name, handle, count in (
                ("done", done, 2),
                ("failed", failed, 1),
                ("chain", chain, 3),
                ("stopped", stopped, 1),
                ("waiting", waiting, 1),
                ("superseded", superseded, 2),
                ("large", large, 1),
                ("retried", retried, 1),
            )
        }
        (retrying,) = keys["retried"]

        async def is_retrying() -> bool:
            await sync_execution(bench.parts, retrying)
            async with bench.store.write() as reader:
                phase = await reader.fetchval("SELECT phase FROM workflow_executions WHERE id = $1", retrying.id)
            return bool(phase == "retrying")

        assert await eventually(is_retrying)
        found = {f"{name} {i}": key for name, several in keys.items() for i, key in enumerate(several)}
        outcomes = await sync_executions(bench.parts, list(found.values()))
        assert all(outcome.synced for outcome in outcomes.values())
    # From here on nothing happens to them, and each is copied as it stands.
    await sync_executions(bench.parts, list(found.values()))
    return found


async def outdate(store: Store, keys: Sequence[ExecutionKey]) -> None:
    async with store.write() as writer:
        await lock_states(writer, keys)
        await writer.execute(
            "UPDATE workflow_executions SET derived_version = 0 WHERE id = ANY ($1::uuid[])", [key.id for key in keys]
        )


async def digests(bench: Bench, keys: Sequence[ExecutionKey]) -> dict[ExecutionKey, str]:
    """Everything stored of these runs, also their attributes and attempts."""
    found = {}
    async with bench.store.write() as reader:
        for key in keys:
            more = [
                await reader.fetch(f"SELECT to_jsonb(t) AS t FROM {table} t WHERE execution_id = $1 ORDER BY 1", key.id)
                for table in ("execution_search_attributes", "component_attempts", "run_descriptions")
            ]
            found[key] = await bench.digest(key) + repr(more)
    return found


async def test_rows_of_older_rules_become_what_they_were(
    bench: Bench, runs: dict[str, ExecutionKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchglass.sync.outdated._BATCH_RUNS", 2)
    keys = list(runs.values())
    before = await digests(bench, keys)
    await spoil(bench.store, keys)
    await assert_totals_equal_recomputation(bench.store)
    spoilt = await digests(bench, keys)
    assert not [key for key in keys if spoilt[key] == before[key]]
    seen: list[int] = []
    done = await rederive_outdated(bench.store, show=lambda progress: seen.append(progress.done))
    assert (done.done, dict(done.left)) == (len(keys), {})
    assert seen[-1] == len(keys)
    after = await digests(bench, keys)
    assert [name for name, key in runs.items() if after[key] != before[key]] == []
    await assert_totals_equal_recomputation(bench.store)
    assert (await rederive_outdated(bench.store)).done == 0, "what is done is marked"


async def test_everything_is_derived_again_when_asked(bench: Bench, runs: dict[str, ExecutionKey]) -> None:
    keys = list(runs.values())
    before = await digests(bench, keys)
    async with bench.store.write() as reader:
        count = await count_outdated(reader, below=PARSE_VERSION + 1, connection_id=bench.connection.id)
    done = await rederive_outdated(bench.store, connection_id=bench.connection.id, below=PARSE_VERSION + 1)
    assert done.done + len(done.left) == count >= len(keys)
    assert not done.left.keys() & set(keys)
    assert await digests(bench, keys) == before


async def test_no_crash_point_leaves_anything_half_done(bench: Bench, runs: dict[str, ExecutionKey]) -> None:
    keys = [runs[name] for name in ("failed 0", "waiting 0", "retried 0", "done 0", "superseded 1")]
    right = await digests(bench, keys)
    await spoil(bench.store, keys)
    spoilt = await digests(bench, keys)
    for point in range(1000):
        store = FusedStore(bench.store.login, bench.store.sync, bench.store.user_role, fuse=Fuse(point))
        try:
            done = await rederive(store, keys)
        except Crashed:
            assert await digests(bench, keys) == spoilt, f"a crash at point {point} left something behind"
            await assert_totals_equal_recomputation(bench.store)
            continue
        break
    assert (done.done, store.fuse.burnt) == (len(keys), False)
    assert point > 10
    assert await digests(bench, keys) == right
    await assert_totals_equal_recomputation(bench.store)


async def test_a_command_cut_off_anywhere_carries_on(
    bench: Bench, runs: dict[str, ExecutionKey], pytestconfig: pytest.Config
) -> None:
    dice = random.Random(pytestconfig.getoption("randomly_seed", 1))
    keys = list(runs.values())
    right = await digests(bench, keys)
    await spoil(bench.store, keys)
    cut_off = 0
    while not cut_off:
        task = asyncio.create_task(rederive_outdated(bench.store))
        await asyncio.sleep(dice.random() / 50)
        cut_off += task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await assert_totals_equal_recomputation(bench.store)
        if not cut_off:
            await spoil(bench.store, keys)
    await rederive_outdated(bench.store)
    assert await digests(bench, keys) == right
    await assert_totals_equal_recomputation(bench.store)


async def test_beside_syncs_each_run_ends_as_temporal_has_it(bench: Bench, database: Database) -> None:
    store = await database.open_store(size=10)
    parts = Parts(store, bench.parts.clients)
    handles = [
        await bench.client.start_workflow(Steps.run, id=new_id("moving"), task_queue=bench.queue) for _ in range(6)
    ]
    keys = [(await listed(bench, handle.id, 1))[0] for handle in handles]
    moving = True

    async def sync_on(seed: int) -> None:
        dice = random.Random(seed)
        while moving:
            outcomes = await sync_executions(parts, dice.sample(keys, 4))
            assert [outcome.error for outcome in outcomes.values() if outcome.error] == []

    async def rederive_on() -> int:
        done = 0
        while moving:
            await outdate(store, keys)
            done += (await rederive_outdated(store)).done
        return done

    jobs = [asyncio.create_task(job) for job in (sync_on(1), sync_on(2), rederive_on(), rederive_on())]
    for number in range(8):
        for handle in handles:
            await handle.signal(Steps.step, f"step {number}")
        await asyncio.sleep(0.1)
    for handle in handles[:3]:
        await handle.signal(Steps.finish)
        assert await handle.result() == 8
    moving = False
    counts = await asyncio.gather(*jobs)
    assert sum(count or 0 for count in counts) > 0
    await sync_executions(parts, keys)
    await rederive_outdated(store)
    stored = await digests(bench, keys[:3])
    await assert_totals_equal_recomputation(store)
    async with store.write() as reader:
        assert await count_outdated(reader, below=PARSE_VERSION) == 0
        statuses = [
            await reader.fetchval("SELECT status FROM workflow_executions WHERE id = $1", key.id) for key in keys
        ]
        units = [
            await reader.fetchval("SELECT count(*) FROM component_executions WHERE execution_id = $1", key.id)
            for key in keys
        ]
    assert statuses == ["completed"] * 3 + ["running"] * 3
    assert units == [17] * 3 + [16] * 3, "a signal and an activity for each step, and the signal to finish"
    for key in keys:
        await rederive(store, [key], below=PARSE_VERSION + 1)
    assert await digests(bench, keys[:3]) == stored
    await store.close()


async def test_a_sync_makes_all_rows_of_an_outdated_run_anew(bench: Bench) -> None:
    """Not only those of which new events speak: a run is of one version."""
    handle = await bench.client.start_workflow(Steps.run, id=new_id("open"), task_queue=bench.queue)
    (key,) = await listed(bench, handle.id, 1)
    await handle.signal(Steps.step, "one")
    await sync_execution(bench.parts, key)
    async with bench.store.write() as writer, totals_kept(writer, [(key.project_id, key.id)]):
        await writer.execute("UPDATE component_executions SET name = 'old name' WHERE execution_id = $1", key.id)
        await writer.execute("UPDATE workflow_executions SET derived_version = 0 WHERE id = $1", key.id)
    await handle.signal(Steps.finish)
    await handle.result()
    await sync_execution(bench.parts, key)
    async with bench.store.write() as reader:
        rows = await reader.fetch("SELECT name FROM component_executions WHERE execution_id = $1", key.id)
        version = await reader.fetchval("SELECT derived_version FROM workflow_executions WHERE id = $1", key.id)
    assert {row["name"] for row in rows} == {"step", "greet", "finish"}
    assert version == PARSE_VERSION
    await assert_totals_equal_recomputation(bench.store)


async def test_a_run_that_temporal_deleted_stays_deleted(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Steps.run, id=new_id("gone"), task_queue=bench.queue)
    (key,) = await listed(bench, handle.id, 1)
    await handle.signal(Steps.step, "one")
    await sync_execution(bench.parts, key)
    async with bench.store.write() as writer, totals_kept(writer, [(key.project_id, key.id)]):
        await mark_gone(writer, key)
    before = await digests(bench, [key])
    await rederive(bench.store, [key], below=PARSE_VERSION + 1)
    assert await digests(bench, [key]) == before
    await spoil(bench.store, [key])
    await rederive(bench.store, [key])
    assert await digests(bench, [key]) == before
    await assert_totals_equal_recomputation(bench.store)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("DELETE FROM history_pages", "are not stored"),
        ("UPDATE history_pages SET data = '\\x0102'", "cannot be read"),
        ("UPDATE history_pages SET data = substr(data, 1, 40)", "cannot be read"),
        ("UPDATE history_pages SET first_event_id = 3", "events 1 to 2"),
    ],
)
async def test_a_history_that_cannot_be_read_keeps_its_rows(
    bench: Bench, runs: dict[str, ExecutionKey], how: str, said: str
) -> None:
    handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("bad"), task_queue=bench.queue)
    await handle.result()
    (bad,) = await listed(bench, handle.id, 1)
    await sync_execution(bench.parts, bad)
    async with bench.store.write() as writer:
        await writer.execute(f"{how} WHERE execution_id = $1", bad.id)
    others = [runs["failed 0"], runs["waiting 0"]]
    right = await digests(bench, others)
    await spoil(bench.store, others)
    await outdate(bench.store, [bad])
    kept = await digests(bench, [bad])
    done = await rederive_outdated(bench.store)
    assert done.done == len(others)
    (sentence,) = done.left.values()
    assert said in sentence
    assert handle.id in sentence
    assert await digests(bench, [bad]) == kept
    assert await digests(bench, others) == right
    await assert_totals_equal_recomputation(bench.store)
    async with bench.store.write() as writer:
        await writer.execute("UPDATE workflow_executions SET derived_version = $2 WHERE id = $1", bad.id, PARSE_VERSION)


@asynccontextmanager
async def without_temporal(bench: Bench, keys: Sequence[ExecutionKey]) -> AsyncIterator[None]:
    """The connection leads nowhere. Open runs may be looked for meanwhile; afterwards that was never so."""
    async with bench.store.write() as writer:
        await writer.execute(
            "UPDATE connections SET address = '127.0.0.1:9', http_address = NULL WHERE id = $1", bench.connection.id
        )
    try:
        yield
    finally:
        async with bench.store.write() as writer:
            await writer.execute(
                "UPDATE connections SET address = $2, http_address = $3 WHERE id = $1",
                bench.connection.id,
                bench.connection.address,
                bench.connection.http_address,
            )
            await writer.execute(
                "UPDATE workflow_executions SET sync_status = 'synced', sync_error = NULL, sync_failures = 0 "
                "WHERE id = ANY ($1::uuid[])",
                [key.id for key in keys],
            )


async def test_what_is_read_is_upgraded_first_without_temporal(bench: Bench, runs: dict[str, ExecutionKey]) -> None:
    token = await create_token(bench.store, user="ada", name="rules", lifetime=timedelta(hours=1))
    parts = Parts(bench.store, Clients())
    keys = [runs["done 0"], runs["failed 0"], runs["waiting 0"], runs["retried 0"]]

    async def shown() -> list[dict[str, Any]]:
        # Each by another process, which has not just learned that this Temporal does not answer.
        async with client_for(bench.store, parts) as client:
            caller = Caller(client, token)
            pages = [await caller.data("execution.getExecutionDetails", {"executionId": str(key.id)}) for key in keys]
        return [
            {name: value for name, value in page["execution"].items() if name != "syncStatus"}
            | {"components": page["components"]}
            for page in pages
        ]

    async with without_temporal(bench, keys):
        before = await shown()
        await spoil(bench.store, keys)
        assert await shown() == before
        await assert_totals_equal_recomputation(bench.store)


async def test_a_worker_upgrades_what_nobody_looks_at(bench: Bench, runs: dict[str, ExecutionKey]) -> None:
    keys = list(runs.values())
    right = await digests(bench, keys)
    await spoil(bench.store, keys)
    task = asyncio.create_task(upgrade_slowly(bench.store))

    async def is_upgraded() -> bool:
        async with bench.store.write() as reader:
            return await count_outdated(reader, below=PARSE_VERSION) == 0

    assert await eventually(is_upgraded)
    task.cancel()
    assert await digests(bench, keys) == right


async def test_the_command_says_what_it_did_and_what_it_could_not(
    bench: Bench, database: Database, runs: dict[str, ExecutionKey]
) -> None:
    environment = clean_environment(
        WATCHGLASS_DATABASE_URL=database.login_url,
        WATCHGLASS_SYNC_DATABASE_URL=database.sync_url,
        WATCHGLASS_ROLE_SUFFIX=database.roles.suffix,
        TEMPORAL_ADDRESS="127.0.0.1:9",
    )

    async def command(*arguments: str) -> tuple[int | None, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "watchglass",
            "rederive",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, error = await process.communicate()
        return process.returncode, out.decode(), error.decode()

    keys = list(runs.values())
    right = await digests(bench, keys)
    await spoil(bench.store, keys)
    code, out, error = await command("--connection", "default")
    assert (code, error) == (0, "")
    assert out.startswith(
        f"Runs of namespace default that were read again by the rules of version {PARSE_VERSION}: {len(keys)} ("
    )
    assert await digests(bench, keys) == right
    assert (await command())[1].endswith(": 0 (0 events).\n")
    code, out, error = await command("--connection", "nowhere")
    assert (code, out) == (1, "")
    assert error.startswith("watchglass: There is no connection nowhere.")

    handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("lost"), task_queue=bench.queue)
    await handle.result()
    (lost,) = await listed(bench, handle.id, 1)
    await sync_execution(bench.parts, lost)
    async with bench.store.write() as writer:
        await writer.execute("DELETE FROM history_pages WHERE execution_id = $1", lost.id)
    await outdate(bench.store, [lost, keys[0]])
    code, out, error = await command()
    assert code == 1
    assert ": 1 (" in out
    assert error.startswith("watchglass: Runs that keep their old rows: 1. First: The events 1 to ")
    assert handle.id in error
    async with bench.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET derived_version = $2 WHERE id = $1", lost.id, PARSE_VERSION
        )
