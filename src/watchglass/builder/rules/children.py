"""Child workflows: whether they are there, and whether they ever end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from watchglass.builder.rules.values import Checks, misfits_of
from watchglass.model.graph import Graph, Json, Node, WorkflowNode, any_object
from watchglass.model.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Callee:
    """A built workflow of the project, as another one can call it."""

    name: str
    versions: int
    """How many there are: 1 to this number; 0 while it is only a draft."""
    calls: frozenset[str] = frozenset()
    """The names of the built workflows that its newest version calls."""
    input_schema: dict[str, Json] = field(default_factory=any_object)


def calls_of(graph: Graph) -> frozenset[str]:
    """The names of the built workflows that a graph calls."""
    return frozenset(
        node.workflow for node in graph.nodes if isinstance(node, WorkflowNode) and node.task_queue is None
    )


def child_problems(graph: Graph, node: Node, known: Mapping[str, Callee], checks: Checks) -> Iterator[Problem]:
    if not isinstance(node, WorkflowNode) or node.task_queue is not None:
        return
    way = _way_back(graph, node.workflow, known)
    if way is not None:
        through = f", by way of {', '.join(way)}" if way else ""
        yield Problem(
            severity=Severity.WARNING,
            node=node.id,
            field="/workflow",
            message=f"The workflow calls itself here{through}. See to it that a branch before this ends it some day.",
        )
    callee = known.get(node.workflow)
    if callee is None and node.workflow != graph.name:
        yield Problem(
            node=node.id,
            field="/workflow",
            message=f"There is no workflow {node.workflow} in this project. For a type that other workers serve, "
            "set their task queue.",
        )
    elif callee is not None and callee.versions == 0 and node.workflow != graph.name:
        yield Problem(
            node=node.id,
            field="/workflow",
            message=f"The workflow {node.workflow} has no version yet. Save one before it is called.",
        )
    elif callee is not None and node.version is not None and node.version > callee.versions:
        yield Problem(
            node=node.id,
            field="/version",
            message=f"The workflow {node.workflow} has no version {node.version}; the newest is {callee.versions}.",
        )
    elif callee is not None and node.version is None:
        schema = graph.input_schema if node.workflow == graph.name else callee.input_schema
        given = {} if node.input is None else node.input
        yield from misfits_of(node, given, schema, checks, whose=f"The workflow {node.workflow}")


def _way_back(graph: Graph, name: str, known: Mapping[str, Callee]) -> list[str] | None:
    """The workflows between a call of `name` and a call of this one; None when it does not come back."""
    came: dict[str, str | None] = {name: None}
    waiting = [name]
    for at in waiting:  # Grows while it is walked; the first way found is a shortest one.
        if at == graph.name:
            way = []
            step = came[at]
            while step is not None:
                way.append(step)
                step = came[step]
            return way[::-1]
        for called in sorted(known[at].calls if at in known else ()):
            if called not in came:
                came[called] = at
                waiting.append(called)
    return None
