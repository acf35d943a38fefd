"""Which executions a figure is of: a project's or a workflow's, started within a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Window:
    project_id: UUID
    workflow_id: UUID | None = None
    """None: every workflow of the project."""
    start: datetime | None = None
    """First moment that counts; None: from the beginning."""
    end: datetime | None = None
    """First moment that no longer counts; None: to the end."""

    @property
    def where(self) -> str:
        """The condition on `workflow_executions e`, to be used with `arguments`."""
        parts = ["e.project_id = $1"]
        values = (("e.workflow_id =", self.workflow_id), ("e.started_at >=", self.start), ("e.started_at <", self.end))
        for test, value in values:
            if value is not None:
                parts.append(f"{test} ${len(parts) + 1}")
        return " AND ".join(parts)

    @property
    def only(self) -> dict[str, Any]:
        """The same, as values of what roll-ups are split by."""
        return {}

    @property
    def arguments(self) -> list[Any]:
        given = (self.project_id, self.workflow_id, self.start, self.end)
        return [value for value in given if value is not None]
