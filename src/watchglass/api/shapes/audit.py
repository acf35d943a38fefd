"""Who did what."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Output


class AuditInput(CursorInput):
    """Which project's lines."""

    project_id: UUID
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AuditLine(Output):
    """Something that somebody did."""

    id: str
    at: datetime
    by: str
    """As they were called then."""
    action: str
    """A noun and a verb: `execution.cancel`, `version.save`."""
    target: str
    """Id of what it was done to."""
    details: dict[str, Any]


class AuditLines(Output):
    """What was done in a project, newest first."""

    items: list[AuditLine]
    next_cursor: str | None
