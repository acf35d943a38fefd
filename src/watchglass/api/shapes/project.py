"""Projects and their connection."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output
from watchglass.api.shapes.connection import ConnectionFields, ConnectionState
from watchglass.model.project import Role

Name = Annotated[str, Field(max_length=100, pattern=r"^[^\s\p{Cc}]([^\p{Cc}]*[^\s\p{Cc}])?$")]
"""One line of text without blanks around it."""


class NewProject(Input):
    """A project to make; the person asking becomes its owner."""

    name: Name
    connection: ConnectionFields | None = None
    """Absent: it looks at nothing yet."""


class ProjectUpdate(Input):
    """What to change of a project."""

    project_id: UUID
    name: Name


class Connection(Output):
    """How the project reaches its Temporal namespace."""

    id: str
    address: str
    namespace: str
    state: ConnectionState
    """`refused`: it answers, but not to these settings; `unknown`: not asked yet."""
    error: str | None
    """Why it cannot be reached, as a sentence."""
    notice: str | None
    """Something else to know about the namespace, as a sentence."""


class Project(Output):
    """What a team owns."""

    id: str
    name: str
    role: Role
    """What the person asking may do here."""
    sees_payloads: bool
    """May the person asking see the values that its runs handled?"""
    connection: Connection | None
    """Null for a project that has none yet."""


class Projects(Output):
    """The projects of the person asking, by name."""

    items: list[Project]
