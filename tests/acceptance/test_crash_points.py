"""Every kind of sync, broken off at each of its points: nothing is left half done, and the next one carries on.

The table SCENARIOS is the list of what a sync can be. Each prepares runs on a real Temporal, is done undisturbed, and
is then done again and again with a crash before each statement, each commit and each call.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, RegisterNamespaceRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.service import RPCError
from tests.acceptance.commit_cutter import CommitCutter
from tests.acceptance.crash_points import Doing, Rewind, crash_everywhere, cut_every_commit
from tests.acceptance.forgetful import temporal
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.hostile import Complain, complain
from tests.acceptance.observed import (
    ACTIVITIES,
    WORKFLOWS,
    Chain,
    Greeting,
    Steps,
    fail_until,
    greet,
    new_id,
    observed_worker,
)
from tests.acceptance.older_rules import spoil
from tests.acceptance.test_related_runs import completed_tasks, reset
from tests.databases import Database, make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Connection, Level
from watchglass.model.journal import MEMO_JOURNAL, MEMO_RUN
from watchglass.model.rules import NodeRule, Rules, RunRule
from watchglass.parse import PARSE_VERSION
from watchglass.parse.describe import parse_described
from watchglass.statistics.keep import totals_kept
from watchglass.store.backfills import NewBackfill, add_backfill, finish_copied, hold_next
from watchglass.store.connections import ensure_connection
from watchglass.store.followed import claim_followed, end_followed, want_watched
from watchglass.store.history_pages import pack_events, unpack_events
from watchglass.store.levels import set_connection_level
from watchglass.store.pool import open_pool
from watchglass.store.queue import claim_due
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.workflows import insert_built, set_registered
from watchglass.sync.backfill import HELD_SECONDS, held, walk
from watchglass.sync.discover import discover
from watchglass.sync.follow import Follower
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution, sync_executions
from watchglass.sync.outdated import rederive_outdated
from watchglass.sync.parts import Parts
from watchglass.sync.patrol import Patrol
from watchglass.sync.rederive import rederive
from watchglass.temporal import visibility
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run

__all__ = ["temporal"]
pytestmark = pytest.mark.acceptance

NAMESPACE = "crashing"


@workflow.defn
class Stalled:
    """An activity that has failed once and waits an hour for its next attempt: nothing more happens by itself."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            fail_until,
            1000,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(hours=1), maximum_interval=timedelta(hours=1)),
        )


@workflow.defn
class Drawn:
    """What the interpreter of drawings leaves in a history: a journal, and an activity that is named by its node."""

    def __init__(self) -> None:
        self._goes_on = False

    @workflow.run
    async def run(self) -> None:
        for node_id in ("first", "second"):
            entries = [{"node": name, "state": "completed", "at": "2026-11-23T00:00:00Z"} for name in ("a", node_id)]
            workflow.upsert_memo({MEMO_JOURNAL: entries})
            seconds = timedelta(seconds=10)
            await workflow.execute_activity(greet, "Ada", activity_id=f"pay-{node_id}", start_to_close_timeout=seconds)
            if node_id == "first":
                await workflow.wait_condition(lambda: self._goes_on)

    @workflow.signal
    def go_on(self) -> None:
        self._goes_on = True


@dataclass
class Scene:
    """A namespace that is reached through a proxy, and what is stored of it."""

    store: Store
    parts: Parts
    connection: Connection
    client: Client
    queue: str
    proxy: GrpcProxy
    rewind: Rewind

    async def start(self, run: Any, *given: Any, **options: Any) -> WorkflowHandle[Any, Any]:
        return await self.client.start_workflow(
            run, args=list(given), id=new_id("crash"), task_queue=self.queue, **options
        )

    async def known(self, handle: WorkflowHandle[Any, Any], run_id: str = "") -> ExecutionKey:
        """Make it a run that is known and was never copied."""
        access = await self.parts.access(self.connection)
        described = parse_described(await describe_run(access, handle.id, run_id))
        (key,) = await add_runs(self.parts, self.connection, [described])
        return key

    async def copied(self, handle: WorkflowHandle[Any, Any]) -> ExecutionKey:
        key = await self.known(handle)
        assert (await sync_execution(self.parts, key)).synced
        return key

    async def execute(self, query: str, *args: object) -> None:
        async with self.store.write() as writer:
            await writer.execute(query, *args)

    async def steps(self, *names: str) -> WorkflowHandle[Any, Any]:
        """An open run that has done these steps and waits."""
        handle = await self.start(Steps.run)
        await self.more_steps(handle, *names)
        return handle

    async def more_steps(self, handle: WorkflowHandle[Any, Any], *names: str) -> None:
        before = await self.done(handle)
        for name in names:
            await handle.signal(Steps.step, name)
        async with asyncio.timeout(120):
            while await self.done(handle) < before + len(names) or await self.is_busy(handle):
                await asyncio.sleep(0.05)

    async def done(self, handle: WorkflowHandle[Any, Any]) -> int:
        kind = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
        return len([event async for event in handle.fetch_history_events() if event.event_type == kind])

    async def is_busy(self, handle: WorkflowHandle[Any, Any]) -> bool:
        """Does something still happen by itself? Only an activity that waits for its second attempt does not count."""
        described = (await handle.describe()).raw_description
        return described.HasField("pending_workflow_task") or any(
            activity.attempt < 2 for activity in described.pending_activities
        )

    async def greeted(self) -> WorkflowHandle[Any, Any]:
        handle = await self.start(Greeting.run, ["Ada", "Grace"])
        await handle.result()
        return handle

    async def stalled(self) -> WorkflowHandle[Any, Any]:
        """An open run whose activity has failed once."""
        handle = await self.start(Stalled.run)
        async with asyncio.timeout(120):
            while not (await handle.describe()).raw_description.pending_activities or await self.is_busy(handle):
                await asyncio.sleep(0.05)
        return handle

    async def listed(self, *handles: WorkflowHandle[Any, Any], closed: bool = True) -> None:
        """Wait until visibility lists these runs as they are."""
        for handle in handles:
            condition = "CloseTime IS NOT NULL" if closed else "CloseTime IS NULL"
            async with asyncio.timeout(120):
                while not (await self.client.count_workflows(f"WorkflowId = '{handle.id}' AND {condition}")).count:
                    await asyncio.sleep(0.05)

    async def delete(self, handle: WorkflowHandle[Any, Any]) -> None:
        run = WorkflowExecution(workflow_id=handle.id, run_id=handle.result_run_id or "")
        await self.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(namespace=self.client.namespace, workflow_execution=run)
        )
        async with asyncio.timeout(120):
            while True:
                try:
                    await handle.describe()
                except RPCError:
                    return
                await asyncio.sleep(0.05)

    async def copy_due(self, parts: Parts) -> None:
        """What workers do with the queue, until nothing is due; who takes something and dies holds nobody up."""
        while True:
            async with parts.store.write() as writer:
                # A copy that was broken off waits for a second or more, which is not waited for here.
                await writer.execute(
                    "UPDATE workflow_executions SET next_sync_at = clock_timestamp() "
                    "WHERE connection_id = $1 AND sync_status = 'failed'",
                    self.connection.id,
                )
                claim = await claim_due(
                    writer, connection_id=self.connection.id, limit=100, lease_seconds=0, backfill_limit=1000
                )
            if not claim.runs:
                return
            await sync_executions(parts, sorted((key for key, _ in claim.runs), key=lambda key: key.id))

    async def do_jobs(self, parts: Parts) -> None:
        """What a worker does with back-fill jobs, also those of one that died."""
        while True:
            async with parts.store.write() as writer:
                await writer.execute("UPDATE backfills SET held_until = NULL")
                job = await hold_next(writer, holder=self.connection.id, seconds=HELD_SECONDS, without=())
            if job is None:
                break
            async with held(parts.store, job):
                async for _ in walk(parts, job):
                    pass
        await self.copy_due(parts)
        async with parts.store.write() as writer:
            await finish_copied(writer)


@asynccontextmanager
async def namespace(temporal: EmbeddedTemporal, name: str) -> AsyncIterator[tuple[Client, str]]:
    """A new namespace: its client, and a task queue on which a worker runs the scenarios' workflows."""
    register = RegisterNamespaceRequest(namespace=name)
    register.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    admin = await Client.connect(temporal.address)
    await admin.workflow_service.register_namespace(register)
    async with asyncio.timeout(120):
        while True:
            # The frontend learns of a new namespace after a moment.
            with suppress(RPCError):
                await (await Client.connect(temporal.address, namespace=name)).count_workflows()
                break
            await asyncio.sleep(0.2)
    async with observed_worker(
        temporal.address, name, workflows=(*WORKFLOWS, Complain, Drawn, Stalled), activities=(*ACTIVITIES, complain)
    ) as client_and_queue:
        yield client_and_queue


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(database: Database, store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[Scene]:
    project_id, _ = await make_project(store, "Crashing", owner="ada")
    async with GrpcProxy(temporal.address) as proxy, Rewind.of(database) as rewind:
        async with store.write() as writer:
            connection = await ensure_connection(
                writer, project_id=project_id, address=proxy.address, namespace=NAMESPACE, is_embedded=False
            )
            # What it may ask for is not what is looked at here.
            await writer.execute("UPDATE connections SET visibility_per_second = 1e6, history_per_second = 1e6")
            await writer.execute("DELETE FROM backfills")
        parts = Parts(store, Clients())
        async with namespace(temporal, NAMESPACE) as (client, queue):
            await rewind.keep("blank")
            yield Scene(store, parts, connection, client, queue, proxy, rewind)


@asynccontextmanager
async def with_namespace_of_its_own(scene: Scene, temporal: EmbeddedTemporal) -> AsyncIterator[Scene]:
    """The scene with a namespace in which nothing has happened, until the tables are rewound."""
    async with namespace(temporal, new_id("crashing")) as (client, queue):
        await scene.execute("UPDATE connections SET namespace = $1", client.namespace)
        connection = replace(scene.connection, namespace=client.namespace)
        # Parts of its own: others follow changed settings after two seconds, and would ask the other namespace still.
        parts = Parts(scene.store, Clients())
        yield replace(scene, parts=parts, connection=connection, client=client, queue=queue)


async def drawn_increment(scene: Scene) -> Doing:
    key, handle = await _drawn(scene)
    await handle.signal(Drawn.go_on)
    await handle.result()
    return lambda parts: sync_execution(parts, key)


async def registered(scene: Scene) -> Doing:
    """Rules that are made later take the run from the workflow of its type."""
    key, handle = await _drawn(scene, of_its_own=False)
    rules = Rules(
        runs=(RunRule(workflow_type="Drawn"),), nodes=(NodeRule(node="pay", by="activity_id", matches="pay-*"),)
    )
    async with scene.store.write() as writer:
        await set_registered(writer, project_id=key.project_id, name="Theirs", rules=rules)
    await handle.terminate("The scene is over.")
    return lambda parts: rederive(parts.store, [key], below=PARSE_VERSION + 1)


async def _drawn(scene: Scene, *, of_its_own: bool = True) -> tuple[ExecutionKey, WorkflowHandle[Any, Any]]:
    """A run that has done its first half and is copied so far; `of_its_own`: it belongs to a built workflow."""
    async with scene.store.write() as writer:
        workflow_id = await insert_built(writer, project_id=scene.connection.project_id, name=new_id("drawn"))
    memo = {MEMO_RUN: {"workflowId": str(workflow_id), "version": 1}} if of_its_own else None
    handle = await scene.start(Drawn.run, memo=memo)
    async with asyncio.timeout(120):
        while await scene.done(handle) < 1 or await scene.is_busy(handle):
            await asyncio.sleep(0.05)
    return await scene.copied(handle), handle


async def first_sync(scene: Scene) -> Doing:
    handle = await scene.steps("one", "two")
    await handle.signal(Steps.finish)
    await handle.result()
    key = await scene.known(handle)
    return lambda parts: sync_execution(parts, key)


async def increment(scene: Scene) -> Doing:
    handle = await scene.steps("one")
    key = await scene.copied(handle)
    await scene.more_steps(handle, "two")
    return lambda parts: sync_execution(parts, key)


async def closing_increment(scene: Scene) -> Doing:
    handle = await scene.steps("one")
    key = await scene.copied(handle)
    await handle.signal(Steps.finish)
    await handle.result()
    return lambda parts: sync_execution(parts, key)


async def replaced_history(scene: Scene) -> Doing:
    handle = await scene.steps("one")
    key = await scene.copied(handle)
    async with scene.store.write() as writer:
        page = await writer.fetchrow("SELECT * FROM history_pages WHERE execution_id = $1", key.id)
        assert page is not None
        events = unpack_events(page["data"])
        events[-1].event_time.seconds -= 60
        (other,) = pack_events(events)
        await writer.execute("UPDATE history_pages SET data = $2 WHERE execution_id = $1", key.id, other.data)
    await scene.more_steps(handle, "two")
    return lambda parts: sync_execution(parts, key)


async def reset_supersedes(scene: Scene) -> Doing:
    handle = await scene.greeted()
    await scene.copied(handle)
    run_id = await reset(scene, handle, to_event=(await completed_tasks(handle))[1])
    await scene.client.get_workflow_handle(handle.id, run_id=run_id).result()
    key = await scene.known(handle, run_id)
    return lambda parts: sync_execution(parts, key)


async def first_missing(scene: Scene) -> Doing:
    handle = await scene.stalled()
    key = await scene.copied(handle)
    await scene.delete(handle)
    return lambda parts: sync_execution(parts, key)


async def gone(scene: Scene) -> Doing:
    handle = await scene.stalled()
    key = await scene.copied(handle)
    await scene.delete(handle)
    await scene.execute("UPDATE workflow_executions SET missing_since = now() - interval '2 minutes'")
    return lambda parts: sync_execution(parts, key)


async def gone_when_looked_at(scene: Scene) -> Doing:
    handle = await scene.greeted()
    key = await scene.copied(handle)
    await scene.delete(handle)
    await scene.execute(
        "UPDATE workflow_executions SET missing_since = now() - interval '2 minutes', "
        "source_checked_at = now() - interval '2 minutes'"
    )
    return lambda parts: ImmediateSync(parts).refresh(key.id)


async def batch(scene: Scene) -> Doing:
    handles = [await scene.greeted(), await scene.stalled(), await scene.start(Complain.run)]
    with suppress(WorkflowFailureError):
        await handles[2].result()
    keys = [await scene.known(handle) for handle in handles]
    return lambda parts: sync_executions(parts, keys)


async def from_the_queue(scene: Scene) -> Doing:
    for handle in [await scene.greeted(), await scene.stalled()]:
        await scene.known(handle)
    return scene.copy_due


async def discovery(scene: Scene) -> Doing:
    closing = await scene.steps("one")
    await scene.copied(closing)
    await closing.signal(Steps.finish)
    await closing.result()
    new = [await scene.greeted() for _ in range(3)]
    chain = await scene.start(Chain.run, 1)
    await chain.result()
    await scene.listed(closing, *new, chain)
    # It takes the list to make them due.
    await scene.execute(
        "UPDATE workflow_executions "
        "SET synced_at = now() - interval '1 minute', next_sync_at = now() + interval '1 day'"
    )
    return lambda parts: discover(parts, scene.connection)


async def discovery_of_what_is_only_listed(scene: Scene) -> Doing:
    await scene.execute("UPDATE connections SET level = 'list', compared_at = now(), compared_all_at = now()")
    closing = await scene.steps("one")
    await scene.known(closing)
    await closing.signal(Steps.finish)
    await closing.result()
    await scene.listed(closing)
    return lambda parts: discover(parts, scene.connection)


async def back_fill(scene: Scene) -> Doing:
    began = datetime.now(UTC)
    handles = [await scene.greeted() for _ in range(3)]
    await scene.listed(*handles)
    waiting = await scene.steps("one")
    await scene.listed(waiting, closed=False)
    async with scene.store.write() as writer:
        await add_backfill(writer, scene.connection, NewBackfill(from_at=began))

    async def fill(parts: Parts) -> None:
        await scene.do_jobs(parts)
        async with scene.store.write() as reader:
            assert await reader.fetchval("SELECT count(*) FROM workflow_executions WHERE synced_event_id > 0") == 4

    return fill


async def raised_level(scene: Scene) -> Doing:
    await scene.execute("UPDATE connections SET level = 'list'")
    for handle in [await scene.greeted(), await scene.stalled()]:
        await scene.known(handle)

    async def raise_level(parts: Parts) -> None:
        async with parts.store.write() as writer:
            await set_connection_level(writer, scene.connection, Level.ALL)
        await scene.do_jobs(parts)

    return raise_level


async def attempt_seen(scene: Scene) -> Doing:
    handle = await scene.stalled()
    key = await scene.copied(handle)
    await scene.execute("DELETE FROM component_attempts")
    return lambda parts: sync_execution(parts, key)


async def followed(scene: Scene) -> Doing:
    handle = await scene.steps("one")
    key = await scene.copied(handle)
    await handle.signal(Steps.finish)
    await handle.result()

    async def follow(parts: Parts) -> None:
        async with parts.store.write() as writer:
            await want_watched(writer, key, seconds=60, at_most_every=0)
        holder = uuid4()
        async with parts.store.write() as writer:
            taken = await claim_followed(writer, holder, limit=10, watched_only=False, lease_seconds=0)
        for run in taken:
            await Follower(parts, run.key, is_watched=run.is_watched).follow()
            async with parts.store.write() as writer:
                await end_followed(writer, holder, run.key)

    return follow


async def patrol_round(scene: Scene) -> Doing:
    quiet, stalled = await scene.steps("one"), await scene.stalled()
    for handle in quiet, stalled:
        await scene.copied(handle)
    await scene.more_steps(quiet, "two")
    await scene.execute(
        "UPDATE workflow_executions SET synced_at = now() - interval '1 hour', next_sync_at = now() + interval '1 hour'"
    )
    return lambda parts: Patrol(parts, scene.connection).walk()


async def outdated(scene: Scene, keys: Sequence[ExecutionKey]) -> None:
    """Rows as older rules left them, each fitting the others."""
    await spoil(scene.store, keys)
    async with scene.store.write() as writer, totals_kept(writer, [(key.project_id, key.id) for key in keys]):
        await writer.execute(
            "UPDATE workflow_executions e SET component_count = (SELECT count(*) FROM component_executions c "
            "WHERE c.execution_id = e.id AND NOT c.copied), next_sync_at = NULL"
        )


async def rules_changed(scene: Scene) -> Doing:
    keys = [await scene.copied(handle) for handle in (await scene.greeted(), await scene.stalled())]
    await outdated(scene, keys)
    return lambda parts: rederive_outdated(parts.store)


UNREADABLE = {
    name: lambda _: b"\xff" * 8 for name in ("GetWorkflowExecutionHistory", "GetWorkflowExecutionHistoryReverse")
}


async def set_aside(scene: Scene) -> Doing:
    key = await scene.known(await scene.greeted())
    await scene.execute("UPDATE workflow_executions SET sync_failures = 9, sync_status = 'failed'")
    scene.proxy.rewrites = dict(UNREADABLE)

    async def fails_again(parts: Parts) -> None:
        # Who dies between two tries has not tried.
        async with scene.store.write() as reader:
            status = await reader.fetchval("SELECT sync_status FROM workflow_executions")
        if status != "set_aside":
            await sync_execution(parts, key)
        async with scene.store.write() as reader:
            assert await reader.fetchval("SELECT sync_status FROM workflow_executions") == "set_aside"

    return fails_again


async def tried_again(scene: Scene) -> Doing:
    key = await scene.known(await scene.greeted())
    await scene.execute(
        "UPDATE workflow_executions SET sync_failures = 10, sync_status = 'set_aside', sync_error = 'unreadable', "
        "next_sync_at = now() + interval '1 day'"
    )

    async def try_again(parts: Parts) -> None:
        await ImmediateSync(parts).enqueue(key.id)
        await scene.copy_due(parts)

    return try_again


async def looked_at(scene: Scene) -> Doing:
    handle = await scene.steps("one")
    key = await scene.copied(handle)
    await scene.more_steps(handle, "two")
    return lambda parts: ImmediateSync(parts).refresh(key.id, force=True)


async def looked_at_by_older_rules(scene: Scene) -> Doing:
    key = await scene.copied(await scene.greeted())
    await outdated(scene, [key])
    return lambda parts: ImmediateSync(parts).refresh(key.id)


async def looked_for(scene: Scene) -> Doing:
    handle = await scene.greeted()
    return lambda parts: ImmediateSync(parts).resolve(scene.connection.id, workflow_id=handle.id, run_id=None)


SCENARIOS: Sequence[tuple[Callable[[Scene], Awaitable[Doing]], int]] = (
    (first_sync, 15),
    (increment, 15),
    (closing_increment, 15),
    (drawn_increment, 15),
    (registered, 10),
    (replaced_history, 15),
    (reset_supersedes, 15),
    (first_missing, 5),
    (gone, 10),
    (gone_when_looked_at, 10),
    (batch, 15),
    (from_the_queue, 20),
    (discovery, 30),
    (discovery_of_what_is_only_listed, 15),
    (back_fill, 50),
    (raised_level, 30),
    (attempt_seen, 15),
    (followed, 20),
    (patrol_round, 15),
    (rules_changed, 15),
    (set_aside, 5),
    (tried_again, 20),
    (looked_at, 15),
    (looked_at_by_older_rules, 15),
    (looked_for, 20),
)
"""Each with the fewest points that it can have, so that none passes because nothing of it is watched any more."""


LISTING = frozenset({discovery, discovery_of_what_is_only_listed, back_fill, raised_level})
"""They list and count the whole namespace: how much there is to do must not depend on what others left in it."""


@pytest_asyncio.fixture(loop_scope="session")
async def quiet_scene(
    scene: Scene,
    temporal: EmbeddedTemporal,
    prepare: Callable[[Scene], Awaitable[Doing]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Scene]:
    """A scene in which nothing has been seen yet, and nothing stands in the way."""
    # So few runs a page that a list has several, and each can be the last that was seen.
    monkeypatch.setitem(visibility.list_runs.__kwdefaults__, "page_size", 2)
    await scene.rewind.back("blank")
    await scene.execute("UPDATE connections SET discovered_until = clock_timestamp(), seen_until = clock_timestamp()")
    scene.proxy.rewrites = {}
    if prepare not in LISTING:
        yield scene
        return
    async with with_namespace_of_its_own(scene, temporal) as its_own:
        yield its_own


@pytest.mark.parametrize(
    ("prepare", "fewest"), [pytest.param(*scenario, id=scenario[0].__name__) for scenario in SCENARIOS]
)
async def test_no_crash_point_leaves_anything_half_done(
    quiet_scene: Scene,
    prepare: Callable[[Scene], Awaitable[Doing]],
    fewest: int,
    record_property: Callable[[str, object], None],
) -> None:
    scene = quiet_scene
    points = await crash_everywhere(scene.store, scene.parts, scene.rewind, await prepare(scene))
    record_property("crash_points", points)
    print(f"crash points of {prepare.__name__}: {points}")
    assert points >= fewest


COMMITTING = (
    first_sync,
    closing_increment,
    drawn_increment,
    replaced_history,
    gone,
    from_the_queue,
    discovery,
    raised_level,
    followed,
)


@pytest.mark.parametrize("is_before", [False, True], ids=["after", "before"])
@pytest.mark.parametrize("prepare", COMMITTING, ids=lambda prepare: prepare.__name__)
async def test_a_commit_whose_answer_is_lost_takes_effect_once(
    quiet_scene: Scene,
    database: Database,
    prepare: Callable[[Scene], Awaitable[Doing]],
    is_before: bool,
    record_property: Callable[[str, object], None],
) -> None:
    scene = quiet_scene
    url = urlsplit(database.sync_url)
    doing = await prepare(scene)
    async with CommitCutter(url.hostname or "", url.port or 0) as cutter:
        cutter.is_before = is_before
        behind = url._replace(netloc=url.netloc.replace(f":{url.port}", f":{cutter.port}"))
        pool = await open_pool(urlunsplit(behind), size=4)
        store = replace(scene.store, sync=pool)
        try:
            commits = await cut_every_commit(scene.store, store, scene.parts, scene.rewind, cutter, doing)
        finally:
            pool.terminate()
    record_property("commits", commits)
    print(f"commits of {prepare.__name__} cut: {commits}")
    assert commits >= 1
