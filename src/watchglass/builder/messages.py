"""What goes in and out of the interpreter."""

from typing import Annotated

from pydantic import Field

from watchglass.builder.state import Carried
from watchglass.model.drawn import Drawn
from watchglass.model.graph import Json


class RunArgument(Drawn):
    """The one argument of a built run."""

    workflow_id: str
    version: Annotated[int, Field(ge=1)]
    input: Json = None
    carried: Carried | None = None
    """Of a run that carries another one on; None: begin at the start."""
