"""Who did what."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Output


class AuditInput(CursorInput):
    """Which project's lines."""

    project_id: UUID
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    kind: Literal["runs", "workflows", "settings", "members", "values"] | None = None
    """Absent: all but `values`, who saw the values of which run."""
    by: Annotated[str, Field(max_length=200)] | None = None
    """Only what the person of this name did."""


class InstallationAuditInput(CursorInput):
    """Which page of the installation's log."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    kind: Literal["signIns", "people", "tokens"] | None = None
    """Absent: all of them."""


class AuditThing(Output):
    """What a line is about, where it still exists."""

    kind: Literal["execution", "workflow", "connection", "service", "component", "member", "project"]
    id: str
    """Its id; of a component its type."""


class AuditLine(Output):
    """Something that somebody did."""

    id: str
    at: datetime
    by: str | None
    """As they were called then; null in the installation's log for somebody at the command line, and where
    the details say `byProvider` for what an OpenID provider decided."""
    action: str
    """A noun and a verb: `execution.cancel`, `version.save`."""
    target: str
    """Id of what it was done to."""
    about: AuditThing | None
    """What can be opened for it: null when that is there no more, and in the installation's log."""
    details: dict[str, Any]


class AuditLines(Output):
    """What was done in a project, newest first."""

    items: list[AuditLine]
    next_cursor: str | None


class AuditPeople(Output):
    """Who did something in a project lately."""

    names: list[str]
