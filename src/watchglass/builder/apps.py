"""The modules of people's own components."""

import importlib
import os
import sys
from dataclasses import dataclass

from watchglass.builder.component import Registered, registered_in
from watchglass.errors import InvalidInput
from watchglass.model.catalogue import Component


@dataclass(frozen=True, slots=True)
class App:
    module: str
    components: tuple[Registered, ...]

    def queue(self, project_queue: str) -> str:
        """A task queue of its own: workers without this module would fail what they do not know."""
        return f"{project_queue}:{self.module}"

    def announced(self, project_queue: str) -> list[Component]:
        """As the catalogue is told of them."""
        queue = {"task_queue": self.queue(project_queue)}
        return [each.component.model_copy(update=queue) for each in self.components]


def load_app(module: str) -> App:
    """Import a module, from the current directory or wherever Python finds it.

    Raises:
        InvalidInput: there is no such module, it cannot be imported, or it defines no component.
    """
    if (here := os.getcwd()) not in sys.path:  # noqa: PTH109 - sys.path holds texts
        sys.path.insert(0, here)
    try:
        found = importlib.import_module(module)
    except Exception as error:
        raise InvalidInput(
            f"The module {module} cannot be imported ({type(error).__name__}: {error}). It is looked for in the "
            "current directory and where Python finds modules; --app takes its name with dots, such as shop.steps."
        ) from error
    components = registered_in(vars(found).values())
    if not components:
        raise InvalidInput(
            f"The module {module} defines no component. Put @component above a function "
            "(from watchglass import component)."
        )
    types = [each.component.type for each in components]
    twice = sorted({type for type in types if types.count(type) > 1})
    if twice:
        raise InvalidInput(
            f"The module {module} defines the component {twice[0]} twice. Give one of them another type."
        )
    return App(module, tuple(components))
