"""The catalogue."""

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.builder import ComponentList
from watchglass.api.trpc.router import Router
from watchglass.builder.catalogue import read_catalogue
from watchglass.store.projects import project_exists

router: Router[Context] = Router()


@router.query("component.list")
async def list_components(context: Context, input: ProjectIdInput) -> ComponentList:
    """What can be put on a drawing: what is built in, and what the project has of its own."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        components = await read_catalogue(reader, input.project_id)
    return ComponentList(items=components)
