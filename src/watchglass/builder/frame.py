"""What the nodes of one scope see: the names of expressions, and what is known of each node."""

from dataclasses import dataclass
from typing import Any

from watchglass.builder.expression import name_of
from watchglass.builder.plan import Scope
from watchglass.builder.state import NodeEnd, NodeState, ScopeState
from watchglass.model.graph import ForEachNode, Json, Node, NodeId


@dataclass(slots=True)
class Frame:
    scope: Scope
    state: ScopeState
    names: dict[str, Any]
    """What expressions can say; `nodes` and `errors` grow as nodes end."""
    iteration: tuple[int, ...] = ()

    @classmethod
    def outermost(cls, scope: Scope, state: ScopeState, input: Json) -> "Frame":
        return cls(scope, state, {"input": input, "nodes": {}, "errors": {}, "loops": {}})._restored()

    def inside(self, node: ForEachNode, body: Scope, state: ScopeState, index: int, item: Json) -> "Frame":
        """The frame of one item. It sees what is known outside by now, and adds nothing to it."""
        around = {"item": item, "index": index}
        names = {
            **self.names,
            **around,
            "nodes": dict(self.names["nodes"]),
            "errors": dict(self.names["errors"]),
            "loops": {**self.names["loops"], name_of(node.id): around},
        }
        return Frame(body, state, names, (*self.iteration, index))._restored()

    @property
    def ports(self) -> dict[NodeId, str | None]:
        """The ports at which nodes have ended."""
        return {node_id: end.port for node_id, end in self.state.ends.items()}

    def id_of(self, node: Node) -> str:
        """The id of the node's activity: `node`, in a body `node[2]` or `node[2.5]`."""
        return f"{node.id}[{'.'.join(map(str, self.iteration))}]" if self.iteration else node.id

    def known(self, node: Node) -> NodeState:
        """What has to be known to go on with a node that has begun."""
        return self.state.begun.setdefault(node.id, NodeState())

    def end(self, node: Node, end: NodeEnd) -> None:
        self.state.begun.pop(node.id, None)
        self.state.ends[node.id] = end
        self._tell(node.id, end)

    def _restored(self) -> "Frame":
        for node_id, end in self.state.ends.items():
            self._tell(node_id, end)
        return self

    def _tell(self, node_id: NodeId, end: NodeEnd) -> None:
        if end.error is not None:
            self.names["errors"][name_of(node_id)] = end.error
        elif end.port is not None:
            self.names["nodes"][name_of(node_id)] = end.output
