"""Find the runs of a namespace: what started and what closed since the last look, with an overlap.

Visibility is a hint, not a log: a run is listed some time after it started, so each look begins a little before the
end of the one before, and every few minutes a longer stretch is looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.parse.describe import parse_described
from watchglass.statistics.keep import totals_kept
from watchglass.store.connections import DiscoveryState, read_discovery, save_discovery
from watchglass.store.gaps import add_gap
from watchglass.store.listed_runs import insert_listed
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.identity import meet_namespace
from watchglass.sync.listed import take_in
from watchglass.sync.messages import SYSTEM_QUEUE, SYSTEM_TYPES
from watchglass.sync.parts import Parts
from watchglass.temporal.visibility import list_runs

OVERLAP = timedelta(seconds=15)
LONG_OVERLAP = timedelta(minutes=5)
RESCAN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Discovered:
    new: int
    changed: int


async def discover(parts: Parts, connection: Connection) -> Discovered:
    """List what is new in the connection's namespace once, and make it due.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    async with parts.store.write() as reader:
        state = await read_discovery(reader, connection.id)
    now = datetime.now(UTC)
    rescan = state.rescanned_at is None or now - state.rescanned_at >= RESCAN_EVERY
    if rescan:
        met = await meet_namespace(parts, connection)
        if not met.is_another:
            await _note_gap(parts, connection, state, now, kept=met.kept)
    found = Discovered(0, 0)
    for query in _queries(state, rescan=rescan):
        access = await parts.access(connection)
        async for page in list_runs(access, query):
            found = _plus(found, await _save_page(parts, connection, page))
    async with parts.store.write() as writer:
        await save_discovery(writer, connection, DiscoveryState(now, now if rescan else state.rescanned_at))
    return found


async def _note_gap(
    parts: Parts, connection: Connection, state: DiscoveryState, now: datetime, *, kept: timedelta
) -> None:
    """When nobody looked for longer than Temporal keeps runs, some may have come and gone unseen: say so."""
    if state.rescanned_at is not None and state.discovered_until < now - kept:
        async with parts.store.write() as writer:
            await add_gap(writer, connection, from_at=state.discovered_until, to_at=now - kept)


def _queries(state: DiscoveryState, *, rescan: bool) -> list[str]:
    since = state.discovered_until - (LONG_OVERLAP if rescan else OVERLAP)
    moment = since.astimezone(UTC).isoformat()
    return [f"StartTime >= '{moment}' AND {not_ours()}", f"CloseTime >= '{moment}' AND {not_ours()}"]


def not_ours() -> str:
    """Visibility condition: none of Watchglass's own runs, should they ever share the namespace."""
    types = " AND ".join(f"WorkflowType != '{name}'" for name in SYSTEM_TYPES)
    return f"TaskQueue != '{SYSTEM_QUEUE}' AND {types}"


async def _save_page(parts: Parts, connection: Connection, page: Sequence[WorkflowExecutionInfo]) -> Discovered:
    runs = [read_listed(info) for info in page]
    if not runs:
        return Discovered(0, 0)
    async with parts.store.write() as writer:
        taken = await take_in(writer, connection, runs)
    return Discovered(len(taken.new), taken.changed)


async def add_runs(parts: Parts, connection: Connection, runs: Sequence[Described]) -> list[ExecutionKey]:
    """Insert the runs that nobody has seen yet, and count them."""
    async with parts.store.write() as writer, totals_kept(writer, []) as counted:
        inserted = await insert_listed(writer, connection, runs)
        counted += [(run.key.project_id, run.key.id) for run in inserted]
    return [run.key for run in inserted]


def read_listed(info: WorkflowExecutionInfo) -> Described:
    """A list's row says the first part of what Describe says."""
    return parse_described(DescribeWorkflowExecutionResponse(workflow_execution_info=info))


def _plus(a: Discovered, b: Discovered) -> Discovered:
    return Discovered(a.new + b.new, a.changed + b.changed)
