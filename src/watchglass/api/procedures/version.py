"""Versions of built workflows."""

from watchglass.api.context import Context
from watchglass.api.procedures.built import changeable_draft, visible_workflow
from watchglass.api.render.graph import render_problems
from watchglass.api.shapes.builder import (
    Runnable,
    SavedVersion,
    VersionDetails,
    VersionInput,
    Versions,
    VersionSave,
    VersionsInput,
    VersionSummary,
)
from watchglass.api.trpc.router import Router
from watchglass.builder.catalogue import read_catalogue
from watchglass.builder.judge import find_problems
from watchglass.builder.runnable import resolve
from watchglass.builder.stored import from_stored, to_stored
from watchglass.errors import Conflict, InvalidInput, NotFound, WatchglassError
from watchglass.model.problem import Problem, Severity
from watchglass.store.audit import add_line
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.drafts import base_draft, lock_draft, refuse_stale
from watchglass.store.summaries import Row
from watchglass.store.versions import insert_version, read_version, read_versions
from watchglass.store.workflows import rename_built

router: Router[Context] = Router()


@router.mutation("workflow.saveVersion")
async def save_version(context: Context, input: VersionSave) -> SavedVersion:
    """Make a version of the draft: what runs are pinned to."""
    row = await changeable_draft(context, input.workflow_id)
    refuse_stale(row, input.revision)
    graph = from_stored(row["graph"])
    if row["base_graph"] is not None and from_stored(row["base_graph"]) == graph:
        raise Conflict(f"Nothing has changed since version {row['based_on']}.")
    async with context.store.read_as(context.principal) as reader:
        refuse_errors(await find_problems(reader, row["project_id"], graph))
    place = {"project_id": row["project_id"], "workflow_id": row["workflow_id"]}
    async with context.store.write() as writer:
        await lock_draft(writer, **place, revision=input.revision)
        version = await insert_version(writer, **place, graph=to_stored(graph), note=input.note, by=context.principal)
        await base_draft(writer, **place, version=version)
        await rename_built(writer, **place, name=graph.name)
        await add_line(
            writer,
            project_id=row["project_id"],
            by=context.principal,
            action="version.save",
            target=row["workflow_id"],
            details={"version": version, "note": input.note},
        )
    return SavedVersion(version=version)


def refuse_errors(problems: list[Problem]) -> None:
    """Raises InvalidInput when something would keep the graph from running."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        where = f"Node “{errors[0].node}”: " if errors[0].node else ""
        raise InvalidInput(f"The workflow cannot run like this. {where}{errors[0].message}{more}")


@router.query("workflow.listVersions")
async def list_versions(context: Context, input: VersionsInput) -> Versions:
    """The versions of a workflow, newest first."""
    before = read_cursor("v", input.cursor, types=(int,))[0] if input.cursor is not None else None
    async with context.store.read_as(context.principal) as reader:
        await visible_workflow(reader, input.workflow_id)
        rows = await read_versions(reader, input.workflow_id, before=before, limit=input.limit + 1)
    page = rows[: input.limit]
    return Versions(
        items=[_summary(row) for row in page],
        next_cursor=write_cursor("v", [page[-1]["version"]]) if len(rows) > input.limit else None,
    )


def _summary(row: Row) -> VersionSummary:
    return VersionSummary(
        version=row["version"],
        note=row["note"],
        created_at=row["created_at"],
        created_by=row["created_by_name"],
        node_count=row["node_count"],
    )


@router.query("workflow.getVersion")
async def get_version(context: Context, input: VersionInput) -> VersionDetails:
    """One version, and what is wrong with it as of now."""
    async with context.store.read_as(context.principal) as reader:
        workflow = await visible_workflow(reader, input.workflow_id)
        row = await read_version(reader, input.workflow_id, input.version)
        if row is None:
            raise no_version(workflow, input.version)
        graph = from_stored(row["graph"])
        problems = await find_problems(reader, row["project_id"], graph)
    return VersionDetails(
        graph=graph,
        version=row["version"],
        note=row["note"],
        created_at=row["created_at"],
        created_by=row["created_by_name"],
        problems=render_problems(problems),
    )


@router.query("workflow.getRunnable")
async def get_runnable(context: Context, input: VersionInput) -> Runnable:
    """One version as it runs: whole, so that a worker needs to ask for nothing else."""
    async with context.store.read_as(context.principal) as reader:
        workflow = await visible_workflow(reader, input.workflow_id)
        row = await read_version(reader, input.workflow_id, input.version)
        if row is None:
            raise no_version(workflow, input.version)
        project_id = row["project_id"]
        graph = await resolve(
            reader,
            project_id,
            from_stored(row["graph"]),
            saved_at=row["created_at"],
            components=await read_catalogue(reader, project_id),
        )
    return Runnable(graph=graph)


def no_version(workflow: Row, version: int | None) -> WatchglassError:
    """What is said when a workflow that the person asking may see has no such version, or none at all."""
    newest = workflow["latest_version"]
    if newest is None:
        return Conflict(f"“{workflow['name']}” has no version yet. Save one first.")
    return NotFound(f"“{workflow['name']}” has no version {version}. Its newest is {newest}.")
