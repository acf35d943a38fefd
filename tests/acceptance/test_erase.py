"""Erasing runs: every trace, whatever interrupts it, and nothing copies them again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.crash_points import Crashed, Fuse, fused
from tests.acceptance.observed import Greeting, new_id
from tests.databases import Database
from tests.everything_stored import places_of

from watchglass.errors import Conflict
from watchglass.parse.describe import parse_described
from watchglass.statistics.compare import find_drift
from watchglass.store.audit import add_line
from watchglass.store.erased_runs import count_erased
from watchglass.store.listed_runs import insert_listed
from watchglass.store.listing_windows import ListingWindow
from watchglass.store.seal import Unsealable
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.task_queues import CheckedQueue, QueueKind, save_checked_queues
from watchglass.sync.erase import erase
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.listing import add_runs, take_page
from watchglass.sync.one import sync_execution
from watchglass.sync.rolled_up import roll_up
from watchglass.temporal.describe import describe_run
from watchglass.temporal.visibility import list_runs

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


async def copied(bench: Bench, workflow_id: str, runs: int = 1) -> list[WorkflowHandle]:
    """Ended and copied runs of one workflow id."""
    handles = []
    for _ in range(runs):
        handle = await bench.client.start_workflow(
            Greeting.run, [workflow_id], id=workflow_id, task_queue=bench.queue, memo={"who": workflow_id}
        )
        await handle.result()
        key = await bench.key_of(handle)
        assert (await sync_execution(bench.parts, key)).is_final
        handles.append(handle)
    return handles


async def logged(bench: Bench, key: ExecutionKey, workflow_id: str) -> None:
    async with bench.store.write() as writer:
        await add_line(
            writer,
            project_id=key.project_id,
            by=None,
            action="execution.cancel",
            target=key.id,
            details={"reason": workflow_id, "temporalWorkflowId": workflow_id},
        )


async def test_no_trace_is_left_and_figures_are_those_of_the_runs_that_are_there(
    bench: Bench, database: Database
) -> None:
    project_id = bench.connection.project_id
    other, gone = new_id("kept"), new_id("erased")
    await copied(bench, other)
    handles = await copied(bench, gone, runs=3)
    async with bench.store.write() as reader:
        row = await reader.fetchrow("SELECT id FROM workflow_executions WHERE temporal_workflow_id = $1", gone)
    await logged(bench, ExecutionKey(project_id, row["id"]), gone)
    assert {"workflow_executions", "history_pages", "component_executions", "audit_log"} <= set(
        await places_of(gone, database.admin_url)
    )
    done = await erase(bench.store, project_id, gone, by=None)
    assert done.runs == 3
    assert await places_of(gone, database.admin_url) == []
    for handle in handles:
        assert await places_of(str(handle.first_execution_run_id), database.admin_url) == []
    assert await places_of(other, database.admin_url)
    await assert_totals_equal_recomputation(bench.store)
    async with bench.store.write() as reader:
        line = await reader.fetchrow(
            "SELECT * FROM audit_log WHERE action = 'execution.erase' ORDER BY at DESC LIMIT 1"
        )
    assert line["details"] == '{"runs": 3}' and line["user_name"] == "command line"


async def test_nothing_copies_an_erased_run_again(bench: Bench, database: Database) -> None:
    gone = new_id("erased")
    (handle,) = await copied(bench, gone)
    run_id = handle.first_execution_run_id
    # Temporal has another run of the workflow id that was never copied.
    late = await bench.client.start_workflow(Greeting.run, ["x"], id=gone, task_queue=bench.queue)
    await late.result()
    await erase(bench.store, bench.connection.project_id, gone, by=None)
    access = await bench.parts.access(bench.connection)
    listed = 0
    for _ in range(50):
        listed = 0
        async for page in list_runs(access, f"WorkflowId = '{gone}'", seconds=10):
            listed += len(page)
            found = await take_page(bench.parts, [bench.connection], page)
            assert found.new == 0
        if listed == 2:
            break
    assert listed == 2, "Temporal lists both"
    described = parse_described(await describe_run(access, gone, str(run_id)))
    assert await add_runs(bench.parts, bench.connection, [described]) == []
    resolved = await ImmediateSync(bench.parts).resolve(bench.connection.id, workflow_id=gone, run_id=run_id)
    assert resolved is None
    assert await places_of(gone, database.admin_url) == []
    window = ListingWindow("started", datetime.now(UTC) - timedelta(hours=1), None)
    async with bench.store.write() as reader:
        assert await count_erased(reader, bench.connection, window) >= 2, "both are counted when counts are compared"
    async with bench.store.write() as writer:
        with pytest.raises(Unsealable, match="erased"):
            await insert_listed(writer, bench.connection, [described])
    # A run that starts afterwards is a new one.
    again = await bench.client.start_workflow(Greeting.run, ["x"], id=gone, task_queue=bench.queue)
    await again.result()
    assert (await sync_execution(bench.parts, await bench.key_of(again))).is_final


@workflow.defn(dynamic=True)
class Anything:
    """A run of any type, which takes any signal."""

    def __init__(self) -> None:
        self._is_done = False

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None:
        await workflow.wait_condition(lambda: self._is_done)

    @workflow.signal(dynamic=True)
    def any_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._is_done = True


@pytest.mark.parametrize("is_rolled_up", [True, False], ids=["rolled-up", "noted"])
async def test_names_that_only_erased_runs_had_go_with_them(
    bench: Bench, database: Database, monkeypatch: pytest.MonkeyPatch, *, is_rolled_up: bool
) -> None:
    """Of signals, queues and types: among the figures too, whether they were added up already or not."""
    # Of a workflow that ran so seldom, steps are not added up otherwise.
    monkeypatch.setattr("watchglass.statistics.split.SPLIT_RUNS", 1)
    project_id = bench.connection.project_id
    if is_rolled_up:
        await roll_up(bench.store)
    needle = new_id("needle")
    worker = Worker(
        bench.client, task_queue=f"queue-{needle}", workflows=[Anything], workflow_runner=UnsandboxedWorkflowRunner()
    )
    async with worker:
        handle = await bench.client.start_workflow(f"type-{needle}", id=needle, task_queue=f"queue-{needle}")
        key = await bench.key_of(handle)
        await sync_execution(bench.parts, key)
        await handle.signal(f"signal-{needle}")
        await handle.result()
    assert (await sync_execution(bench.parts, key)).is_final
    async with bench.store.write() as writer:
        seen = CheckedQueue(f"queue-{needle}", QueueKind.WORKFLOW, is_polled=True, newest_poll_at=None)
        await save_checked_queues(writer, bench.connection, [seen])
    if is_rolled_up:
        await roll_up(bench.store)
    held = {"workflows", "task_queues"}
    held |= {"rollup_components", "rollup_variants"} if is_rolled_up else {"component_changes", "run_changes"}
    assert held <= set(await places_of(needle, database.admin_url))
    kept = await copied(bench, new_id("kept"))
    assert (await erase(bench.store, project_id, needle, by=None)).runs == 1
    assert await places_of(needle, database.admin_url) == []
    assert await places_of(kept[0].id, database.admin_url)
    await assert_totals_equal_recomputation(bench.store)
    compared = await find_drift(bench.store, project_id)
    assert compared is not None and compared.drift == ()


async def test_one_run_of_a_workflow_id_can_be_erased_alone(bench: Bench) -> None:
    both = new_id("half")
    first, _ = await copied(bench, both, runs=2)
    project_id = bench.connection.project_id
    done = await erase(bench.store, project_id, both, run_id=first.first_execution_run_id, by=None)
    assert done.runs == 1
    async with bench.store.write() as reader:
        left = await reader.fetchval("SELECT count(*) FROM workflow_executions WHERE temporal_workflow_id = $1", both)
    assert left == 1
    await assert_totals_equal_recomputation(bench.store)


async def test_a_run_that_is_under_way_is_not_erased(bench: Bench) -> None:
    running = new_id("running")
    handle = await bench.client.start_workflow(Greeting.run, ["x"], id=running, task_queue=f"nobody-{uuid4()}")
    key = await bench.key_of(handle)
    await sync_execution(bench.parts, key)
    with pytest.raises(Conflict, match="Cancel or terminate it first"):
        await erase(bench.store, key.project_id, running, by=None)
    await handle.terminate()
    await sync_execution(bench.parts, key)
    assert (await erase(bench.store, key.project_id, running, by=None)).runs == 1


async def test_wherever_it_is_broken_off_the_rest_is_found(bench: Bench, database: Database) -> None:
    project_id = bench.connection.project_id
    points = 0
    while True:
        gone = new_id("broken-off")
        await copied(bench, gone, runs=2)
        fuse = Fuse(points)
        try:
            await erase(fused(bench.store, bench.parts, fuse).store, project_id, gone, by=None)
        except Crashed:
            await assert_totals_equal_recomputation(bench.store)
        done = await erase(bench.store, project_id, gone, by=None)
        assert await places_of(gone, database.admin_url) == []
        await assert_totals_equal_recomputation(bench.store)
        if not fuse.burnt:
            assert done.runs == 0 and points > 10
            return
        points += 1
