"""Graphs of somebody else's interpreter."""

from watchglass.api.context import Context
from watchglass.api.limits import MAX_DRAWING_BYTES
from watchglass.api.procedures.rights import require_editor
from watchglass.api.shapes.builder import Registered, Registration
from watchglass.api.trpc.router import Router
from watchglass.builder.registered import check
from watchglass.builder.stored import from_stored, to_stored
from watchglass.model.permission import Permission
from watchglass.store.audit import add_line
from watchglass.store.versions import insert_version, read_version
from watchglass.store.workflows import set_registered

router: Router[Context] = Router()


@router.mutation("workflow.register", permission=Permission.EDIT, body_limit=MAX_DRAWING_BYTES)
async def register(context: Context, input: Registration) -> Registered:
    """Tie runs of somebody else's interpreter to a graph. Registering the name again changes its rules and, where the
    graph is another one, adds a version."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    check(input.graph, input.rules)
    stored = to_stored(input.graph)
    async with context.store.write() as writer:
        workflow_id = await set_registered(
            writer, project_id=input.project_id, name=input.graph.name, rules=input.rules
        )
        newest = await read_version(writer, workflow_id, None)
        if newest is not None and from_stored(newest["graph"]) == input.graph:
            version = newest["version"]
        else:
            version = await insert_version(
                writer,
                project_id=input.project_id,
                workflow_id=workflow_id,
                graph=stored,
                note="",
                by=context.principal,
            )
        await add_line(
            writer,
            project_id=input.project_id,
            by=context.principal,
            action="workflow.register",
            target=workflow_id,
            details={"name": input.graph.name, "version": version},
        )
    return Registered(workflow_id=str(workflow_id), version=version)
