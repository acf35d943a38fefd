"""Drafts: kept as they are drawn, and lost by nobody."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.api.procedures.drawn import (
    data_of,
    draft_of,
    graph_of,
    join,
    made,
    node,
    sentence_of,
    signed_in,
)
from tests.databases import Database

from watchglass.store.scope import Store


async def test_a_new_workflow_begins_with_a_start_and_an_end(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, name="order")
    draft = await draft_of(ada, workflow_id)
    assert [n["kind"] for n in draft["graph"]["nodes"]] == ["start", "end"]
    assert draft["graph"]["edges"] == [{"source": "start", "port": "next", "target": "end"}]
    assert (draft["revision"], draft["basedOn"], draft["latestVersion"]) == (1, None, None)
    assert draft["changeCount"] == 3
    assert draft["updatedBy"] == tenant.principal.name
    listed = await ada.data("workflow.list", {"projectId": str(tenant.project_id)})
    assert [(w["name"], w["kind"]) for w in listed["items"]] == [("order", "built")]


async def test_a_taken_name_is_refused_and_leaves_nothing_behind(store: Store) -> None:
    ada, tenant = await signed_in(store)
    await made(ada, tenant, name="order")
    given = {"projectId": str(tenant.project_id), "name": "order"}
    assert "order" in sentence_of(await ada.mutate("workflow.create", given), 409)
    listed = await ada.data("workflow.list", {"projectId": str(tenant.project_id)})
    assert len(listed["items"]) == 1


async def test_a_draft_is_kept_as_it_was_drawn_down_to_the_order_of_keys(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, name="order")
    schema = {"type": "object", "properties": {"zip": {"type": "string"}, "a": {"type": "number"}}}
    values = {"später": "=input.zip", "b": 1.5, "aa": None, "": "nul \x00 kept", "deep": [{"z": 1, "y": []}]}
    graph = graph_of("order", [node("set", "set", values=values)], [], inputSchema=schema)
    saved = data_of(await ada.mutate("workflow.saveDraft", {"workflowId": workflow_id, "revision": 1, "graph": graph}))
    assert saved["revision"] == 2
    kept = (await draft_of(ada, workflow_id))["graph"]
    (drawn,) = [n for n in kept["nodes"] if n["kind"] == "set"]
    assert drawn["values"] == values
    assert list(drawn["values"]) == list(values)
    assert list(kept["inputSchema"]["properties"]) == ["zip", "a"]


async def test_the_second_of_two_who_save_is_told_who_saved_and_nothing_is_lost(
    store: Store, database: Database
) -> None:
    ada, tenant = await signed_in(store)
    bob, other = await signed_in(store, "bob")
    await join(database, tenant.project_id, other, role="editor")
    workflow_id = await made(ada, tenant, name="order")
    first = graph_of("order", [node("a", "set")], [])
    second = graph_of("order", [node("b", "set")], [])
    save = {"workflowId": workflow_id, "revision": 1}
    data_of(await bob.mutate("workflow.saveDraft", save | {"graph": first}))
    sentence = sentence_of(await ada.mutate("workflow.saveDraft", save | {"graph": second}), 409)
    assert sentence.startswith(f"{other.principal.name} saved this draft at ")
    draft = await draft_of(ada, workflow_id)
    assert [n["id"] for n in draft["graph"]["nodes"]] == ["start", "a", "end"]
    assert (draft["revision"], draft["updatedBy"]) == (2, other.principal.name)


async def test_of_many_who_save_at_once_one_is_kept_and_all_others_are_told(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, name="order")
    saves = [
        ada.mutate(
            "workflow.saveDraft",
            {"workflowId": workflow_id, "revision": 1, "graph": graph_of("order", [node(f"n{i}", "set")], [])},
        )
        for i in range(8)
    ]
    answers = await asyncio.gather(*saves)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    won = [answer.status_code for answer in answers].index(200)
    draft = await draft_of(ada, workflow_id)
    assert (draft["revision"], draft["graph"]["nodes"][1]["id"]) == (2, f"n{won}")


async def test_of_many_who_save_a_version_at_once_one_does(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, name="order")
    save = {"workflowId": workflow_id, "revision": 1}
    answers = await asyncio.gather(*(ada.mutate("workflow.saveVersion", save) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert len((await ada.data("workflow.listVersions", {"workflowId": workflow_id}))["items"]) == 1


async def test_somebody_elses_workflow_and_run_are_not_there_beside_a_project_of_ones_own(store: Store) -> None:
    ada, tenant = await signed_in(store)
    bob, other = await signed_in(store, "bob")
    theirs = await made(bob, other, name="theirs")
    text = (await bob.data("workflow.exportFile", {"workflowId": theirs}))["text"]
    mine = {"projectId": str(tenant.project_id)}
    for foreign in (theirs, str(uuid4())):
        answer = await ada.mutate("workflow.importFile", mine | {"text": text, "workflowId": foreign, "revision": 1})
        assert "There is no such workflow" in sentence_of(answer, 404)
    graph = (await draft_of(bob, theirs))["graph"]
    asked = mine | {"graph": graph, "nodeId": "end", "expression": "input", "executionId": str(uuid4())}
    assert "There is no such execution" in sentence_of(await ada.query("expression.preview", asked), 404)
    assert (await draft_of(bob, theirs))["revision"] == 1


async def test_changes_are_counted_against_the_version_the_draft_was_made_of(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, name="order")
    data_of(await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 1, "note": "first"}))
    assert (await draft_of(ada, workflow_id))["changeCount"] == 0
    graph = (await draft_of(ada, workflow_id))["graph"]
    graph["nodes"][0]["notes"] = "begins here"
    graph["nodes"].append(node("more", "set"))
    graph["description"] = "of a shop"
    save = {"workflowId": workflow_id, "revision": 1, "graph": graph}
    assert data_of(await ada.mutate("workflow.saveDraft", save))["changeCount"] == 3
    draft = await draft_of(ada, workflow_id)
    assert (draft["changeCount"], draft["basedOn"], draft["latestVersion"]) == (3, 1, 1)


@pytest.mark.parametrize(
    ("graph", "path"),
    [
        ({"name": "x", "nodes": [{"id": "start", "kind": "nonsense"}]}, ["graph", "nodes", 0]),
        ({"name": "x", "nodes": [{"id": "Start!", "kind": "start"}]}, ["graph", "nodes", 0, "start", "id"]),
        ({"name": "x", "nodes": [], "surprise": 1}, ["graph", "surprise"]),
        ({"name": "two\nlines", "nodes": []}, ["graph", "name"]),
        ({"format": "n8n", "name": "x", "nodes": []}, ["graph", "format"]),
    ],
)
async def test_what_is_no_graph_is_refused_with_the_place(store: Store, graph: Any, path: list[Any]) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant)
    answer = await ada.mutate("workflow.saveDraft", {"workflowId": workflow_id, "revision": 1, "graph": graph})
    assert answer.status_code == 400
    assert answer.json()["error"]["data"]["issues"][0]["path"] == path
    assert (await draft_of(ada, workflow_id))["revision"] == 1


async def test_a_graph_that_is_too_large_for_temporal_is_refused(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant)
    notes = [node(f"n{i}", "set", notes="x" * 9_800) for i in range(102)]
    graph = graph_of("large", notes, [])
    answer = await ada.mutate("workflow.saveDraft", {"workflowId": workflow_id, "revision": 1, "graph": graph})
    assert "is the most that Temporal hands on" in sentence_of(answer, 400)


async def test_a_text_that_the_database_cannot_look_into_makes_no_version(store: Store) -> None:
    """Else the list of versions, and what their names mean, could not be asked for any more."""
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, graph=graph_of("order", [node("a", "set", values={"v": "x\x00"})], []))
    version = {"workflowId": workflow_id, "revision": 1}
    assert "U+0000" in sentence_of(await ada.mutate("workflow.saveVersion", version), 400)
    assert (await ada.data("workflow.listVersions", {"workflowId": workflow_id}))["items"] == []


async def test_two_thousand_nodes_are_saved_and_one_more_is_refused(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant)
    many = [node(f"n{i}", "set") for i in range(1998)]
    save = {"workflowId": workflow_id, "revision": 1}
    data_of(await ada.mutate("workflow.saveDraft", save | {"graph": graph_of("large", many, [])}))
    assert len((await draft_of(ada, workflow_id))["graph"]["nodes"]) == 2000
    more = graph_of("large", [*many, node("more", "set")], [])
    answer = await ada.mutate("workflow.saveDraft", save | {"revision": 2, "graph": more})
    assert "2000 items" in sentence_of(answer, 400)


async def test_an_observed_workflow_has_no_draft_and_says_so(store: Store) -> None:
    ada, tenant = await signed_in(store)
    async with store.write() as writer:
        workflow_id = await writer.fetchval(
            "INSERT INTO workflows (project_id, name, kind, temporal_type) VALUES ($1, 'Seen', 'observed', 'Seen') "
            "RETURNING id",
            tenant.project_id,
        )
    answer = await ada.query("workflow.getDraft", {"workflowId": str(workflow_id)})
    assert "is not drawn here" in sentence_of(answer, 409)


class TestVersions:
    async def test_versions_are_numbered_and_hold_what_the_draft_was(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant, name="order")
        for number in (1, 2, 3):
            graph = graph_of("order", [], [], description=f"version {number}")
            save = {"workflowId": workflow_id, "revision": number}
            data_of(await ada.mutate("workflow.saveDraft", save | {"graph": graph}))
            given = {"workflowId": workflow_id, "revision": number + 1, "note": f"note {number}"}
            assert data_of(await ada.mutate("workflow.saveVersion", given)) == {"version": number}
        page = await ada.data("workflow.listVersions", {"workflowId": workflow_id, "limit": 2})
        rest = await ada.data("workflow.listVersions", {"workflowId": workflow_id, "cursor": page["nextCursor"]})
        items = page["items"] + rest["items"]
        assert [(v["version"], v["note"], v["nodeCount"]) for v in items] == [
            (3, "note 3", 2),
            (2, "note 2", 2),
            (1, "note 1", 2),
        ]
        assert {v["createdBy"] for v in items} == {tenant.principal.name}
        assert rest["nextCursor"] is None
        first = await ada.data("workflow.getVersion", {"workflowId": workflow_id, "version": 1})
        assert first["graph"]["description"] == "version 1"

    async def test_a_version_of_what_somebody_changed_meanwhile_is_not_saved(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant, name="order")
        graph = graph_of("order", [], [])
        data_of(await ada.mutate("workflow.saveDraft", {"workflowId": workflow_id, "revision": 1, "graph": graph}))
        answer = await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 1})
        assert "saved this draft" in sentence_of(answer, 409)
        assert (await ada.data("workflow.listVersions", {"workflowId": workflow_id}))["items"] == []

    async def test_nothing_changed_is_no_version(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant)
        save = {"workflowId": workflow_id, "revision": 1}
        data_of(await ada.mutate("workflow.saveVersion", save))
        assert "Nothing has changed since version 1" in sentence_of(await ada.mutate("workflow.saveVersion", save), 409)

    async def test_a_version_with_another_name_renames_the_workflow(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant, name="order")
        await made(ada, tenant, name="taken")
        for revision, name in ((1, "shipment"), (2, "taken")):
            save = {"workflowId": workflow_id, "revision": revision, "graph": graph_of(name, [], [])}
            data_of(await ada.mutate("workflow.saveDraft", save))
            answer = await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": revision + 1})
            assert answer.status_code == (200 if name == "shipment" else 409), answer.text
        shown = await ada.data("workflow.get", {"workflowId": workflow_id})
        assert (shown["name"], shown["temporalType"]) == ("shipment", "shipment")
        assert (await draft_of(ada, workflow_id))["latestVersion"] == 1

    async def test_a_version_that_is_not_there_is_not_found(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant)
        ask = {"workflowId": workflow_id, "version": 7}
        assert "no version yet" in sentence_of(await ada.query("workflow.getVersion", ask), 409)
        data_of(await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 1}))
        assert "has no version 7" in sentence_of(await ada.query("workflow.getVersion", ask), 404)


class TestFiles:
    async def test_a_file_goes_out_and_comes_in_as_the_same_graph(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        bob, other = await signed_in(store, "bob")
        graph = graph_of("order", [node("set", "set", values={"z": "=input.a", "b": [1, {"c": None}]})], [])
        workflow_id = await made(ada, tenant, name="order", graph=graph)
        file = await ada.data("workflow.exportFile", {"workflowId": workflow_id})
        assert file["fileName"] == "order.yaml"
        taken = data_of(
            await bob.mutate("workflow.importFile", {"projectId": str(other.project_id), "text": file["text"]})
        )
        theirs = await draft_of(bob, taken["workflowId"])
        ours = await draft_of(ada, workflow_id)
        assert theirs["graph"] == ours["graph"]
        assert taken["revision"] == theirs["revision"] == 1

    async def test_a_file_replaces_a_draft_at_the_revision_that_is_named(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant, name="order")
        text = (await ada.data("workflow.exportFile", {"workflowId": workflow_id}))["text"]
        given = {"projectId": str(tenant.project_id), "text": text, "workflowId": workflow_id, "revision": 1}
        assert data_of(await ada.mutate("workflow.importFile", given))["revision"] == 2
        assert "saved this draft" in sentence_of(await ada.mutate("workflow.importFile", given), 409)
        del given["revision"]
        assert "which draft the file replaces" in sentence_of(await ada.mutate("workflow.importFile", given), 400)

    @pytest.mark.parametrize("text", ["", "{", "[]", "42", '{"nodes": [], "connections": {}}', "null"])
    async def test_a_file_of_another_tool_is_refused(self, store: Store, text: str) -> None:
        ada, tenant = await signed_in(store)
        given = {"projectId": str(tenant.project_id), "text": text}
        assert "file" in sentence_of(await ada.mutate("workflow.importFile", given), 400)


@pytest.mark.parametrize("value", [{}, [], None, 7, "x", {"name": "x"}])
async def test_validating_what_is_no_graph_says_so_in_problems(store: Store, value: Any) -> None:
    ada, tenant = await signed_in(store)
    found = await ada.data("workflow.validate", {"projectId": str(tenant.project_id), "graph": value})
    assert found["graph"] is None
    assert found["problems"][0]["severity"] == "error"


async def test_who_made_and_saved_what_is_written_down(store: Store) -> None:
    ada, tenant = await signed_in(store)
    workflow_id = await made(ada, tenant, name=f"order {uuid4()}")
    data_of(await ada.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 1, "note": "good"}))
    async with store.write() as reader:
        rows = await reader.fetch(
            "SELECT action, target, user_name, details ->> 'note' AS note FROM audit_log WHERE project_id = $1 "
            "ORDER BY id",
            tenant.project_id,
        )
    assert [tuple(row) for row in rows] == [
        ("workflow.create", workflow_id, tenant.principal.name, None),
        ("version.save", workflow_id, tenant.principal.name, "good"),
    ]
