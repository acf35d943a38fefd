"""What is wrong with a graph, as its project is now: which components and which other workflows there are."""

from typing import Any

from tests.api.procedures.drawn import data_of, draft_of, graph_of, made, node, sentence_of, signed_in

from watchglass.store.scope import Store


async def problems_of(
    caller: Any, project_id: object, graph: dict[str, Any]
) -> list[tuple[str, str | None, str | None]]:
    given = data_of(await caller.query("workflow.validate", {"projectId": str(project_id), "graph": graph}))
    return [(problem["severity"], problem["node"], problem["field"]) for problem in given["problems"]]


def calling(name: str, called: str, **fields: Any) -> dict[str, Any]:
    return graph_of(name, [node("child", "workflow", workflow=called, **fields)], [])


async def test_a_version_with_an_error_is_refused_and_its_draft_is_kept(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, name="order")
    graph = calling("order", "invoice")
    saved = data_of(await ada.mutate("workflow.saveDraft", {"workflowId": workflow_id, "revision": 1, "graph": graph}))
    assert [problem["node"] for problem in saved["problems"]] == ["child"]
    answer = await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 2, "note": ""})
    assert "There is no workflow invoice in this project." in sentence_of(answer, 400)
    assert (await draft_of(ada, workflow_id))["latestVersion"] is None


async def test_children_are_looked_up_in_the_project(store: Store) -> None:
    ada, tenant = await signed_in(store)
    invoice = await made(ada, tenant, name="invoice")
    wanted = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    draft = (await draft_of(ada, invoice))["graph"] | {"inputSchema": wanted}
    given = {"workflowId": invoice, "revision": 1, "graph": draft}
    data_of(await ada.mutate("workflow.saveDraft", given))
    graph = calling("order", "invoice", input={"id": 5})
    assert await problems_of(ada, tenant.project_id, graph) == [("error", "child", "/workflow")]  # No version yet.
    data_of(await ada.mutate("workflow.saveVersion", {"workflowId": invoice, "revision": 2, "note": ""}))
    assert await problems_of(ada, tenant.project_id, graph) == [("error", "child", "/input/id")]
    good = calling("order", "invoice", input={"id": "=input.id"})
    assert await problems_of(ada, tenant.project_id, good) == []
    assert await problems_of(ada, tenant.project_id, calling("order", "invoice", version=7)) == [
        ("error", "child", "/version")
    ]


async def test_workflows_that_call_each_other_without_end_are_warned_of(store: Store) -> None:
    ada, tenant = await signed_in(store)
    order = await made(ada, tenant, name="order")
    data_of(await ada.mutate("workflow.saveVersion", {"workflowId": order, "revision": 1, "note": ""}))
    back = await made(ada, tenant, name="back")
    given = {"workflowId": back, "revision": 1, "graph": calling("back", "order")}
    assert data_of(await ada.mutate("workflow.saveDraft", given))["problems"] == []
    data_of(await ada.mutate("workflow.saveVersion", {"workflowId": back, "revision": 2, "note": ""}))
    graph = calling("order", "back")
    assert await problems_of(ada, tenant.project_id, graph) == [("warning", "child", "/workflow")]


async def test_workflows_of_other_projects_are_not_there(store: Store) -> None:
    bob, theirs = await signed_in(store, "bob")
    await made(bob, theirs, name="invoice")
    ada, tenant = await signed_in(store)
    assert await problems_of(ada, tenant.project_id, calling("order", "invoice")) == [("error", "child", "/workflow")]
