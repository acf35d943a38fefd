"""Drafts of built workflows."""

from watchglass.api.context import Context
from watchglass.api.limits import MAX_DRAWING_BYTES
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.built import changeable_draft, visible_draft
from watchglass.api.procedures.rights import require_editor
from watchglass.api.render.graph import render_problems
from watchglass.api.shapes.base import WorkflowIdInput
from watchglass.api.shapes.builder import (
    Draft,
    DraftSave,
    GraphToValidate,
    MadeWorkflow,
    NewWorkflow,
    SavedDraft,
    Validated,
)
from watchglass.api.trpc.router import Router
from watchglass.builder.blank import blank_graph
from watchglass.builder.changes import count_changes
from watchglass.builder.judge import find_problems
from watchglass.builder.keep import create_workflow, save_draft
from watchglass.builder.read import parse_graph
from watchglass.builder.stored import from_stored
from watchglass.model.graph import Graph
from watchglass.model.permission import Permission
from watchglass.store.projects import project_exists
from watchglass.store.summaries import Row

router: Router[Context] = Router()


@router.mutation("workflow.create", permission=Permission.EDIT, body_limit=MAX_DRAWING_BYTES)
async def create(context: Context, input: NewWorkflow) -> MadeWorkflow:
    """Make a workflow to build."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    graph = (input.graph or blank_graph(input.name)).model_copy(update={"name": input.name})
    made = await create_workflow(context.store, input.project_id, graph, by=context.principal)
    return MadeWorkflow(workflow_id=str(made))


@router.query("workflow.getDraft", permission=Permission.LOOK)
async def get_draft(context: Context, input: WorkflowIdInput) -> Draft:
    """The draft of a workflow, and what is wrong with it."""
    async with context.store.read_as(context.principal) as reader:
        row = await visible_draft(reader, input.workflow_id)
        graph = from_stored(row["graph"])
        problems = await find_problems(reader, row["project_id"], graph)
    return Draft(
        graph=graph,
        revision=row["revision"],
        based_on=row["based_on"],
        latest_version=row["latest_version"],
        change_count=count_changes(_base(row), graph),
        updated_at=row["updated_at"],
        updated_by=row["updated_by_name"],
        problems=render_problems(problems),
    )


@router.mutation("workflow.saveDraft", permission=Permission.EDIT, body_limit=MAX_DRAWING_BYTES)
async def save(context: Context, input: DraftSave) -> SavedDraft:
    """Replace the draft, unless somebody else did so meanwhile. It may have problems."""
    row = await changeable_draft(context, input.workflow_id)
    return await replace_draft(context, row, input.revision, input.graph)


async def replace_draft(context: Context, row: Row, revision: int, graph: Graph) -> SavedDraft:
    """Callers have made sure that the person asking may change the draft that was read as `row`."""
    saved = await save_draft(context.store, row, revision, graph, by=context.principal)
    async with context.store.read_as(context.principal) as reader:
        problems = await find_problems(reader, row["project_id"], graph)
    return SavedDraft(
        revision=saved["revision"],
        updated_at=saved["updated_at"],
        change_count=count_changes(_base(row), graph),
        problems=render_problems(problems),
    )


@router.query("workflow.validate", permission=Permission.LOOK, body_limit=MAX_DRAWING_BYTES)
async def validate(context: Context, input: GraphToValidate) -> Validated:
    """Look through JSON that may be a graph; nothing is stored."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        graph, faults = parse_graph(input.graph)
        problems = faults if graph is None else await find_problems(reader, input.project_id, graph)
    return Validated(graph=graph, problems=render_problems(problems))


def _base(row: Row) -> Graph | None:
    return None if row["base_graph"] is None else from_stored(row["base_graph"])
