"""Take over what visibility lists: rows for runs that nobody has seen yet, and work for those that have moved on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from watchglass.errors import WatchglassError
from watchglass.model.connection import Connection
from watchglass.model.credentials import Credentials
from watchglass.model.described import Described
from watchglass.parse.describe import parse_described
from watchglass.parse.redaction.messages import redact
from watchglass.parse.redaction.redactor import Redactor
from watchglass.statistics.keep import totals_kept
from watchglass.store.connections import all_connections
from watchglass.store.listed_runs import insert_listed
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.listed import take_in
from watchglass.sync.parts import Parts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Discovered:
    new: int = 0
    changed: int = 0
    listed: int = 0
    newest: datetime | None = None
    """By Temporal's clock: the last moment at which any of the listed runs started or closed."""
    is_complete: bool = True
    """False: windows are left to be listed."""

    def plus(self, other: "Discovered") -> "Discovered":
        return Discovered(
            self.new + other.new,
            self.changed + other.changed,
            self.listed + other.listed,
            max((m for m in (self.newest, other.newest) if m is not None), default=None),
            self.is_complete and other.is_complete,
        )


async def listed_together(parts: Parts, connection: Connection) -> list[Connection]:
    """The connections that ask the same question of the same namespace and sign in the same way, oldest first.

    The first of them is the one that asks. Nobody gets through it what their own key does not show.
    """
    async with parts.store.write() as reader:
        connections = await all_connections(reader)
    alike = [other for other in connections if _question_of(other) == _question_of(connection)]
    if len(alike) < 2:
        return [connection]
    own = await _credentials(parts, connection)
    return [other for other in alike if other.id == connection.id or await _credentials(parts, other) == own]


def _question_of(connection: Connection) -> tuple[object, ...]:
    return (connection.address, connection.namespace, connection.scope)


async def _credentials(parts: Parts, connection: Connection) -> Credentials | UUID:
    """How the connection signs in; what equals no other's when this process cannot know."""
    try:
        return await parts.credentials(connection)
    except WatchglassError:
        return connection.id


async def take_page(
    parts: Parts, connections: Sequence[Connection], page: Sequence[WorkflowExecutionInfo]
) -> Discovered:
    """Take a page of the list over for every connection that is listed with it."""
    runs = [read_listed(info) for info in page]
    if not runs:
        return Discovered()
    found = Discovered(listed=len(runs), newest=_newest(runs))
    for connection in connections:
        redactor = await parts.redactor(connection)
        own = runs if redactor is None else [read_listed(info, redactor) for info in page]
        found = found.plus(await _take(parts, connection, own))
    return found


async def _take(parts: Parts, connection: Connection, runs: Sequence[Described]) -> Discovered:
    async with parts.store.write() as writer:
        taken = await take_in(writer, connection, runs, seal=parts.store.seal)
    return Discovered(len(taken.new), taken.changed)


async def add_runs(parts: Parts, connection: Connection, runs: Sequence[Described]) -> list[ExecutionKey]:
    """Insert the runs that nobody has seen yet, and count them."""
    async with parts.store.write() as writer, totals_kept(writer, []) as counted:
        inserted = await insert_listed(writer, connection, runs, seal=parts.store.seal)
        counted += [(run.key.project_id, run.key.id) for run in inserted]
    return [run.key for run in inserted]


def read_listed(info: WorkflowExecutionInfo, redactor: Redactor | None = None) -> Described:
    """A list's row says the first part of what Describe says."""
    said = DescribeWorkflowExecutionResponse(workflow_execution_info=info)
    if redactor is not None:
        redact(said, redactor)
    return parse_described(said)


def newest_moment(page: Sequence[WorkflowExecutionInfo]) -> datetime | None:
    """When any of the runs last started or closed."""
    return _newest([read_listed(info) for info in page])


def _newest(runs: Sequence[Described]) -> datetime | None:
    moments = [moment for run in runs for moment in (run.started_at, run.closed_at) if moment is not None]
    return _EPOCH + timedelta(microseconds=max(moments)) if moments else None
