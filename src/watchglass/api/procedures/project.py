"""Projects."""

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.render.project import render_project
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.project import Project, Projects
from watchglass.api.trpc.router import Router
from watchglass.store.projects import read_project, read_projects

router: Router[Context] = Router()


@router.query("project.list")
async def list_projects(context: Context) -> Projects:
    """The projects of the person asking, by name."""
    async with context.store.read_as(context.principal) as reader:
        rows = await read_projects(reader, context.principal)
    return Projects(items=[render_project(row) for row in rows])


@router.query("project.get")
async def get_project(context: Context, input: ProjectIdInput) -> Project:
    """One project."""
    async with context.store.read_as(context.principal) as reader:
        row = await read_project(reader, context.principal, input.project_id)
    if row is None:
        raise absent("project")
    return render_project(row)
