"""What is in every project's catalogue."""

from watchglass.builder.component import Registered, registered_in
from watchglass.builder.components.random_failure import random_failure
from watchglass.builder.components.transform import transform
from watchglass.model.catalogue import Component, Source


def built_in() -> list[Registered]:
    """As a worker serves them."""
    return registered_in([transform, random_failure])


def built_in_components() -> list[Component]:
    """As the catalogue shows them."""
    return [each.component.model_copy(update={"source": Source.BUILT_IN}) for each in built_in()]
