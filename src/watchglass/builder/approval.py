"""The approval node that somebody answers."""

from watchglass.builder.shape import Shape
from watchglass.errors import Conflict, InvalidInput
from watchglass.model.graph import ApprovalNode, Graph, Json
from watchglass.model.journal import Decision


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


def refuse_overtaken(node: ApprovalNode, output: Json, decision: Decision) -> None:
    """Raises Conflict when the node's output is somebody else's answer, which came first."""
    by = output.get("by") if isinstance(output, dict) else None
    if by is not None and by != decision.by:
        how = "approved" if output.get("approved") else "rejected"
        raise Conflict(f"“{node.name or node.id}” was {how} by {by} a moment before. The first answer counts.")
