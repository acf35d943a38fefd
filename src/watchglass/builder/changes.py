"""How far a draft is from the version that it was made of."""

from collections.abc import Mapping
from typing import Any

from watchglass.model.graph import Graph

_PARTS = frozenset({"nodes", "edges", "format"})


def count_changes(base: Graph | None, graph: Graph) -> int:
    """Nodes and edges that came, went or differ, and the workflow's own settings that differ. None: nothing was."""
    after = _things(graph)
    before = _things(base) if base is not None else _things(graph.model_copy(update={"nodes": (), "edges": ()}))
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _things(graph: Graph) -> Mapping[object, object]:
    json: dict[str, Any] = graph.model_dump(mode="json", by_alias=True)
    things: dict[object, object] = {name: value for name, value in json.items() if name not in _PARTS}
    things |= {("node", node["id"]): node for node in json["nodes"]}
    # Edges have no name of their own: one that was moved is one that went and one that came.
    things |= {("edge", edge["source"], edge["port"], edge["target"]): edge for edge in json["edges"]}
    return things
