"""What a worker is given: a version with everything in it; and where it asks for work."""

import json
from typing import Any

import pytest
from tests.api.procedures.drawn import data_of, graph_of, made, node, sentence_of, signed_in
from tests.api.seeded import NOBODY, Caller, Tenant

from watchglass.store.scope import Store

PAY = {
    "type": "shop.pay",
    "name": "Pay",
    "taskQueue": "payments",
    "retry": {"strategy": "no_retries"},
    "timeouts": {"startToCloseSeconds": 5, "heartbeatSeconds": 2},
    "source": "person",
}


async def saved(ada: Caller, tenant: Tenant, workflow_id: str | None, graph: dict[str, Any]) -> str:
    """A version with this graph, of a new workflow or of that one."""
    if workflow_id is None:
        workflow_id = await made(ada, tenant, name=graph["name"], graph=graph)
        revision = 1
    else:
        draft = await ada.data("workflow.getDraft", {"workflowId": workflow_id})
        save = {"workflowId": workflow_id, "revision": draft["revision"], "graph": graph}
        revision = data_of(await ada.mutate("workflow.saveDraft", save))["revision"]
    data_of(await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": revision}))
    return workflow_id


async def know(store: Store, tenant: Tenant, component: dict[str, Any]) -> None:
    async with store.write() as writer:
        await writer.execute(
            "INSERT INTO components (project_id, type, source, component) VALUES ($1, $2, 'person', $3)",
            tenant.project_id,
            component["type"],
            json.dumps(component),
        )


async def runnable_nodes(ada: Caller, workflow_id: str, version: int = 1) -> dict[str, Any]:
    found = await ada.data("workflow.getRunnable", {"workflowId": workflow_id, "version": version})
    return {n["id"]: n for n in found["graph"]["nodes"]}


async def test_what_a_node_leaves_open_is_its_components(store: Store) -> None:
    ada, tenant = await signed_in(store)
    await know(store, tenant, PAY)
    own = {"retry": {"strategy": "keep_trying"}, "timeouts": {"startToCloseSeconds": 9}, "taskQueue": "mine"}
    nodes = [
        node("usual", "activity", component="shop.pay"),
        node("own", "activity", component="shop.pay", name="Pay it back", **own),
    ]
    graph = graph_of("order", nodes, [{"source": "usual", "port": "next", "target": "own"}])
    found = await runnable_nodes(ada, await saved(ada, tenant, None, graph))
    usual, chosen = found["usual"], found["own"]
    assert (usual["name"], chosen["name"]) == ("Pay", "Pay it back")
    assert (usual["retry"]["strategy"], usual["taskQueue"]) == ("no_retries", "payments")
    assert (usual["timeouts"]["startToCloseSeconds"], usual["timeouts"]["heartbeatSeconds"]) == (5, 2)
    assert (chosen["retry"]["strategy"], chosen["taskQueue"]) == ("keep_trying", "mine")
    assert (chosen["timeouts"]["startToCloseSeconds"], chosen["timeouts"]["heartbeatSeconds"]) == (9, 2)


async def test_a_child_is_the_version_that_was_newest_when_its_parent_was_saved(store: Store) -> None:
    ada, tenant = await signed_in(store)
    child = await saved(ada, tenant, None, graph_of("ship", [], [], description="one"))
    await saved(ada, tenant, child, graph_of("ship", [], [], description="two"))
    nodes = [node("newest", "workflow", workflow="ship"), node("first", "workflow", workflow="ship", version=1)]
    graph = graph_of("order", nodes, [{"source": "newest", "port": "next", "target": "first"}])
    parent = await saved(ada, tenant, None, graph)
    await saved(ada, tenant, child, graph_of("ship", [], [], description="three"))
    await saved(ada, tenant, child, graph_of("shipment", [], [], description="another name"))
    found = await runnable_nodes(ada, parent)
    assert [(found[n]["workflowId"], found[n]["version"]) for n in ("newest", "first")] == [(child, 2), (child, 1)]
    assert found["newest"]["taskQueue"] == f"watchglass-{tenant.project_id}"
    version = await ada.data("workflow.getVersion", {"workflowId": parent, "version": 1})
    assert [problem for problem in version["problems"] if problem["severity"] == "error"] == []


async def test_a_workflow_that_runs_itself_runs_its_own_version(store: Store) -> None:
    ada, tenant = await signed_in(store)
    own = await saved(ada, tenant, None, graph_of("order", [node("again", "workflow", workflow="order")], []))
    assert (await runnable_nodes(ada, own))["again"]["version"] == 1


async def test_another_projects_workflow_of_that_name_is_no_child(store: Store) -> None:
    ada, tenant = await signed_in(store)
    bob, other = await signed_in(store, "bob")
    await saved(bob, other, None, graph_of("ship", [], []))
    graph = graph_of("order", [node("ship", "workflow", workflow="ship", name="Ship it")], [])
    workflow_id = await made(ada, tenant, name="order", graph=graph)
    async with store.write() as writer:
        # As a version that no longer validates: its child was there when it was saved.
        await writer.execute(
            "INSERT INTO workflow_versions (project_id, workflow_id, version, graph, note) VALUES ($1, $2, 1, $3, '')",
            tenant.project_id,
            workflow_id,
            json.dumps(graph),
        )
    answer = await ada.query("workflow.getRunnable", {"workflowId": workflow_id, "version": 1})
    assert "Node “Ship it” runs the workflow “ship”" in sentence_of(answer, 409)


async def test_another_workers_type_is_left_alone(store: Store) -> None:
    ada, tenant = await signed_in(store)
    nodes = [node("other", "workflow", workflow="Anything", taskQueue="theirs")]
    found = await runnable_nodes(ada, await saved(ada, tenant, None, graph_of("order", nodes, [])))
    assert [found["other"][name] for name in ("workflowId", "version", "taskQueue")] == [None, None, "theirs"]


async def test_a_version_whose_component_is_gone_says_so_and_runs_no_more(store: Store) -> None:
    ada, tenant = await signed_in(store)
    await know(store, tenant, PAY)
    graph = graph_of("order", [node("pay", "activity", component="shop.pay", input={"amount": 1})], [])
    workflow_id = await saved(ada, tenant, None, graph)
    gone = {"projectId": str(tenant.project_id), "type": "shop.pay"}
    data_of(await ada.mutate("component.remove", gone))
    kept = await ada.data("workflow.getVersion", {"workflowId": workflow_id, "version": 1})
    assert [(p["severity"], p["node"]) for p in kept["problems"]] == [("error", "pay")]
    sentence = sentence_of(await ada.mutate("workflow.run", {"workflowId": workflow_id, "input": {}}), 409)
    assert sentence.startswith("Version 1 of “order” can no longer run: Node “pay”: ")
    assert "shop.pay" in sentence
    # A run that is under way, and asks again, still gets what it was pinned to.
    assert (await runnable_nodes(ada, workflow_id))["pay"]["component"] == "shop.pay"


async def test_a_version_whose_component_asks_for_more_now_says_which_field_and_runs_no_more(store: Store) -> None:
    ada, tenant = await signed_in(store)
    await know(store, tenant, PAY)
    graph = graph_of("order", [node("pay", "activity", component="shop.pay", input={"amount": 1})], [])
    workflow_id = await saved(ada, tenant, None, graph)
    asks = {"type": "object", "properties": {"currency": {"type": "string"}}, "required": ["currency"]}
    asking = {name: value for name, value in PAY.items() if name != "source"} | {"inputSchema": asks}
    given = {"projectId": str(tenant.project_id), "component": asking}
    data_of(await ada.mutate("component.register", given))
    kept = await ada.data("workflow.getVersion", {"workflowId": workflow_id, "version": 1})
    assert [(p["severity"], p["node"]) for p in kept["problems"]] == [("error", "pay")]
    sentence = sentence_of(await ada.mutate("workflow.run", {"workflowId": workflow_id, "input": {}}), 409)
    assert sentence.startswith("Version 1 of “order” can no longer run: Node “pay”: ")
    assert "currency" in sentence


async def test_a_draft_with_an_error_is_kept_and_becomes_no_version(store: Store) -> None:
    ada, tenant = await signed_in(store)
    graph = graph_of("order", [node("set", "set", values={"x": "=nodes.nothing.y +"})], [])
    workflow_id = await made(ada, tenant, name="order", graph=graph)
    draft = await ada.data("workflow.getDraft", {"workflowId": workflow_id})
    (problem,) = draft["problems"]
    assert (problem["severity"], problem["node"], problem["field"]) == ("error", "set", "/values/x")
    answer = await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 1})
    assert sentence_of(answer, 400).startswith("The workflow cannot run like this. Node “set”: ")
    assert (await ada.data("workflow.listVersions", {"workflowId": workflow_id}))["items"] == []


async def test_the_place_is_the_projects_oldest_connection(store: Store) -> None:
    ada, tenant = await signed_in(store)
    place = await ada.data("builder.getPlace", {"projectId": str(tenant.project_id)})
    assert place == {
        "address": NOBODY,
        "namespace": tenant.connection.namespace,
        "taskQueue": f"watchglass-{tenant.project_id}",
    }


async def test_a_project_without_a_connection_says_that_nothing_can_run(store: Store) -> None:
    ada, tenant = await signed_in(store)
    project = data_of(await ada.mutate("project.create", {"name": f"empty {tenant.project_id}"}))
    answer = await ada.query("builder.getPlace", {"projectId": project["id"]})
    assert "no connection to a Temporal" in sentence_of(answer, 409)


class TestAudit:
    async def test_lines_are_paged_newest_first(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        made_ids = [await made(ada, tenant) for _ in range(5)]
        ask: dict[str, Any] = {"projectId": str(tenant.project_id), "limit": 2}
        targets: list[str] = []
        while True:
            page = await ada.data("audit.list", ask)
            targets += [line["target"] for line in page["items"]]
            if page["nextCursor"] is None:
                break
            ask["cursor"] = page["nextCursor"]
        assert targets == made_ids[::-1]

    @pytest.mark.parametrize("cursor", ["", "nonsense", "WyJhIiwieCIsInkiXQ"])
    async def test_a_cursor_of_another_list_is_refused(self, store: Store, cursor: str) -> None:
        ada, tenant = await signed_in(store)
        answer = await ada.query("audit.list", {"projectId": str(tenant.project_id), "cursor": cursor})
        assert "cursor" in sentence_of(answer, 400)
