"""A namespace that another cluster takes over: ends of histories that had been copied are replaced by other ones.

A proxy stands for the second cluster: it tells a higher failover version, and its histories end in another way.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionFailedEventAttributes
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceResponse,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryResponse,
    GetWorkflowExecutionHistoryReverseResponse,
)
from temporalio.client import WorkflowHandle
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import Greeting, new_id
from tests.acceptance.soundness import assert_nothing_half_done
from tests.databases import make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Connection
from watchglass.parse.describe import parse_described
from watchglass.store.connections import ensure_connection
from watchglass.store.failovers import RECHECK_AFTER
from watchglass.store.history_pages import unpack_events
from watchglass.store.queue import claim_due
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.identity import meet_namespace
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution
from watchglass.temporal.describe import describe_run

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

Tail = Callable[[list[HistoryEvent]], list[HistoryEvent]]


@dataclass
class Cluster:
    """The cluster that answers: the real one, until a failover is told of and tails are rewritten."""

    bench: Bench
    connection: Connection
    proxy: GrpcProxy
    version: int = 1
    tails: dict[str, Tail] = field(default_factory=dict)
    """What the history of a run (by run id) is here, out of what it was there."""

    def __post_init__(self) -> None:
        self.proxy.rewrites = {
            "DescribeNamespace": self._namespace,
            "GetWorkflowExecutionHistory": self._forward,
            "GetWorkflowExecutionHistoryReverse": self._reverse,
            "DescribeWorkflowExecution": self._run,
        }

    def _namespace(self, answer: bytes) -> bytes:
        told = DescribeNamespaceResponse.FromString(answer)
        told.failover_version = self.version
        return told.SerializeToString()

    def _forward(self, answer: bytes) -> bytes:
        told = GetWorkflowExecutionHistoryResponse.FromString(answer)
        self._replace(told.history.events, self.here(list(told.history.events)))
        return told.SerializeToString()

    def _reverse(self, answer: bytes) -> bytes:
        told = GetWorkflowExecutionHistoryReverseResponse.FromString(answer)
        self._replace(told.history.events, self.here(list(told.history.events)[::-1])[::-1])
        return told.SerializeToString()

    def _run(self, answer: bytes) -> bytes:
        told = DescribeWorkflowExecutionResponse.FromString(answer)
        if told.workflow_execution_info.execution.run_id in self.tails:
            told.workflow_execution_info.status = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
            told.workflow_execution_info.ClearField("close_time")
        return told.SerializeToString()

    def here(self, events: list[HistoryEvent]) -> list[HistoryEvent]:
        """What this cluster says of a history that the other one has written. (All of one page.)"""
        run_id = events[0].workflow_execution_started_event_attributes.original_execution_run_id if events else ""
        return self.tails[run_id](events) if run_id in self.tails else events

    @staticmethod
    def _replace(events: Any, by: list[HistoryEvent]) -> None:
        del events[:]
        events.extend(by)

    async def ended(self) -> tuple[WorkflowHandle[Any, Any], ExecutionKey]:
        """A run that has ended and is copied to its end."""
        bench = self.bench
        handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("over"), task_queue=bench.queue)
        await handle.result()
        described = parse_described(await describe_run(await bench.parts.access(self.connection), handle.id))
        (key,) = await add_runs(bench.parts, self.connection, [described])
        await sync_execution(bench.parts, key)
        assert (await self.row(key))["is_final"]
        return handle, key

    async def meet(self) -> None:
        await meet_namespace(self.bench.parts, self.connection)

    async def fail_over(self) -> None:
        self.version += 10
        await self.meet()

    async def pass_time(self, *, by: timedelta) -> None:
        """Let time pass since the failover."""
        async with self.bench.store.write() as writer:
            await writer.execute(
                "UPDATE connections SET failed_over_at = failed_over_at - $2::interval WHERE id = $1",
                self.connection.id,
                by,
            )

    async def row(self, key: ExecutionKey) -> Any:
        async with self.bench.store.write() as reader:
            return await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)

    async def stored(self, key: ExecutionKey) -> list[bytes]:
        async with self.bench.store.write() as reader:
            pages = await reader.fetch(
                "SELECT data FROM history_pages WHERE execution_id = $1 ORDER BY first_event_id", key.id
            )
        return [_bytes(event) for page in pages for event in unpack_events(page["data"])]

    async def due(self) -> set[ExecutionKey]:
        """What a worker takes from the queue now."""
        async with self.bench.store.write() as writer:
            claim = await claim_due(
                writer, connection_id=self.connection.id, limit=100, lease_seconds=0, backfill_limit=0
            )
        return {key for key, _ in claim.runs}

    async def sync_due(self) -> set[ExecutionKey]:
        async with self.bench.store.write() as writer:
            await writer.execute(
                "UPDATE workflow_executions SET next_sync_at = clock_timestamp() "
                "WHERE connection_id = $1 AND next_sync_at IS NOT NULL",
                self.connection.id,
            )
        found = await self.due()
        for key in found:
            assert (await sync_execution(self.bench.parts, key)).synced
        return found


def _bytes(event: HistoryEvent) -> bytes:
    return event.SerializeToString(deterministic=True)


@pytest_asyncio.fixture(loop_scope="session")
async def cluster(bench: Bench, temporal: EmbeddedTemporal) -> AsyncIterator[Cluster]:
    async with GrpcProxy(temporal.address) as proxy:
        project_id, _ = await make_project(bench.store, new_id("failover"), owner="ada")
        async with bench.store.write() as writer:
            connection = await ensure_connection(
                writer, project_id=project_id, address=proxy.address, namespace="default", is_embedded=False
            )
        found = Cluster(bench, connection, proxy)
        await found.meet()
        yield found


def failed_here(version: int) -> Tail:
    """The close did not come over; here the run failed a moment later."""

    def tail(events: list[HistoryEvent]) -> list[HistoryEvent]:
        end = events[-1]
        failed = HistoryEvent(
            event_id=end.event_id,
            event_time=end.event_time,
            version=version,
            event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
            workflow_execution_failed_event_attributes=WorkflowExecutionFailedEventAttributes(),
        )
        failed.event_time.seconds += 2
        failed.workflow_execution_failed_event_attributes.failure.message = "the other cluster says so"
        failed.workflow_execution_failed_event_attributes.failure.application_failure_info.type = "Elsewhere"
        return [*events[:-1], failed]

    return tail


def open_here(events: list[HistoryEvent]) -> list[HistoryEvent]:
    """Nothing came over of what happened after the first step was scheduled."""
    scheduled = next(
        n for n, event in enumerate(events) if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    )
    return events[: scheduled + 1]


async def figures(cluster: Cluster, key: ExecutionKey) -> dict[str, int]:
    async with cluster.bench.store.write() as reader:
        row = await reader.fetchrow(
            "SELECT total_runs, running_runs, completed_runs, failed_runs FROM workflow_statistics s "
            "JOIN workflow_executions e ON e.workflow_id = s.workflow_id WHERE e.id = $1",
            key.id,
        )
    return dict(row or {})


async def test_a_close_that_was_replaced_is_replaced_in_the_copy_event_for_event(cluster: Cluster) -> None:
    handle, key = await cluster.ended()
    before, events = await cluster.stored(key), [event async for event in handle.fetch_history_events()]
    completed = await figures(cluster, key)
    cluster.tails[handle.result_run_id or ""] = failed_here(cluster.version + 10)

    assert await cluster.due() == set(), "nobody has told of a failover"
    await cluster.fail_over()
    assert key in await cluster.sync_due()

    wanted = [_bytes(event) for event in cluster.here(events)]
    assert await cluster.stored(key) == wanted != before
    row = await cluster.row(key)
    assert (row["status"], row["error_type"], row["error_message"]) == (
        "failed",
        "Elsewhere",
        "the other cluster says so",
    )
    assert (row["is_final"], row["next_sync_at"]) == (True, None)
    assert await figures(cluster, key) == completed | {
        "completed_runs": completed["completed_runs"] - 1,
        "failed_runs": completed["failed_runs"] + 1,
    }
    await assert_totals_equal_recomputation(cluster.bench.store)
    await assert_nothing_half_done(cluster.bench.store)


async def test_a_run_that_goes_on_at_the_other_cluster_is_open_again_and_copied_to_its_other_end(
    cluster: Cluster,
) -> None:
    handle, key = await cluster.ended()
    whole = await cluster.stored(key)
    completed = await figures(cluster, key)
    cluster.tails[handle.result_run_id or ""] = open_here

    await cluster.fail_over()
    assert key in await cluster.sync_due()
    row = await cluster.row(key)
    stored = await cluster.stored(key)
    assert stored == whole[: len(stored)] and len(stored) < len(whole)
    assert (row["status"], row["closed_at"], row["result"], row["is_final"]) == ("running", None, None, False)
    assert row["next_sync_at"] is not None, "it is followed as every open run is"
    assert await figures(cluster, key) == completed | {
        "completed_runs": completed["completed_runs"] - 1,
        "running_runs": completed["running_runs"] + 1,
    }
    await assert_totals_equal_recomputation(cluster.bench.store)

    del cluster.tails[handle.result_run_id or ""]
    assert key in await cluster.sync_due()
    assert await cluster.stored(key) == whole
    assert await figures(cluster, key) == completed
    await assert_totals_equal_recomputation(cluster.bench.store)
    await assert_nothing_half_done(cluster.bench.store)


async def test_runs_that_came_over_whole_stay_as_they_are(cluster: Cluster) -> None:
    _, key = await cluster.ended()
    digest = await cluster.bench.digest(key)
    await cluster.fail_over()
    assert key in await cluster.sync_due()
    assert await cluster.bench.digest(key) == digest


async def test_it_is_read_again_for_an_hour_and_then_no_more(cluster: Cluster) -> None:
    _, key = await cluster.ended()
    await cluster.fail_over()
    rounds = 0
    for minutes in range(5, 80, 5):
        rounds += key in await cluster.sync_due()
        await cluster.pass_time(by=timedelta(minutes=5))
        await cluster.meet()
        assert minutes <= 60 or await cluster.due() == set(), f"{minutes} minutes after"
    assert rounds == len(RECHECK_AFTER)


async def test_a_worker_that_was_away_for_the_hour_reads_once_when_it_is_back(cluster: Cluster) -> None:
    _, key = await cluster.ended()
    await cluster.fail_over()
    await cluster.sync_due()
    await cluster.pass_time(by=timedelta(hours=5))
    await cluster.meet()
    assert await cluster.sync_due() == {key}
    await cluster.meet()
    assert await cluster.due() == set()


async def test_what_closed_long_before_is_left_alone(cluster: Cluster) -> None:
    _, old = await cluster.ended()
    async with cluster.bench.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET closed_at = closed_at - interval '61 minutes' WHERE id = $1", old.id
        )
    _, new = await cluster.ended()
    await cluster.fail_over()
    assert await cluster.sync_due() == {new}


async def test_a_lower_version_and_the_same_one_say_nothing(cluster: Cluster) -> None:
    await cluster.ended()
    await cluster.meet()
    cluster.version -= 1
    await cluster.meet()
    assert await cluster.due() == set()


async def test_a_connection_that_is_new_has_seen_no_failover(cluster: Cluster) -> None:
    await cluster.ended()
    async with cluster.bench.store.write() as writer:
        await writer.execute("UPDATE connections SET failover_version = NULL WHERE id = $1", cluster.connection.id)
    await cluster.fail_over()
    assert await cluster.due() == set()


async def test_many_are_read_one_after_the_other(cluster: Cluster) -> None:
    """Three tenths of fifty calls a second: the fourth is due a fifth of a second after the first."""
    for _ in range(4):
        await cluster.ended()
    await cluster.fail_over()
    async with cluster.bench.store.write() as reader:
        rows = await reader.fetch(
            "SELECT extract(epoch FROM next_sync_at)::float AS at FROM workflow_executions "
            "WHERE connection_id = $1 ORDER BY next_sync_at",
            cluster.connection.id,
        )
    apart = [rows[n + 1]["at"] - rows[n]["at"] for n in range(3)]
    assert apart == pytest.approx([1 / 15] * 3, abs=0.02)
