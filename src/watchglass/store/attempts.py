"""Attempts that were seen while their activity was alive; the history keeps only the last one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from watchglass.model.component import Component
from watchglass.model.failure import Failure
from watchglass.model.status import ComponentKind
from watchglass.store.failures import failure_to_json
from watchglass.store.scope import Writer


@dataclass(frozen=True, slots=True)
class SeenAttempt:
    """One attempt of an activity as Describe showed it: its start while it ran, or its end afterwards."""

    project_id: UUID
    execution_id: UUID
    event_id: int
    number: int
    started_at: int | None
    """Microseconds since 1970; None when it had ended, for then Describe no longer tells."""
    ended_at: int | None
    failure: Failure | None

    @property
    def has_ended(self) -> bool:
        return self.failure is not None


def was_retried(component: Component) -> bool:
    """An activity that has ended and may have had attempts before the one that the history tells of."""
    return component.kind is ComponentKind.ACTIVITY and component.completed_at is not None and component.attempt != 1


UnitKey = tuple[UUID, UUID, int]
"""(project, execution, event)"""

_OF_UNIT = "a.project_id = $1 AND a.execution_id = $2 AND a.event_id = $3"
_NEXT_NO = f"(SELECT coalesce(max(a.seen_no), 0) + 1 FROM component_attempts a WHERE {_OF_UNIT})"  # noqa: S608

_BEGAN = f"""
    WITH given AS (SELECT timestamptz 'epoch' + $5::bigint * interval '1 microsecond' AS started_at),
    known AS (
        -- The end came first: this attempt is the first of its number that ended after it began.
        UPDATE component_attempts t SET started_at = given.started_at FROM given
        WHERE (t.project_id, t.execution_id, t.event_id, t.seen_no) = ($1, $2, $3, (
            SELECT a.seen_no FROM component_attempts a, given g
            WHERE {_OF_UNIT} AND a.number = $4 AND a.started_at IS NULL AND a.ended_at >= g.started_at
              AND NOT EXISTS (
                  SELECT FROM component_attempts a WHERE {_OF_UNIT} AND a.number = $4 AND a.started_at = g.started_at)
            ORDER BY a.ended_at LIMIT 1))
        RETURNING t.seen_no
    )
    INSERT INTO component_attempts (project_id, execution_id, event_id, seen_no, number, started_at, source)
    SELECT $1, $2, $3, {_NEXT_NO}, $4, given.started_at, 'observed' FROM given
    WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (
        SELECT FROM component_attempts a WHERE {_OF_UNIT} AND a.number = $4 AND a.started_at = given.started_at)
"""  # noqa: S608 - own words only
_ENDED = f"""
    WITH given AS (SELECT timestamptz 'epoch' + $5::bigint * interval '1 microsecond' AS ended_at),
    known AS (
        SELECT FROM component_attempts a, given
        WHERE {_OF_UNIT} AND a.number = $4 AND a.failure IS NOT NULL
          AND a.ended_at IS NOT DISTINCT FROM given.ended_at
    ),
    closed AS (
        UPDATE component_attempts t SET ended_at = given.ended_at, failure = $6 FROM given
        WHERE NOT EXISTS (SELECT FROM known) AND (t.project_id, t.execution_id, t.event_id, t.seen_no) = ($1, $2, $3, (
            SELECT a.seen_no FROM component_attempts a, given g
            WHERE {_OF_UNIT} AND a.number = $4 AND a.ended_at IS NULL AND a.failure IS NULL
              AND a.started_at <= coalesce(g.ended_at, 'infinity')
            ORDER BY a.started_at DESC LIMIT 1))
        RETURNING t.seen_no
    )
    INSERT INTO component_attempts (project_id, execution_id, event_id, seen_no, number, ended_at, failure, source)
    SELECT $1, $2, $3, {_NEXT_NO}, $4, given.ended_at, $6, 'observed' FROM given
    WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM closed)
"""  # noqa: S608 - own words only


async def add_seen_attempts(writer: Writer, attempts: Sequence[SeenAttempt]) -> None:
    """Store each attempt once, whichever of its start and its end was seen, and in whichever order.

    The runs must be locked. An attempt is the same when its number is, and its start or its end: an activity reset
    counts from 1 again, so its second "attempt 1" has other times and is kept beside the first.
    """
    for attempt in attempts:
        unit = (attempt.project_id, attempt.execution_id, attempt.event_id, attempt.number)
        if attempt.has_ended:
            await writer.execute(_ENDED, *unit, attempt.ended_at, failure_to_json(attempt.failure))
        elif attempt.started_at is not None:
            await writer.execute(_BEGAN, *unit, attempt.started_at)


async def settle_attempts(writer: Writer, units: Sequence[UnitKey]) -> None:
    """Of units that have ended: their last attempt is what the history recorded, and their clocks are exact.

    When each attempt's start and end is known, execution time is their sum and the rest of the duration is retrying.
    """
    scope = [project for project, _, _ in units], [run for _, run, _ in units], [event for _, _, event in units]
    await writer.execute(
        """
        UPDATE component_attempts a SET ended_at = c.completed_at, failure = c.failure, source = 'recorded'
        FROM component_executions c
        WHERE (c.project_id, c.execution_id, c.event_id) IN (
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]))
          AND a.project_id = c.project_id AND a.execution_id = c.execution_id AND a.event_id = c.event_id
          AND a.number = c.attempt AND a.started_at = c.started_at AND a.ended_at IS NULL
          AND c.completed_at IS NOT NULL
        """,
        *scope,
    )
    await writer.execute(
        """
        UPDATE component_executions c SET execution_ms = known.spent, retry_ms = c.duration_ms - known.spent
        FROM (
            SELECT u.project_id, u.execution_id, u.event_id, count(*) AS attempts, count(DISTINCT a.number) AS numbers,
                   max(a.number) AS newest, coalesce(bool_and(a.ended_at >= a.started_at), false) AS is_in_order,
                   count(a.ended_at - a.started_at) AS timed,
                   sum(extract(epoch FROM a.ended_at - a.started_at))::double precision * 1000
                       + extract(epoch FROM u.completed_at - u.started_at)::double precision * 1000 AS spent
            FROM component_executions u JOIN component_attempts a USING (project_id, execution_id, event_id)
            WHERE (u.project_id, u.execution_id, u.event_id) IN (
                    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]))
              AND a.number <> u.attempt
            GROUP BY u.project_id, u.execution_id, u.event_id
        ) known
        WHERE c.project_id = known.project_id AND c.execution_id = known.execution_id
          AND c.event_id = known.event_id AND c.attempt > 1 AND NOT c.clock_skew
          -- Each number once, none above the last: what a reset counted anew cannot be told apart.
          AND known.attempts = c.attempt - 1 AND known.numbers = known.attempts AND known.newest < c.attempt
          AND known.timed = known.attempts AND known.is_in_order AND known.spent <= c.duration_ms
        """,
        *scope,
    )
