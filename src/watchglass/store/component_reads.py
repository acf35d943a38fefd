"""Component executions, read back as the values they were."""

import json
from uuid import UUID

from watchglass.model.attempt import Attempt, AttemptSource
from watchglass.model.component import Clocks, Component
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Reason
from watchglass.store.failures import failure_from_json
from watchglass.store.moments import micros
from watchglass.store.pauses import pause_from_json
from watchglass.store.payloads import values_from
from watchglass.store.policies import choice_from_text, policy_from_json
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

_SELECT = "SELECT * FROM component_executions WHERE project_id = $1 AND execution_id = $2"


async def read_components(
    reader: Reader, *, project_id: UUID, execution_id: UUID, after: int, limit: int
) -> list[Component]:
    """In event order, from the first whose event id is greater than `after`. Large values have a size but no data."""
    rows = await reader.fetch(
        f"{_SELECT} AND event_id > $3 ORDER BY event_id LIMIT $4", project_id, execution_id, after, limit
    )
    return [_from_row(row) for row in rows]


async def read_component(reader: Reader, *, project_id: UUID, execution_id: UUID, event_id: int) -> Component | None:
    row = await reader.fetchrow(f"{_SELECT} AND event_id = $3", project_id, execution_id, event_id)
    return None if row is None else _from_row(row)


async def find_activity(reader: Reader, *, project_id: UUID, execution_id: UUID, activity_id: str) -> Component | None:
    """The newest activity of that id among the first events, where a run that was drawn reads its graph."""
    rows = await reader.fetch(f"{_SELECT} AND kind = 'activity' ORDER BY event_id LIMIT 5", project_id, execution_id)
    found = [component for component in map(_from_row, rows) if dict(component.ref).get("activityId") == activity_id]
    return found[-1] if found else None


async def read_attempts(reader: Reader, *, project_id: UUID, execution_id: UUID, event_id: int) -> list[Attempt]:
    """Attempts that were seen while the unit was alive, in the order they appeared."""
    rows = await reader.fetch(
        """
        SELECT number, started_at, ended_at, failure, source FROM component_attempts
        WHERE project_id = $1 AND execution_id = $2 AND event_id = $3
        ORDER BY coalesce(started_at, ended_at), seen_no
        """,
        project_id,
        execution_id,
        event_id,
    )
    return [
        Attempt(
            number=row["number"],
            started_at=micros(row["started_at"]),
            ended_at=micros(row["ended_at"]),
            failure=failure_from_json(row["failure"]),
            source=AttemptSource(row["source"]),
        )
        for row in rows
    ]


def _from_row(row: Row) -> Component:
    return Component(
        event_id=row["event_id"],
        last_event_id=row["last_event_id"],
        node_id=row["node_id"],
        occurrence=row["occurrence"],
        name=row["name"],
        display_name=row["display_name"],
        kind=ComponentKind(row["kind"]),
        status=ComponentStatus(row["status"]),
        scheduled_at=micros(row["scheduled_at"]),
        started_at=micros(row["started_at"]),
        completed_at=micros(row["completed_at"]),
        clocks=_clocks(row),
        attempt=row["attempt"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        policy=policy_from_json(row["policy"]),
        choice=choice_from_text(row["choice"]),
        failure=failure_from_json(row["failure"]),
        previous_failure=failure_from_json(row["previous_failure"]),
        input=values_from(row["input"], row["input_bytes"], row["input_event_id"], row["input_beginnings"]),
        output=values_from(row["output"], row["output_bytes"], row["output_event_id"], row["output_beginnings"]),
        ref=tuple(json.loads(row["ref"]).items()) if row["ref"] else (),
        retry_state=row["retry_state"],
        timeout_type=row["timeout_type"],
        worker=row["worker"],
        task_queue=row["task_queue"],
        cancel_requested=row["cancel_requested"],
        copied=row["copied"],
        timer_duration_ms=row["timer_duration_ms"],
        iteration=None if row["iteration"] is None else tuple(row["iteration"]),
        heartbeat=row["heartbeat"],
        last_heartbeat_at=micros(row["last_heartbeat_at"]),
        next_attempt_at=micros(row["next_attempt_at"]),
        pause=pause_from_json(row["pause"]),
    )


def _clocks(row: Row) -> Clocks:
    return Clocks(
        duration_ms=row["duration_ms"],
        queue_ms=row["queue_ms"],
        execution_ms=row["execution_ms"],
        retry_ms=row["retry_ms"],
        waiting_ms=row["waiting_ms"],
        skew=row["clock_skew"],
    )
