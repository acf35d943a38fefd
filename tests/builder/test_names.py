"""What is offered while an expression is written."""

from typing import Any

import pytest
from tests.builder.drawings import activity, drawing, node

from watchglass.builder.names import MOST, names_for
from watchglass.model.catalogue import Component
from watchglass.model.graph import Graph

ORDER = {
    "$defs": {"Line": {"type": "object", "properties": {"sku": {"type": "string"}, "in": {"type": "integer"}}}},
    "type": "object",
    "properties": {
        "number": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        "first": {"$ref": "#/$defs/Line"},
        "ship to": {"type": ["object", "null"], "properties": {"city": {"type": "string"}}},
    },
}
PRICE = Component(
    type="price",
    name="Price",
    output_schema={"type": "object", "properties": {"total": {"type": "number"}, "free": {"const": True}}},
)


def offered(graph: Graph, node_id: str, **more: Any) -> dict[str, str]:
    return {name.path: name.type for name in names_for(graph, node_id, [PRICE], **more)}


GRAPH = drawing(
    "order",
    [
        activity("get-price", "price", name="Get the price"),
        node("set", "set", values={"a": 1, "b": {"c": "=input.number"}, "list": [1]}),
        node("ask", "approval", form={"type": "object", "properties": {"limit": {"type": "number"}}}),
        node("each", "for_each", items="input.lines"),
        activity("inner", "price", parent="each"),
        node("last", "set", parent="each"),
        node("failed", "set"),
        node("end", "end"),
    ],
    "start>get-price>set>ask",
    "get-price.error>failed",
    "ask.approved>each>end",
    "each.each>inner>last",
    inputSchema=ORDER,
)


def test_the_inputs_fields_are_offered_with_their_types_and_as_they_are_written() -> None:
    found = offered(GRAPH, "get-price")
    assert found == {
        "input": "object",
        "input.number": "string | null",
        "input.lines": "array",
        "input.lines[0]": "object",
        "input.lines[0].sku": "string",
        'input.lines[0]["in"]': "integer",
        "input.first": "object",
        "input.first.sku": "string",
        'input.first["in"]': "integer",
        'input["ship to"]': "object | null",
        'input["ship to"].city': "string",
    }


def test_what_earlier_nodes_give_is_offered_and_nothing_of_later_ones() -> None:
    found = {path: kind for path, kind in offered(GRAPH, "each").items() if not path.startswith("input")}
    assert found == {
        "nodes.get_price": "object",
        "nodes.get_price.total": "number",
        "nodes.get_price.free": "boolean",
        "nodes.set": "object",
        "nodes.set.a": "integer",
        "nodes.set.b": "object",
        "nodes.set.b.c": "string | null",
        "nodes.set.list": "array",
        "nodes.ask": "object",
        "nodes.ask.approved": "boolean",
        "nodes.ask.by": "string",
        "nodes.ask.at": "string",
        "nodes.ask.values": "object",
        "nodes.ask.values.limit": "number",
    }


def test_behind_a_failure_there_is_the_error_and_no_output() -> None:
    found = offered(GRAPH, "failed")
    assert "nodes.get_price" not in found
    assert found["errors.get_price.message"] == "string"


def test_in_a_body_there_are_the_item_and_the_nodes_before_in_it() -> None:
    found = offered(GRAPH, "last")
    assert (found["item"], found["item.sku"], found["index"]) == ("object", "string", "integer")
    assert (found["loops.each.item.sku"], found["loops.each.index"]) == ("string", "integer")
    assert found["nodes.inner.total"] == "number"
    assert "nodes.each" not in found
    assert next(iter(found)) == "item"


def test_the_result_of_a_loop_is_written_in_its_body_and_its_items_are_not() -> None:
    assert "nodes.inner.total" in offered(GRAPH, "each", field="/result")
    assert "item" in offered(GRAPH, "each", field="/result")
    assert "item" not in offered(GRAPH, "each", field="/items")
    assert offered(GRAPH, "end")["nodes.each"] == "array"


def test_each_name_says_where_it_comes_from() -> None:
    origins = {name.path: name.origin for name in names_for(GRAPH, "last", [PRICE])}
    assert origins["item"] == "the item of “each”"
    assert origins["nodes.get_price.total"] == "“Get the price”"
    assert origins["input"] == "the workflow's input"


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"properties": {"self": {"$ref": "#"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$ref": "https://elsewhere.example/schema"},
        {"properties": {"x": True, "y": None, "z": 7}, "anyOf": [True, {"type": []}]},
        {"properties": []},
        {"type": 7, "anyOf": "x", "oneOf": {"a": 1}},
        {"properties": {f"p{i}": {"properties": {f"q{j}": {} for j in range(100)}} for i in range(100)}},
    ],
)
def test_schemas_that_lead_nowhere_or_round_and_round_end(schema: dict[str, Any]) -> None:
    graph = drawing("order", [node("end", "end")], "start>end", inputSchema=schema)
    assert 1 <= len(names_for(graph, "end", [])) <= MOST


def test_a_node_that_never_runs_is_offered_the_input_alone() -> None:
    graph = drawing("order", [node("alone", "set"), node("set", "set"), node("end", "end")], "start>set>end")
    assert set(offered(graph, "alone")) == {"input"}
    assert offered(graph, "nowhere") == {}


@pytest.mark.parametrize("items", ["input.lines + [1]", "[1, 2]", "input.", "nodes.nothing.x", "item", "input.number"])
def test_items_of_which_nothing_is_known_are_any(items: str) -> None:
    nodes = [node("each", "for_each", items=items), node("in", "set", parent="each")]
    graph = drawing("order", nodes, "start>each", "each.each>in", inputSchema=ORDER)
    assert offered(graph, "in")["item"] == "any"
