"""Runs whose values are still to be decoded, and putting decoded values in the place of encoded ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from temporalio.api.common.v1 import Memo, Payload

from watchglass.model.component import Component, Values
from watchglass.model.failure import Failure
from watchglass.parse.failure import surface_error
from watchglass.store.bulk import Columns, run_rows, update
from watchglass.store.error_runs import error_columns, step_name
from watchglass.store.failures import failure_from_json, failure_to_json
from watchglass.store.payloads import beginnings, inline
from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.text import storable


@dataclass(frozen=True, slots=True)
class Undecoded:
    """One run to be decoded again."""

    key: ExecutionKey
    connection_id: UUID
    failures: int


async def mark_undecoded(writer: Writer, runs: Sequence[tuple[ExecutionKey, UUID, str]]) -> None:
    """Remember runs (key, connection, why) so that they are decoded later, at once when nobody is waited for."""
    await writer.execute(
        """
        INSERT INTO undecoded_runs (project_id, execution_id, connection_id, error)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[])
        ON CONFLICT (project_id, execution_id) DO UPDATE SET error = excluded.error
        """,
        [key.project_id for key, _, _ in runs],
        [key.id for key, _, _ in runs],
        [connection_id for _, connection_id, _ in runs],
        [storable(error) for _, _, error in runs],
    )


async def claim_undecoded(writer: Writer, *, limit: int, lease_seconds: float) -> list[Undecoded]:
    """Take runs that are due, of connections that (still) decode at sync; nobody else gets them for a while."""
    rows = await writer.fetch(
        """
        UPDATE undecoded_runs u SET next_try_at = clock_timestamp() + make_interval(secs => $2)
        FROM (
            SELECT d.project_id, d.execution_id FROM undecoded_runs d
            JOIN connections c ON c.project_id = d.project_id AND c.id = d.connection_id
            WHERE d.next_try_at <= clock_timestamp() AND c.decodes_at_sync AND c.codec_address IS NOT NULL
            ORDER BY d.next_try_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED
        ) due
        WHERE u.project_id = due.project_id AND u.execution_id = due.execution_id
        RETURNING u.project_id, u.execution_id, u.connection_id, u.failures
        """,
        limit,
        lease_seconds,
    )
    return [
        Undecoded(ExecutionKey(row["project_id"], row["execution_id"]), row["connection_id"], row["failures"])
        for row in rows
    ]


async def postpone_undecoded(writer: Writer, key: ExecutionKey, *, error: str | None, seconds: float) -> None:
    """Try again later. Without `error` it was nobody's fault: the run was copied further meanwhile."""
    await writer.execute(
        """
        UPDATE undecoded_runs SET next_try_at = clock_timestamp() + make_interval(secs => $4),
            error = coalesce($3, error), failures = failures + ($3 IS NOT NULL)::integer
        WHERE project_id = $1 AND execution_id = $2
        """,
        key.project_id,
        key.id,
        None if error is None else storable(error),
        seconds,
    )


async def forget_undecoded(writer: Writer, key: ExecutionKey) -> None:
    await writer.execute(
        "DELETE FROM undecoded_runs WHERE project_id = $1 AND execution_id = $2", key.project_id, key.id
    )


async def mark_derived_again(writer: Writer, keys: Sequence[ExecutionKey]) -> None:
    """Rows that were derived again hold what the history holds: where connections decode at sync, it is to be done."""
    await writer.execute(
        """
        INSERT INTO undecoded_runs (project_id, execution_id, connection_id, error)
        SELECT e.project_id, e.id, e.connection_id, 'The run was derived again from its stored history.'
        FROM unnest($1::uuid[], $2::uuid[]) AS given(project_id, id)
        JOIN workflow_executions e USING (project_id, id)
        JOIN connections c ON c.project_id = e.project_id AND c.id = e.connection_id
        WHERE c.decodes_at_sync AND c.codec_address IS NOT NULL
        ON CONFLICT (project_id, execution_id) DO NOTHING
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )


@dataclass(frozen=True, slots=True)
class OwnValues:
    """What of a run's own row can be encoded."""

    input: Values | None
    result: Values | None
    failure: Failure | None
    memo: Mapping[str, bytes]
    """Serialised `Payload` by name."""


async def read_own_values(reader: Reader, key: ExecutionKey) -> OwnValues | None:
    """As the row holds them; large ones have a size but no data."""
    row = await reader.fetchrow(
        """
        SELECT input, input_bytes, result, result_bytes, result_event_id, failure, memo FROM workflow_executions
        WHERE project_id = $1 AND id = $2
        """,
        key.project_id,
        key.id,
    )
    if row is None:
        return None
    memo = Memo.FromString(row["memo"] or b"").fields
    return OwnValues(
        input=_values(row["input"], row["input_bytes"], 1),
        result=_values(row["result"], row["result_bytes"], row["result_event_id"]),
        failure=failure_from_json(row["failure"]),
        memo={name: memo[name].SerializeToString(deterministic=True) for name in memo},
    )


def _values(data: bytes | None, size: int | None, event_id: int | None) -> Values | None:
    return None if size is None else Values(data or b"", size, event_id or 0)


async def write_own_values(writer: Writer, key: ExecutionKey, own: OwnValues) -> None:
    """Replace them. Large values have no place in the row, and stay as they are."""
    step = await writer.fetchval(
        "SELECT failed_step FROM workflow_executions WHERE project_id = $1 AND id = $2", key.project_id, key.id
    )
    _, message, group = error_columns(own.failure, step_name(step))
    memo = Memo(fields={name: Payload.FromString(data) for name, data in own.memo.items()})
    await writer.execute(
        """
        UPDATE workflow_executions SET input = coalesce($3, input), result = coalesce($4, result), failure = $5,
            error_message = $6, memo = $7, error_group = $8
        WHERE project_id = $1 AND id = $2
        """,
        key.project_id,
        key.id,
        inline(own.input) if own.input and own.input.data else None,
        inline(own.result) if own.result and own.result.data else None,
        failure_to_json(own.failure),
        message,
        memo.SerializeToString(deterministic=True) if own.memo else None,
        group,
    )


_COMPONENT = Columns(
    (
        ("project_id", "uuid"),
        ("execution_id", "uuid"),
        ("event_id", "bigint"),
        ("error_message", "text"),
        ("failure", "text"),
        ("previous_failure", "text"),
        ("input", "bytea"),
        ("input_bytes", "bigint"),
        ("input_beginnings", "text"),
        ("output", "bytea"),
        ("output_bytes", "bigint"),
        ("output_beginnings", "text"),
        ("heartbeat", "bytea"),
    )
)
_UPDATE_COMPONENT = update("component_executions", _COMPONENT, key=("project_id", "execution_id", "event_id"))


async def write_component_values(writer: Writer, key: ExecutionKey, units: Sequence[Component]) -> None:
    """Replace values and failures of units; nothing else of theirs."""
    await run_rows(writer, _UPDATE_COMPONENT, _COMPONENT, [_component_row(key, unit) for unit in units])


def _component_row(key: ExecutionKey, unit: Component) -> tuple[Any, ...]:
    _, message = surface_error(unit.shown_failure)
    given, returned = unit.input, unit.output
    return (
        key.project_id,
        key.id,
        unit.event_id,
        None if message is None else storable(message),
        failure_to_json(unit.failure),
        failure_to_json(unit.previous_failure),
        inline(given),
        given.size if given else None,
        beginnings(given),
        inline(returned),
        returned.size if returned else None,
        beginnings(returned),
        unit.heartbeat,
    )


async def read_attempt_failures(reader: Reader, key: ExecutionKey) -> list[tuple[int, int, Failure]]:
    """(event id, number in the order seen, failure) of every attempt that was seen to fail."""
    rows = await reader.fetch(
        """
        SELECT event_id, seen_no, failure FROM component_attempts
        WHERE project_id = $1 AND execution_id = $2 AND failure IS NOT NULL
        """,
        key.project_id,
        key.id,
    )
    found = [(row["event_id"], row["seen_no"], failure_from_json(row["failure"])) for row in rows]
    return [(event_id, seen_no, failure) for event_id, seen_no, failure in found if failure is not None]


async def write_attempt_failures(
    writer: Writer, key: ExecutionKey, attempts: Sequence[tuple[int, int, Failure]]
) -> None:
    await writer.execute(
        """
        UPDATE component_attempts a SET failure = given.failure
        FROM unnest($3::bigint[], $4::integer[], $5::text[]) AS given(event_id, seen_no, failure)
        WHERE a.project_id = $1 AND a.execution_id = $2 AND a.event_id = given.event_id AND a.seen_no = given.seen_no
        """,
        key.project_id,
        key.id,
        [event_id for event_id, _, _ in attempts],
        [seen_no for _, seen_no, _ in attempts],
        [failure_to_json(failure) for _, _, failure in attempts],
    )
