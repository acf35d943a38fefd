"""Runs of built workflows on the real Temporal: started, copied at once, and refused with a sentence."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from tests.acceptance.bench import Bench, bench
from tests.api.procedures.drawn import data_of, graph_of, node, sentence_of
from tests.api.seeded import NOBODY, Caller, client_for

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.graph import Graph
from watchglass.store.connections import ensure_connection
from watchglass.temporal.temporal_hosts import TemporalHosts

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

SCHEMA = {
    "type": "object",
    "properties": {
        "amount": {"type": "number"},
        "customer": {"type": "object", "properties": {"id": {"type": "string"}}},
    },
    "required": ["amount"],
}
NODES = [node("note", "set", values={"total": "=input.amount"})]


@dataclass(frozen=True)
class Builder:
    """Somebody who builds workflows in the bench's project."""

    caller: Caller
    project_id: str

    async def saved(self, **more: Any) -> str:
        """A workflow with one version."""
        name = f"order-{uuid4().hex[:8]}"
        graph = graph_of(name, NODES, [], inputSchema=SCHEMA) | more
        given = {"projectId": self.project_id, "name": name, "graph": graph}
        workflow_id: str = data_of(await self.caller.mutate("workflow.create", given))["workflowId"]
        data_of(await self.caller.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 1}))
        return workflow_id

    async def run(self, workflow_id: str, **more: Any) -> str:
        given = {"workflowId": workflow_id, "input": {"amount": 7}} | more
        execution_id: str = data_of(await self.caller.mutate("workflow.run", given))["executionId"]
        return execution_id

    async def details(self, execution_id: str) -> dict[str, Any]:
        found = await self.caller.data("execution.getExecutionDetails", {"executionId": execution_id})
        execution: dict[str, Any] = found["execution"]
        return execution

    async def preview(self, graph: Graph, node_id: str, expression: str, **more: Any) -> dict[str, Any]:
        drawn = graph.model_dump(mode="json")
        given = {"projectId": self.project_id, "graph": drawn, "nodeId": node_id, "expression": expression} | more
        shown: dict[str, Any] = await self.caller.data("expression.preview", given)
        return shown

    async def audited(self) -> list[tuple[str, dict[str, Any]]]:
        lines = await self.caller.data("audit.list", {"projectId": self.project_id})
        return [(line["action"], line["details"]) for line in lines["items"]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def builder(bench: Bench) -> AsyncIterator[Builder]:
    token = await create_token(bench.store, user="ada", name="builder", lifetime=timedelta(hours=1))
    parts = replace(bench.parts, temporal_hosts=TemporalHosts((NOBODY,)))
    async with client_for(bench.store, parts) as client:
        yield Builder(Caller(client, token), str(bench.connection.project_id))


async def test_a_run_is_copied_when_its_start_is_answered_and_belongs_to_its_workflow(builder: Builder) -> None:
    workflow_id = await builder.saved()
    execution = await builder.details(await builder.run(workflow_id))
    assert execution["workflowId"] == workflow_id
    assert execution["temporalWorkflowId"].startswith(f"{execution['workflowName']}-")
    assert execution["taskQueue"] == f"watchglass-{builder.project_id}"
    assert execution["status"] == "running"
    action, details = (await builder.audited())[0]
    assert action == "workflow.run"
    assert (details["version"], details["temporalWorkflowId"]) == (1, execution["temporalWorkflowId"])


async def test_an_id_that_is_chosen_is_used_and_not_twice_at_once(builder: Builder) -> None:
    workflow_id = await builder.saved()
    chosen = {"temporalWorkflowId": f"my run {uuid4().hex[:8]}"}
    execution = await builder.details(await builder.run(workflow_id, **chosen))
    assert execution["temporalWorkflowId"] == chosen["temporalWorkflowId"]
    given = {"workflowId": workflow_id, "input": {"amount": 1}} | chosen
    answer = await builder.caller.mutate("workflow.run", given)
    assert chosen["temporalWorkflowId"] in sentence_of(answer, 409)


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({}, "amount"),
        ({"amount": "7"}, "amount"),
        ({"amount": 7, "customer": {"id": 3}}, "customer.id"),
        ([], "input"),
        (None, "input"),
    ],
)
async def test_an_input_that_does_not_fit_says_which_field(builder: Builder, input: Any, field: str) -> None:
    workflow_id = await builder.saved()
    answer = await builder.caller.mutate("workflow.run", {"workflowId": workflow_id, "input": input})
    assert field in sentence_of(answer, 400)
    assert "workflow.run" not in [action for action, _ in (await builder.audited())[:2]]


async def test_without_a_version_nothing_runs(builder: Builder) -> None:
    given = {"projectId": builder.project_id, "name": f"new {uuid4().hex}"}
    workflow_id = data_of(await builder.caller.mutate("workflow.create", given))["workflowId"]
    answer = await builder.caller.mutate("workflow.run", {"workflowId": workflow_id, "input": {}})
    assert "has no version yet" in sentence_of(answer, 409)


async def test_an_old_version_runs_as_it_was(builder: Builder) -> None:
    workflow_id = await builder.saved()
    draft = await builder.caller.data("workflow.getDraft", {"workflowId": workflow_id})
    save = {"workflowId": workflow_id, "revision": 1, "graph": draft["graph"] | {"taskQueue": "elsewhere"}}
    data_of(await builder.caller.mutate("workflow.saveDraft", save))
    data_of(await builder.caller.mutate("workflow.saveVersion", {"workflowId": workflow_id, "revision": 2}))
    queues = [(await builder.details(await builder.run(workflow_id, version=v)))["taskQueue"] for v in (1, 2)]
    newest = await builder.details(await builder.run(workflow_id))
    assert queues == [f"watchglass-{builder.project_id}", "elsewhere"]
    assert newest["taskQueue"] == "elsewhere"


async def test_a_frozen_temporal_is_said_with_what_to_do(builder: Builder, temporal: EmbeddedTemporal) -> None:
    workflow_id = await builder.saved()
    assert temporal.pid is not None
    os.kill(temporal.pid, signal.SIGSTOP)
    try:
        answer = await builder.caller.mutate("workflow.run", {"workflowId": workflow_id, "input": {"amount": 1}})
    finally:
        os.kill(temporal.pid, signal.SIGCONT)
    assert "look there before you start it again" in sentence_of(answer, 503)
    await asyncio.sleep(0)


async def test_a_temporal_that_is_not_there_is_said(bench: Bench, builder: Builder) -> None:
    project = data_of(
        await builder.caller.mutate(
            "project.create",
            {"name": f"away {uuid4()}", "connection": {"address": NOBODY, "namespace": "nowhere"}},
        )
    )
    away = Builder(builder.caller, project["id"])
    answer = await builder.caller.mutate("workflow.run", {"workflowId": await away.saved(), "input": {"amount": 1}})
    assert "Temporal cannot be reached" in sentence_of(answer, 503)


async def test_a_namespace_that_is_not_there_is_said(
    bench: Bench, builder: Builder, temporal: EmbeddedTemporal
) -> None:
    project = data_of(await builder.caller.mutate("project.create", {"name": f"missing {uuid4()}"}))
    async with bench.store.write() as writer:
        await ensure_connection(
            writer, project_id=project["id"], address=temporal.address, namespace="not-made", is_embedded=False
        )
    away = Builder(builder.caller, project["id"])
    answer = await builder.caller.mutate("workflow.run", {"workflowId": await away.saved(), "input": {"amount": 1}})
    assert "not-made" in sentence_of(answer, 404)
