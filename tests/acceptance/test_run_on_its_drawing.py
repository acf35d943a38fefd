"""Runs of drawings by the real interpreter on a real Temporal, copied, and shown on what they ran."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import WorkflowFailureError
from tests.acceptance.bench import Bench, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.soundness import assert_nothing_half_done
from tests.api.seeded import Caller, client_for
from tests.builder.drawings import COMPONENTS, activity, drawing, node
from tests.builder.every_kind import CANCELLED, ENDS_BADLY, EVERY_KIND, EXPRESSION_FAILS, FAILS_INSIDE, MORE_COMPONENTS
from tests.builder.runs import Handle

from watchglass.auth.tokens import create_token, user_called
from watchglass.builder.component import registered_in
from watchglass.builder.start import cancel_run, decide, start_run
from watchglass.builder.stored import to_stored
from watchglass.builder.worker import project_worker
from watchglass.model.graph import Graph, builder_queue
from watchglass.model.journal import Decision
from watchglass.model.project import Principal
from watchglass.parse import PARSE_VERSION
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.versions import insert_version
from watchglass.store.workflows import insert_built
from watchglass.sync.one import sync_execution
from watchglass.sync.rederive import rederive

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Desk:
    """Somebody who draws workflows in the bench's project and looks at their runs."""

    bench: Bench
    caller: Caller
    principal: Principal
    graphs: dict[str, Graph]

    @property
    def project_id(self) -> UUID:
        return self.bench.connection.project_id

    async def save(self, graph: Graph) -> UUID:
        async with self.bench.store.write() as writer:
            workflow_id = await insert_built(writer, project_id=self.project_id, name=graph.name)
            await insert_version(
                writer,
                project_id=self.project_id,
                workflow_id=workflow_id,
                graph=to_stored(graph),
                note="",
                by=self.principal,
            )
        self.graphs[str(workflow_id)] = graph
        return workflow_id

    async def start(self, graph: Graph, input: Any) -> Handle:
        access = await self.bench.parts.access(self.bench.connection)
        workflow_id, run_id = await start_run(
            access,
            graph=graph,
            workflow_id=await self.save(graph),
            version=1,
            project_id=self.project_id,
            input=input,
            by="ada",
        )
        return self.bench.client.get_workflow_handle(workflow_id, run_id=run_id)

    async def look(self, handle: Handle, **more: Any) -> dict[str, Any]:
        """The run on its drawing, as it is now."""
        key = await self.copy(handle)
        found = await self.caller.data("execution.getGraph", {"executionId": str(key.id), **more})
        found["key"] = key
        found["by_id"] = {one["nodeId"]: one for one in found["nodes"]}
        return dict(found)

    async def copy(self, handle: Handle) -> ExecutionKey:
        run_id = handle.run_id
        async with self.bench.store.write() as reader:
            row = await reader.fetchrow(
                "SELECT project_id, execution_id FROM execution_keys WHERE temporal_run_id = $1", run_id
            )
        key = ExecutionKey(*row) if row else await self.bench.key_of(handle)
        assert (await sync_execution(self.bench.parts, key)).error is None
        return key

    async def waits_for(self, handle: Handle, node_id: str, status: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        async def is_there() -> bool:
            found.update(await self.look(handle))
            return bool(found["by_id"][node_id]["status"] == status)

        assert await eventually(is_there), found["by_id"][node_id]
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(bench: Bench) -> AsyncIterator[Desk]:
    graphs: dict[str, Graph] = {}

    async def read_graph(workflow_id: str, version: int) -> Any:
        return graphs[workflow_id].model_dump(mode="json", by_alias=True)

    worker = project_worker(
        bench.client,
        task_queue=builder_queue(bench.connection.project_id),
        components=registered_in([*COMPONENTS, *MORE_COMPONENTS]),
        read_graph=read_graph,
    )
    token = await create_token(bench.store, user="ada", name="drawings", lifetime=timedelta(hours=1))
    user_id = await user_called(bench.store, "ada")
    async with client_for(bench.store, bench.parts) as client, worker:
        yield Desk(bench, Caller(client, token), Principal(user_id, "ada", b""), graphs)


async def test_every_kind_of_node_on_its_drawing(desk: Desk) -> None:
    handle = await desk.start(EVERY_KIND, {"name": "ada", "numbers": [1, "two", 3]})
    waiting = await desk.waits_for(handle, "ask", "waiting_for_approval")
    states = {one["nodeId"]: one["status"] for one in waiting["nodes"]}
    assert (states["shout"], states["rest"], states["both"]) == ("completed", "completed", "completed")
    assert (states["small"], states["each"], states["twice"]) == ("skipped", "not_reached", "not_reached")
    assert waiting["by_id"]["ask"]["approval"]["question"] == "Go on with ADA?"
    access = await desk.bench.parts.access(desk.bench.connection)
    decision = Decision(node="ask", approved=True, by="ada")
    await decide(access, temporal_workflow_id=handle.id, run_id="", decision=decision, form={})
    assert await handle.result() == [2, None, 6]
    found = await desk.look(handle)
    nodes = found["by_id"]
    assert (found["version"], found["matching"]) == (1, "memo")
    assert {node_id: one["status"] for node_id, one in nodes.items()} == {
        "start": "completed",
        "large": "completed",
        "small": "skipped",
        "fork": "completed",
        "shout": "completed",
        "rest": "completed",
        "both": "completed",
        "ask": "completed",
        "each": "completed",
        "twice": "failed",
        "mark": "completed",
        "lucky": "completed",
        "unlucky": "completed",
        "risky": "failed",
        "sorry": "completed",
        "end": "completed",
    }
    assert nodes["each"]["iterations"] == {"total": 3, "completed": 2, "failed": 1, "running": 0}
    assert (nodes["large"]["port"], nodes["ask"]["port"], nodes["risky"]["port"]) == ("yes", "approved", "error")
    assert (nodes["lucky"]["attempt"], nodes["lucky"]["retryReason"]) == (3, "within_policy")
    assert (nodes["unlucky"]["attempt"], nodes["unlucky"]["retryReason"]) == (3, "not_chosen")
    assert (nodes["unlucky"]["retryVerdict"], nodes["risky"]["retryVerdict"]) == ("unexpected", "unexpected")
    edges = found["graph"]["edges"]
    assert [f"{edges[place]['source']}>{edges[place]['target']}" for place in found["takenEdges"]] == [
        "start>large",
        "large>fork",
        "fork>shout",
        "shout>both",
        "fork>rest",
        "rest>both",
        "both>ask",
        "ask>each",
        "each>twice",
        "twice>mark",
        "each>lucky",
        "lucky>unlucky",
        "unlucky>risky",
        "risky>sorry",
        "sorry>end",
    ]
    assert found["failingPath"] == []
    second = (await desk.look(handle, items={"each": 1}))["by_id"]
    assert second["twice"]["status"] == "failed"
    given = {"executionId": str(found["key"].id), "nodeId": "each"}
    page = await desk.caller.data("execution.getNodeIterations", given)
    assert [one["status"] for one in page["items"]] == ["completed", "failed", "completed"]
    details = await desk.caller.data("execution.getExecutionDetails", {"executionId": str(found["key"].id)})
    lucky = next(one for one in details["components"] if one["nodeId"] == "lucky")
    assert lucky["chosenPolicy"]["maximumAttempts"] == 3
    assert not lucky["policyDiffers"]
    assert [one["iteration"] for one in details["components"] if one["nodeId"] == "twice"]
    before = await rows_of(desk, found["key"])
    assert before
    assert (await rederive(desk.bench.store, [found["key"]], below=PARSE_VERSION + 1)).done == 1
    assert await rows_of(desk, found["key"]) == before
    await assert_nothing_half_done(desk.bench.store)


async def rows_of(desk: Desk, key: ExecutionKey) -> list[tuple[Any, ...]]:
    async with desk.bench.store.write() as reader:
        journal = await reader.fetch(
            "SELECT * FROM node_journal WHERE execution_id = $1 ORDER BY event_id, position", key.id
        )
        run = await reader.fetch("SELECT workflow_id, version FROM workflow_executions WHERE id = $1", key.id)
        units = await reader.fetch(
            "SELECT event_id, node_id, iteration, reason, choice FROM component_executions "
            "WHERE execution_id = $1 ORDER BY event_id",
            key.id,
        )
    return [tuple(row) for row in (*journal, *run, *units)]


async def test_the_way_to_what_failed(desk: Desk) -> None:
    handle = await desk.start(FAILS_INSIDE, {"words": ["no", "never"]})
    with suppress(WorkflowFailureError):
        await handle.result()
    found = await desk.look(handle)
    assert found["failingPath"] == ["start", "each", "say"]
    assert (found["by_id"]["each"]["status"], found["by_id"]["say"]["errorMessage"]) == ("failed", "no")
    assert found["by_id"]["each"]["iterations"] == {"total": 2, "completed": 0, "failed": 1, "running": 0}
    assert (found["by_id"]["after"]["status"], found["by_id"]["end"]["status"]) == ("not_reached", "not_reached")


async def test_an_end_that_fails_is_where_it_failed(desk: Desk) -> None:
    handle = await desk.start(ENDS_BADLY, {})
    with suppress(WorkflowFailureError):
        await handle.result()
    found = await desk.look(handle)
    assert found["failingPath"] == ["start", "say", "end"]
    assert found["by_id"]["end"]["status"] == "failed"


async def test_an_expression_that_fails_is_where_it_failed(desk: Desk) -> None:
    handle = await desk.start(EXPRESSION_FAILS, {})
    with suppress(WorkflowFailureError):
        await handle.result()
    found = await desk.look(handle)
    assert found["failingPath"] == ["start", "say"]
    assert found["by_id"]["say"]["status"] == "failed"
    assert found["by_id"]["say"]["errorMessage"]


async def test_a_child_that_is_built_is_a_run_of_its_own_workflow(desk: Desk) -> None:
    inner = drawing("Inner", [activity("shout", "shout", {"text": "=input.name"})], "start>shout")
    inner_id = await desk.save(inner)
    outer = drawing(
        "Outer",
        [
            node(
                "call",
                "workflow",
                workflow="Inner",
                workflowId=str(inner_id),
                version=1,
                taskQueue=builder_queue(desk.project_id),
                input={"name": "ada"},
            )
        ],
        "start>call",
    )
    handle = await desk.start(outer, {})
    await handle.result()
    found = await desk.look(handle)
    assert found["by_id"]["call"]["status"] == "completed"
    child = desk.bench.client.get_workflow_handle(f"{handle.id}/call")
    shown = await desk.look(child)
    assert (shown["workflowId"], shown["version"]) == (str(inner_id), 1)
    assert shown["by_id"]["shout"]["status"] == "completed"


async def test_a_run_that_is_cancelled(desk: Desk) -> None:
    handle = await desk.start(CANCELLED, {})
    await desk.waits_for(handle, "work", "running")
    access = await desk.bench.parts.access(desk.bench.connection)
    await cancel_run(access, temporal_workflow_id=handle.id, run_id="", reason="enough", by="ada")
    with suppress(WorkflowFailureError):
        await handle.result()
    found = await desk.look(handle)
    assert {one["nodeId"]: one["status"] for one in found["nodes"]} == {
        "start": "completed",
        "work": "cancelled",
        "rest": "cancelled",
        "end": "not_reached",
    }
    assert found["failingPath"] == []


async def test_a_run_that_nobody_works_on_says_how_to_start_a_worker(desk: Desk) -> None:
    nobody = uuid4()
    graph = drawing("Nobody works", [node("end", "end")], "start>end", taskQueue=builder_queue(nobody))
    handle = await desk.start(graph, {})
    found: dict[str, Any] = {}

    async def is_said() -> bool:
        key = await desk.copy(handle)
        page = await desk.caller.data("execution.getExecutionDetails", {"executionId": str(key.id)})
        found.update(page["execution"])
        return bool(found["problem"] == "no_worker")

    assert await eventually(is_said), found
    assert found["problemDetail"] == (
        f"No worker takes work from the task queue watchglass-{nobody}, so nothing happens until one does. "
        f"Start the project's own: watchglass worker --project {nobody} --app MODULE"
    )
    shown = await desk.look(handle)
    assert {one["status"] for one in shown["nodes"]} == {"not_reached"}
    await handle.terminate("Nobody will.")
