"""What is wrong with a graph. Pure: what there is in the project is given.

The rules, each in a file of `builder.rules`:

    shape         one start, ids, parents, edges, circles, what is never reached, open ports
    values        components that there are, inputs that fit them, ports of branches, waits, forms
    policies      retries that may never end, timeouts that Temporal would cut
    expressions   readable, and naming only what is there when they run
    fields        asked for, and not in the schema of what is asked
    children      child workflows that there are, inputs that fit them, calls that come back
"""

from collections.abc import Iterable, Iterator
from functools import partial

from watchglass.builder.drawing import Drawing
from watchglass.builder.names import Scope
from watchglass.builder.rules.children import Callee, child_problems
from watchglass.builder.rules.expressions import expression_problems
from watchglass.builder.rules.fields import field_problems
from watchglass.builder.rules.policies import policy_problems
from watchglass.builder.rules.shape import shape_problems
from watchglass.builder.rules.values import MAXIMUM_DEPTH, Checks, graph_values, is_too_deep, value_problems
from watchglass.builder.schema import Work
from watchglass.model.catalogue import Component
from watchglass.model.graph import ActivityNode, Graph, Node
from watchglass.model.problem import Problem, Severity

__all__ = ["Callee", "has_errors", "validate"]

MOST = 500
"""Problems that are told; more at once help nobody."""


def validate(
    graph: Graph, catalogue: Iterable[Component] | None, workflows: Iterable[Callee] | None = ()
) -> tuple[Problem, ...]:
    """Find the problems of a graph: errors before warnings, each in the order of the graph, the first `MOST`.

    None for the catalogue, or for the workflows: what there is in the project is not known, and not judged.
    """
    found = sorted(
        _problems(Drawing(graph), catalogue, workflows), key=lambda problem: problem.severity is not Severity.ERROR
    )
    if len(found) <= MOST:
        return tuple(found)
    return (
        *found[: MOST - 1],
        Problem(severity=found[MOST - 1].severity, message="There are more problems than these."),
    )


def has_errors(problems: Iterable[Problem]) -> bool:
    """Is there one that keeps the graph from running?"""
    return any(problem.severity is Severity.ERROR for problem in problems)


def _problems(
    drawing: Drawing, catalogue: Iterable[Component] | None, workflows: Iterable[Callee] | None
) -> Iterator[Problem]:
    components = None if catalogue is None else {component.type: component for component in catalogue}
    yield from shape_problems(drawing)
    yield from graph_values(drawing.graph)
    work = Work(20_000 + 100 * len(drawing.graph.nodes))
    scope = Scope(drawing, (components or {}).values())
    callees = None if workflows is None else {callee.name: callee for callee in workflows}
    for node in drawing.graph.nodes:
        if is_too_deep(node):
            yield Problem(node=node.id, message=f"A value in it is nested more than {MAXIMUM_DEPTH} deep.")
            continue
        checks = Checks(work, partial(_types_of, scope, node))
        if callees is not None:
            yield from child_problems(drawing.graph, node, callees, checks)
        component = components.get(node.component) if components and isinstance(node, ActivityNode) else None
        yield from value_problems(node, components, checks)
        yield from policy_problems(node, component)
        yield from expression_problems(drawing, node)
        yield from field_problems(scope, node)


def _types_of(scope: Scope, node: Node, text: str) -> frozenset[str]:
    return scope.of_expression(text, node).types
