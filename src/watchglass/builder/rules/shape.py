"""How nodes and edges fit together."""

from collections.abc import Iterator

from watchglass.builder.drawing import Drawing
from watchglass.model.graph import (
    APPROVED,
    EACH,
    NEXT,
    REJECTED,
    TIMED_OUT,
    ApprovalNode,
    BranchNode,
    Edge,
    EndNode,
    ForEachNode,
    JoinNode,
    Node,
    NodeId,
    StartNode,
    ports_of,
)
from watchglass.model.problem import Problem, Severity

MOST_CIRCLES = 20


def shape_problems(drawing: Drawing) -> Iterator[Problem]:
    yield from _start(drawing)
    yield from _ids(drawing)
    yield from _parents(drawing)
    yield from _edges(drawing)
    yield from _circles(drawing)
    yield from _unreached(drawing)
    for node in drawing.graph.nodes:
        yield from _open_ports(drawing, node)


def _start(drawing: Drawing) -> Iterator[Problem]:
    starts = [node for node in drawing.graph.nodes if isinstance(node, StartNode)]
    if not starts:
        yield Problem(message="The drawing has no start. Add one, and lead it to what comes first.")
    for node in starts:
        if node.parent is not None:
            yield Problem(node=node.id, field="/parent", message="A start stands outside of every for-each body.")
    for node in starts[1:]:
        yield Problem(
            node=node.id, message=f"There is one start already: {drawing.name(starts[0].id)}. Remove one of the two."
        )


def _ids(drawing: Drawing) -> Iterator[Problem]:
    seen: set[NodeId] = set()
    for node in drawing.graph.nodes:
        if node.id in seen:
            yield Problem(
                node=node.id, field="/id", message=f"Two nodes have the id {node.id}. Give one of them another."
            )
        seen.add(node.id)


def _parents(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.graph.nodes:
        if node.parent is None:
            continue
        owner = drawing.nodes.get(node.parent)
        if owner is None:
            yield _parent(node, f"It is in the body of {node.parent}, and there is no such node.")
        elif not isinstance(owner, ForEachNode):
            yield _parent(node, f"It is in the body of {drawing.name(node.parent)}, which is no for-each node.")
        elif _is_in_itself(drawing, node):
            yield _parent(node, "It is in a body that is inside of itself.")
        elif isinstance(node, EndNode):
            yield Problem(
                node=node.id,
                field="/parent",
                message="An end ends the whole run, so it cannot stand in a for-each body. Lead out of the body first.",
            )


def _is_in_itself(drawing: Drawing, node: Node) -> bool:
    """Also of nodes in bodies that are in themselves."""
    around = drawing.around(node)
    return drawing.nodes[around[-1]].parent in around


def _parent(node: Node, message: str) -> Problem:
    return Problem(node=node.id, field="/parent", message=message)


def _edges(drawing: Drawing) -> Iterator[Problem]:
    seen: set[tuple[str, str, str]] = set()
    for number, edge in enumerate(drawing.graph.edges):
        message = _fault(drawing, edge)
        if message is not None:
            yield Problem(edge=number, message=message)
        elif (key := (edge.source, edge.port, edge.target)) in seen:
            yield Problem(severity=Severity.WARNING, edge=number, message=f"{_from_to(drawing, edge)} is there twice.")
        else:
            seen.add(key)


def _fault(drawing: Drawing, edge: Edge) -> str | None:
    source, target = drawing.nodes.get(edge.source), drawing.nodes.get(edge.target)
    if source is None or target is None:
        unknown = edge.source if source is None else edge.target
        return f"{_from_to(drawing, edge)} names {unknown}, and there is no such node."
    if edge.port not in (ports := ports_of(source)):
        has = f"It has {', '.join(ports)}." if ports else "Nothing follows it."
        return f"{_from_to(drawing, edge)} leaves by the port {edge.port}, which the first does not have. {has}"
    if isinstance(target, StartNode):
        return f"{_from_to(drawing, edge)} leads to the start, and nothing comes before that."
    if not drawing.crosses_no_border(edge, source, target):
        if isinstance(source, ForEachNode) and edge.port == EACH:
            return (
                f"{_from_to(drawing, edge)} leaves by the port each, and {drawing.name(target.id)} is not in its body."
            )
        return f"{_from_to(drawing, edge)} crosses the border of a for-each body."
    return None


def _from_to(drawing: Drawing, edge: Edge) -> str:
    return f"The edge from {drawing.name(edge.source)} to {drawing.name(edge.target)}"


def _circles(drawing: Drawing) -> Iterator[Problem]:
    for circle in drawing.circles(MOST_CIRCLES):
        shown = circle if len(circle) <= 8 else [*circle[:7], None]
        names = " → ".join("…" if node_id is None else drawing.name(node_id) for node_id in [*shown, circle[0]])
        yield Problem(
            node=circle[0],
            message=f"It leads back to itself: {names}. A workflow only goes forward; to repeat, use a for-each.",
        )


def _unreached(drawing: Drawing) -> Iterator[Problem]:
    if not any(isinstance(node, StartNode) for node in drawing.nodes.values()):
        return  # Then none is reached, and that has been said.
    for node_id in drawing.nodes:
        if node_id not in drawing.reached:
            yield Problem(
                node=node_id, message="Nothing leads here from the start, so it never runs. Connect or remove it."
            )


def _open_ports(drawing: Drawing, node: Node) -> Iterator[Problem]:
    taken = {edge.port for edge in drawing.out_of.get(node.id, ())}
    match node:
        case JoinNode():
            if len(drawing.into.get(node.id, ())) < 2:
                yield _warning(node, "It joins fewer than two edges, so it has nothing to wait for.")
        case ForEachNode():
            if EACH not in taken:
                yield _warning(node, "Its body is empty: lead its port each to what is to be done with every item.")
        case BranchNode():
            yield from _cases(drawing, node, taken)
        case ApprovalNode():
            for port in (APPROVED, REJECTED, TIMED_OUT):
                if port in ports_of(node) and port not in taken:
                    yield _warning(node, f"Nothing follows when it is {port.replace('-', ' ')}.")
        case StartNode():
            if NEXT not in taken:
                yield _warning(node, "Nothing follows the start, so a run does nothing.")


def _cases(drawing: Drawing, node: BranchNode, taken: set[str]) -> Iterator[Problem]:
    for number, case in enumerate(node.cases):
        if case.port not in taken:
            yield _warning(node, f"Nothing follows the case {case.port}.", field=f"/cases/{number}/port")


def _warning(node: Node, message: str, field: str | None = None) -> Problem:
    return Problem(severity=Severity.WARNING, node=node.id, field=field, message=message)
