"""What a workflow begins with."""

from watchglass.model.graph import Edge, EndNode, Graph, Position, StartNode

_APART = 320.0
"""Canvas units between the two nodes, so that a third one fits between them."""


def blank_graph(name: str) -> Graph:
    """A graph that does nothing and ends well."""
    start = StartNode(id="start", position=Position(x=0, y=0))
    end = EndNode(id="end", position=Position(x=_APART, y=0))
    return Graph(name=name, nodes=(start, end), edges=(Edge(source=start.id, target=end.id),))
