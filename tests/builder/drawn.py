"""Short ways to write graphs in tests."""

from typing import Any

from watchglass.model.catalogue import Component
from watchglass.model.graph import Edge, Graph
from watchglass.model.problem import Problem

ECHO = Component(type="echo", name="Echo")
CHARGE = Component(
    type="payments.charge",
    name="Charge",
    input_schema={
        "type": "object",
        "properties": {
            "amount": {"type": "number", "minimum": 0},
            "currency": {"enum": ["EUR", "USD"]},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        },
        "required": ["amount", "currency"],
        "additionalProperties": False,
    },
    output_schema={"type": "object", "properties": {"receipt": {"type": "string"}}},
)
CATALOGUE = (ECHO, CHARGE)


def edge(text: str) -> Edge:
    """`a > b`, or `a.error > b`."""
    source, target = text.split(" > ")
    source, _, port = source.partition(".")
    return Edge(source=source, port=port or "next", target=target)


def drawn(*nodes: dict[str, Any], edges: str | list[str] = "", **others: Any) -> Graph:
    """A graph; `edges` are separated by commas. Nodes without a kind are activities of the component `echo`."""
    listed = edges.split(", ") if isinstance(edges, str) else edges
    return Graph.model_validate(
        {
            "name": "order",
            "nodes": [
                {"kind": "activity", "component": "echo", **node} if "kind" not in node else node for node in nodes
            ],
            "edges": [edge(text).model_dump() for text in listed if text],
            **others,
        }
    )


START = {"id": "start", "kind": "start"}
END = {"id": "end", "kind": "end"}


def said(problems: tuple[Problem, ...]) -> list[str]:
    """Each as `error node/field: message`, or `warning edge 3: message`."""
    return [
        f"{problem.severity} {problem.node or ''}{f'edge {problem.edge}' if problem.edge is not None else ''}"
        f"{problem.field or ''}: {problem.message}"
        for problem in problems
    ]
