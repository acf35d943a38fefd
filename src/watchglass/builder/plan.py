"""What comes before what: a graph as scopes, in each of which every node runs once. Pure.

    outermost scope   begins at the node `start`
    scope of a body   begins where the port `each` of its for-each node leads

How the edges of a scope are read is said in `model.graph`; `Scope.fate` is that rule and `following` its consequences.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from graphlib import CycleError, TopologicalSorter

from watchglass.errors import InvalidInput
from watchglass.model.graph import EACH, Edge, ForEachNode, Graph, JoinNode, Node, NodeId, StartNode

Ends = Mapping[NodeId, str | None]
"""The port at which each node ended; None for one that was passed over."""


class Fate(Enum):
    """What is known of a node that has not begun."""

    RUNS = auto()
    SKIPPED = auto()
    OPEN = auto()
    """It depends on nodes that have not ended."""


@dataclass(frozen=True, slots=True)
class Scope:
    owner: NodeId | None
    """The for-each node whose body this is; None for the outermost."""
    nodes: Mapping[NodeId, Node]
    """None comes before one that it waits for."""
    into: Mapping[NodeId, tuple[Edge, ...]]
    out_of: Mapping[NodeId, tuple[Edge, ...]]
    """Without the edges from `each`, which lead into another scope."""

    @property
    def last(self) -> NodeId | None:
        """The one node that nothing comes after; None when there are several."""
        ends = [node_id for node_id in self.nodes if not self.out_of[node_id]]
        return ends[0] if len(ends) == 1 else None

    def leads_on(self, node_id: NodeId, port: str) -> bool:
        """Is there an edge from this port?"""
        return any(edge.port == port for edge in self.out_of[node_id])

    def fate(self, node_id: NodeId, ends: Ends) -> Fate:
        """What becomes of a node when those in `ends` have ended as they say."""
        if isinstance(self.nodes[node_id], StartNode):
            return Fate.RUNS
        edges = self.into[node_id]
        taken = [self._is_taken(edge, ends) for edge in edges]
        if isinstance(node := self.nodes[node_id], JoinNode) and node.mode == "any" and True in taken:
            return Fate.RUNS
        if None in taken:
            return Fate.OPEN
        return Fate.RUNS if True in taken else Fate.SKIPPED

    def _is_taken(self, edge: Edge, ends: Ends) -> bool | None:
        if edge.source == self.owner:
            return True
        return ends[edge.source] == edge.port if edge.source in ends else None


@dataclass(frozen=True, slots=True)
class Plan:
    scopes: Mapping[NodeId | None, Scope]

    @property
    def outermost(self) -> Scope:
        return self.scopes[None]

    def within(self, scope: Scope) -> Iterable[Node]:
        """The nodes of a scope, and those of the bodies inside it."""
        for node in scope.nodes.values():
            yield node
            if isinstance(node, ForEachNode):
                yield from self.within(self.scopes[node.id])


def make_plan(graph: Graph) -> Plan:
    """Take a graph apart.

    Raises:
        InvalidInput: nodes wait for each other in a circle, an edge leads nowhere or between two scopes, an id is there
            twice, or a body belongs to no for-each node.
    """
    nodes: dict[NodeId, Node] = {}
    members: dict[NodeId | None, list[Node]] = {None: []}
    for node in graph.nodes:
        if node.id in nodes:
            raise InvalidInput(f"Two nodes have the id {node.id}.")
        nodes[node.id] = node
        if isinstance(node, ForEachNode):
            members[node.id] = []
    for node in graph.nodes:
        if node.parent not in members:
            raise InvalidInput(f"The node {node.id} is in the body of {node.parent}, which is no for-each node.")
        members[node.parent].append(node)
    for edge in graph.edges:
        _check(edge, nodes)
    return Plan({owner: _scope(owner, inside, graph.edges) for owner, inside in members.items()})


def following(
    scope: Scope, ended: Iterable[NodeId], ends: dict[NodeId, str | None]
) -> tuple[list[NodeId], list[NodeId]]:
    """What those that `ended` decide: the nodes that run now, and those that are passed over, which enter `ends`.

    A node that is named has either ended, or is looked at itself: at the beginning all of a scope's are.
    """
    run: list[NodeId] = []
    skipped: list[NodeId] = []
    look = [target for node_id in ended for target in _decided_by(scope, node_id, ends)]
    while look:
        node_id = look.pop(0)
        if node_id in ends or node_id in run:
            continue
        fate = scope.fate(node_id, ends)
        if fate is Fate.RUNS:
            run.append(node_id)
        elif fate is Fate.SKIPPED:
            ends[node_id] = None
            skipped.append(node_id)
            look += [edge.target for edge in scope.out_of[node_id]]
    return run, skipped


def _decided_by(scope: Scope, node_id: NodeId, ends: Ends) -> list[NodeId]:
    return [edge.target for edge in scope.out_of[node_id]] if node_id in ends else [node_id]


def _check(edge: Edge, nodes: Mapping[NodeId, Node]) -> None:
    for end in (edge.source, edge.target):
        if end not in nodes:
            raise InvalidInput(f"An edge from {edge.source} to {edge.target} names {end}, and there is no such node.")
    source, target = nodes[edge.source], nodes[edge.target]
    is_entry = isinstance(source, ForEachNode) and edge.port == EACH
    if target.parent != (source.id if is_entry else source.parent):
        raise InvalidInput(f"The edge from {source.id} ({edge.port}) to {target.id} crosses the border of a body.")


def _scope(owner: NodeId | None, inside: list[Node], edges: Iterable[Edge]) -> Scope:
    ids = {node.id: node for node in inside}
    into: dict[NodeId, list[Edge]] = {id: [] for id in ids}
    out_of: dict[NodeId, list[Edge]] = {id: [] for id in ids}
    for edge in edges:
        if edge.target in ids:
            into[edge.target].append(edge)
            if edge.source in ids:
                out_of[edge.source].append(edge)
    return Scope(
        owner,
        {id: ids[id] for id in _in_order(into, owner)},
        {id: tuple(found) for id, found in into.items()},
        {id: tuple(found) for id, found in out_of.items()},
    )


def _in_order(into: Mapping[NodeId, list[Edge]], owner: NodeId | None) -> list[NodeId]:
    before = {id: [edge.source for edge in edges if edge.source != owner] for id, edges in into.items()}
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise InvalidInput(f"These nodes wait for each other in a circle: {circle}.") from error
