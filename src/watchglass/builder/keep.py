"""Keeping what is drawn: what API and command line share. Callers have made sure that the person drawing may."""

from uuid import UUID

from watchglass.builder.judge import find_problems, refuse_errors
from watchglass.builder.stored import from_stored, to_stored
from watchglass.errors import Conflict
from watchglass.model.graph import Graph
from watchglass.model.project import Principal
from watchglass.store.audit import add_line
from watchglass.store.drafts import base_draft, insert_draft, lock_draft, refuse_stale, update_draft
from watchglass.store.scope import Store
from watchglass.store.summaries import Row
from watchglass.store.versions import insert_version
from watchglass.store.workflows import insert_built, rename_built


async def create_workflow(store: Store, project_id: UUID, graph: Graph, *, by: Principal) -> UUID:
    """A new workflow whose first draft is the graph.

    Raises:
        Conflict: the project has a workflow of that name.
        InvalidInput: the graph is too large.
    """
    stored = to_stored(graph)
    async with store.write() as writer:
        workflow_id = await insert_built(writer, project_id=project_id, name=graph.name)
        await insert_draft(writer, project_id=project_id, workflow_id=workflow_id, graph=stored, by=by)
        await add_line(
            writer,
            project_id=project_id,
            by=by,
            action="workflow.create",
            target=workflow_id,
            details={"name": graph.name},
        )
    return workflow_id


async def save_draft(store: Store, draft: Row, revision: int, graph: Graph, *, by: Principal) -> Row:
    """Replace a draft that was read; it may have problems. Returns its new `revision` and `updated_at`.

    Raises:
        Conflict: it is no longer at that revision.
        InvalidInput: the graph is too large.
    """
    stored = to_stored(graph)
    place = {"project_id": draft["project_id"], "workflow_id": draft["workflow_id"]}
    async with store.write() as writer:
        await lock_draft(writer, **place, revision=revision)
        return await update_draft(writer, **place, graph=stored, by=by)


async def save_version(store: Store, draft: Row, revision: int, *, note: str, by: Principal) -> int:
    """Make a version of a draft that was read, and return its number. The workflow takes the drawing's name.

    Raises:
        Conflict: it is no longer at that revision, equals its last version, or has the name of another workflow.
        InvalidInput: a problem keeps it from running.
    """
    refuse_stale(draft, revision)
    graph = from_stored(draft["graph"])
    if draft["base_graph"] is not None and from_stored(draft["base_graph"]) == graph:
        raise _unchanged(draft["based_on"])
    place = {"project_id": draft["project_id"], "workflow_id": draft["workflow_id"]}
    async with store.write() as writer:
        based_on = await lock_draft(writer, **place, revision=revision)
        if based_on != draft["based_on"]:
            # Of the same revision somebody made a version a moment ago.
            raise _unchanged(based_on)
        refuse_errors(await find_problems(writer, draft["project_id"], graph))
        version = await insert_version(writer, **place, graph=to_stored(graph), note=note, by=by)
        await base_draft(writer, **place, version=version)
        await rename_built(writer, **place, name=graph.name)
        await add_line(
            writer,
            project_id=draft["project_id"],
            by=by,
            action="version.save",
            target=draft["workflow_id"],
            details={"version": version, "note": note},
        )
    return version


def _unchanged(version: int | None) -> Conflict:
    return Conflict(f"Nothing has changed since version {version}.")
