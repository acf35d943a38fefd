"""Projects and their connection."""

from typing import Literal

from watchglass.api.shapes.base import Output
from watchglass.model.project import Role


class Connection(Output):
    """How the project reaches its Temporal namespace."""

    id: str
    address: str
    namespace: str
    state: Literal["connected", "unreachable", "refused", "unknown"]
    """`refused`: it answers, but not to these credentials; `unknown`: not asked yet."""
    error: str | None
    """Why it cannot be reached, as a sentence."""


class Project(Output):
    """What a team owns."""

    id: str
    name: str
    role: Role
    """What the person asking may do here."""
    connection: Connection | None
    """Null for a project that has none yet."""


class Projects(Output):
    """The projects of the person asking, by name."""

    items: list[Project]
