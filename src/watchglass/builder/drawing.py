"""A graph taken apart for whoever judges it: it may be as wrong as it likes. (`plan` is for graphs that are right.)"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from watchglass.model.graph import EACH, ERROR, Edge, ForEachNode, Graph, Node, NodeId, StartNode, ports_of


@dataclass(frozen=True, slots=True)
class Before:
    """What comes before a node, as bits by the node's place in the graph."""

    completed: int = 0
    """Those that lead here when they succeed."""
    failed: int = 0
    """Those that lead here by their port `error`."""


class Drawing:
    """The nodes by their ids (of two with one id the first), and the edges that lead from a port to a node."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: dict[NodeId, Node] = {}
        self._places: dict[NodeId, int] = {}
        for place, node in enumerate(graph.nodes):
            if node.id not in self.nodes:
                self.nodes[node.id] = node
                self._places[node.id] = place
        self.edges: list[Edge] = [edge for edge in graph.edges if self.is_sound(edge)]
        self.out_of: Mapping[NodeId, list[Edge]] = _grouped(self.edges, "source")
        self.into: Mapping[NodeId, list[Edge]] = _grouped(self.edges, "target")

    def name(self, node_id: NodeId) -> str:
        """What people know the node by, in quotes."""
        node = self.nodes.get(node_id)
        return f"“{(node.name if node else '') or node_id}”"

    def is_sound(self, edge: Edge) -> bool:
        """Does it lead from a port that there is to a node of the same scope (from `each`: into the body)?"""
        source, target = self.nodes.get(edge.source), self.nodes.get(edge.target)
        if source is None or target is None or edge.port not in ports_of(source):
            return False
        return self.crosses_no_border(edge, source, target) and not isinstance(target, StartNode)

    @staticmethod
    def crosses_no_border(edge: Edge, source: Node, target: Node) -> bool:
        enters = isinstance(source, ForEachNode) and edge.port == EACH
        return target.parent == (source.id if enters else source.parent)

    def around(self, node: Node) -> list[NodeId]:
        """The for-each nodes around a node, from the inside out; without those that are no for-each node."""
        found: list[NodeId] = []
        parent = node.parent
        while parent is not None and parent not in found:
            owner = self.nodes.get(parent)
            if not isinstance(owner, ForEachNode):
                break
            found.append(parent)
            parent = owner.parent
        return found

    @cached_property
    def reached(self) -> frozenset[NodeId]:
        """The nodes to which edges lead from a start."""
        reached = {node.id for node in self.nodes.values() if isinstance(node, StartNode)}
        waiting = list(reached)
        while waiting:
            for edge in self.out_of.get(waiting.pop(), ()):
                if edge.target not in reached:
                    reached.add(edge.target)
                    waiting.append(edge.target)
        return frozenset(reached)

    @cached_property
    def order(self) -> list[NodeId]:
        """The nodes, each after all that lead to it; without those in circles and behind them."""
        missing = {node_id: len(self.into.get(node_id, ())) for node_id in self.nodes}
        ready = [node_id for node_id, count in missing.items() if count == 0]
        for node_id in ready:  # Grows while it is walked.
            for edge in self.out_of.get(node_id, ()):
                missing[edge.target] -= 1
                if missing[edge.target] == 0:
                    ready.append(edge.target)
        return ready

    @cached_property
    def before(self) -> Mapping[NodeId, Before]:
        """Of the nodes in `order`."""
        known: dict[NodeId, Before] = {}
        for node_id in self.order:
            completed = failed = 0
            for edge in self.into.get(node_id, ()):
                ahead = known[edge.source]
                bit = 1 << self._places[edge.source]
                # A for-each node has no output yet when its body runs.
                completed |= ahead.completed | (bit if edge.port not in (ERROR, EACH) else 0)
                failed |= ahead.failed | (bit if edge.port == ERROR else 0)
            known[node_id] = Before(completed, failed)
        return known

    def bits(self, node_ids: Iterable[NodeId]) -> int:
        bits = 0
        for node_id in node_ids:
            bits |= 1 << self._places[node_id]
        return bits

    def is_among(self, node_id: NodeId, bits: int) -> bool:
        return bool(bits >> self._places[node_id] & 1)

    def among(self, bits: int) -> Iterator[Node]:
        """The nodes that the bits stand for, in the order of the graph."""
        return (node for node_id, node in self.nodes.items() if bits >> self._places[node_id] & 1)

    def body(self, for_each: NodeId) -> list[Node]:
        """The nodes of the body itself, without those of bodies in it."""
        return self._bodies.get(for_each, [])

    @cached_property
    def _bodies(self) -> Mapping[NodeId, list[Node]]:
        bodies: dict[NodeId, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            if node.parent is not None:
                bodies[node.parent].append(node)
        return bodies

    def circles(self, most: int) -> list[list[NodeId]]:
        """Circles of edges, no two of which share a node; each begins with the node that stands first in the graph."""
        left = set(self.nodes) - set(self.order)
        found: list[list[NodeId]] = []
        while len(found) < most:
            left = self._trimmed(left)
            if not left:
                break
            circle = self._circle_in(left)
            found.append(circle)
            left -= set(circle)
        return found

    def _trimmed(self, left: set[NodeId]) -> set[NodeId]:
        """Without those that lead to nothing that is left."""
        counts = {node_id: sum(edge.target in left for edge in self.out_of.get(node_id, ())) for node_id in left}
        dead = [node_id for node_id, count in counts.items() if count == 0]
        for node_id in dead:
            for edge in self.into.get(node_id, ()):
                if edge.source in counts:
                    counts[edge.source] -= 1
                    if counts[edge.source] == 0:
                        dead.append(edge.source)
        return left - set(dead)

    def _circle_in(self, left: set[NodeId]) -> list[NodeId]:
        at = min(left, key=self._places.__getitem__)
        walked: dict[NodeId, int] = {}
        while at not in walked:
            walked[at] = len(walked)
            at = next(edge.target for edge in self.out_of[at] if edge.target in left)
        circle = [*walked][walked[at] :]
        first = min(range(len(circle)), key=lambda number: self._places[circle[number]])
        return circle[first:] + circle[:first]


def _grouped(edges: Sequence[Edge], end: str) -> dict[NodeId, list[Edge]]:
    grouped: dict[NodeId, list[Edge]] = {}
    for edge in edges:
        grouped.setdefault(getattr(edge, end), []).append(edge)
    return grouped
