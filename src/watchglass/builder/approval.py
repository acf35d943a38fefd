"""The approval node that somebody answers."""

from watchglass.builder.shape import Shape
from watchglass.errors import InvalidInput
from watchglass.model.graph import ApprovalNode, Graph


def approval_of(graph: Graph, node_id: str, iteration: tuple[int, ...]) -> ApprovalNode:
    """Raises InvalidInput: the graph has no such approval node, or the node is not that deep in loops."""
    shape = Shape(graph)
    node = shape.nodes.get(node_id)
    if not isinstance(node, ApprovalNode):
        raise InvalidInput(f"The workflow has no approval “{node_id}”.")
    depth = len(shape.around[node_id])
    if len(iteration) != depth:
        raise InvalidInput(
            f"“{node.name or node.id}” is in {depth} for-each nodes, so {depth} numbers say which item is meant; "
            f"{len(iteration)} were given."
        )
    return node
