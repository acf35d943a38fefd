"""Starting a run of what is built: what API and command line share. Callers have made sure that the person may."""

from dataclasses import dataclass
from uuid import UUID

from watchglass.builder.judge import find_problems, first_error
from watchglass.builder.start import start_run
from watchglass.builder.stored import from_stored
from watchglass.errors import Conflict, NotFound, Unavailable, WatchglassError
from watchglass.model.connection import Connection
from watchglass.model.graph import Graph, Json
from watchglass.model.project import Principal
from watchglass.store.audit import add_line
from watchglass.store.connections import connection_of_workflow
from watchglass.store.scope import Reader, Store
from watchglass.store.summaries import Row
from watchglass.store.versions import read_version
from watchglass.temporal.access import Access
from watchglass.temporal.errors import TemporalUnavailable

NO_CONNECTION = "This project has no connection to a Temporal, so nothing can run. Add one under Connections."


@dataclass(frozen=True, slots=True)
class Launch:
    """A version that can run, and where."""

    project_id: UUID
    workflow_id: UUID
    version: int
    graph: Graph
    connection: Connection


async def prepare(reader: Reader, workflow: Row, version: int | None) -> Launch:
    """The version of a workflow that was read with its draft; None: the newest.

    Raises:
        NotFound: it has no such version.
        Conflict: it has no version at all, the version can no longer run, or there is nowhere to run it.
    """
    row = await read_version(reader, workflow["workflow_id"], version)
    if row is None:
        raise no_version(workflow, version)
    graph = from_stored(row["graph"])
    error = first_error(await find_problems(reader, row["project_id"], graph))
    if error is not None:
        raise Conflict(
            f"Version {row['version']} of “{workflow['name']}” can no longer run: {error} Change the draft, and save a "
            "new version."
        )
    connection = await connection_of_workflow(reader, workflow["workflow_id"])
    if connection is None:
        raise Conflict(NO_CONNECTION)
    return Launch(row["project_id"], row["workflow_id"], row["version"], graph, connection)


def no_version(workflow: Row, version: int | None) -> WatchglassError:
    """What is said when a workflow has no such version, or none at all."""
    newest = workflow["latest_version"]
    if newest is None:
        return Conflict(f"“{workflow['name']}” has no version yet. Save one first.")
    return NotFound(f"“{workflow['name']}” has no version {version}. Its newest is {newest}.")


async def launch(
    store: Store, access: Access, what: Launch, input: Json, *, temporal_workflow_id: str | None = None, by: Principal
) -> tuple[str, str]:
    """Start a run, write down who did, and return its Temporal workflow id and run id.

    Raises:
        InvalidInput: the input does not fit; the sentence names the field.
        AlreadyRunning, Unavailable, TemporalRefused, NamespaceMissing
    """
    try:
        temporal_id, run_id = await start_run(
            access,
            graph=what.graph,
            workflow_id=what.workflow_id,
            version=what.version,
            project_id=what.project_id,
            input=input,
            temporal_workflow_id=temporal_workflow_id,
            by=by.name,
        )
    except TemporalUnavailable as error:
        raise Unavailable(
            f"{error.message} Should it have been started all the same, it appears among the workflow's runs: look "
            "there before you start it again."
        ) from error
    async with store.write() as writer:
        await add_line(
            writer,
            project_id=what.project_id,
            by=by,
            action="workflow.run",
            target=what.workflow_id,
            details={"version": what.version, "temporalWorkflowId": temporal_id, "temporalRunId": run_id},
        )
    return temporal_id, run_id
