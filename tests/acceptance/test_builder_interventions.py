"""Runs of built workflows with the project's worker: what people do to them, and what can be asked of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.acceptance.bench import Bench, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id
from tests.acceptance.test_builder_runs import Builder, builder
from tests.api.procedures.drawn import data_of, join, sentence_of, signed_in
from tests.builder.drawings import COMPONENTS, activity, drawing, node
from tests.databases import Database

from watchglass.builder.component import registered_in
from watchglass.builder.worker import project_worker
from watchglass.model.graph import Graph, builder_queue

__all__ = ["bench", "builder"]
pytestmark = pytest.mark.acceptance

FORM = {"type": "object", "properties": {"limit": {"type": "number"}}, "required": ["limit"]}
ASKING = drawing(
    "asking",
    [
        activity("shout", "shout", {"text": "=input.name"}),
        node("ask", "approval", name="Ask a person", question="=nodes.shout.text", form=FORM),
        node("yes", "end", result="=nodes.ask"),
        node("no", "end", outcome="failed", message="no"),
    ],
    "start>shout>ask",
    "ask.approved>yes",
    "ask.rejected>no",
)


@asynccontextmanager
async def working(bench: Bench, builder: Builder) -> AsyncIterator[None]:
    """The project's worker, which reads graphs through the API."""

    async def read_graph(workflow_id: str, version: int) -> Any:
        found = await builder.caller.data("workflow.getRunnable", {"workflowId": workflow_id, "version": version})
        return found["graph"]

    worker = project_worker(
        bench.client,
        task_queue=builder_queue(builder.project_id),
        components=registered_in(COMPONENTS),
        read_graph=read_graph,
    )
    async with worker:
        yield
    await asyncio.sleep(0)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def worker(bench: Bench, builder: Builder) -> AsyncIterator[None]:
    components = [each.component.model_dump(mode="json") for each in registered_in(COMPONENTS)]
    given = {"projectId": builder.project_id, "components": components}
    data_of(await builder.caller.mutate("component.announce", given))
    async with working(bench, builder):
        yield


async def saved(builder: Builder, graph: Graph) -> str:
    """A workflow with the graph as its one version, under a name of its own."""
    drawn = graph.model_dump(mode="json") | {"name": f"{graph.name}-{uuid4().hex[:8]}"}
    given = {"projectId": builder.project_id, "name": drawn["name"], "graph": drawn}
    workflow_id: str = data_of(await builder.caller.mutate("workflow.create", given))["workflowId"]
    data_of(await builder.caller.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 1}))
    return workflow_id


async def ended(builder: Builder, execution_id: str) -> dict[str, Any]:
    async def is_over() -> bool:
        return (await builder.details(execution_id))["closedAt"] is not None

    await eventually(is_over)
    return await builder.details(execution_id)


async def waits(builder: Builder, execution_id: str, node_id: str) -> None:
    async def is_waiting() -> bool:
        data_of(await builder.caller.mutate("execution.syncExecutionFromTemporal", {"executionId": execution_id}))
        found = await builder.caller.data("execution.getGraph", {"executionId": execution_id})
        states = {state["nodeId"]: state for state in found["nodes"]}
        return bool(states[node_id]["approval"])

    await eventually(is_waiting)


class TestApproving:
    async def test_a_person_approves_and_the_run_goes_on_with_what_they_filled_in(self, builder: Builder) -> None:
        execution_id = await builder.run(await saved(builder, ASKING), input={"name": "ada"})
        await waits(builder, execution_id, "ask")
        answer = {"executionId": execution_id, "node": "ask", "approved": True}
        data_of(await builder.caller.mutate("execution.approve", answer | {"values": {"limit": 5}}))
        run = await ended(builder, execution_id)
        assert run["status"] == "completed"
        assert '"limit":5' in run["result"][0]["text"].replace(" ", "")
        assert '"by":"ada"' in run["result"][0]["text"].replace(" ", "")
        action, details = (await builder.audited())[0]
        assert (action, details["node"]) == ("execution.approve", "ask")

    async def test_a_person_rejects(self, builder: Builder) -> None:
        execution_id = await builder.run(await saved(builder, ASKING), input={"name": "ada"})
        await waits(builder, execution_id, "ask")
        answer = {"executionId": execution_id, "node": "ask", "approved": False}
        data_of(await builder.caller.mutate("execution.approve", answer))
        assert (await ended(builder, execution_id))["status"] == "failed"
        assert (await builder.audited())[0][0] == "execution.reject"

    async def test_values_that_do_not_fit_the_form_say_which_and_the_node_goes_on_waiting(
        self, builder: Builder
    ) -> None:
        execution_id = await builder.run(await saved(builder, ASKING), input={"name": "ada"})
        await waits(builder, execution_id, "ask")
        answer = {"executionId": execution_id, "node": "ask", "approved": True}
        assert "limit" in sentence_of(await builder.caller.mutate("execution.approve", answer), 400)
        assert (await builder.details(execution_id))["status"] == "running"
        data_of(await builder.caller.mutate("execution.approve", answer | {"values": {"limit": 1}}))
        await ended(builder, execution_id)
        assert "is over" in sentence_of(await builder.caller.mutate("execution.approve", answer), 409)

    async def test_what_was_decided_what_is_not_reached_and_what_is_no_approval(self, builder: Builder) -> None:
        two = drawing(
            "two",
            [node("first", "approval"), node("second", "approval"), node("third", "approval")],
            "start>first",
            "first.approved>second",
            "second.approved>third",
        )
        execution_id = await builder.run(await saved(builder, two), input={})
        await waits(builder, execution_id, "first")
        answer = {"executionId": execution_id, "approved": True}
        not_yet = await builder.caller.mutate("execution.approve", answer | {"node": "third"})
        assert "is not waiting yet" in sentence_of(not_yet, 409)
        data_of(await builder.caller.mutate("execution.approve", answer | {"node": "first"}))
        await waits(builder, execution_id, "second")
        again = await builder.caller.mutate("execution.approve", answer | {"node": "first"})
        assert "“first” no longer waits: it is approved." in sentence_of(again, 409)
        other = await builder.caller.mutate("execution.approve", answer | {"node": "start"})
        assert "has no approval “start”" in sentence_of(other, 400)
        deeper = await builder.caller.mutate("execution.approve", answer | {"node": "second", "iteration": [0]})
        assert "0 numbers say which item" in sentence_of(deeper, 400)
        data_of(await builder.caller.mutate("execution.terminate", {"executionId": execution_id, "reason": "done"}))

    async def test_of_two_who_answer_at_once_the_second_is_told_who_was_first(
        self, bench: Bench, builder: Builder, database: Database
    ) -> None:
        bob, other = await signed_in(bench.store, "bob")
        await join(database, UUID(builder.project_id), other, role="editor")
        nodes = [node("ask", "approval"), node("then", "approval")]
        asking = drawing("asking", nodes, "start>ask", "ask.approved>then", "ask.rejected>then")
        execution_id = await builder.run(await saved(builder, asking), input={})
        await waits(builder, execution_id, "ask")
        answer = {"executionId": execution_id, "node": "ask"}
        answers = await asyncio.gather(
            builder.caller.mutate("execution.approve", answer | {"approved": True}),
            bob.mutate("execution.approve", answer | {"approved": False}),
        )
        assert sorted(each.status_code for each in answers) == [200, 409]
        first = "ada" if answers[0].status_code == 200 else other.principal.name
        refused = next(each for each in answers if each.status_code == 409)
        assert f"by {first} a moment before" in sentence_of(refused, 409) or "no longer waits" in refused.text

    async def test_an_item_of_a_loop_is_approved_by_its_number(self, builder: Builder) -> None:
        looped = drawing(
            "looped",
            [
                node("each", "for_each", items="input.names", concurrency=2, result="nodes.ask.approved"),
                node("ask", "approval", parent="each", question="=item"),
                node("end", "end", result="=nodes.each"),
            ],
            "start>each>end",
            "each.each>ask",
        )
        execution_id = await builder.run(await saved(builder, looped), input={"names": ["a", "b"]})
        await waits(builder, execution_id, "ask")
        answer = {"executionId": execution_id, "node": "ask"}
        data_of(await builder.caller.mutate("execution.approve", answer | {"iteration": [1], "approved": False}))
        data_of(await builder.caller.mutate("execution.approve", answer | {"iteration": [0], "approved": True}))
        run = await ended(builder, execution_id)
        assert run["status"] == "completed", run["errorMessage"]
        shown = await builder.preview(looped, "each", "nodes.ask.approved", executionId=execution_id, field="/result")
        assert shown["value"] is True


class TestEnding:
    async def test_a_run_is_cancelled_in_its_own_way(self, builder: Builder) -> None:
        execution_id = await builder.run(await saved(builder, ASKING), input={"name": "ada"})
        given = {"executionId": execution_id, "reason": "a mistake"}
        data_of(await builder.caller.mutate("execution.cancel", given))
        run = await ended(builder, execution_id)
        assert run["status"] == "cancelled"
        asked = [event for event in run["lifecycle"] if event["type"] == "cancel_requested"]
        assert [(event["by"], event["reason"]) for event in asked] == [("ada (Watchglass)", "a mistake")]
        assert (await builder.audited())[0][0] == "execution.cancel"
        assert "is over (cancelled)" in sentence_of(await builder.caller.mutate("execution.cancel", given), 409)

    async def test_a_run_is_stopped_by_force(self, builder: Builder) -> None:
        execution_id = await builder.run(await saved(builder, ASKING), input={"name": "ada"})
        given = {"executionId": execution_id, "reason": "now"}
        data_of(await builder.caller.mutate("execution.terminate", given))
        run = await builder.details(execution_id)
        assert run["status"] == "terminated"
        action, details = (await builder.audited())[0]
        assert (action, details["reason"]) == ("execution.terminate", "now")
        assert "is over (terminated)" in sentence_of(await builder.caller.mutate("execution.terminate", given), 409)

    async def test_a_run_that_was_not_built_here_is_cancelled_too_but_has_nothing_to_approve(
        self, bench: Bench, builder: Builder
    ) -> None:
        handle = await bench.client.start_workflow("Nobody", id=new_id("nobody"), task_queue=new_id("nowhere"))
        given = {"connectionId": str(bench.connection.id), "temporalWorkflowId": handle.id}
        execution_id = data_of(await builder.caller.mutate("execution.resolve", given))["executionId"]
        answer = {"executionId": execution_id, "node": "ask", "approved": True}
        assert "is built here" in sentence_of(await builder.caller.mutate("execution.approve", answer), 409)
        assert "is built here" in sentence_of(
            await builder.caller.query("execution.getInput", {"executionId": execution_id}), 409
        )
        data_of(await builder.caller.mutate("execution.terminate", {"executionId": execution_id}))
        assert (await builder.details(execution_id))["status"] == "terminated"


class TestAgain:
    async def test_the_input_comes_back_as_it_was_given_however_large(self, builder: Builder) -> None:
        given = {"name": "ada", "list": [1, 2.5, None], "long": "ü" * 50_000, "deep": {"ä": {"b": []}}}
        workflow_id = await saved(builder, ASKING)
        execution_id = await builder.run(workflow_id, input=given)
        found = await builder.caller.data("execution.getInput", {"executionId": execution_id})
        assert found == {"workflowId": workflow_id, "version": 1, "input": given}
        data_of(await builder.caller.mutate("execution.terminate", {"executionId": execution_id}))


PLAIN = drawing(
    "plain",
    [
        activity("shout", "shout", {"text": "=input.name"}, name="Shout"),
        node("set", "set", values={"n": "=size(input.orders)"}),
        node("fails", "activity", component="refuse", input={"text": "out of stock"}),
        node("never", "set", values={}),
        node("each", "for_each", items="input.orders", result="nodes.double.number"),
        activity("double", "double", {"number": "=item.total"}, parent="each"),
        node("end", "end", result="=nodes.each"),
    ],
    "start>shout>set>fails",
    "fails.error>each>end",
    "fails>never",
    "each.each>double",
)


class TestPreview:
    async def test_an_expression_is_tried_with_the_newest_runs_data(self, bench: Bench, builder: Builder) -> None:
        workflow_id = await saved(builder, PLAIN)
        graph = (await builder.caller.data("workflow.getDraft", {"workflowId": workflow_id}))["graph"]
        drawn = Graph.model_validate(graph)
        assert "has not run yet" in (await builder.preview(drawn, "end", "input.name"))["problem"]["message"]
        given = {"name": "ada", "orders": [{"total": 3}, {"total": 4}]}
        execution_id = await builder.run(workflow_id, input=given)
        assert (await ended(builder, execution_id))["status"] == "completed"
        expected = [
            ("end", "input.name + '!'", "ada!"),
            ("end", "nodes.shout.text", "ADA"),
            ("end", "nodes.set.n + 1", 3),
            ("end", "nodes.each", [6, 8]),
            ("end", "errors.fails", {"type": "Refused", "message": "out of stock"}),
            ("double", "item.total", 3),
            ("double", "index", 0),
            ("double", "loops.each.item", {"total": 3}),
        ]
        for node_id, expression, value in expected:
            shown = await builder.preview(drawn, node_id, expression)
            assert (shown["value"], shown["problem"]) == (value, None), expression
            assert shown["executionId"] == execution_id
        inside = await builder.preview(drawn, "each", "nodes.double.number + item.total", field="/result")
        assert inside["value"] == 9
        for expression, words in (
            ("nodes.never.x", "“never” was skipped in this run"),
            ("nodes.nothing.x", "nothing"),
            ("input.", ""),
            ("item", "item"),
        ):
            shown = await builder.preview(drawn, "end", expression)
            assert shown["value"] is None
            assert words in shown["problem"]["message"], expression

    async def test_an_expression_is_tried_with_an_input_alone(self, builder: Builder) -> None:
        shown = await builder.preview(PLAIN, "double", "item.total * 2", input={"orders": [{"total": 21}]})
        assert (shown["value"], shown["executionId"]) == (42, None)
        assert "Choose a run" in (await builder.preview(PLAIN, "end", "nodes.shout", input={}))["problem"]["message"]
        empty = await builder.preview(PLAIN, "double", "item", input={"orders": []})
        assert "has no items" in empty["problem"]["message"]
        wrong = await builder.preview(PLAIN, "double", "item", input={})
        assert "The items of “each” are not known" in wrong["problem"]["message"]
        assert wrong["problem"]["at"] is None

    async def test_what_never_ends_is_bounded(self, builder: Builder) -> None:
        endless = (
            "[1,2,3,4,5,6,7,8,9].map(a, [1,2,3,4,5,6,7,8,9].map(b, [1,2,3,4,5,6,7,8,9].map(c, input.l.map(d, d))))"
        )
        shown = await builder.preview(PLAIN, "end", endless, input={"l": list(range(1000))})
        assert "steps" in shown["problem"]["message"]
