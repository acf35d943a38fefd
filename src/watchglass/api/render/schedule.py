"""Schedules, from their rows."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchglass.api.shapes.schedule import Schedule, ScheduledRun, ScheduleSource
from watchglass.store.summaries import Row

Started = Mapping[tuple[str, str], Row]
"""Rows of runs that are in the project, by connection and run id."""


def run_ids(row: Row) -> list[str]:
    return [run["runId"] for run in json.loads(row["last_runs"])]


def render_schedule(row: Row, started: Started) -> Schedule:
    runs = [_run(run, started.get((str(row["connection_id"]), run["runId"]))) for run in json.loads(row["last_runs"])]
    return Schedule(
        id=str(row["id"]),
        project_id=str(row["project_id"]),
        connection_id=str(row["connection_id"]),
        namespace=row["namespace"],
        schedule_id=row["schedule_id"],
        workflow_type=row["workflow_type"],
        temporal_workflow_id=row["temporal_workflow_id"],
        words=row["words"],
        spec=row["spec"],
        overlap=row["overlap"],
        catchup_window_seconds=row["catchup_window_seconds"],
        paused=row["is_paused"],
        note=row["note"],
        next_run_at=row["next_runs"][0] if row["next_runs"] and not row["is_paused"] else None,
        next_runs=[] if row["is_paused"] else row["next_runs"],
        last_run=runs[0] if runs else None,
        last_runs=runs,
        late=bool(row["is_late"]),
        action_count=row["action_count"],
        missed_count=row["missed_count"],
        overlap_skipped_count=row["overlap_skipped_count"],
        buffer_dropped_count=row["buffer_dropped_count"],
        warnings=_warnings(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        seen_at=row["seen_at"],
        gone_at=row["gone_at"],
    )


def render_source(row: Row) -> ScheduleSource:
    return ScheduleSource(
        connection_id=str(row["id"]),
        namespace=row["namespace"],
        scope=row["scope"],
        listed_at=row["schedules_listed_at"],
        refusal=row["schedules_refusal"],
    )


def _run(run: Mapping[str, Any], row: Row | None) -> ScheduledRun:
    return ScheduledRun(
        temporal_workflow_id=run["workflowId"],
        temporal_run_id=run["runId"],
        due_at=_moment(run["dueAt"]),
        started_at=_moment(run["startedAt"]),
        execution_id=str(row["id"]) if row is not None else None,
        status=row["status"] if row is not None else None,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _warnings(row: Row) -> list[str]:
    """Not of what was left out because the run before still ran: that is what somebody asked for."""
    warnings = []
    if row["error"]:
        warnings.append(f"Temporal cannot follow its specification: {row['error']}")
    if row["is_late"]:
        warnings.append(
            "Its next run is late: it was due more than a minute ago and Temporal has not started it. Check that the "
            "Temporal server is well; it starts such runs by itself when it is."
        )
    if row["missed_count"]:
        warnings.append(
            f"{_were(row['missed_count'])} missed: Temporal was away longer than the catch-up window of "
            f"{_span(row['catchup_window_seconds'])}. Start them with a backfill of the schedule if they are needed."
        )
    if row["buffer_dropped_count"]:
        warnings.append(
            f"{_were(row['buffer_dropped_count'])} dropped: too many were waiting for the run before to end. Runs "
            "take longer than the time between them."
        )
    return warnings


def _were(count: int) -> str:
    return "1 run was" if count == 1 else f"{count:,} runs were"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"
