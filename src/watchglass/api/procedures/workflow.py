"""Workflows."""

from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import require_editor
from watchglass.api.render.project import render_workflow
from watchglass.api.shapes.base import WorkflowIdInput
from watchglass.api.shapes.workflow import Workflow, WorkflowLevel, Workflows, WorkflowsInput
from watchglass.api.trpc.router import Router
from watchglass.errors import InvalidInput
from watchglass.model.permission import Permission
from watchglass.store.audit import add_line
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.levels import set_workflow_level
from watchglass.store.projects import project_exists, project_of_workflow, read_workflow, read_workflows

router: Router[Context] = Router()


@router.query("workflow.list", permission=Permission.LOOK)
async def list_workflows(context: Context, input: WorkflowsInput) -> Workflows:
    """A project's workflows, by name."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        rows = await read_workflows(reader, input.project_id, after=_after(input.cursor), limit=input.limit + 1)
    page = rows[: input.limit]
    last = page[-1] if len(rows) > input.limit else None
    return Workflows(
        items=[render_workflow(row) for row in page],
        next_cursor=write_cursor("w", [last["name"], str(last["id"])]) if last else None,
    )


def _after(cursor: str | None) -> tuple[str, UUID] | None:
    if cursor is None:
        return None
    name, workflow_id = read_cursor("w", cursor, types=(str, str))
    try:
        return name, UUID(workflow_id)
    except ValueError as error:
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.") from error


@router.mutation("workflow.setLevel", permission=Permission.EDIT)
async def set_level(context: Context, input: WorkflowLevel) -> Workflow:
    """Say how much of a workflow's runs is copied; the workers copy what it now covers."""
    async with context.store.read_as(context.principal) as reader:
        project_id = await project_of_workflow(reader, input.workflow_id)
        if project_id is None:
            raise absent("workflow")
        await require_editor(reader, context.principal, project_id, otherwise="workflow")
    async with context.store.write() as writer:
        await set_workflow_level(writer, project_id, input.workflow_id, input.level)
        await add_line(
            writer,
            project_id=project_id,
            by=context.principal,
            action="workflow.level",
            target=input.workflow_id,
            details={"level": input.level},
        )
    return await _shown(context, input.workflow_id)


@router.query("workflow.get", permission=Permission.LOOK)
async def get_workflow(context: Context, input: WorkflowIdInput) -> Workflow:
    """One workflow."""
    return await _shown(context, input.workflow_id)


async def _shown(context: Context, workflow_id: UUID) -> Workflow:
    async with context.store.read_as(context.principal) as reader:
        row = await read_workflow(reader, workflow_id)
    if row is None:
        raise absent("workflow")
    return render_workflow(row)
