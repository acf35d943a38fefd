"""A run on the drawing that it ran."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Input, Output
from watchglass.model.graph import Graph, NodeId
from watchglass.model.journal import Item
from watchglass.model.status import ComponentStatus
from watchglass.model.verdict import Reason, Verdict

NodeStatus = ComponentStatus | Literal["skipped", "not_reached", "waiting_for_approval"]


class ExecutionGraphInput(Input):
    """Whose graph, and which items of its loops."""

    execution_id: UUID
    items: dict[NodeId, Item] = Field(default_factory=dict, max_length=100)
    """By for-each node: which item, from 0, the nodes of its body are shown at. Absent: counts over all items."""


class ApprovalRequest(Output):
    """A question that waits for a person."""

    question: str | None
    """Null where it may hold values of the run that the person asking may not see."""
    form: dict[str, Any]
    """JSON Schema of what the person fills in; empty: nothing."""
    node_id: str
    iteration: list[int]


class IterationCounts(Output):
    """How many items of a loop stand how."""

    total: int | None
    """Null where nobody said how many there are."""
    completed: int
    failed: int
    running: int


class NodeState(Output):
    """How a node stands in a run."""

    node_id: str
    status: NodeStatus
    started_at: datetime | None
    """When it began: of a step, when it was scheduled."""
    completed_at: datetime | None
    duration_ms: float | None
    attempt: int | None
    retry_verdict: Verdict
    retry_reason: Reason | None
    error_message: str | None
    port: str | None
    """Where it ended."""
    event_id: int | None
    """Of its step; of a node in a loop of the newest that failed, else of the newest."""
    execution_id: str | None
    """The run that the event is of: a run that was carried on shows what those before it did."""
    approval: ApprovalRequest | None
    iterations: IterationCounts | None
    """Of a for-each node: its items. Of a node in a loop: how often it ran."""


class ExecutionGraph(Output):
    """The graph that ran, and how each node stands."""

    workflow_id: str
    version: int | None
    """Null for runs that rules tie to a graph: they do not say."""
    matching: Literal["memo", "rules"] | None
    """How the run came to its graph; null where it has none."""
    graph: Graph | None
    problem: str | None
    """Why there is no graph, as a sentence."""
    nodes: list[NodeState]
    """In the order of the graph's nodes."""
    taken_edges: list[int]
    """Indices of the graph's edges."""
    failing_path: list[str]
    """Nodes, from the start to the one that failed the run; empty when it has not failed."""


class NodeIterationsInput(CursorInput):
    """Which node of which run."""

    execution_id: UUID
    node_id: NodeId
    iteration: Annotated[list[Item], Field(max_length=20)] = Field(default_factory=list)
    """The items of outer loops, outermost first; absent: all."""
    status: NodeStatus | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class NodeIteration(Output):
    """A node at one item, or one item of a for-each node."""

    iteration: list[int]
    status: NodeStatus
    started_at: datetime | None
    """When it began: of a step, when it was scheduled."""
    completed_at: datetime | None
    duration_ms: float | None
    attempt: int | None
    error_message: str | None
    event_id: int | None
    execution_id: str | None


class NodeIterations(Output):
    """In the order of the items."""

    items: list[NodeIteration]
    next_cursor: str | None
