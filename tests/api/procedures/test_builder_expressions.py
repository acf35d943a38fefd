"""Expressions while they are written, as the property panel asks."""

from tests.api.procedures.drawn import graph_of, node, sentence_of, signed_in

from watchglass.store.scope import Store

GRAPH = graph_of(
    "order",
    [node("set", "set", name="Set", values={"total": 1}), node("later", "set")],
    [{"source": "set", "port": "next", "target": "later"}],
    inputSchema={"type": "object", "properties": {"name": {"type": "string"}}},
)


async def test_problems_point_into_the_expression_and_names_come_from_schemas(store: Store) -> None:
    ada, tenant = await signed_in(store)
    asked = {"projectId": str(tenant.project_id), "graph": GRAPH, "nodeId": "later", "field": "/values/x"}
    good = await ada.data("expression.check", asked | {"expression": "nodes.set.total + 1"})
    assert good["problems"] == []
    names = {name["path"]: (name["type"], name["origin"]) for name in good["names"]}
    assert names["nodes.set.total"] == ("integer", "“Set”")
    assert names["input.name"] == ("string", "the workflow's input")
    for expression, at, words in (
        ("1 + nodes.end.x", [4, 15], "does not come before"),
        ("1 +", None, ""),
        ("item", [0, 4], "for-each"),
        ("nodes.sett", [0, 10], "no node with the id"),
    ):
        (problem,) = (await ada.data("expression.check", asked | {"expression": expression}))["problems"]
        assert (problem["node"], problem["field"], problem["severity"]) == ("later", "/values/x", "error")
        assert words in problem["message"]
        assert at is None or problem["at"] == at, expression


async def test_while_nothing_is_written_there_are_names_alone(store: Store) -> None:
    ada, tenant = await signed_in(store)
    asked = {"projectId": str(tenant.project_id), "graph": GRAPH, "nodeId": "later", "expression": " "}
    found = await ada.data("expression.check", asked)
    assert found["problems"] == []
    assert found["names"]


async def test_a_node_that_is_not_drawn_is_the_callers_fault(store: Store) -> None:
    ada, tenant = await signed_in(store)
    asked = {"projectId": str(tenant.project_id), "graph": GRAPH, "nodeId": "nowhere", "expression": "1"}
    assert "no node with the id nowhere" in sentence_of(await ada.query("expression.check", asked), 400)
