"""A workflow as it is drawn: nodes, what leads from one to the next, and what each is given.

How a graph is read, by the validator, the interpreter and the page alike:

- There is one `start` node in the outermost scope. A `for_each` node is the start of a scope of its own: its port
  `each` leads to the nodes of its body, which name it as their `parent`. Edges join nodes of one scope, but for those
  from the port `each`.
- A node runs once in its scope (once an item in a body): when every edge that leads to it is either *taken* or known
  never to be, and at least one was taken. So what comes after a branch needs nothing special, and several edges from
  one port run side by side. A `join` in mode `any` does not wait for the others.
- An edge is taken when the node that it comes from ends at its port. Every other edge of that node is passed over, and
  so is what only those lead to. Passed-over nodes are *skipped*.
- Where a port `error` has an edge, a failure goes that way; otherwise it fails the run (in a body: the for-each node).
- An `end` node ends the run at once; what still runs is cancelled. A run that has nothing left to do completes.

A value in `input`, `values`, `result`, … is JSON. A text in it that begins with `=` is an expression (see
`builder.expression`); one that shall begin with `=` itself is written with two.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from watchglass.model.drawn import Drawn
from watchglass.model.retry_choice import RetryChoice, Seconds, Timeouts

FORMAT: Final = "watchglass/workflow/v1"
NODE_ID = r"^[a-z][a-z0-9-]{0,62}$"
MAXIMUM_NODES = 2_000

NodeId = Annotated[str, StringConstraints(pattern=NODE_ID)]
Port = Annotated[str, StringConstraints(pattern=NODE_ID)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
"""Written without the `=` where nothing but an expression can stand."""
Json = Any
"""A JSON value; texts that begin with `=` are expressions."""
Title = Annotated[str, StringConstraints(max_length=200)]
WorkflowName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\p{Cc}]*$")]
TaskQueue = Annotated[str, StringConstraints(min_length=1, max_length=1000)]

NEXT = "next"
EACH = "each"
ERROR = "error"
OTHERWISE = "otherwise"
APPROVED = "approved"
REJECTED = "rejected"
TIMED_OUT = "timed-out"


def any_object() -> dict[str, Json]:
    """The JSON Schema of an object of which nothing is known."""
    return {"type": "object", "properties": {}}


class NodeKind(StrEnum):
    START = "start"
    ACTIVITY = "activity"
    WORKFLOW = "workflow"
    BRANCH = "branch"
    PARALLEL = "parallel"
    JOIN = "join"
    FOR_EACH = "for_each"
    WAIT = "wait"
    APPROVAL = "approval"
    SET = "set"
    END = "end"


class Position(Drawn):
    """The upper left corner on the canvas, in its own units; in a body, from the corner of its for-each node."""

    x: float
    y: float


class DrawnNode(Drawn):
    """What every node has."""

    id: NodeId
    """Stays the same however the node is renamed, moved or changed."""
    name: Title = ""
    """Empty: the component's name, or the kind's."""
    notes: Annotated[str, StringConstraints(max_length=10_000)] = ""
    position: Position | None = None
    """None: laid out by the page."""
    parent: NodeId | None = None
    """The for-each node whose body this one is in."""


class StartNode(DrawnNode):
    kind: Literal[NodeKind.START] = NodeKind.START


class ActivityNode(DrawnNode):
    """A component of the catalogue."""

    kind: Literal[NodeKind.ACTIVITY] = NodeKind.ACTIVITY
    component: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    """The activity type."""
    task_queue: TaskQueue | None = None
    """None: the component's own, else that of the workflow."""
    input: dict[str, Json] = Field(default_factory=dict)
    """Its one argument."""
    retry: RetryChoice | None = None
    """None: the component's, else fail after 3; judged as not chosen."""
    non_retryable_errors: tuple[Annotated[str, StringConstraints(min_length=1, max_length=1000)], ...] = ()
    timeouts: Timeouts = Timeouts()


class WorkflowNode(DrawnNode):
    """A child workflow: one that is built here, or any type on any task queue."""

    kind: Literal[NodeKind.WORKFLOW] = NodeKind.WORKFLOW
    workflow: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    """The name of a built workflow of this project, or with `task_queue` a Temporal workflow type."""
    task_queue: TaskQueue | None = None
    """Set: the type is one that other workers serve."""
    version: Annotated[int, Field(ge=1)] | None = None
    """Of the built workflow; None: the newest when this workflow's version was saved."""
    workflow_id: str | None = None
    """Of the built workflow: filled in, like `version` and `task_queue`, where a graph is given to whoever runs it.
    Set: the child is a built one, whatever `task_queue` says."""
    input: Json = None
    retry: RetryChoice | None = None
    non_retryable_errors: tuple[Annotated[str, StringConstraints(min_length=1, max_length=1000)], ...] = ()
    timeout_seconds: Seconds | None = None
    """All runs of the child together."""


class Case(Drawn):
    """A way out of a branch."""

    port: Port
    when: Expression


class BranchNode(DrawnNode):
    """Goes the way of the first case that is true, else `otherwise`. One case is an if; several are a switch."""

    kind: Literal[NodeKind.BRANCH] = NodeKind.BRANCH
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=50)]


class ParallelNode(DrawnNode):
    """Says on the drawing that what follows runs side by side."""

    kind: Literal[NodeKind.PARALLEL] = NodeKind.PARALLEL


class JoinNode(DrawnNode):
    kind: Literal[NodeKind.JOIN] = NodeKind.JOIN
    mode: Literal["all", "any"] = "all"
    """`any`: goes on with the first that arrives; the others run to their end unheeded."""


class ForEachNode(DrawnNode):
    """Runs its body once for each item; its output is the list of the bodies' results, in the order of the items."""

    kind: Literal[NodeKind.FOR_EACH] = NodeKind.FOR_EACH
    items: Expression
    concurrency: Annotated[int, Field(ge=1, le=100)] = 1
    """How many items at once."""
    result: Expression | None = None
    """Of one iteration; None: the output of the body's last node, or null when several are last."""
    on_error: Literal["stop", "continue"] = "stop"
    """`continue`: the result of a failed iteration is null, and the others go on."""


class WaitNode(DrawnNode):
    """Waits for a time (`seconds`: a number or an expression) or until a moment (an expression that gives one)."""

    kind: Literal[NodeKind.WAIT] = NodeKind.WAIT
    seconds: Seconds | Expression | None = None
    until: Expression | None = None


class ApprovalNode(DrawnNode):
    """Waits until a person decides. Its output: `{approved, by, at, values}`."""

    kind: Literal[NodeKind.APPROVAL] = NodeKind.APPROVAL
    question: Json = ""
    """What the person reads: a text, or an expression that gives one."""
    form: dict[str, Json] = Field(default_factory=dict)
    """JSON Schema of an object: what the person fills in. Empty: nothing."""
    timeout_seconds: Seconds | None = None
    """Then it ends at the port `timed-out`."""


class SetNode(DrawnNode):
    """Makes an object of values; the object is its output."""

    kind: Literal[NodeKind.SET] = NodeKind.SET
    values: dict[str, Json] = Field(default_factory=dict)


class EndNode(DrawnNode):
    kind: Literal[NodeKind.END] = NodeKind.END
    outcome: Literal["completed", "failed"] = "completed"
    result: Json = None
    error_type: Annotated[str, StringConstraints(max_length=200)] = "Failed"
    message: Json = ""


Node = Annotated[
    StartNode
    | ActivityNode
    | WorkflowNode
    | BranchNode
    | ParallelNode
    | JoinNode
    | ForEachNode
    | WaitNode
    | ApprovalNode
    | SetNode
    | EndNode,
    Field(discriminator="kind"),
]


class Edge(Drawn):
    """From a port of one node to another node."""

    source: NodeId
    port: Port = NEXT
    target: NodeId


class Graph(Drawn):
    """A whole workflow. Which of the things that can be written here make sense together: `builder.validate`."""

    format: Literal["watchglass/workflow/v1"] = FORMAT
    name: WorkflowName
    """The Temporal workflow type."""
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    task_queue: TaskQueue | None = None
    """Where the workflow and its components are worked on; None: the project's own, see `builder_queue`."""
    input_schema: dict[str, Json] = Field(default_factory=any_object)
    """JSON Schema of the object that a run is started with."""
    nodes: Annotated[tuple[Node, ...], Field(max_length=MAXIMUM_NODES)]
    edges: Annotated[tuple[Edge, ...], Field(max_length=4 * MAXIMUM_NODES)] = ()


def ports_of(node: Node) -> tuple[str, ...]:
    """The ports at which the node can end."""
    match node:
        case ActivityNode() | WorkflowNode():
            return (NEXT, ERROR)
        case BranchNode():
            return (*(case.port for case in node.cases), OTHERWISE)
        case ForEachNode():
            return (EACH, NEXT, ERROR)
        case ApprovalNode():
            return (APPROVED, REJECTED, *((TIMED_OUT,) if node.timeout_seconds is not None else ()))
        case EndNode():
            return ()
        case _:
            return (NEXT,)


_BUILDER_QUEUE = "watchglass-"


def builder_queue(project_id: object) -> str:
    """The task queue of a project's own worker, where its built workflows run."""
    return f"{_BUILDER_QUEUE}{project_id}"


def project_of_queue(queue: str) -> UUID | None:
    """The project whose own worker takes work from this task queue; None: it is another queue."""
    try:
        return UUID(queue.removeprefix(_BUILDER_QUEUE)) if queue.startswith(_BUILDER_QUEUE) else None
    except ValueError:
        return None
