"""Waiting for a run to end."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from watchglass.api.procedures.values import own_values
from watchglass.errors import Unavailable
from watchglass.model.connection import Connection
from watchglass.model.status import ExecutionStatus
from watchglass.parse.describe import parse_described
from watchglass.parse.payload import read_payloads
from watchglass.parse.status import listed_status
from watchglass.store.executions import read_execution
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.parts import Parts
from watchglass.temporal.describe import describe_run

_LOOK_SECONDS = 0.5
_COPY_LOOKS = 20
_OVER = frozenset(ExecutionStatus) - {
    ExecutionStatus.PENDING,
    ExecutionStatus.RUNNING,
    ExecutionStatus.PAUSED,
    ExecutionStatus.CONTINUED_AS_NEW,
}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    is_good: bool
    result: str
    """JSON; `null` where there is none."""
    sentence: str


async def await_end(parts: Parts, connection: Connection, temporal_id: str) -> Ended:
    """Return when the run is over, and all that carried it on; by then it is copied.

    Raises:
        TemporalUnavailable, TemporalRefused, NamespaceMissing; Unavailable when its end cannot be copied
    """
    access = await parts.access(connection, urgent=True)
    while True:
        described = parse_described(await describe_run(access, temporal_id))
        if listed_status(described.status) in _OVER:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    execution_id = await _copied(parts, connection, temporal_id, described.ref.run_id)
    async with parts.store.write() as reader:
        row = await read_execution(reader, execution_id) if execution_id is not None else None
        if row is None or not row["is_final"]:
            raise Unavailable(f"Run {temporal_id} is over, but its end could not be copied. Look at it on the page.")
        _given, result = await own_values(reader, row)
    payloads = read_payloads(result.data, limit=None) if result is not None and result.data else ()
    why = f": {row['error_message']}" if row["error_message"] else "."
    return Ended(
        is_good=row["status"] == ExecutionStatus.COMPLETED,
        result=(payloads[0].text or "null") if payloads else "null",
        sentence=f"Run {temporal_id} ended as {row['status'].replace('_', ' ')}{why}",
    )


async def _copied(parts: Parts, connection: Connection, temporal_id: str, run_id: str) -> UUID | None:
    """Which execution it is, once its copy has its end; or after a while, with what there is."""
    sync = ImmediateSync(parts)
    execution_id = await sync.resolve(connection.id, workflow_id=temporal_id, run_id=run_id)
    if execution_id is None:
        return None
    for _ in range(_COPY_LOOKS):
        async with parts.store.write() as reader:
            row = await read_execution(reader, execution_id)
        if row is not None and row["is_final"]:
            break
        # The list may have told of its end already, without its result; or a worker has its history in hand.
        await sync.refresh(execution_id, force=True)
        await asyncio.sleep(_LOOK_SECONDS)
    return execution_id
