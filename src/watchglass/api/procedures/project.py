"""Projects."""

from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.connection import change_of, settings_of
from watchglass.api.procedures.rights import refuse_unless_editor
from watchglass.api.procedures.where import refuse_other_places
from watchglass.api.render.project import render_project
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.project import NewProject, Project, Projects, ProjectUpdate
from watchglass.api.trpc.router import Router
from watchglass.model.connection import ConnectionSettings
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.model.permission import Permission
from watchglass.store.projects import create_project, read_project, read_projects, rename_project
from watchglass.sync.connections import add_connection, check_storable

router: Router[Context] = Router()


@router.query("project.list", permission=Permission.SIGNED_IN)
async def list_projects(context: Context) -> Projects:
    """The projects of the person asking, by name."""
    async with context.store.read_as(context.principal) as reader:
        rows = await read_projects(reader, context.principal)
    return Projects(items=[render_project(row) for row in rows])


@router.query("project.get", permission=Permission.LOOK)
async def get_project(context: Context, input: ProjectIdInput) -> Project:
    """One project."""
    return await _shown(context, input.project_id)


@router.mutation("project.create", permission=Permission.SIGNED_IN)
async def create(context: Context, input: NewProject) -> Project:
    """Make a project; its namespace is looked at within seconds."""
    connection: tuple[ConnectionSettings, Credentials] | None = None
    if input.connection is not None:
        # Before there is a project that would be left without it.
        settings = settings_of(context, input.connection)
        refuse_other_places(context, settings)
        credentials = change_of(input.connection.credentials).applied_to(NO_CREDENTIALS)
        check_storable(context.store, credentials)
        connection = settings, credentials
    async with context.store.write_as(context.principal) as writer:
        project_id = await create_project(writer, input.name)
    if connection is not None:
        # The sync role's to write: that the project is this person's own is known, because they just made it.
        await add_connection(context.store, project_id, *connection, by=context.principal)
    return await _shown(context, project_id)


@router.mutation("project.update", permission=Permission.EDIT)
async def update(context: Context, input: ProjectUpdate) -> Project:
    """Rename a project."""
    async with context.store.write_as(context.principal) as writer:
        role = await rename_project(writer, input.project_id, input.name)
    refuse_unless_editor(role, otherwise="project")
    return await _shown(context, input.project_id)


async def _shown(context: Context, project_id: UUID) -> Project:
    async with context.store.read_as(context.principal) as reader:
        row = await read_project(reader, context.principal, project_id)
    if row is None:
        raise absent("project")
    return render_project(row)
