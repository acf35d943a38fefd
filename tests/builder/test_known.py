"""What is known of values before they are there."""

from typing import Any

import pytest
from tests.builder.drawn import START, drawn

from watchglass.builder.cel.tree import parse
from watchglass.builder.drawing import Drawing
from watchglass.builder.known import Known, infer
from watchglass.builder.names import Scope, names_for, type_word
from watchglass.model.catalogue import Component
from watchglass.model.graph import Graph

ORDER = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}},
    "required": ["id"],
    "$defs": {
        "Line": {
            "type": "object",
            "properties": {"price": {"type": "number"}, "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        }
    },
}
RESERVED = {"type": "object", "properties": {"total": {"type": "number"}, "in-stock": {"type": "boolean"}}}
RESERVE = Component(type="reserve", name="Reserve", output_schema=RESERVED)
GRAPH = drawn(
    START,
    {"id": "reserve-stock", "name": "Reserve stock", "kind": "activity", "component": "reserve"},
    {"id": "sums", "kind": "set", "values": {"net": "=nodes.reserve_stock.total * 0.81", "text": "a", "n": 1}},
    {"id": "each", "kind": "for_each", "items": "input.lines", "result": "item.price * 2"},
    {"id": "inside", "parent": "each"},
    {"id": "after"},
    {"id": "sorry", "name": "Sorry"},
    edges="start > reserve-stock, reserve-stock > sums, reserve-stock.error > sorry, sums > each, each.each > inside, "
    "each > after",
    input_schema=ORDER,
)


def written(node_id: str, field: str | None = None) -> dict[str, str]:
    return {name.path: name.type for name in names_for(GRAPH, node_id, [RESERVE], field=field)}


INPUT = {
    "input": "object",
    "input.id": "string",
    "input.lines": "array",
    "input.lines[0]": "object",
    "input.lines[0].price": "number",
    "input.lines[0].note": "string | null",
}


class TestNames:
    def test_at_the_first_node_there_is_the_input(self) -> None:
        assert written("reserve-stock") == INPUT

    def test_outputs_come_from_schemas_and_from_what_is_set(self) -> None:
        assert written("each") == INPUT | {
            "nodes.sums": "object",
            "nodes.sums.net": "number",
            "nodes.sums.text": "string",
            "nodes.sums.n": "integer",
            "nodes.reserve_stock": "object",
            "nodes.reserve_stock.total": "number",
            'nodes.reserve_stock["in-stock"]': "boolean",
        }

    def test_in_a_body_there_are_the_item_and_its_number(self) -> None:
        names = written("inside")
        assert [*names.items()][:4] == [
            ("item", "object"),
            ("item.price", "number"),
            ("item.note", "string | null"),
            ("index", "integer"),
        ]

    def test_the_result_of_an_iteration_sees_the_body(self) -> None:
        assert written("each", "/result").keys() - written("each").keys() == {
            *("item", "item.price", "item.note", "index", "nodes.inside"),
            *("loops.each.item", "loops.each.item.price", "loops.each.item.note", "loops.each.index"),
        }

    def test_a_for_each_node_gives_a_list_of_its_results(self) -> None:
        names = written("after")
        assert (names["nodes.each"], names["nodes.each[0]"]) == ("array", "number")

    def test_after_a_failure_there_is_the_error(self) -> None:
        names = written("sorry")
        assert {path: type for path, type in names.items() if path.startswith("errors")} == {
            "errors.reserve_stock": "object",
            "errors.reserve_stock.type": "string",
            "errors.reserve_stock.message": "string",
        }

    def test_they_say_where_they_come_from(self) -> None:
        origins = {name.path: name.origin for name in names_for(GRAPH, "inside", [RESERVE])}
        assert origins["nodes.reserve_stock.total"] == "“Reserve stock”"
        assert origins["item.price"] == "the item of “each”"
        assert origins["input.id"] == "the workflow's input"

    def test_outer_loops_are_named(self) -> None:
        graph = drawn(
            START,
            {"id": "outer", "kind": "for_each", "items": "[[1]]"},
            {"id": "inner", "kind": "for_each", "items": "item", "parent": "outer"},
            {"id": "a", "parent": "inner"},
            edges="start > outer, outer.each > inner, inner.each > a",
        )
        paths = [name.path for name in names_for(graph, "a", [])]
        assert [path for path in paths if path.startswith("loops")] == [
            f"loops.{loop}.{name}" for loop in ("inner", "outer") for name in ("item", "index")
        ]

    def test_where_nothing_leads_there_is_nothing(self) -> None:
        assert [name.path for name in names_for(drawn(START, {"id": "a"}), "a", [])] == ["input"]
        assert names_for(GRAPH, "nobody", []) == ()

    def test_a_schema_that_contains_itself_ends(self) -> None:
        tree = {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}
        graph = drawn(START, {"id": "a"}, edges="start > a", input_schema=tree)
        assert len(names_for(graph, "a", [])) == 31  # 1 + 2 + 4 + 8 + 16: four fields inside each other

    def test_two_thousand_nodes_that_are_made_of_each_other(self) -> None:
        nodes: list[dict[str, Any]] = [
            {"id": f"n{n}", "kind": "set", "values": {"x": f"=nodes.n{n - 1}.x" if n else 1}} for n in range(1_999)
        ]
        graph = drawn(START, *nodes, edges=["start > n0", *(f"n{n} > n{n + 1}" for n in range(1_998))])
        first = names_for(graph, "n1998", [])[1:3]
        assert [(name.path, name.type) for name in first] == [("nodes.n1997", "object"), ("nodes.n1997.x", "integer")]

    def test_two_thousand_nodes_in_a_body(self) -> None:
        nodes: list[dict[str, Any]] = [
            {"id": f"n{n}", "kind": "set", "parent": "e", "values": {"x": f"=nodes.n{n - 1}.x" if n else 1}}
            for n in range(1_900)
        ]
        loop = {"id": "e", "kind": "for_each", "items": "[1]"}
        edges = ["start > e", "e > after", "e.each > n0", *(f"n{n} > n{n + 1}" for n in range(1_899))]
        assert names_for(drawn(START, loop, *nodes, {"id": "after"}, edges=edges), "after", [])[1].path == "nodes.e"


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("input.id", "string"),
        ("input.lines", "array"),
        ("input.lines[0].price", "number"),
        ('input["id"]', "string"),
        ("input.lines.map(x, x.price).sum()", "number"),
        ("input.lines.map(x, x.price)[0]", "number"),
        ("input.lines.filter(x, x.price > 1)[0].note", "string | null"),
        ("size(input.lines) + 1", "integer"),
        ("1 + 2.5", "number"),
        ('"a" + input.id', "string"),
        ("input.id == 'a' && true", "boolean"),
        ("!true", "boolean"),
        ("-1", "integer"),
        ("true ? 1 : 2", "integer"),
        ("true ? 1 : 'a'", "any"),
        ("has(input.id)", "boolean"),
        ('{"a": {"b": 1}}.a.b', "integer"),
        ('timestamp(input.id) + duration("1h")', "string"),
        ("input.lines.exists(x, true)", "boolean"),
        ("null", "null"),
        ("nodes.reserve_stock.total", "number"),
        ("nodes.nobody.total", "any"),
    ],
)
def test_types_of_expressions(text: str, type: str) -> None:
    scope = Scope(Drawing(GRAPH), [RESERVE])
    names = scope.known_at(scope.drawing.nodes["after"])
    assert names is not None
    assert type_word(infer(parse(text), names)) == type


def test_what_a_schema_says_of_its_fields() -> None:
    order = Known.of(ORDER)
    assert order.at("nope") is None
    assert Known.of({**ORDER, "additionalProperties": True}).at("nope") == Known()
    assert Known.of({"type": "object"}).at("x") == Known()
    assert Known.of({"type": "string"}).at("x") is None
    assert Known.of({"$ref": "#/$defs/none"}).at("x") == Known()
    loop = Known.of({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}})
    assert loop.types == frozenset()


def test_graphs_that_are_wrong_are_no_trouble() -> None:
    graph: Graph = drawn({"id": "a"}, {"id": "b", "input": {"x": "=nodes.a"}}, edges="a > b, b > a")
    assert [name.path for name in names_for(graph, "b", [])] == ["input"]
