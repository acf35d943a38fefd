"""*Coordinator*: how fast it works off a backlog, how soon it syncs on demand, and how little it does when idle."""

import asyncio
import os
import time
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import uuid4

import asyncpg
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from benchmarks.figure import Figure
from benchmarks.load import make_open_run
from benchmarks.process import busy_seconds, cpu_of_family, percentile
from benchmarks.served import PATIENCE_SECONDS, Served
from benchmarks.sync_cost import short_runs
from watchglass.sync.messages import COORDINATOR, Key, SyncResult
from watchglass.sync.worker import CONTROL_NAMESPACE

_UPDATES = 60
_LOOK_SECONDS = 0.1
_SETTLE_SECONDS = 10
_IDLE_SECONDS = 30
_BACKLOG = """
    WITH short AS (
        SELECT count(*) AS runs, min(synced_at) AS first, max(synced_at) AS last
        FROM workflow_executions WHERE detail_state = 'complete' AND temporal_workflow_id LIKE $1
    )
    SELECT runs, extract(epoch FROM last - first)::float8 AS seconds,
           (SELECT sum(synced_event_id)::bigint FROM workflow_executions
            WHERE synced_at BETWEEN first AND last) AS events,
           (SELECT count(*) FROM workflow_executions WHERE detail_state = 'complete') AS copied
    FROM short
"""


async def measure_coordinator(served: Served, scale: float) -> list[Figure]:
    database = await asyncpg.connect(served.installation.admin_url)
    try:
        backlog = await _backlog(served, database, scale)  # First: the worker is busy with it while this begins.
        [connection_id] = await database.fetchrow("SELECT id FROM connections") or [None]
        control = await Client.connect(served.place.temporal.address, namespace=CONTROL_NAMESPACE)
        coordinator = control.get_workflow_handle(f"{COORDINATOR}-{connection_id}")
        now = await _sync_now(served, database, coordinator)
    finally:
        await database.close()
    return [*backlog, now, await _idle(coordinator)]


@dataclass(frozen=True, slots=True)
class _Spent:
    """Seconds, since each process began."""

    clock: float
    worker: float
    postgres: float
    temporal: float
    machine: float

    @classmethod
    def now(cls, served: Served) -> Self:
        postgres, temporal = served.place.postgres.pid, served.place.temporal.pid
        assert postgres is not None
        assert temporal is not None
        return cls(
            time.perf_counter(),
            cpu_of_family(served.worker_pid),
            cpu_of_family(postgres),
            cpu_of_family(temporal),
            busy_seconds(),
        )

    def since(self, before: Self) -> Self:
        return type(self)(*(mine - its for mine, its in zip(astuple(self), astuple(before), strict=True)))


async def _backlog(served: Served, database: asyncpg.Connection, scale: float) -> list[Figure]:
    """The runs were there before the worker was: it finds all of them due, and the long ones in between."""
    shape = short_runs(scale)
    before = _Spent.now(served)
    copied_before = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            now = _Spent.now(served)
            row = await database.fetchrow(_BACKLOG, f"{shape.prefix}-{shape.runs}-%")
            if row is not None and row["runs"] == shape.runs:
                break
            if row is None or row["runs"] == 0:
                before, copied_before = now, row["copied"] if row is not None else 0
            await asyncio.sleep(_LOOK_SECONDS)
    spent = _Spent.now(served).since(before)
    seconds, events, copied = row["seconds"], row["events"], row["copied"] - copied_before
    note = f"{shape}, from the first that is written to the last, long runs in between"
    per_run = {
        name: 1000 * cpu / copied
        for name, cpu in (("worker", spent.worker), ("PostgreSQL", spent.postgres), ("Temporal", spent.temporal))
    }
    others = spent.machine - spent.worker - spent.postgres - spent.temporal
    return [
        Figure("coordinator", "backlog", shape.runs / seconds, "runs/s", least=300, note=note),
        Figure("coordinator", "backlog, all of it", events / seconds, "events/s", note=f"{events:,} events"),
        Figure(
            "coordinator",
            "backlog, CPU of all three for each run",
            sum(per_run.values()),
            "ms",
            note="; ".join(f"{name} {cost:.2f} ms" for name, cost in per_run.items())
            + f"; meanwhile others had {others / spent.clock:.1f} of the {os.cpu_count()} processors",
        ),
    ]


async def _sync_now(
    served: Served, database: asyncpg.Connection, coordinator: "WorkflowHandle[object, object]"
) -> Figure:
    """On an open run, which is never final and so is really asked for each time."""
    open_run = await make_open_run(await served.place.client(), activities=10, workflow_id=f"looked-at-{uuid4()}")
    execution_id = await served.wait_for_copy(open_run.id)
    project_id = await database.fetchval("SELECT project_id::text FROM workflow_executions WHERE id = $1", execution_id)
    times = []
    for _ in range(_UPDATES):
        began = time.perf_counter()
        result = await coordinator.execute_update("sync_now", Key(project_id, execution_id), result_type=SyncResult)
        times.append(time.perf_counter() - began)
        if not result.synced:
            raise RuntimeError(f"it was not synced: {result}")
    await open_run.terminate()
    note = f"{_UPDATES} one after another, a child workflow each"
    return Figure("coordinator", "`sync_now`, p95", percentile(times, 0.95), "s", most=1, note=note)


async def _idle(coordinator: "WorkflowHandle[object, object]") -> Figure:
    """Every run has ended by now: after the last of them is copied there is nothing left to do."""
    await asyncio.sleep(_SETTLE_SECONDS)
    began = datetime.now(UTC)
    await asyncio.sleep(_IDLE_SECONDS)
    history = await coordinator.fetch_history()
    started = [
        event
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and event.event_time.ToDatetime(UTC) >= began
    ]
    per_minute = len(started) * 60 / _IDLE_SECONDS
    return Figure("coordinator", "idle", per_minute, "activities/min", most=1, note=f"watched for {_IDLE_SECONDS} s")
