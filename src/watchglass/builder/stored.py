"""Graphs on their way into the database and out of it."""

import json
from typing import Any

from watchglass.errors import InvalidInput
from watchglass.model.graph import Graph

MAXIMUM_BYTES = 1_000_000
"""Of a graph's JSON. Temporal refuses results of activities above 2 MB, and the graph is one in each of its runs."""


def to_stored(graph: Graph) -> dict[str, Any]:
    """The JSON that is kept. Raises InvalidInput: it is too large."""
    written: dict[str, Any] = graph.model_dump(mode="json", by_alias=True)
    size = len(json.dumps(written, separators=(",", ":")).encode())
    if size > MAXIMUM_BYTES:
        raise InvalidInput(
            f"The drawing takes {size / 1000:,.0f} kB, and {MAXIMUM_BYTES / 1000:,.0f} kB is the most that Temporal "
            "hands on in every case. Move a part of it into a workflow of its own, or shorten long texts in it."
        )
    return written


def from_stored(text: str) -> Graph:
    """The graph that was kept."""
    return Graph.model_validate(json.loads(text))
