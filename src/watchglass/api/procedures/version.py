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
from watchglass.builder.keep import save_version
from watchglass.builder.launch import no_version
from watchglass.builder.runnable import resolve
from watchglass.builder.stored import from_stored
from watchglass.model.permission import Permission
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.summaries import Row
from watchglass.store.versions import read_version, read_versions

router: Router[Context] = Router()


@router.mutation("workflow.saveVersion", permission=Permission.EDIT)
async def save(context: Context, input: VersionSave) -> SavedVersion:
    """Make a version of the draft: what runs are pinned to."""
    draft = await changeable_draft(context, input.workflow_id)
    version = await save_version(context.store, draft, input.revision, note=input.note, by=context.principal)
    return SavedVersion(version=version)


@router.query("workflow.listVersions", permission=Permission.LOOK)
async def list_versions(context: Context, input: VersionsInput) -> Versions:
    """The versions of a workflow, newest first."""
    # Versions are numbered in 32 bits, and every number beyond is behind all of them.
    before = min(read_cursor("v", input.cursor, types=(int,))[0], 2**31 - 1) if input.cursor is not None else None
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


@router.query("workflow.getVersion", permission=Permission.LOOK)
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


@router.query("workflow.getRunnable", permission=Permission.LOOK)
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
