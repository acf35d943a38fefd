"""Runs on their drawing, through the API: histories as the interpreter writes them, on a real database."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from tests.acceptance.bench import component_counts
from tests.acceptance.soundness import assert_nothing_half_done
from tests.api.seeded import Caller, Tenant, client_for, make_tenant, open_parts
from tests.parse.built_run import Written, entry, payload

from watchglass.builder.stored import to_stored
from watchglass.model.described import Described
from watchglass.model.execution import RunRef
from watchglass.model.graph import Graph
from watchglass.model.journal import READ_GRAPH
from watchglass.parse import PARSE_VERSION
from watchglass.parse.history import parse_history
from watchglass.store.history_pages import pack_events
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey, read_state
from watchglass.store.versions import insert_version
from watchglass.store.workflows import insert_built
from watchglass.sync.listing import add_runs
from watchglass.sync.parts import Parts
from watchglass.sync.read import ReadRun
from watchglass.sync.rederive import rederive
from watchglass.sync.save import save_runs

ORDER = Graph.model_validate(
    {
        "name": "Order",
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "large", "kind": "branch", "cases": [{"port": "yes", "when": "input.total > 100"}]},
            {"id": "ask", "kind": "approval", "question": "Ship it?", "form": {"type": "object"}},
            {"id": "note", "kind": "set", "values": {"a": 1}},
            {"id": "join", "kind": "join"},
            {"id": "each", "kind": "for_each", "items": "input.lines", "concurrency": 2},
            {"id": "reserve", "kind": "activity", "component": "charge", "parent": "each"},
            {"id": "mark", "kind": "set", "parent": "each"},
            {"id": "pay", "kind": "activity", "component": "charge", "retry": {"strategy": "fail_after"}},
            {"id": "rest", "kind": "wait", "seconds": 5},
            {"id": "end", "kind": "end"},
            {"id": "sorry", "kind": "end", "outcome": "failed", "message": "No."},
        ],
        "edges": [
            {"source": "start", "target": "large"},
            {"source": "large", "port": "yes", "target": "ask"},
            {"source": "large", "port": "otherwise", "target": "note"},
            {"source": "ask", "port": "approved", "target": "join"},
            {"source": "ask", "port": "rejected", "target": "sorry"},
            {"source": "note", "target": "join"},
            {"source": "join", "target": "each"},
            {"source": "each", "port": "each", "target": "reserve"},
            {"source": "reserve", "target": "mark"},
            {"source": "each", "target": "pay"},
            {"source": "pay", "target": "rest"},
            {"source": "rest", "target": "end"},
        ],
    }
)


@dataclass(frozen=True)
class Desk:
    """A project with a built workflow, into which runs are copied."""

    store: Store
    parts: Parts
    tenant: Tenant
    workflow_id: UUID
    client: httpx.AsyncClient

    @property
    def caller(self) -> Caller:
        return Caller(self.client, self.tenant.token)

    def written(self, name: str, *, version: int = 1, workflow_id: str | None = None, after: str = "") -> Written:
        memo = {"workflowId": workflow_id or str(self.workflow_id), "version": version}
        return Written(memo, workflow_id=name, after=after)

    async def copy(self, written: Written, *, status: int = 2) -> ExecutionKey:
        """Store the run as a sync would have; what was stored of it before is added to."""
        events = written.events
        memo = parse_history(events).memo
        described = _described(RunRef(written.workflow_id, f"run of {written.workflow_id}"), status, dict(memo))
        await add_runs(self.parts, self.tenant.connection, [described])
        async with self.store.write() as writer:
            execution_id = await writer.fetchval(
                "SELECT id FROM workflow_executions WHERE project_id = $1 AND temporal_run_id = $2",
                self.tenant.project_id,
                described.ref.run_id,
            )
            state = await read_state(writer, execution_id)
        assert state is not None
        execution = parse_history(events, ref=described.ref)
        pages = pack_events([one for one in events if one.event_id > state.synced_event_id])
        await save_runs(self.store, [ReadRun(state, self.tenant.connection, execution, pages, False, None, None)])
        return state.key

    async def graph(self, key: ExecutionKey, **more: Any) -> dict[str, Any]:
        found = await self.caller.data("execution.getGraph", {"executionId": str(key.id), **more})
        found["by_id"] = {node["nodeId"]: node for node in found["nodes"]}
        return dict(found)

    async def iterations(self, key: ExecutionKey, node_id: str, **more: Any) -> dict[str, Any]:
        given = {"executionId": str(key.id), "nodeId": node_id, **more}
        return dict(await self.caller.data("execution.getNodeIterations", given))


def _described(ref: RunRef, status: int, memo: dict[str, bytes]) -> Described:
    return Described(
        ref=ref,
        type="Order",
        status=status,
        started_at=1_795_371_913_000_000,
        execution_at=None,
        closed_at=1_795_371_999_000_000 if status != 1 else None,
        history_length=0,
        history_bytes=0,
        task_queue="orders",
        first_run_id=None,
        parent=None,
        root=None,
        memo=memo,
        search_attributes={},
        build_id=None,
        schedule_id=None,
        cancel_requested=False,
        reset_run_id=None,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(store: Store) -> AsyncIterator[Desk]:
    parts = open_parts(store)
    tenant = await make_tenant(store, parts, "shop", [])
    async with store.write() as writer:
        workflow_id = await insert_built(writer, project_id=tenant.project_id, name="Order")
        await insert_version(
            writer,
            project_id=tenant.project_id,
            workflow_id=workflow_id,
            graph=to_stored(ORDER),
            note="",
            by=tenant.principal,
        )
    async with client_for(store, parts) as client:
        yield Desk(store, parts, tenant, workflow_id, client)


def as_far_as_the_loop(written: Written) -> Written:
    written.tasks().graph(*ORDER.model_dump(mode="json", by_alias=True)["nodes"])
    return written.journal(
        entry("start", port="next"),
        entry("large", port="otherwise"),
        entry("ask", "skipped"),
        entry("sorry", "skipped"),
        entry("note", port="next", output={"a": 1}),
        entry("join", port="next"),
        entry("each", "started", count=3),
    )


def item(written: Written, number: int) -> Written:
    written.activity(f"reserve[{number}]")
    return written.journal(entry("mark", port="next", iteration=[number]))


class TestGraph:
    async def test_a_run_that_completed(self, desk: Desk) -> None:
        written = as_far_as_the_loop(desk.written("done"))
        for number in range(3):
            item(written, number)
        written.journal(entry("each", port="next")).activity("pay", attempt=2)
        written.timer("rest").journal(entry("rest", port="next"), entry("end")).completed()
        found = await desk.graph(await desk.copy(written))
        assert (found["workflowId"], found["version"], found["matching"]) == (str(desk.workflow_id), 1, "memo")
        assert Graph.model_validate(found["graph"]) == ORDER
        assert {node["nodeId"]: node["status"] for node in found["nodes"]} == {
            "start": "completed",
            "large": "completed",
            "ask": "skipped",
            "note": "completed",
            "join": "completed",
            "each": "completed",
            "reserve": "completed",
            "mark": "completed",
            "pay": "completed",
            "rest": "completed",
            "end": "completed",
            "sorry": "skipped",
        }
        assert found["takenEdges"] == [0, 2, 5, 6, 7, 8, 9, 10, 11]
        assert found["failingPath"] == []
        nodes = found["by_id"]
        assert nodes["each"]["iterations"] == {"total": 3, "completed": 3, "failed": 0, "running": 0}
        assert nodes["reserve"]["iterations"] == {"total": 3, "completed": 3, "failed": 0, "running": 0}
        assert (nodes["pay"]["attempt"], nodes["pay"]["retryVerdict"]) == (2, "expected")
        assert nodes["large"]["port"] == "otherwise"
        assert nodes["note"]["eventId"] is None

    async def test_an_item_fails_and_with_it_the_run(self, desk: Desk) -> None:
        written = item(as_far_as_the_loop(desk.written("failing")), 0)
        written.begun("reserve[2]").activity("reserve[1]", fails=True)
        written.journal(
            entry("reserve", "failed", iteration=[1], error="no"),
            entry("reserve", "cancelled", iteration=[2]),
            entry("each", "failed", error="no"),
        ).failed("reserve[1]")
        key = await desk.copy(written, status=3)
        found = await desk.graph(key)
        nodes = found["by_id"]
        assert nodes["each"]["iterations"] == {"total": 3, "completed": 1, "failed": 1, "running": 0}
        assert (nodes["each"]["status"], nodes["reserve"]["status"]) == ("failed", "failed")
        assert nodes["reserve"]["errorMessage"] == "no"
        assert nodes["pay"]["status"] == "not_reached"
        assert found["failingPath"] == ["start", "large", "note", "join", "each", "reserve"]
        page = await desk.iterations(key, "each")
        assert [(one["iteration"], one["status"]) for one in page["items"]] == [
            ([0], "completed"),
            ([1], "failed"),
            ([2], "cancelled"),
        ]
        failed = await desk.iterations(key, "reserve", status="failed")
        assert [(one["iteration"], one["errorMessage"]) for one in failed["items"]] == [([1], "no")]

    async def test_one_item_at_a_time(self, desk: Desk) -> None:
        written = item(as_far_as_the_loop(desk.written("picked")), 0).begun("reserve[1]")
        key = await desk.copy(written, status=1)
        together = (await desk.graph(key))["by_id"]
        assert (together["reserve"]["status"], together["each"]["status"]) == ("running", "running")
        assert together["each"]["iterations"] == {"total": 3, "completed": 1, "failed": 0, "running": 1}
        first = (await desk.graph(key, items={"each": 0}))["by_id"]
        second = (await desk.graph(key, items={"each": 1}))["by_id"]
        third = (await desk.graph(key, items={"each": 2}))["by_id"]
        assert [one["reserve"]["status"] for one in (first, second, third)] == ["completed", "running", "not_reached"]
        assert [one["mark"]["status"] for one in (first, second, third)] == ["completed", "not_reached", "not_reached"]

    async def test_a_person_is_asked(self, desk: Desk) -> None:
        written = (
            desk.written("asked")
            .tasks()
            .journal(
                entry("start", port="next"),
                entry("large", port="yes"),
                entry("note", "skipped"),
                entry("ask", "started", output={"question": "Ship 7 of them?"}),
            )
        )
        key = await desk.copy(written, status=1)
        found = await desk.graph(key)
        lines = await desk.caller.data("audit.list", {"projectId": str(desk.tenant.project_id), "kind": "values"})
        assert [line["action"] for line in lines["items"] if line["target"] == str(key.id)] == ["values.see"]
        assert found["by_id"]["ask"]["status"] == "waiting_for_approval"
        assert found["by_id"]["ask"]["approval"] == {
            "question": "Ship 7 of them?",
            "form": {"type": "object"},
            "nodeId": "ask",
            "iteration": [],
        }
        assert found["takenEdges"] == [0, 1]
        written.journal(entry("ask", port="rejected", output={}), entry("join", "skipped"), entry("sorry")).failed()
        found = await desk.graph(await desk.copy(written, status=3))
        assert (found["by_id"]["ask"]["port"], found["by_id"]["ask"]["approval"]) == ("rejected", None)
        assert found["failingPath"] == ["start", "large", "ask", "sorry"]

    async def test_a_run_that_was_carried_on_shows_what_those_before_it_did(self, desk: Desk) -> None:
        first = item(item(as_far_as_the_loop(desk.written("first")), 0), 1).carried_on("run of second")
        before = await desk.copy(first, status=6)
        second = desk.written("second", after="run of first").tasks().graph(as_payload=_graph_payload(ORDER))
        item(second.journal(entry("each", "started", count=3)), 2).journal(entry("each", port="next"))
        found = await desk.graph(await desk.copy(second.activity("pay").completed()))
        nodes = found["by_id"]
        assert (nodes["large"]["status"], nodes["large"]["port"]) == ("completed", "otherwise")
        assert nodes["each"]["iterations"] == {"total": 3, "completed": 3, "failed": 0, "running": 0}
        assert nodes["ask"]["status"] == "skipped"
        assert nodes["pay"]["status"] == "completed"
        assert 0 in found["takenEdges"]
        alone = await desk.graph(before)
        assert alone["by_id"]["each"]["iterations"] == {"total": 3, "completed": 2, "failed": 0, "running": 0}
        assert alone["by_id"]["each"]["status"] == "continued_as_new"
        assert alone["by_id"]["pay"]["status"] == "not_reached"

    async def test_a_run_that_nobody_has_begun(self, desk: Desk) -> None:
        found = await desk.graph(await desk.copy(desk.written("waiting"), status=1))
        assert {node["status"] for node in found["nodes"]} == {"not_reached"}
        assert found["takenEdges"] == []

    async def test_a_version_that_is_not_kept_is_read_from_the_history(self, desk: Desk) -> None:
        written = (
            desk.written("elsewhere", version=9)
            .tasks()
            .graph(as_payload=_graph_payload(ORDER))
            .activity("pay")
            .completed()
        )
        found = await desk.graph(await desk.copy(written))
        assert (found["version"], found["matching"]) == (9, "memo")
        assert found["by_id"]["pay"]["status"] == "completed"

    async def test_a_memo_of_another_project_is_an_observed_run(self, desk: Desk) -> None:
        other = "01890000-0000-7000-8000-00000000dead"
        written = desk.written("foreign", workflow_id=other).tasks().graph(as_payload=_graph_payload(ORDER))
        key = await desk.copy(written.activity("pay").completed())
        details = await desk.caller.data("execution.getExecutionDetails", {"executionId": str(key.id)})
        assert details["execution"]["version"] is None
        assert details["execution"]["workflowId"] != str(desk.workflow_id)
        found = await desk.graph(key)
        assert found["by_id"]["pay"]["status"] == "completed"

    async def test_a_run_without_a_graph_says_why(self, desk: Desk) -> None:
        written = Written(None, workflow_id="plain").tasks().activity("1").completed()
        found = await desk.graph(await desk.copy(written))
        assert (found["graph"], found["nodes"], found["matching"]) == (None, [], None)
        assert found["problem"] == "This run's workflow was not drawn here, and no graph is registered for it."

    async def test_versions_are_in_lists_and_details(self, desk: Desk) -> None:
        key = await desk.copy(desk.written("versioned").tasks().activity("pay[2.5]").completed())
        page = await desk.caller.data("execution.getExecutionDetails", {"executionId": str(key.id)})
        assert (page["execution"]["version"], page["execution"]["workflowId"]) == (1, str(desk.workflow_id))
        assert [(one["nodeId"], one["iteration"]) for one in page["components"]] == [("pay", [2, 5])]


class TestIterations:
    async def test_pages_are_whole_and_in_order(self, desk: Desk) -> None:
        written = as_far_as_the_loop(desk.written("paged"))
        for number in (4, 2, 0, 3, 1):
            item(written, number)
        key = await desk.copy(written, status=1)
        for node_id in ("reserve", "mark", "each"):
            seen: list[list[int]] = []
            cursor = None
            while True:
                page = await desk.iterations(key, node_id, limit=2, **({"cursor": cursor} if cursor else {}))
                seen += [one["iteration"] for one in page["items"]]
                cursor = page["nextCursor"]
                if cursor is None:
                    break
            assert seen == [[0], [1], [2], [3], [4]], node_id

    @pytest.mark.parametrize("cursor", ["no cursor", "WyJpdGVtcyIsWyJ4Il1d", "WyJpdGVtcyIsWy0xXV0"])
    async def test_a_cursor_of_another_list_is_refused(self, desk: Desk, cursor: str) -> None:
        key = await desk.copy(as_far_as_the_loop(desk.written("cursors")), status=1)
        given = {"executionId": str(key.id), "nodeId": "each", "cursor": cursor}
        assert (await desk.caller.query("execution.getNodeIterations", given)).status_code == 400

    async def test_a_node_that_the_graph_does_not_have(self, desk: Desk) -> None:
        key = await desk.copy(as_far_as_the_loop(desk.written("strange")), status=1)
        given = {"executionId": str(key.id), "nodeId": "nowhere"}
        assert (await desk.caller.query("execution.getNodeIterations", given)).status_code == 404


async def test_a_copy_that_grows_is_the_copy_of_the_whole(desk: Desk) -> None:
    """Journal rows of two syncs are those of one."""
    grown = item(as_far_as_the_loop(desk.written("grown")), 0)
    await desk.copy(grown, status=1)
    item(grown, 1).journal(entry("each", port="next")).completed()
    whole = desk.written("whole")
    whole.events[1:] = grown.events[1:]
    columns = "event_id, position, node_id, iteration, state, port, output, item_count"
    rows = []
    for key in (await desk.copy(grown), await desk.copy(whole)):
        async with desk.store.write() as reader:
            rows.append(
                await reader.fetch(f"SELECT {columns} FROM node_journal WHERE execution_id = $1 ORDER BY 1, 2", key.id)
            )
    assert rows[0] == rows[1]
    assert len(rows[0]) == 10


def _graph_payload(graph: Graph) -> Any:
    return payload(json.loads(graph.model_dump_json(by_alias=True)))


FOREIGN = Graph.model_validate(
    {
        "name": "Their order",
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "check", "kind": "branch", "cases": [{"port": "yes", "when": "true"}]},
            {"id": "pay", "kind": "activity", "component": "charge"},
            {"id": "free", "kind": "set"},
            {"id": "ship", "kind": "activity", "component": "charge"},
            {"id": "end", "kind": "end"},
        ],
        "edges": [
            {"source": "start", "target": "check"},
            {"source": "check", "port": "yes", "target": "pay"},
            {"source": "check", "port": "otherwise", "target": "free"},
            {"source": "pay", "target": "ship"},
            {"source": "free", "target": "ship"},
            {"source": "ship", "target": "end"},
        ],
    }
)
RULES = {
    "runs": [{"workflowId": "refused-*"}],
    "nodes": [
        {"node": "pay", "by": "activity_type", "matches": "charge", "occurrence": 1},
        {"node": "ship", "by": "activity_type", "matches": "charge"},
    ],
}


NOBODYS = {"runs": [{"workflowType": "Nobody"}]}


def registration(desk: Desk, *, graph: Graph = FOREIGN, rules: dict[str, Any] = RULES) -> dict[str, Any]:
    graph_json = json.loads(graph.model_dump_json(by_alias=True))
    return {"projectId": str(desk.tenant.project_id), "graph": graph_json, "rules": rules}


def theirs(name: str) -> dict[str, Any]:
    """What is registered under this name, for runs whose workflow id begins with it."""
    return {
        "graph": FOREIGN.model_copy(update={"name": name}),
        "rules": {**RULES, "runs": [{"workflowId": f"{name}-*"}]},
    }


class TestRegister:
    async def test_earlier_and_later_runs_are_drawn(self, desk: Desk) -> None:
        written = Written(None, workflow_id="early-1").tasks().activity("1").activity("2", attempt=2)
        earlier = await desk.copy(written.completed())
        assert (await desk.graph(earlier))["graph"] is None
        answer = await desk.caller.mutate("workflow.register", registration(desk, **theirs("early")))
        assert answer.status_code == 200, answer.text
        registered = answer.json()["result"]["data"]
        assert registered["version"] == 1
        later = await desk.copy(
            Written(None, workflow_id="early-2").tasks().activity("1").activity("2", fails=True).failed("2"), status=3
        )
        assert (await rederive(desk.store, [earlier], below=PARSE_VERSION + 1)).done == 1
        await assert_nothing_half_done(desk.store)
        for key, ship, path in ((earlier, "completed", []), (later, "failed", ["start", "check", "pay", "ship"])):
            found = await desk.graph(key)
            assert (found["workflowId"], found["matching"]) == (registered["workflowId"], "rules")
            states = {node["nodeId"]: node["status"] for node in found["nodes"]}
            assert states == {
                "start": "completed",
                "check": "completed",
                "pay": "completed",
                "free": "not_reached",
                "ship": ship,
                "end": "not_reached",
            }
            assert found["takenEdges"] == [0, 1, 3]
            assert found["failingPath"] == path
        page = await desk.iterations(later, "ship")
        assert [(one["iteration"], one["status"]) for one in page["items"]] == [([0], "failed")]

    async def test_again_changes_rules_and_adds_versions(self, desk: Desk) -> None:
        given = theirs("twice")
        first = (await desk.caller.mutate("workflow.register", registration(desk, **given))).json()["result"]["data"]
        again = (await desk.caller.mutate("workflow.register", registration(desk, **given))).json()["result"]["data"]
        assert again == first
        other = given["graph"].model_copy(update={"description": "Another."})
        changed = await desk.caller.mutate("workflow.register", registration(desk, **{**given, "graph": other}))
        assert changed.json()["result"]["data"] == {**first, "version": first["version"] + 1}

    async def test_runs_that_no_rule_holds_for_any_more_go_back(self, desk: Desk) -> None:
        given = theirs("back")
        await desk.caller.mutate("workflow.register", registration(desk, **given))
        key = await desk.copy(Written(None, workflow_id="back-3").tasks().activity("1").completed())
        assert (await desk.graph(key))["matching"] == "rules"
        await desk.caller.mutate("workflow.register", registration(desk, **{**given, "rules": NOBODYS}))
        assert (await rederive(desk.store, [key], below=PARSE_VERSION + 1)).done == 1
        await assert_nothing_half_done(desk.store)
        assert (await desk.graph(key))["matching"] is None

    @pytest.mark.parametrize(
        ("rules", "graph", "words"),
        [
            ({**RULES, "nodes": [{"node": "x", "by": "timer", "matches": "*"}]}, FOREIGN, "no such node"),
            (RULES, FOREIGN.model_copy(update={"nodes": (*FOREIGN.nodes, FOREIGN.nodes[1])}), "the id “check”"),
            (RULES, FOREIGN.model_copy(update={"nodes": FOREIGN.nodes[1:]}), "0 start nodes"),
            (RULES, FOREIGN.model_copy(update={"nodes": FOREIGN.nodes[:3]}), "names the node “free”"),
            ({"runs": [{}]}, FOREIGN, "would hold for every run"),
            ({"runs": RULES["runs"]}, ORDER, "has a workflow named “Order” already"),
        ],
    )
    async def test_what_does_not_hang_together_is_refused(
        self, desk: Desk, rules: dict[str, Any], graph: Graph, words: str
    ) -> None:
        answer = await desk.caller.mutate("workflow.register", registration(desk, rules=rules, graph=graph))
        assert answer.status_code in (400, 409)
        assert words in answer.text


NESTED = Graph.model_validate(
    {
        "name": "Nested",
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "outer", "kind": "for_each", "items": "input.orders"},
            {"id": "inner", "kind": "for_each", "items": "item.lines", "parent": "outer", "onError": "continue"},
            {"id": "pack", "kind": "activity", "component": "charge", "parent": "inner"},
            {"id": "ask", "kind": "approval", "question": "Send?", "parent": "outer"},
            {"id": "end", "kind": "end"},
        ],
        "edges": [
            {"source": "start", "target": "outer"},
            {"source": "outer", "port": "each", "target": "inner"},
            {"source": "inner", "port": "each", "target": "pack"},
            {"source": "inner", "target": "ask"},
            {"source": "outer", "target": "end"},
        ],
    }
)


class TestLoopsInLoops:
    @pytest_asyncio.fixture(loop_scope="session")
    async def nested(self, desk: Desk) -> ExecutionKey:
        """Two orders: the first waits for a person after one of its two lines failed, the second has begun."""
        other = "01890000-0000-7000-8000-00000000beef"
        written = desk.written("nested", workflow_id=other).tasks().graph(as_payload=_graph_payload(NESTED))
        written.journal(
            entry("start", port="next"),
            entry("outer", "started", count=2),
            entry("inner", "started", count=2, iteration=[0]),
            entry("inner", "started", count=3, iteration=[1]),
        )
        written.activity("pack[0.0]").activity("pack[0.1]", fails=True).begun("pack[1.0]").activity("pack[1.1]")
        written.journal(
            entry("pack", "failed", iteration=[0, 1], error="no"),
            entry("inner", "failed", iteration=[0, 1], error="no"),
            entry("inner", port="next", iteration=[0]),
            entry("ask", "started", iteration=[0], output={"question": "Send?"}),
        )
        return await desk.copy(written, status=1)

    async def test_counts_are_over_all_items(self, desk: Desk, nested: ExecutionKey) -> None:
        nodes = (await desk.graph(nested))["by_id"]
        assert nodes["outer"]["iterations"] == {"total": 2, "completed": 0, "failed": 0, "running": 2}
        assert nodes["inner"]["iterations"] == {"total": 5, "completed": 2, "failed": 1, "running": 1}
        assert nodes["pack"]["iterations"] == {"total": 5, "completed": 2, "failed": 1, "running": 1}
        assert nodes["ask"]["status"] == "waiting_for_approval"
        assert nodes["ask"]["approval"]["iteration"] == [0]

    async def test_an_item_of_the_outer_loop(self, desk: Desk, nested: ExecutionKey) -> None:
        first = (await desk.graph(nested, items={"outer": 0}))["by_id"]
        assert (first["inner"]["status"], first["ask"]["status"]) == ("completed", "waiting_for_approval")
        assert first["inner"]["iterations"] == {"total": 2, "completed": 1, "failed": 1, "running": 0}
        second = (await desk.graph(nested, items={"outer": 1}))["by_id"]
        assert (second["inner"]["status"], second["ask"]["status"]) == ("running", "not_reached")
        assert second["inner"]["iterations"] == {"total": 3, "completed": 1, "failed": 0, "running": 1}

    async def test_an_item_of_both(self, desk: Desk, nested: ExecutionKey) -> None:
        found = [
            (await desk.graph(nested, items={"outer": outer, "inner": inner}))["by_id"]["pack"]["status"]
            for outer, inner in ((0, 0), (0, 1), (1, 0), (1, 2))
        ]
        assert found == ["completed", "failed", "running", "not_reached"]

    async def test_lists_of_one_outer_item(self, desk: Desk, nested: ExecutionKey) -> None:
        for node_id, told in (("inner", ["running", "completed"]), ("pack", ["running", "completed"])):
            page = await desk.iterations(nested, node_id, iteration=[1])
            assert [one["iteration"] for one in page["items"]] == [[1, 0], [1, 1]], node_id
            assert [one["status"] for one in page["items"]] == told
        page = await desk.iterations(nested, "outer")
        assert [(one["iteration"], one["status"]) for one in page["items"]] == [([0], "running"), ([1], "running")]


async def test_reading_the_drawing_is_no_component(desk: Desk) -> None:
    key = await desk.copy(as_far_as_the_loop(desk.written("counted")).activity("pay").completed())
    async with desk.store.write() as reader:
        units = await reader.fetch("SELECT name FROM component_executions WHERE execution_id = $1", key.id)
    assert READ_GRAPH in {row["name"] for row in units}
    counted = await component_counts(desk.store, desk.tenant.project_id)
    assert "charge" in counted
    assert READ_GRAPH not in counted
    await assert_nothing_half_done(desk.store)
