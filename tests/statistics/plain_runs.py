"""Runs and steps of which a test says what they were, stored with the totals that a sync would have kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from watchglass.model.connection import Connection
from watchglass.statistics.keep import totals_kept
from watchglass.store.scope import Store


@dataclass(frozen=True)
class PlainStep:
    name: str = "charge"
    kind: str = "activity"
    status: str = "completed"
    node_id: str = ""
    """Of a drawing; empty: its name, and it is of none."""
    attempt: int | None = 1
    reason: str | None = None
    duration_ms: float | None = 100
    queue_ms: float | None = None
    execution_ms: float | None = None
    retry_ms: float | None = None
    waiting_ms: float | None = None
    task_queue: str | None = None
    copied: bool = False


@dataclass(frozen=True)
class PlainRun:
    started_at: datetime
    status: str = "completed"
    duration_ms: float | None = 1000
    parent_run_id: str | None = None
    version: int | None = None
    deployment_name: str | None = None
    build_id: str | None = None
    is_retried: bool = False
    task_queue: str = "orders"
    steps: tuple[PlainStep, ...] = ()


OPEN = ("pending", "running", "paused")
_OF_RUN = (
    *("started_at", "status", "duration_ms", "parent_run_id", "version", "deployment_name", "build_id", "is_retried"),
    "task_queue",
)
_OF_STEP = (
    *("name", "kind", "status", "attempt", "reason", "duration_ms", "queue_ms", "execution_ms", "retry_ms"),
    *("waiting_ms", "task_queue", "copied"),
)


async def add_workflow(store: Store, project_id: UUID, name: str, *, kind: str = "observed") -> UUID:
    async with store.write() as writer:
        made: UUID = await writer.fetchval(
            "INSERT INTO workflows (project_id, name, kind, temporal_type) VALUES ($1, $2, $3, $2) RETURNING id",
            project_id,
            name,
            kind,
        )
    return made


async def add_plain_runs(
    store: Store, connection: Connection, workflow_id: UUID, runs: Sequence[PlainRun]
) -> list[UUID]:
    """Their ids."""
    added = []
    async with store.write() as writer, totals_kept(writer, []) as inserted:
        for run in runs:
            is_open = run.status in OPEN
            row: dict[str, Any] = {name: getattr(run, name) for name in _OF_RUN}
            row["duration_ms"] = None if is_open else run.duration_ms
            row["closed_at"] = None if row["duration_ms"] is None else _end(run.started_at, run.duration_ms or 0)
            row |= {"project_id": connection.project_id, "workflow_id": workflow_id, "connection_id": connection.id}
            row |= {"namespace": "plain", "temporal_type": "Plain", "detail_state": "complete" if run.steps else "none"}
            run_id = await writer.fetchval(
                "INSERT INTO execution_keys (project_id, connection_id, temporal_run_id, execution_id) "
                "VALUES ($1, $2, uuidv7()::text, uuidv7()) RETURNING execution_id",
                connection.project_id,
                connection.id,
            )
            columns = ["id", "temporal_workflow_id", "temporal_run_id", *row]
            values = ", ".join(f"${number}" for number in range(2, len(row) + 2))
            await writer.execute(
                f"INSERT INTO workflow_executions ({', '.join(columns)}) "
                f"SELECT k.execution_id, 'plain-' || k.temporal_run_id, k.temporal_run_id, {values} "
                f"FROM execution_keys k WHERE k.execution_id = $1",
                run_id,
                *row.values(),
            )
            for number, step in enumerate(run.steps):
                iteration = "ARRAY[]::integer[]" if step.node_id else "NULL"
                given = [getattr(step, name) for name in _OF_STEP]
                marks = ", ".join(f"${place}" for place in range(5, len(given) + 5))
                await writer.execute(
                    f"INSERT INTO component_executions (project_id, execution_id, event_id, last_event_id, node_id, "
                    f"iteration, occurrence, display_name, clock_skew, cancel_requested, {', '.join(_OF_STEP)}) "
                    f"VALUES ($1, $2, $3::bigint, $3::bigint + 1, $4, {iteration}, 1, "
                    f" $5, false, false, {marks})",
                    connection.project_id,
                    run_id,
                    5 + number * 2,
                    step.node_id or step.name,
                    *given,
                )
            inserted.append((connection.project_id, run_id))
            added.append(run_id)
    return added


def _end(start: datetime, duration_ms: float) -> datetime:
    return start + timedelta(milliseconds=duration_ms)
