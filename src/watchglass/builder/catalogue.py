"""What can be put on a drawing in a project."""

from uuid import UUID

from watchglass.builder.components.built_in import built_in_components
from watchglass.builder.schema import unfit
from watchglass.errors import InvalidInput
from watchglass.model.catalogue import Component
from watchglass.store.catalogue import read_components
from watchglass.store.scope import Reader

BUILT_IN = tuple(built_in_components())


async def read_catalogue(reader: Reader, project_id: UUID) -> list[Component]:
    """By category and name. What is built in goes before a component of the project that has its type."""
    own = await read_components(reader, project_id)
    taken = {component.type for component in BUILT_IN}
    known = [*BUILT_IN, *(component for component in own if component.type not in taken)]
    return sorted(known, key=lambda component: (component.category, component.name, component.type))


def refuse_unusable(component: Component) -> None:
    """Raises InvalidInput for a component that no node could use: a built-in's type, or schemas that are none."""
    if component.type in {built_in.type for built_in in BUILT_IN}:
        raise InvalidInput(f"The type {component.type} is that of a built-in component. Choose another one.")
    for what, schema in (("input", component.input_schema), ("output", component.output_schema)):
        # The library's own check compiles patterns with Python's engine, which some of them break.
        wrong = unfit(schema)
        if wrong is not None:
            raise InvalidInput(f"The {what} schema of {component.type} is no JSON Schema. {wrong}")
    if component.input_schema.get("type") != "object":
        raise InvalidInput(
            f"The input schema of {component.type} must describe an object: its one argument. Set its type to object."
        )
