"""What can be written in an expression at a place of a drawing, with the types that schemas tell."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from watchglass.builder.drawing import Drawing
from watchglass.builder.expression import ExpressionFailed, mentions, name_of
from watchglass.builder.rules.expressions import Names, names_at
from watchglass.model.catalogue import Component
from watchglass.model.graph import (
    ActivityNode,
    ApprovalNode,
    ForEachNode,
    Graph,
    Json,
    Node,
    NodeId,
    SetNode,
    WorkflowNode,
)

Schema = Mapping[str, Any]

MOST: Final = 500
"""Names that are offered."""
DEEPEST: Final = 4
"""Fields inside one another that are offered, below the input or an output."""
RESULT: Final = "/result"
"""The field of a for-each node whose expression is evaluated in its body."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "null",
        "package",
        "namespace",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
_ANY: Schema = {}
_ERROR: Schema = {"type": "object", "properties": {"type": {"type": "string"}, "message": {"type": "string"}}}


@dataclass(frozen=True, slots=True)
class Name:
    """Something that can be written."""

    path: str
    """As it is written: `nodes.reserve_stock.total`."""
    type: str
    """As JSON Schema calls it, several with ` | ` between them; `any` where nobody says."""
    origin: str
    """Where it comes from, in words."""


def names_for(
    graph: Graph, node_id: NodeId, components: Iterable[Component], *, field: str | None = None
) -> tuple[Name, ...]:
    """The names, those that are nearest first, the first `MOST`. None of a node that never runs, but the input's."""
    drawing = Drawing(graph)
    node = drawing.nodes.get(node_id)
    if node is None:
        return ()
    outputs = _Outputs(drawing, {component.type: component for component in components})
    names = names_at(drawing, node, in_body=field == RESULT and isinstance(node, ForEachNode))
    return tuple(islice(_names(drawing, outputs, names), MOST))


def _names(drawing: Drawing, outputs: "_Outputs", names: Names | None) -> Iterator[Name]:
    if names is not None:
        for place, loop in enumerate(names.loops):
            item = outputs.item_of(loop)
            origin = f"the item of {drawing.name(loop)}"
            if place == 0:
                yield from _fields("item", item, origin)
                yield Name("index", "integer", origin)
            yield from _fields(f"loops.{name_of(loop)}.item", item, origin)
            yield Name(f"loops.{name_of(loop)}.index", "integer", origin)
    yield from _fields("input", drawing.graph.input_schema, "the workflow's input")
    if names is None:
        return
    for before in reversed([*drawing.among(names.before.completed)]):
        output = outputs.of(before)
        if output is not None:
            yield from _fields(f"nodes.{name_of(before.id)}", output, drawing.name(before.id))
    for failed in drawing.among(names.before.failed):
        yield from _fields(f"errors.{name_of(failed.id)}", _ERROR, f"the error of {drawing.name(failed.id)}")


def _fields(path: str, schema: Schema, origin: str, *, whole: Schema | None = None, depth: int = 0) -> Iterator[Name]:
    """A value and what it is made of. References are followed inside of the schema that they stand in, and no further
    than `DEEPEST`, so that one that refers to itself ends."""
    whole = schema if whole is None else whole
    here = _followed(schema, whole)
    yield Name(path, _type(here), origin)
    if depth == DEEPEST:
        return
    for name, inner in _properties(here, whole):
        yield from _fields(f"{path}{_step(name)}", inner, origin, whole=whole, depth=depth + 1)


def _step(name: str) -> str:
    if _WORD.fullmatch(name) and name not in _RESERVED:
        return f".{name}"
    return f"[{json.dumps(name, ensure_ascii=False)}]"


def _followed(schema: Any, whole: Schema) -> Schema:
    """The schema that a reference leads to; one that says nothing where it leads nowhere."""
    for _ in range(DEEPEST):
        if not isinstance(schema, Mapping):
            return _ANY
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        schema = _at(whole, reference)
    return _ANY


def _at(whole: Schema, reference: str) -> Any:
    found: Any = whole
    for step in reference.removeprefix("#").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if reference.startswith("#") else None


def _alternatives(schema: Schema, whole: Schema) -> list[Schema]:
    """What Pydantic writes for `X | None`, and the like."""
    given = schema.get("anyOf") or schema.get("oneOf") or ()
    return [_followed(each, whole) for each in given] if isinstance(given, list) else []


def _properties(schema: Schema, whole: Schema) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for each in (schema, *_alternatives(schema, whole)):
        properties = each.get("properties")
        for name, inner in properties.items() if isinstance(properties, Mapping) else ():
            if isinstance(name, str) and name not in seen:
                seen.add(name)
                yield name, inner


def _type(schema: Schema) -> str:
    given = schema.get("type")
    if isinstance(given, str):
        return given
    if isinstance(given, list):
        return " | ".join(str(each) for each in given) or "any"
    if "const" in schema:
        return _type_of(schema["const"])
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(alternatives, list):
        types = dict.fromkeys(_type(each) for each in alternatives if isinstance(each, Mapping))
        return "any" if "any" in types or not types else " | ".join(types)
    return "object" if "properties" in schema or "$ref" in schema else "any"


def _type_of(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "any" if value.startswith("=") and not value.startswith("==") else "string"
        case list():
            return "array"
        case _:
            return "object"


class _Outputs:
    """What nodes give, as far as it is known before they run."""

    def __init__(self, drawing: Drawing, components: Mapping[str, Component]) -> None:
        self._drawing = drawing
        self._components = components

    def of(self, node: Node) -> Schema | None:
        """The schema of a node's output; None for those that give nothing."""
        match node:
            case ActivityNode():
                component = self._components.get(node.component)
                return _ANY if component is None else component.output_schema
            case SetNode():
                return {
                    "type": "object",
                    "properties": {name: _schema_of(value) for name, value in node.values.items()},
                }
            case ApprovalNode():
                decided = {"approved": {"type": "boolean"}, "by": {"type": "string"}, "at": {"type": "string"}}
                return {"type": "object", "properties": decided | {"values": node.form or {"type": "object"}}}
            case ForEachNode():
                return {"type": "array"}
            case WorkflowNode():
                return _ANY
            case _:
                return None

    def item_of(self, loop: NodeId) -> Schema:
        """What the items of a for-each node are, where they are simply taken from something known."""
        node = self._drawing.nodes[loop]
        assert isinstance(node, ForEachNode)
        try:
            named = mentions(node.items)
        except ExpressionFailed:
            return _ANY
        if len(named) != 1 or not re.fullmatch(r"[\w.]+", node.items.strip()):
            return _ANY
        (mention,) = named
        start: Schema | None = None
        if mention.root == "input":
            start = self._drawing.graph.input_schema
        elif mention.root == "nodes" and mention.node in self._drawing.nodes:
            start = self.of(self._drawing.nodes[mention.node])
        if start is None:
            return _ANY
        at = _followed(start, start)
        for step in mention.path:
            at = _followed(dict(_properties(at, start)).get(step), start)
        items = _followed(at.get("items"), start)
        definitions = {key: start[key] for key in ("$defs", "definitions") if key in start}
        return {**items, **definitions}


def _schema_of(value: Json) -> Schema:
    """Of what stands in a set node, with its expressions unknown."""
    if isinstance(value, Mapping):
        return {"type": "object", "properties": {name: _schema_of(inner) for name, inner in value.items()}}
    kind = _type_of(value)
    return _ANY if kind == "any" else {"type": kind}
