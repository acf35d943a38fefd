"""What is known of runs from their histories, written over what was known before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from temporalio.api.common.v1 import Memo, Payload

from watchglass.model.execution import Caller, Execution, LifecycleEvent, RunRef, Step, Timeouts
from watchglass.model.tally import tally
from watchglass.store.bulk import MOMENT, Columns, array_text, run_rows, update
from watchglass.store.error_runs import error_columns
from watchglass.store.failures import failure_to_json
from watchglass.store.payloads import inline
from watchglass.store.scope import Writer
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.text import storable, storable_id

STEP_SQUARES = 24
"""How many steps' statuses a list shows as squares."""


@dataclass(frozen=True, slots=True)
class DerivedRun:
    """A run as some rules read it."""

    key: ExecutionKey
    workflow_id: UUID
    """Whose run it is."""
    execution: Execution
    derived_version: int


@dataclass(frozen=True, slots=True)
class SyncedRun(DerivedRun):
    """And what a sync learned beside it."""

    history_length: int
    history_bytes: int | None
    next_look_seconds: float | None
    """In how many seconds to look again, counted by the database's clock; None for never."""
    is_rewritten: bool
    """Its stored history was replaced, or its rows are of other rules than before."""


def _version(run: DerivedRun) -> int | None:
    """A memo that names another workflow than the run belongs to is somebody else's."""
    built = run.execution.built
    return built.version if built is not None and built.workflow_id == str(run.workflow_id) else None


DERIVED = Columns(
    (
        ("project_id", "uuid"),
        ("id", "uuid"),
        ("workflow_id", "uuid"),
        ("version", "integer"),
        ("parent_workflow_id", "text"),
        ("parent_run_id", "text"),
        ("root_workflow_id", "text"),
        ("root_run_id", "text"),
        ("first_run_id", "text"),
        ("continued_from_run_id", "text"),
        ("continued_to_run_id", "text"),
        ("superseded_by", "text"),
        ("is_retried", "boolean"),
        ("origin", "text"),
        ("reset_from_run_id", "text"),
        ("stopped_by_reset", "boolean"),
        ("called_by", "text"),
        ("schedule_id", "text"),
        ("run_attempt", "integer"),
        ("status", "text"),
        ("phase", "text"),
        ("problem", "text"),
        ("problem_detail", "text"),
        ("started_at", MOMENT),
        ("closed_at", MOMENT),
        ("duration_ms", "double precision"),
        ("task_queue", "text"),
        ("build_id", "text"),
        ("deployment_name", "text"),
        ("versioning", "text"),
        ("timeouts", "text"),
        ("error_type", "text"),
        ("error_message", "text"),
        ("error_group", "text"),
        ("failure", "text"),
        ("input", "bytea"),
        ("input_bytes", "bigint"),
        ("result", "bytea"),
        ("result_bytes", "bigint"),
        ("result_event_id", "bigint"),
        ("memo", "bytea"),
        ("lifecycle", "text"),
        ("current_step", "text"),
        ("failed_step", "text"),
        ("step_statuses", "text[]"),
        ("component_count", "integer"),
        ("failed_component_count", "integer"),
        ("retry_count", "integer"),
        ("unexpected_retry_count", "integer"),
        ("unexpected_failure_count", "integer"),
        ("unknown_event_count", "integer"),
        ("is_final", "boolean"),
        ("derived_version", "integer"),
    )
)
_SYNCED = Columns(
    (
        *DERIVED.types,
        ("history_length", "bigint"),
        ("history_bytes", "bigint"),
        ("synced_event_id", "bigint"),
        ("next_look_seconds", "double precision"),
        ("is_rewritten", "boolean"),
    )
)
_KEY = ("project_id", "id")
_PROBLEM_SINCE = (
    "problem_since = CASE WHEN given.problem IS NULL THEN NULL"
    " WHEN given.problem = t.problem AND t.problem_since IS NOT NULL THEN t.problem_since"
    " ELSE clock_timestamp() END, "
)
_UPDATE_DERIVED = update("workflow_executions", DERIVED, key=_KEY).replace(
    " SET ",
    # A run that newer rules see closed is never looked at again; one that they see open, as other open ones are.
    " SET content_revision = t.content_revision + 1,"
    " next_sync_at = CASE WHEN given.is_final THEN NULL WHEN t.is_final THEN clock_timestamp()"
    " ELSE t.next_sync_at END, " + _PROBLEM_SINCE,
    1,
)
_UPDATE_SYNCED = (
    update("workflow_executions", _SYNCED, key=_KEY)
    .replace(
        "next_look_seconds = given.next_look_seconds",
        # The clock of the process that syncs may be wrong by hours; the queue has one clock alone.
        "next_sync_at = clock_timestamp() + given.next_look_seconds * interval '1 second'",
    )
    .replace("is_rewritten = given.is_rewritten", "content_revision = t.content_revision + given.is_rewritten::integer")
    .replace(
        " SET ",
        " SET detail_state = 'complete', sync_status = 'synced', sync_error = NULL, sync_failures = 0,"
        " set_aside_at = NULL, backfill_id = NULL, missing_since = NULL, synced_at = clock_timestamp(), "
        + _PROBLEM_SINCE,
        1,
    )
)


async def save_synced(writer: Writer, runs: Sequence[SyncedRun]) -> None:
    """Write the runs' own rows; pages, components and statistics are written beside them in the same transaction."""
    await run_rows(
        writer,
        _UPDATE_SYNCED,
        _SYNCED,
        [
            (
                *derived_row(run),
                run.history_length,
                run.history_bytes,
                run.execution.last_event_id,
                run.next_look_seconds,
                run.is_rewritten,
            )
            for run in runs
        ],
    )


async def save_derived(writer: Writer, runs: Sequence[DerivedRun]) -> None:
    """Write what was derived again of the runs' own rows; how far and when they were copied stays as it is."""
    await run_rows(writer, _UPDATE_DERIVED, DERIVED, [derived_row(run) for run in runs])


def derived_row(run: DerivedRun) -> tuple[Any, ...]:
    """The values of DERIVED."""
    x = run.execution
    counts = tally(x.components)
    failed_step = storable(x.failed_step.display_name) if x.failed_step else None
    error_type, error_message, error_group = error_columns(x.failure, failed_step)
    parent_id, parent_run = _ref(x.parent)
    root_id, root_run = _ref(x.root)
    return (
        run.key.project_id,
        run.key.id,
        run.workflow_id,
        _version(run),
        parent_id,
        parent_run,
        root_id,
        root_run,
        x.first_run_id,
        x.continued_from,
        x.continued_to,
        x.superseded_by,
        x.is_retried,
        x.origin,
        x.reset_from,
        x.stopped_by_reset,
        _caller_json(x.called_by),
        storable(x.schedule_id) if x.schedule_id else None,
        x.attempt,
        x.status,
        x.phase,
        x.problem,
        storable(x.problem_detail) if x.problem_detail else None,
        x.started_at or 0,
        x.closed_at,
        x.duration_ms,
        storable(x.task_queue),
        storable(x.build_id) if x.build_id else None,
        storable(x.deployment) if x.deployment else None,
        x.versioning,
        _timeouts_json(x.timeouts),
        error_type,
        error_message,
        error_group,
        failure_to_json(x.failure),
        inline(x.input),
        x.input.size if x.input else None,
        inline(x.result),
        x.result.size if x.result else None,
        x.result.event_id if x.result else None,
        _memo(x.memo),
        _lifecycle_json(x.lifecycle),
        _step_json(x.current_step),
        _step_json(x.failed_step),
        array_text([component.status for component in x.components[:STEP_SQUARES]]),
        counts.components,
        counts.failed,
        counts.retries,
        counts.unexpected_retries,
        counts.unexpected_failures,
        sum(x.unknown_events.values()),
        not x.status.is_open,
        run.derived_version,
    )


def _ref(ref: RunRef | None) -> tuple[str | None, str | None]:
    return (storable_id(ref.workflow_id)[0], ref.run_id) if ref else (None, None)


def _caller_json(caller: Caller | None) -> str | None:
    if caller is None:
        return None
    ref = caller.ref
    return json.dumps([caller.namespace, storable(ref.workflow_id), ref.run_id, caller.event_id], ensure_ascii=False)


def _timeouts_json(timeouts: Timeouts) -> str:
    return json.dumps([timeouts.execution_ms, timeouts.run_ms, timeouts.task_ms])


def _memo(memo: Mapping[str, bytes]) -> bytes | None:
    if not memo:
        return None
    return Memo(fields={key: Payload.FromString(data) for key, data in memo.items()}).SerializeToString(
        deterministic=True
    )


def _lifecycle_json(events: Sequence[LifecycleEvent]) -> str:
    rows = [[e.event_id, e.type, e.at, e.by and storable(e.by), e.reason and storable(e.reason)] for e in events]
    return json.dumps(rows, ensure_ascii=False)


def _step_json(step: Step | None) -> str | None:
    if step is None:
        return None
    return json.dumps(
        [step.event_id, storable(step.node_id), storable(step.display_name), step.attempt, step.is_paused],
        ensure_ascii=False,
    )
