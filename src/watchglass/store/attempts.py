"""Attempts that were seen while their activity was alive; the history keeps only the last one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from watchglass.model.failure import Failure
from watchglass.store.failures import failure_to_json
from watchglass.store.scope import Writer


@dataclass(frozen=True, slots=True)
class SeenAttempt:
    """One ended attempt of an activity that Describe showed."""

    project_id: UUID
    execution_id: UUID
    event_id: int
    number: int
    started_at: int | None
    ended_at: int | None
    failure: Failure | None


async def add_seen_attempts(writer: Writer, attempts: Sequence[SeenAttempt]) -> None:
    """Store each attempt once.

    An attempt is the same when number and end are the same: an activity reset counts from 1 again, so its second
    "attempt 1" ends at another time and is kept beside the first.
    """
    for attempt in attempts:
        await writer.execute(
            """
            INSERT INTO component_attempts
                (project_id, execution_id, event_id, seen_no, number, started_at, ended_at, failure, source)
            SELECT $1, $2, $3,
                   (SELECT coalesce(max(seen_no), 0) + 1 FROM component_attempts
                    WHERE project_id = $1 AND execution_id = $2 AND event_id = $3),
                   $4, new.started_at, new.ended_at, $7, 'observed'
            FROM (SELECT timestamptz 'epoch' + $5::bigint * interval '1 microsecond' AS started_at,
                         timestamptz 'epoch' + $6::bigint * interval '1 microsecond' AS ended_at) new
            WHERE NOT EXISTS (
                SELECT FROM component_attempts a
                WHERE a.project_id = $1 AND a.execution_id = $2 AND a.event_id = $3 AND a.number = $4
                  AND a.ended_at IS NOT DISTINCT FROM new.ended_at)
            """,
            attempt.project_id,
            attempt.execution_id,
            attempt.event_id,
            attempt.number,
            attempt.started_at,
            attempt.ended_at,
            failure_to_json(attempt.failure),
        )
