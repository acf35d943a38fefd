"""The names that an expression can use at a place of a drawing, and what is known of each."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from watchglass.builder.cel.bounds import ExpressionFailed
from watchglass.builder.cel.tree import parse
from watchglass.builder.drawing import Drawing
from watchglass.builder.expression import expression_in, name_of
from watchglass.builder.known import ANY, BOOLEAN, INTEGER, NULL, STRING, Known, infer, list_of, object_of
from watchglass.builder.rules.expressions import Names, names_at
from watchglass.model.catalogue import Component
from watchglass.model.graph import (
    ActivityNode,
    ApprovalNode,
    BranchNode,
    ForEachNode,
    Graph,
    JoinNode,
    Json,
    Node,
    NodeId,
    ParallelNode,
    SetNode,
    StartNode,
    WaitNode,
)

RESULT: Final = "/result"
"""The field of a for-each node whose expression is evaluated for each item."""
MOST: Final = 500
"""Names that are offered."""
_DEEPEST_SEARCH: Final = 20
"""Outputs that are made of outputs that are not known yet."""
_DEEPEST_VALUE: Final = 50
"""Objects inside one another in what a set node makes, of which the fields are known."""
_DEEPEST: Final = 4
"""Fields inside fields that are offered."""
_ERROR: Final = object_of({"type": STRING, "message": STRING})
_RESERVED: Final = frozenset(("true", "false", "null", "in"))
"""Words that the grammar does not take for a field."""
_PLAIN: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Name:
    path: str
    """As it is written in an expression."""
    type: str
    """JSON Schema's word; `any` where nothing is known; several with ` | ` between them."""
    origin: str
    """Where it comes from, in words."""


def names_for(
    graph: Graph, node_id: NodeId, components: Iterable[Component], *, field: str | None = None
) -> tuple[Name, ...]:
    """The names, those that are nearest first, the first `MOST`. Of a node that never runs the input's alone."""
    scope = Scope(Drawing(graph), components)
    node = scope.drawing.nodes.get(node_id)
    if node is None:
        return ()
    roots = scope.roots(node, in_body=isinstance(node, ForEachNode) and field == RESULT)
    return tuple(
        islice((name for path, known, origin in roots for name in _below(path, known, origin, _DEEPEST)), MOST)
    )


class Scope:
    """What is known at each place of a drawing. It remembers what it found out."""

    def __init__(self, drawing: Drawing, catalogue: Iterable[Component]) -> None:
        self.drawing = drawing
        self._components = {component.type: component for component in catalogue}
        self._input = Known.of(drawing.graph.input_schema)
        self._outputs: dict[NodeId, Known] = {}
        self._items: dict[NodeId, Known] = {}
        self._depth = 0
        for node_id in drawing.order:
            self.output(node_id)  # What leads to a node is known when it is looked at, so that no search goes deep.

    def roots(self, node: Node, *, in_body: bool = False) -> Iterator[tuple[str, Known, str]]:
        """The paths that everything begins with, what is known of each, and where it comes from."""
        names = names_at(self.drawing, node, in_body=in_body)
        if names is not None:
            yield from self._loops(names)
        yield "input", self._input, "the workflow's input"
        if names is None:
            return
        for before in reversed([*self.drawing.among(names.before.completed)]):
            if not isinstance(before, BranchNode | ParallelNode | JoinNode | WaitNode | StartNode):
                yield f"nodes.{name_of(before.id)}", self.output(before.id), self.drawing.name(before.id)
        for before in self.drawing.among(names.before.failed):
            yield f"errors.{name_of(before.id)}", _ERROR, f"the error of {self.drawing.name(before.id)}"

    def _loops(self, names: Names) -> Iterator[tuple[str, Known, str]]:
        for number, loop in enumerate(names.loops):
            origin = f"the item of {self.drawing.name(loop)}"
            for place in ("", f"loops.{name_of(loop)}.") if number == 0 else (f"loops.{name_of(loop)}.",):
                yield f"{place}item", self.item(loop), origin
                yield f"{place}index", INTEGER, origin

    def known_at(self, node: Node, *, in_body: bool = False) -> Mapping[str, Known] | None:
        """The roots as the names that an expression begins with; None where the node never runs."""
        names = names_at(self.drawing, node, in_body=in_body)
        return None if names is None else self._known(names)

    def _known(self, names: Names) -> Mapping[str, Known]:
        found = {"input": self._input, "nodes": _Nodes(self, names), "errors": ANY, "loops": ANY}
        if names.loops:
            found |= {"item": self.item(names.loops[0]), "index": INTEGER}
        return found

    def output(self, node_id: NodeId) -> Known:
        if node_id not in self._outputs:
            if self._depth > _DEEPEST_SEARCH:
                return ANY
            self._outputs[node_id] = ANY  # Where nodes stand in a circle, for the one that was asked for first.
            self._depth += 1
            self._outputs[node_id] = self._output(self.drawing.nodes[node_id])
            self._depth -= 1
        return self._outputs[node_id]

    def item(self, for_each: NodeId) -> Known:
        if for_each not in self._items:
            self._items[for_each] = ANY
            node = self.drawing.nodes[for_each]
            assert isinstance(node, ForEachNode)
            self._items[for_each] = self.of_expression(node.items, node).item
        return self._items[for_each]

    def of_expression(self, text: str, node: Node, *, in_body: bool = False) -> Known:
        """What is known of an expression's value at a node."""
        names = self.known_at(node, in_body=in_body)
        if names is None:
            return ANY
        try:
            return infer(parse(text), names)
        except ExpressionFailed:
            return ANY

    def _output(self, node: Node) -> Known:
        match node:
            case StartNode():
                return self._input
            case ActivityNode():
                component = self._components.get(node.component)
                return Known.of(component.output_schema) if component is not None else ANY
            case SetNode():
                return object_of({name: self._value(value, node) for name, value in node.values.items()})
            case ApprovalNode():
                of_form = Known.of(node.form) if node.form else Known({"type": "object"})
                return object_of({"approved": BOOLEAN, "by": STRING, "at": STRING, "values": of_form})
            case ForEachNode():
                return list_of(self._result(node))
            case BranchNode() | ParallelNode() | JoinNode() | WaitNode():
                return NULL
            case _:
                return ANY

    def _value(self, value: Json, node: Node, depth: int = 0) -> Known:
        match value:
            case _ if depth > _DEEPEST_VALUE:
                return ANY
            case str():
                text = expression_in(value)
                return STRING if text is None else self.of_expression(text, node)
            case dict():
                return object_of({str(key): self._value(item, node, depth + 1) for key, item in value.items()})
            case list() | tuple():
                return Known({"type": "array"})
            case _:
                return Known({"type": _SIMPLE[type(value)]}) if type(value) in _SIMPLE else ANY

    def _result(self, node: ForEachNode) -> Known:
        if node.on_error == "continue":
            return ANY  # Also null, where an item failed.
        if node.result is not None:
            return self.of_expression(node.result, node, in_body=True)
        last = [inner for inner in self.drawing.body(node.id) if not self.drawing.out_of.get(inner.id)]
        return self.output(last[0].id) if len(last) == 1 else ANY


class _Nodes(Known):
    """The outputs of the nodes before a place, looked at when they are asked for."""

    __slots__ = ("_names", "_scope")
    _scope: "Scope"
    _names: Names

    def __init__(self, scope: Scope, names: Names) -> None:
        super().__init__()
        object.__setattr__(self, "_scope", scope)
        object.__setattr__(self, "_names", names)

    def at(self, name: str) -> Known | None:
        node_id = name.replace("_", "-")
        if node_id in self._scope.drawing.nodes and self._scope.drawing.is_among(node_id, self._names.before.completed):
            return self._scope.output(node_id)
        return ANY  # That it is not there is said by the rules about names.


_SIMPLE: Final[dict[type, str]] = {type(None): "null", bool: "boolean", int: "integer", float: "number"}


def type_word(known: Known) -> str:
    types = known.types
    shown = types - {"integer"} if "number" in types else types
    return " | ".join(sorted(shown, key=lambda type: (type == "null", type))) or "any"


def _below(path: str, known: Known, origin: str, depth: int) -> Iterator[Name]:
    yield Name(path, type_word(known), origin)
    if depth == 0:
        return
    for name, field in known.fields.items():
        step = f".{name}" if _PLAIN.fullmatch(name) and name not in _RESERVED else f"[{_quoted(name)}]"
        yield from _below(f"{path}{step}", field, origin, depth - 1)
    if "array" in known.types and known.item != ANY:
        yield from _below(f"{path}[0]", known.item, origin, depth - 1)


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
