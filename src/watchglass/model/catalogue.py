"""The catalogue: what can be put on a drawing as an activity."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from watchglass.model.drawn import Drawn
from watchglass.model.graph import Json, TaskQueue, any_object
from watchglass.model.retry_choice import RetryChoice, Timeouts


class Source(StrEnum):
    """Who says what the component is."""

    BUILT_IN = "built_in"
    WORKER = "worker"
    """A worker of the project announced it when it started."""
    PERSON = "person"
    """Somebody wrote down an activity of any SDK: its type, task queue and schemas."""


class Component(Drawn):
    """A kind of step: an activity type and what people and the page need to know of it."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    """The activity type; unique in a project."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    category: Annotated[str, StringConstraints(max_length=100)] = "Other"
    icon: Annotated[str, StringConstraints(max_length=50)] = "puzzle"
    """Name of a Tabler icon that the page knows; any other is shown as a piece of a puzzle."""
    task_queue: TaskQueue | None = None
    """None: that of the workflow."""
    input_schema: dict[str, Json] = Field(default_factory=any_object)
    """JSON Schema of its one argument, an object."""
    output_schema: dict[str, Json] = Field(default_factory=dict)
    """JSON Schema of its result; empty: anything."""
    retry: RetryChoice | None = None
    timeouts: Timeouts = Timeouts()
    source: Source = Source.PERSON
