"""A graph as what lies in what, and what leads where: what is asked of it when a run is drawn on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from watchglass.model.graph import ERROR, Edge, ForEachNode, Graph, Node, NodeId, NodeKind

HAVE_EVENTS = frozenset({NodeKind.ACTIVITY, NodeKind.WORKFLOW})
"""Kinds whose nodes are units of the history themselves. How the others ended the journal tells; those that wait have
timers too."""


@dataclass(frozen=True)
class Shape:
    """Made of any graph, also of one that nobody has checked."""

    graph: Graph

    @cached_property
    def nodes(self) -> dict[NodeId, Node]:
        return {node.id: node for node in self.graph.nodes}

    @cached_property
    def around(self) -> dict[NodeId, tuple[NodeId, ...]]:
        """The for-each nodes around each node, outermost first."""
        return {node_id: self._around(node_id) for node_id in self.nodes}

    def _around(self, node_id: NodeId) -> tuple[NodeId, ...]:
        found: list[NodeId] = []
        parent = self.nodes[node_id].parent
        while parent in self.nodes and parent not in found:
            assert parent is not None
            found.append(parent)
            parent = self.nodes[parent].parent
        return tuple(reversed(found))

    @cached_property
    def out_of(self) -> dict[NodeId, list[tuple[int, Edge]]]:
        """The edges from each node, with their places in the graph."""
        found: dict[NodeId, list[tuple[int, Edge]]] = {node_id: [] for node_id in self.nodes}
        for place, edge in self._edges():
            found[edge.source].append((place, edge))
        return found

    @cached_property
    def into(self) -> dict[NodeId, list[tuple[int, Edge]]]:
        found: dict[NodeId, list[tuple[int, Edge]]] = {node_id: [] for node_id in self.nodes}
        for place, edge in self._edges():
            found[edge.target].append((place, edge))
        return found

    def _edges(self) -> Iterable[tuple[int, Edge]]:
        return (
            (place, edge)
            for place, edge in enumerate(self.graph.edges)
            if edge.source in self.nodes and edge.target in self.nodes
        )

    def has_events(self, node_id: NodeId) -> bool:
        return self.nodes[node_id].kind in HAVE_EVENTS

    def leads_on_after_failure(self, node_id: NodeId) -> bool:
        return any(edge.port == ERROR for _, edge in self.out_of[node_id])

    def direct(self, loop: NodeId) -> list[NodeId]:
        """The nodes of a body, without those of bodies inside it."""
        return self._direct.get(loop, [])

    @cached_property
    def _direct(self) -> dict[NodeId, list[NodeId]]:
        found: dict[NodeId, list[NodeId]] = {}
        for node in self.graph.nodes:
            if node.parent is not None:
                found.setdefault(node.parent, []).append(node.id)
        return found

    def body(self, loop: NodeId) -> list[NodeId]:
        """All nodes of a body."""
        return [node_id for node_id, loops in self.around.items() if loop in loops]

    def fatal(self, loop: NodeId) -> list[NodeId]:
        """The nodes of a body whose failure fails an item."""
        return [
            node_id
            for node_id in self.body(loop)
            if not self.leads_on_after_failure(node_id)
            and not any(
                isinstance(inner := self.nodes[other], ForEachNode)
                and (inner.on_error == "continue" or self.leads_on_after_failure(other))
                for other in self._between(loop, node_id)
            )
        ]

    def _between(self, loop: NodeId, node_id: NodeId) -> Sequence[NodeId]:
        """The for-each nodes around a node that are inside `loop`."""
        loops = self.around[node_id]
        return loops[loops.index(loop) + 1 :]

    def surely_passed(self, reached: Iterable[NodeId]) -> set[NodeId]:
        """The nodes that every way to one that was reached leads through, and those that were reached."""
        passed: set[NodeId] = set()
        for node_id in reached:
            step: NodeId | None = node_id
            while step is not None and step not in passed:
                passed.add(step)
                step = self._dominator.get(step)
        return passed

    @cached_property
    def _dominator(self) -> dict[NodeId, NodeId | None]:
        """Of each node that a way leads to, the last that all ways to it lead through (Cooper, Harvey, Kennedy)."""
        start = next((node.id for node in self.graph.nodes if node.kind is NodeKind.START), None)
        if start is None:
            return {}
        order = self._order(start)
        rank = {node_id: place for place, node_id in enumerate(order)}
        found: dict[NodeId, NodeId] = {start: start}
        is_changed = True
        while is_changed:
            is_changed = False
            for node_id in order[1:]:
                ways = [edge.source for _, edge in self.into[node_id] if edge.source in found]
                common = ways[0]
                for way in ways[1:]:
                    common = _meet(common, way, found, rank)
                if found.get(node_id) != common:
                    found[node_id] = common
                    is_changed = True
        return {node_id: None if node_id == start else found[node_id] for node_id in order}

    def _order(self, start: NodeId) -> list[NodeId]:
        """What a way leads to, each node before those that only it leads to."""
        seen = {start}
        done: list[NodeId] = []
        stack = [(start, iter([edge.target for _, edge in self.out_of[start]]))]
        while stack:
            node_id, targets = stack[-1]
            step = next((target for target in targets if target not in seen), None)
            if step is None:
                stack.pop()
                done.append(node_id)
            else:
                seen.add(step)
                stack.append((step, iter([edge.target for _, edge in self.out_of[step]])))
        return done[::-1]


def _meet(one: NodeId, other: NodeId, found: dict[NodeId, NodeId], rank: dict[NodeId, int]) -> NodeId:
    while one != other:
        while rank[one] > rank[other]:
            one = found[one]
        while rank[other] > rank[one]:
            other = found[other]
    return one
