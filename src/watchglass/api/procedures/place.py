"""Where a project's built workflows run."""

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.builder import Place
from watchglass.api.trpc.router import Router
from watchglass.builder.launch import NO_CONNECTION
from watchglass.errors import Conflict
from watchglass.model.connection import Connection
from watchglass.model.graph import builder_queue
from watchglass.model.permission import Permission
from watchglass.store.connections import first_connection
from watchglass.store.projects import project_exists

router: Router[Context] = Router()


@router.query("builder.getPlace", permission=Permission.LOOK)
async def get_place(context: Context, input: ProjectIdInput) -> Place:
    """Where the project's own worker asks for work."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        connection: Connection | None = await first_connection(reader, input.project_id)
    if connection is None:
        raise Conflict(NO_CONNECTION)
    return Place(
        address=connection.address,
        namespace=connection.namespace,
        task_queue=builder_queue(input.project_id),
    )
