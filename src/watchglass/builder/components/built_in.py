"""What is in every project's catalogue."""

from watchglass.builder.component import Registered, registered_in
from watchglass.builder.components.http_request import http_request
from watchglass.builder.components.random_failure import random_failure
from watchglass.builder.components.sql_query import sql_query
from watchglass.builder.components.transform import transform
from watchglass.builder.services.door import NoServices, Services
from watchglass.model.catalogue import Component, Source


def built_in(services: Services) -> list[Registered]:
    """As a worker serves them."""
    return registered_in([http_request(services), sql_query(services), transform, random_failure])


def built_in_components() -> list[Component]:
    """As the catalogue shows them."""
    return [
        each.component.model_copy(update={"source": Source.BUILT_IN, "task_queue": None})
        for each in built_in(NoServices())
    ]
