"""Old, quiet runs of a foreign server that get into trouble: the patrol notices, and notices when it is over.

Nothing here measures time. A patrol's rounds begin `ROUND_SECONDS` apart, so a run that is found within
`ROUNDS` of them is found within a minute.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from tests.acceptance.bench import Bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id
from tests.acceptance.troubled import (
    MEMO_EVENTS,
    Asking,
    BrokenAsking,
    Charging,
    Growing,
    Hold,
    charge_fails,
    charge_works,
    killable,
    working,
)
from tests.databases import make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Budget
from watchglass.model.described import PENDING_ACTIVITY_STARTED
from watchglass.store.connections import ensure_connection
from watchglass.store.queue import claim_due
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.task_queues import STIR_SECONDS
from watchglass.sync.one import sync_execution, sync_executions
from watchglass.sync.parts import Parts
from watchglass.sync.patrol import FULL_ROUND_SECONDS, ROUND_SECONDS, SHARE, UNSEEN_SECONDS, Patrol
from watchglass.sync.silence import is_left_waiting, is_stirred
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import ACTIVITY_TASKS, WORKFLOW_TASKS, read_polls
from watchglass.temporal.errors import QuestionRefused
from watchglass.temporal.visibility import list_runs

pytestmark = pytest.mark.acceptance

ROUNDS = round(FULL_ROUND_SECONDS / ROUND_SECONDS)
"""In so many rounds each open run is asked about, when the budget allows."""


@dataclass(frozen=True)
class Foreign(Bench):
    """A connection to a server that is not ours, so that its quiet runs are seldom synced."""

    patrol: Patrol

    async def row(self, key: ExecutionKey) -> Any:
        async with self.store.write() as reader:
            return await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)

    async def age(self, key: ExecutionKey) -> None:
        """As if the run had been open for a month and was last synced a minute ago."""
        assert (await sync_execution(self.parts, key)).synced
        async with self.store.write() as writer:
            await writer.execute(
                "UPDATE workflow_executions SET synced_at = synced_at - interval '1 minute', "
                "next_sync_at = now() + interval '3 days' WHERE id = $1",
                key.id,
            )

    async def sync_due(self) -> None:
        """What the coordinator does with what the patrol made due."""
        async with self.store.write() as writer:
            claim = await claim_due(
                writer, connection_id=self.connection.id, limit=1000, backfill_limit=0, lease_seconds=3600
            )
        await sync_executions(self.parts, [key for key, _ in claim.runs])

    async def step_statuses(self, key: ExecutionKey) -> list[str]:
        async with self.store.write() as reader:
            rows = await reader.fetch(
                "SELECT status FROM component_executions WHERE execution_id = $1 AND kind = 'activity'", key.id
            )
        return [row["status"] for row in rows]

    async def walk_now(self) -> None:
        """A round, and what follows; no queue is left out because it was asked after a moment ago."""
        async with self.store.write() as writer:
            await writer.execute("UPDATE task_queues SET checked_at = checked_at - interval '5 seconds'")
        await self.patrol.walk()
        await self.sync_due()

    async def walk(self) -> None:
        """The rounds of one full round, as far apart as they are: what was seen is older by then."""
        for _ in range(ROUNDS):
            async with self.store.write() as writer:
                shift = f"interval '{ROUND_SECONDS} seconds'"
                await writer.execute(
                    f"UPDATE workflow_executions SET synced_at = synced_at - {shift}, "
                    f"patrolled_at = patrolled_at - {shift}"
                )
                await writer.execute(
                    f"UPDATE task_queues SET checked_at = checked_at - {shift}, poll_seen_at = poll_seen_at - {shift}, "
                    f"stirred_at = stirred_at - {shift}"
                )
            await self.patrol.walk()
            await self.sync_due()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def foreign(store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[Foreign]:
    project_id, _ = await make_project(store, "Foreign", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address=temporal.address, namespace="default", is_embedded=False
        )
    parts = Parts(store, Clients())
    client = await Client.connect(temporal.address)
    yield Foreign(store, parts, connection, client, "", Patrol(parts, connection))


async def is_shown(foreign: Foreign, key: ExecutionKey, problem: str | None) -> bool:
    await foreign.walk()
    return bool((await foreign.row(key))["problem"] == problem)


async def open_run(foreign: Foreign, kind: Any, argument: Any, *, queue: str) -> tuple[WorkflowHandle, ExecutionKey]:
    """A run whose first task is done, so that it is waiting for its signal."""
    arguments = [] if argument is None else [argument]
    handle = await foreign.client.start_workflow(kind, args=arguments, id=new_id("trouble"), task_queue=queue)

    async def waits() -> bool:
        return (await handle.describe()).history_length >= 4

    assert await eventually(waits)
    return handle, await foreign.key_of(handle)


def test_rounds_fit_into_a_minute() -> None:
    """Seen just before the trouble, passed over, asked about in the next round, synced in the one after it."""
    assert FULL_ROUND_SECONDS + ROUND_SECONDS < 60
    assert FULL_ROUND_SECONDS % ROUND_SECONDS == 0


def test_no_task_is_overlooked_between_two_looks_at_a_queue() -> None:
    """The server tells of a task for 30 s; a queue that is looked at later than that counts as stirred."""
    assert ROUND_SECONDS < STIR_SECONDS < 30


async def test_a_workflow_task_that_fails_for_ever_is_found_and_taken_back(foreign: Foreign) -> None:
    queue = new_id("queue")
    async with working(foreign.client, queue, workflows=[Asking]):
        handle, key = await open_run(foreign, "Asking", None, queue=queue)
    await foreign.age(key)
    async with working(foreign.client, queue, workflows=[BrokenAsking]):
        await handle.signal("begin")

        async def has_failed_again() -> bool:
            task = (await handle.describe()).raw_description.pending_workflow_task
            return task.attempt > 2

        assert await eventually(has_failed_again, seconds=90)
        await foreign.walk()
        row = await foreign.row(key)
        assert row["problem"] == "workflow_task_failing"
        assert "somebody broke it" in row["problem_detail"]
        since = row["problem_since"]
        await foreign.age(key)
        assert (await foreign.row(key))["problem_since"] == since, "the same problem goes on"
    async with working(foreign.client, queue, workflows=[Asking]):
        assert await handle.result() == "answered"
        await foreign.walk()
    row = await foreign.row(key)
    assert (row["status"], row["problem"], row["problem_since"]) == ("completed", None, None)


async def test_a_queue_without_a_worker_is_found_and_taken_back(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchglass.sync.waiting._IDLE", 0)
    queue = new_id("queue")
    handle = await foreign.client.start_workflow("Asking", id=new_id("trouble"), task_queue=queue)
    key = await foreign.key_of(handle)
    await foreign.age(key)
    await foreign.walk()
    row = await foreign.row(key)
    assert row["problem"] == "no_worker", row
    assert queue in row["problem_detail"]
    async with working(foreign.client, queue, workflows=[Asking]):

        async def is_polled() -> bool:
            return (await handle.describe()).history_length >= 4

        assert await eventually(is_polled)
        await foreign.age(key)
        await foreign.walk()
        row = await foreign.row(key)
        assert (row["problem"], row["phase"]) == (None, "waiting")
    await handle.terminate()


async def test_an_activity_without_a_worker_is_found_and_taken_back(foreign: Foreign) -> None:
    queue, elsewhere = new_id("queue"), new_id("elsewhere")
    async with working(foreign.client, queue, workflows=[Charging]):
        handle, key = await open_run(foreign, "Charging", elsewhere, queue=queue)
        await foreign.age(key)
        await handle.signal("begin")

        async def is_shown_now() -> bool:
            return await is_shown(foreign, key, "no_worker")

        assert await eventually(is_shown_now)
        row = await foreign.row(key)
        assert elsewhere in row["problem_detail"]
        assert "so charge cannot run" in row["problem_detail"]
        async with working(foreign.client, elsewhere, activities=[charge_works]):
            assert await handle.result() == "charged"
            await foreign.walk()
    row = await foreign.row(key)
    assert (row["status"], row["problem"]) == ("completed", None)


async def test_a_worker_that_was_killed_is_missed_while_the_server_still_lists_it(foreign: Foreign) -> None:
    queue = new_id("queue")
    with killable(foreign.connection.address, queue) as kill:
        handle, key = await open_run(foreign, "Asking", None, queue=queue)
        await foreign.age(key)
        await foreign.walk()
        assert (await foreign.row(key))["problem"] is None
        kill()
    await handle.signal("begin")

    async def is_missed() -> bool:
        await foreign.walk_now()
        return (await foreign.row(key))["problem"] == "no_worker"

    assert await eventually(is_missed, seconds=80), "long before its last question is too old"
    access = await foreign.parts.access(foreign.connection)
    assert (await read_polls(access, queue)).is_polled, "the server still lists its last question"
    assert "The last one asked for some at 20" in (await foreign.row(key))["problem_detail"]
    async with working(foreign.client, queue, workflows=[Asking]):
        assert await handle.result() == "answered"
        await foreign.walk()
    assert (await foreign.row(key))["problem"] is None


async def test_a_worker_that_left_with_nothing_to_do_is_missed_once_its_last_question_is_too_old(
    foreign: Foreign,
) -> None:
    queue = new_id("queue")
    async with working(foreign.client, queue, workflows=[Asking]):
        handle, key = await open_run(foreign, "Asking", None, queue=queue)
        await foreign.age(key)
        await foreign.walk()
        assert (await foreign.row(key))["problem"] is None
    for _ in range(4):
        await foreign.walk()
    async with foreign.store.write() as reader:
        assert await reader.fetchval("SELECT silent_since FROM task_queues WHERE name = $1", queue) is not None
    await handle.terminate()


async def test_a_worker_with_its_hands_full_is_not_missed(foreign: Foreign) -> None:
    """The second run's activity waits behind the first one's, for which nobody asks any more."""
    queue, bank, hold = new_id("queue"), new_id("bank"), Hold()
    async with (
        working(foreign.client, queue, workflows=[Charging]),
        working(foreign.client, bank, activities=[hold.charge], slots=1),
    ):
        first, first_key = await open_run(foreign, "Charging", bank, queue=queue)
        second, second_key = await open_run(foreign, "Charging", bank, queue=queue)
        await first.signal("begin")

        async def has_begun() -> bool:
            pending = (await first.describe()).raw_description.pending_activities
            return bool(pending) and pending[0].state == PENDING_ACTIVITY_STARTED

        assert await eventually(has_begun)
        await second.signal("begin")
        access = await foreign.parts.access(foreign.connection)

        async def waits_long() -> bool:
            return is_left_waiting((await read_polls(access, bank, ACTIVITY_TASKS)).backlog)

        assert await eventually(waits_long, seconds=80)
        for key in first_key, second_key:
            await foreign.age(key)
        await foreign.walk_now()
        assert [(await foreign.row(key))["problem"] for key in (first_key, second_key)] == [None, None]
        # As when the first one began just after it was copied.
        async with foreign.store.write() as writer:
            await writer.execute(
                "UPDATE component_executions SET status = 'pending' WHERE execution_id = $1", first_key.id
            )
        await foreign.walk_now()
        assert [(await foreign.row(key))["problem"] for key in (first_key, second_key)] == [None, None]
        hold.let_go.set()
        assert [await handle.result() for handle in (first, second)] == ["charged", "charged"]


async def test_that_an_activity_has_begun_is_noticed_although_no_event_tells(foreign: Foreign) -> None:
    queue, bank, hold = new_id("queue"), new_id("bank"), Hold()
    async with working(foreign.client, queue, workflows=[Charging]):
        handle, key = await open_run(foreign, "Charging", bank, queue=queue)
        await handle.signal("begin")

        async def is_scheduled() -> bool:
            return bool((await handle.describe()).raw_description.pending_activities)

        assert await eventually(is_scheduled)
        await foreign.age(key)
        assert await foreign.step_statuses(key) == ["pending"]
        async with working(foreign.client, bank, activities=[hold.charge]):

            async def is_running() -> bool:
                await foreign.walk()
                return await foreign.step_statuses(key) == ["running"]

            assert await eventually(is_running)
            hold.let_go.set()
            assert await handle.result() == "charged"


async def test_an_activity_that_fails_for_ever_is_found_and_taken_back(foreign: Foreign) -> None:
    queue = new_id("queue")
    async with working(foreign.client, queue, workflows=[Charging]):
        handle, key = await open_run(foreign, "Charging", f"{queue}-bank", queue=queue)
        await foreign.age(key)
        await handle.signal("begin")
        async with working(foreign.client, f"{queue}-bank", activities=[charge_fails]):

            async def fails_again() -> bool:
                pending = (await handle.describe()).raw_description.pending_activities
                return bool(pending) and pending[0].attempt > 12

            assert await eventually(fails_again)
            await foreign.walk()
            row = await foreign.row(key)
            assert row["problem"] == "activity_stuck", row
            assert "the bank does not answer" in row["problem_detail"]
        async with working(foreign.client, f"{queue}-bank", activities=[charge_works]):
            assert await handle.result() == "charged"
            await foreign.walk()
    row = await foreign.row(key)
    assert (row["status"], row["problem"]) == ("completed", None)


async def test_a_history_near_its_limit_is_found(foreign: Foreign) -> None:
    queue = new_id("queue")
    async with working(foreign.client, queue, workflows=[Growing]):
        handle, key = await open_run(foreign, "Growing", MEMO_EVENTS, queue=queue)
        await foreign.age(key)
        await handle.signal("begin")

        async def has_grown() -> bool:
            return (await handle.describe()).history_length > MEMO_EVENTS

        assert await eventually(has_grown, seconds=300)
        await foreign.walk()
        row = await foreign.row(key)
        assert (row["problem"], row["phase"]) == ("history_near_limit", "waiting")
        assert "51,200" in row["problem_detail"]
        await handle.terminate()


async def test_more_open_runs_than_the_share_allows_are_all_asked_about_and_it_is_said_how_long_it_takes(
    foreign: Foreign, temporal: EmbeddedTemporal, store: Store
) -> None:
    project_id, _ = await make_project(store, "Small budget", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address=temporal.address, namespace="demo", is_embedded=False
        )
        await writer.execute("UPDATE connections SET history_per_second = 2 WHERE id = $1", connection.id)
    parts = Parts(store, Clients())
    connection = await parts.connection(connection.id)
    assert connection.budget == Budget(5, 2)
    client = await Client.connect(temporal.address, namespace="demo")
    bench = Foreign(store, parts, connection, client, "", Patrol(parts, connection))
    queue = new_id("queue")
    async with working(client, queue, workflows=[Asking]):
        runs = [await open_run(bench, "Asking", None, queue=queue) for _ in range(20)]
        for _, key in runs:
            await bench.age(key)
        allowed = int(2 * SHARE * ROUND_SECONDS) - 2
        full_round = UNSEEN_SECONDS + -(-20 // allowed) * ROUND_SECONDS
        first = await bench.patrol.walk()
        assert (first.open_runs, first.asked) == (20, allowed), "two questions were about the queue"
        assert first.full_round_seconds == full_round > FULL_ROUND_SECONDS
        async with store.write() as reader:
            kept = await reader.fetchval("SELECT full_round_seconds FROM patrols WHERE project_id = $1", project_id)
        assert kept == full_round
        asked = [(await bench.patrol.walk()).asked for _ in range(-(-20 // allowed))]
        assert first.asked + sum(asked) == 20, "each run is asked about once"
        for handle, _ in runs:
            await handle.terminate()


async def test_runs_that_only_wait_are_asked_about_when_a_task_may_have_been_for_one_of_them(foreign: Foreign) -> None:
    queue = new_id("queue")
    async with working(foreign.client, queue, workflows=[Charging], activities=[charge_fails]):
        runs = [await open_run(foreign, "Charging", queue, queue=queue) for _ in range(5)]
        for _, key in runs:
            await foreign.age(key)
        ids = [key.id for _, key in runs]
        access = await foreign.parts.access(foreign.connection)

        async def is_asked_about() -> int:
            """How many of the runs a round asks about, half a minute after the last one."""
            await foreign.walk_now()
            async with foreign.store.write() as writer:
                shift = "interval '30 seconds'"
                asked: int = await writer.fetchval(
                    "SELECT count(*) FROM workflow_executions WHERE id = ANY ($1) "
                    "AND patrolled_at > clock_timestamp() - interval '20 seconds'",
                    ids,
                )
                await writer.execute(
                    f"UPDATE workflow_executions SET synced_at = synced_at - {shift}, "
                    f"patrolled_at = patrolled_at - {shift} WHERE id = ANY ($1)",
                    ids,
                )
                await writer.execute(f"UPDATE task_queues SET stirred_at = stirred_at - {shift}")
            return asked

        assert await is_asked_about() == 5, "nobody has seen their queue before"

        async def is_still() -> bool:
            polls = [await read_polls(access, queue, kind) for kind in (WORKFLOW_TASKS, ACTIVITY_TASKS)]
            return not any(map(is_stirred, polls))

        assert await eventually(is_still)
        await is_asked_about()
        assert [await is_asked_about() for _ in range(3)] == [0, 0, 0]
        handle, key = runs[0]
        await handle.signal("begin")

        async def is_retried() -> bool:
            pending = (await handle.describe()).raw_description.pending_activities
            return bool(pending) and pending[0].attempt > 11

        assert await eventually(is_retried)
        assert await is_asked_about() == 5
        await foreign.sync_due()
        assert (await foreign.row(key))["problem"] == "activity_stuck"
        for handle, _ in runs:
            await handle.terminate()


async def test_a_server_refuses_a_question_about_an_attribute_that_it_does_not_have(foreign: Foreign) -> None:
    """So do servers before 1.30 when they are asked for runs with reported problems."""
    access = await foreign.parts.access(foreign.connection)
    with pytest.raises(QuestionRefused):
        await anext(list_runs(access, "TemporalReportedTroubles IS NOT NULL"))


async def test_a_server_that_reports_problems_itself_is_listened_to(store: Store, data_dir: Any) -> None:
    """With more open runs than the share allows, the server's own list still finds the one in trouble."""
    server = EmbeddedTemporal(
        data_dir,
        preferred_port=0,
        dynamic_config={"system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2"},
    )
    await server.start()
    try:
        project_id, _ = await make_project(store, "Reporting", owner="ada")
        async with store.write() as writer:
            connection = await ensure_connection(
                writer, project_id=project_id, address=server.address, namespace="default", is_embedded=False
            )
        parts = Parts(store, Clients())
        client = await Client.connect(server.address)
        bench = Foreign(store, parts, connection, client, "", Patrol(parts, connection))
        queue = new_id("queue")
        async with working(client, queue, workflows=[Asking]):
            handle, key = await open_run(bench, "Asking", None, queue=queue)
        await bench.age(key)
        async with store.write() as writer:
            # Seen a moment ago: the patrol's own round passes it over.
            await writer.execute("UPDATE workflow_executions SET synced_at = now() WHERE id = $1", key.id)
        async with working(client, queue, workflows=[BrokenAsking]):
            await handle.signal("begin")

            async def is_reported() -> bool:
                async with store.write() as writer:
                    await writer.execute("UPDATE workflow_executions SET synced_at = now() WHERE id = $1", key.id)
                walked = await bench.patrol.walk()
                assert walked.asked == 0
                return walked.due == 1

            assert await eventually(is_reported)
            await bench.sync_due()
            assert (await bench.row(key))["problem"] == "workflow_task_failing"
    finally:
        await server.stop()
