"""What an expression gives with the data of a run: that of the first item, in for-each nodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watchglass.builder.expression import ExpressionFailed, evaluate, mentions, name_of, references
from watchglass.builder.names import RESULT
from watchglass.builder.shape import Shape
from watchglass.model.graph import ForEachNode, Graph, Json


@dataclass(frozen=True, slots=True)
class RunData:
    """What a run knows of its nodes: of those in a for-each, of its first item."""

    input: Json
    outputs: Mapping[str, Json] = field(default_factory=dict)
    errors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """`{type, message}` of those that failed."""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Why there is nothing of a node, as a sentence."""


def loops_around(graph: Graph, node_id: str, field: str | None = None) -> list[ForEachNode]:
    """The for-each nodes around the place of an expression, outermost first."""
    shape = Shape(graph)
    loops = shape.around.get(node_id, ())
    if field == RESULT and isinstance(shape.nodes.get(node_id), ForEachNode):
        loops = (*loops, node_id)
    return [node for loop in loops if isinstance(node := shape.nodes[loop], ForEachNode)]


def nodes_needed(graph: Graph, node_id: str, expression: str, field: str | None = None) -> frozenset[str]:
    """The nodes whose data the expression needs, also for the items that it is about. Raises ExpressionFailed."""
    needed = references(expression)
    for loop in loops_around(graph, node_id, field):
        needed |= references(loop.items)
    return needed


def preview(graph: Graph, node_id: str, expression: str, data: RunData, field: str | None = None) -> Json:
    """The value of the expression (without `=`) at that node. Raises ExpressionFailed."""
    scope: dict[str, Any] = {
        "input": data.input,
        "nodes": {name_of(node): output for node, output in data.outputs.items()},
        "errors": {name_of(node): dict(error) for node, error in data.errors.items()},
        "loops": {},
    }
    for loop in loops_around(graph, node_id, field):
        item = _first(loop, scope, data)
        scope |= {
            "item": item,
            "index": 0,
            "loops": scope["loops"] | {name_of(loop.id): {"item": item, "index": 0}},
        }
    return _evaluated(expression, scope, data)


def _evaluated(expression: str, scope: Mapping[str, Any], data: RunData) -> Json:
    for mention in mentions(expression):
        if mention.node is None:
            continue
        if mention.root == "nodes" and mention.node in data.lacking:
            raise ExpressionFailed(data.lacking[mention.node], mention.at)
        if mention.root == "errors" and mention.node not in data.errors:
            raise ExpressionFailed(f"“{mention.node}” did not fail, so there is nothing to show.", mention.at)
    return evaluate(expression, scope)


def _first(loop: ForEachNode, scope: Mapping[str, Any], data: RunData) -> Json:
    name = loop.name or loop.id
    try:
        items = _evaluated(loop.items, scope, data)
    except ExpressionFailed as error:
        # The place in its own expression would be taken for one in the expression that is asked about.
        raise ExpressionFailed(f"The items of “{name}” are not known: {error.message}") from error
    if not isinstance(items, list) or not items:
        raise ExpressionFailed(f"“{name}” has no items in this run, so there is nothing to show.")
    return items[0]
