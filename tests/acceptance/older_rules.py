"""Rows as some older rules may have left them."""

from collections.abc import Sequence
from uuid import UUID

from watchglass.statistics.keep import totals_kept
from watchglass.store.scope import Store, Writer
from watchglass.store.sync_states import ExecutionKey, lock_states


async def spoil(store: Store, keys: Sequence[ExecutionKey]) -> None:
    """Make the rows such as some older rules may have left them, with totals that fit them."""
    async with store.write() as writer:
        # Those that are spoiled already stay as they are.
        locked = [key for key, state in (await lock_states(writer, keys)).items() if state.derived_version]
        async with totals_kept(writer, [(key.project_id, key.id) for key in locked]):
            await _spoil(writer, [key.id for key in locked])


async def _spoil(writer: Writer, ids: Sequence[UUID]) -> None:
    # Every other unit is missing; those that have attempts keep them.
    await writer.execute(
        """
        DELETE FROM component_executions c WHERE execution_id = ANY ($1::uuid[]) AND event_id % 4 < 2
          AND NOT EXISTS (SELECT FROM component_attempts a WHERE a.execution_id = c.execution_id
                                                             AND a.event_id = c.event_id)
        """,
        ids,
    )
    await writer.execute(
        """
        UPDATE component_executions SET status = 'timed_out', name = 'old name', duration_ms = 1, attempt = 9,
            input = NULL, output = NULL, reason = NULL, heartbeat = NULL, previous_failure = NULL,
            copied = NOT copied
        WHERE execution_id = ANY ($1::uuid[])
        """,
        ids,
    )
    # And there is a unit that today's rules do not see.
    await writer.execute(
        """
        INSERT INTO component_executions (project_id, execution_id, event_id, last_event_id, node_id, occurrence,
            name, display_name, kind, status, clock_skew, cancel_requested, copied)
        SELECT project_id, id, 100000, 100000, 'old', 1, 'old', 'old', 'timer', 'completed', false, false, false
        FROM workflow_executions WHERE id = ANY ($1::uuid[])
        """,
        ids,
    )
    await writer.execute(
        """
        UPDATE workflow_executions SET derived_version = 0, status = 'completed', is_final = true, phase = NULL,
            problem = 'no_worker', started_at = started_at - interval '1 hour', duration_ms = 5, closed_at = now(),
            superseded_by = NULL, task_queue = 'old queue', error_type = 'Old', error_group = '', memo = NULL,
            input = NULL, result = NULL, step_statuses = '{}', component_count = 99, retry_count = 7,
            first_run_id = NULL, continued_to_run_id = 'old', lifecycle = '[]', timeouts = NULL,
            current_step = NULL, origin = NULL, reset_from_run_id = NULL, stopped_by_reset = false
        WHERE id = ANY ($1::uuid[])
        """,
        ids,
    )
