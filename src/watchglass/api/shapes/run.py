"""Runs of built workflows: starting them, and what people do to one that is under way."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import ExecutionIdInput, Input, Output
from watchglass.api.shapes.builder import Version
from watchglass.model.graph import NodeId
from watchglass.model.journal import Item

TemporalWorkflowId = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\p{Cc}]*$")]
Text = Annotated[str, Field(max_length=2000)]


class RunInput(Input):
    """What to run."""

    workflow_id: UUID
    version: Version | None = None
    """Absent: the newest."""
    input: Any
    """What the workflow's input schema asks for."""
    temporal_workflow_id: TemporalWorkflowId | None = None
    """Absent: one that begins with the workflow's name."""


class StartedRun(Output):
    """A run that was started, and is copied."""

    execution_id: str


class EndInput(ExecutionIdInput):
    """Which run to end, and why."""

    reason: Text = ""


class ApprovalInput(ExecutionIdInput):
    """A person's answer to an approval node."""

    node: NodeId
    iteration: Annotated[list[Item], Field(default_factory=list, max_length=20)]
    """Of a node in a for-each: which item, outermost first."""
    approved: bool
    values: Annotated[dict[str, Any], Field(default_factory=dict)]
    """What the node's form asks for."""


class Done(Output):
    """It is done, or on its way."""


class RunInputGiven(Output):
    """What a built run was started with."""

    workflow_id: str
    version: int
    input: Any
