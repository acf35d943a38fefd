"""The catalogue: what is built in, what the project's workers announce, and what people wrote down."""

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import require_editor
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.builder import Announcement, ComponentList, ComponentType, NewComponent, Removed
from watchglass.api.trpc.router import Router
from watchglass.builder.catalogue import read_catalogue, refuse_unusable
from watchglass.model.catalogue import Component, Source
from watchglass.model.permission import Permission
from watchglass.store.audit import add_line
from watchglass.store.catalogue import remove_component, save_components
from watchglass.store.projects import project_exists

router: Router[Context] = Router()


@router.query("component.list", permission=Permission.LOOK)
async def list_components(context: Context, input: ProjectIdInput) -> ComponentList:
    """What can be put on a drawing: what is built in, and what the project has of its own."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        components = await read_catalogue(reader, input.project_id)
    return ComponentList(items=components)


@router.mutation("component.register", permission=Permission.EDIT)
async def register(context: Context, input: NewComponent) -> Component:
    """Write down an activity of any SDK: its type, its task queue, and what goes in and comes out."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    component = input.component.model_copy(update={"source": Source.PERSON})
    refuse_unusable(component)
    async with context.store.write() as writer:
        await save_components(writer, input.project_id, [component])
        await add_line(
            writer,
            project_id=input.project_id,
            by=context.principal,
            action="component.register",
            target=component.type,
        )
    return component


@router.mutation("component.announce", permission=Permission.EDIT)
async def announce(context: Context, input: Announcement) -> ComponentList:
    """What a worker of the project says of its components when it starts; it replaces what was said of them before."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    announced = [component.model_copy(update={"source": Source.WORKER}) for component in input.components]
    for component in announced:
        refuse_unusable(component)
    async with context.store.write() as writer:
        await save_components(writer, input.project_id, announced)
        return ComponentList(items=await read_catalogue(writer, input.project_id))


@router.mutation("component.remove", permission=Permission.EDIT)
async def remove(context: Context, input: ComponentType) -> Removed:
    """Take it out of the catalogue. Versions that use it stay as they are; drafts say that it is unknown."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    async with context.store.write() as writer:
        if not await remove_component(writer, input.project_id, input.type):
            raise absent("component")
        await add_line(
            writer,
            project_id=input.project_id,
            by=context.principal,
            action="component.remove",
            target=input.type,
        )
    return Removed()
