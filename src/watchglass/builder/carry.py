"""What of a run's state the next run of its chain needs."""

from collections.abc import Iterator

from watchglass.builder.expression import ExpressionFailed, Mention, expressions_of, mentions
from watchglass.builder.plan import Plan
from watchglass.builder.state import NodeEnd, ScopeState
from watchglass.model.graph import BranchNode, ForEachNode, Node, NodeId, WaitNode


def without_unneeded(plan: Plan, state: ScopeState) -> ScopeState:
    """The outermost scope's state without the outputs that no node ahead can ask for."""
    needed = _needed(plan, state)
    if needed is None:
        return state
    ends = {id: end if id in needed else NodeEnd(port=end.port, error=end.error) for id, end in state.ends.items()}
    return ScopeState(ends=ends, begun=state.begun)


def _needed(plan: Plan, state: ScopeState) -> set[NodeId] | None:
    """The nodes whose outputs may be asked for; None when an expression asks for whatever there is."""
    needed: set[NodeId] = set()
    for node in _ahead(plan, state):
        for mention in _mentioned(node):
            if mention.root == "nodes" and mention.node is None:
                return None
            if mention.node is not None:
                needed.add(mention.node)
    return needed


def _ahead(plan: Plan, state: ScopeState) -> Iterator[Node]:
    for node in plan.outermost.nodes.values():
        if node.id not in state.ends:
            yield node
            if isinstance(node, ForEachNode):
                yield from plan.within(plan.scopes[node.id])


def _mentioned(node: Node) -> Iterator[Mention]:
    for text in _expressions(node):
        try:
            yield from mentions(text)
        except ExpressionFailed:
            # The node will fail with it before it asks for anything.
            continue


def _expressions(node: Node) -> Iterator[str]:
    """Every expression of a node."""
    match node:
        case BranchNode():
            yield from (case.when for case in node.cases)
        case ForEachNode():
            yield node.items
            yield from ([node.result] if node.result is not None else [])
        case WaitNode():
            yield from (text for text in (node.seconds, node.until) if isinstance(text, str))
        case _:
            values = [value for field, value in node if field in _VALUES]
            yield from (text for value in values for _, text in expressions_of(value))


_VALUES = frozenset(("input", "question", "values", "result", "message"))
