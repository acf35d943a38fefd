"""The approval node that somebody answers."""

from watchglass.errors import InvalidInput
from watchglass.model.graph import ApprovalNode, Graph


def approval_of(graph: Graph, node_id: str, iteration: tuple[int, ...]) -> ApprovalNode:
    """Raises InvalidInput: the graph has no such approval node, or the node is not that deep in loops."""
    nodes = {node.id: node for node in graph.nodes}
    node = nodes.get(node_id)
    if not isinstance(node, ApprovalNode):
        raise InvalidInput(f"The workflow has no approval “{node_id}”.")
    depth, parent = 0, node.parent
    while parent is not None and depth <= len(nodes):
        depth, parent = depth + 1, nodes[parent].parent if parent in nodes else None
    if len(iteration) != depth:
        raise InvalidInput(
            f"“{node.name or node.id}” is in {depth} for-each nodes, so {depth} numbers say which item is meant; "
            f"{len(iteration)} were given."
        )
    return node
