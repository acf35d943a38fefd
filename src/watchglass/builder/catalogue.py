"""What can be put on a drawing in a project."""

from uuid import UUID

from watchglass.model.catalogue import Component
from watchglass.store.catalogue import read_components
from watchglass.store.scope import Reader

BUILT_IN: tuple[Component, ...] = ()


async def read_catalogue(reader: Reader, project_id: UUID) -> list[Component]:
    """By category and name. What is built in goes before a component of the project that has its type."""
    own = await read_components(reader, project_id)
    taken = {component.type for component in BUILT_IN}
    known = [*BUILT_IN, *(component for component in own if component.type not in taken)]
    return sorted(known, key=lambda component: (component.category, component.name, component.type))
