"""Graphs of somebody else's interpreter: whether what is said of them hangs together."""

from collections import Counter

from watchglass.errors import InvalidInput
from watchglass.model.graph import Graph, NodeKind
from watchglass.model.rules import Rules


def check(graph: Graph, rules: Rules) -> None:
    """Is the graph one that a run can be drawn on, and do the rules speak of its nodes? What its components are, and
    whether its expressions make sense, is the business of whoever runs it.

    Raises:
        InvalidInput
    """
    ids = {node.id for node in graph.nodes}
    twice = next((id for id, count in Counter(node.id for node in graph.nodes).items() if count > 1), None)
    if twice is not None:
        raise InvalidInput(f"Two nodes of the graph have the id “{twice}”. Give each its own.")
    starts = sum(node.kind is NodeKind.START for node in graph.nodes)
    if starts != 1:
        raise InvalidInput(f"The graph has {starts} start nodes. Runs are drawn from exactly one.")
    for node in graph.nodes:
        if node.parent is not None and node.parent not in ids:
            raise InvalidInput(f"The node “{node.id}” is in the body of “{node.parent}”, and there is no such node.")
    for place, edge in enumerate(graph.edges):
        for end in (edge.source, edge.target):
            if end not in ids:
                raise InvalidInput(f"Edge {place} of the graph names the node “{end}”, and there is no such node.")
    for place, rule in enumerate(rules.nodes):
        if rule.node not in ids:
            raise InvalidInput(f"Rule {place} for nodes names “{rule.node}”, and the graph has no such node.")
