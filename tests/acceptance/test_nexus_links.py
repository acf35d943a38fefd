"""Nexus operations across two namespaces: either run names the other, and links to it where the person sees it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import nexusrpc
import nexusrpc.handler
import pytest
from temporalio import nexus, workflow
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import new_id
from tests.api.seeded import Caller, client_for
from tests.databases import make_project

from watchglass.auth.tokens import create_token
from watchglass.store.connections import ensure_connection
from watchglass.sync.one import sync_execution

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@workflow.defn
class Stamped:
    @workflow.run
    async def run(self, document: str) -> str:
        return f"stamped {document}"


@nexusrpc.service
class Office:
    stamp: nexusrpc.Operation[str, str]
    hours: nexusrpc.Operation[str, str]


@nexusrpc.handler.service_handler(service=Office)
class OfficeHandler:
    @nexus.workflow_run_operation
    async def stamp(self, ctx: nexus.WorkflowRunOperationContext, document: str) -> nexus.WorkflowHandle[str]:
        return await ctx.start_workflow(Stamped.run, document, id=f"stamp-{uuid4()}")

    @nexusrpc.handler.sync_operation
    async def hours(self, ctx: nexusrpc.handler.StartOperationContext, day: str) -> str:
        return f"{day}: 9 to 5"


@workflow.defn
class Errand:
    @workflow.run
    async def run(self, endpoint: str) -> str:
        office = workflow.create_nexus_client(service=Office, endpoint=endpoint)
        await office.execute_operation(Office.hours, "Monday")
        return await office.execute_operation(Office.stamp, "a form")


async def make_endpoint(client: Client, *, namespace: str, queue: str) -> str:
    request = CreateNexusEndpointRequest()
    request.spec.name = f"office-{uuid4().hex[:8]}"
    request.spec.target.worker.namespace, request.spec.target.worker.task_queue = namespace, queue
    await client.operator_service.create_nexus_endpoint(request)
    return request.spec.name


async def look_at_demo(bench: Bench, *, owner: str) -> Bench:
    """A project of that person, which looks at the namespace that answers."""
    project_id, _ = await make_project(bench.store, f"Demo of {owner}", owner=owner)
    async with bench.store.write() as writer:
        connection = await ensure_connection(
            writer,
            project_id=project_id,
            address=bench.connection.address,
            namespace="demo",
            is_embedded=False,
        )
    return replace(
        bench, connection=connection, client=await Client.connect(bench.connection.address, namespace="demo")
    )


@pytest.fixture
async def errand(bench: Bench) -> AsyncIterator[tuple[Any, str]]:
    """A finished errand's handle, and the run id that it had in the other namespace."""
    there = await Client.connect(bench.connection.address, namespace="demo")
    queues = new_id("errands"), new_id("office")
    endpoint = await make_endpoint(bench.client, namespace="demo", queue=queues[1])
    async with (
        Worker(bench.client, task_queue=queues[0], workflows=[Errand], workflow_runner=UnsandboxedWorkflowRunner()),
        Worker(
            there,
            task_queue=queues[1],
            workflows=[Stamped],
            nexus_service_handlers=[OfficeHandler()],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ),
    ):
        handle = await bench.client.start_workflow(Errand.run, endpoint, id=new_id("errand"), task_queue=queues[0])
        assert await handle.result() == "stamped a form"
    events = [event async for event in handle.fetch_history_events() if event.links]
    yield handle, events[-1].links[0].workflow_event.workflow_id


async def test_either_run_links_to_the_other_where_it_may_be_seen(bench: Bench, errand: tuple[Any, str]) -> None:
    handle, handler_id = errand
    key = await bench.key_of(handle)
    await sync_execution(bench.parts, key)
    demo = await look_at_demo(bench, owner="ada")
    foreign = await look_at_demo(bench, owner=f"eve-{uuid4().hex[:6]}")
    token = await create_token(bench.store, user="ada", name="nexus", lifetime=timedelta(hours=1))
    async with client_for(bench.store, bench.parts) as client:
        caller = Caller(client, token)

        async def steps() -> list[dict[str, Any]]:
            page = await caller.data("execution.getExecutionDetails", {"executionId": str(key.id)})
            found: list[dict[str, Any]] = page["components"]
            return found

        hours, stamp = await steps()
        assert hours["handledBy"] is None, "what answers at once has no run"
        assert stamp["handledBy"]["namespace"] == "demo"
        assert stamp["handledBy"]["temporalWorkflowId"] == handler_id
        assert stamp["handledBy"]["executionId"] is None

        # Somebody else copies it: that is no copy that this person sees.
        there = await foreign.key_of(foreign.client.get_workflow_handle(handler_id))
        await sync_execution(foreign.parts, there)
        assert (await steps())[1]["handledBy"]["executionId"] is None

        own = await demo.key_of(demo.client.get_workflow_handle(handler_id))
        await sync_execution(demo.parts, own)
        assert (await steps())[1]["handledBy"]["executionId"] == str(own.id)
        whole = await caller.data(
            "execution.getComponentExecution", {"executionId": str(key.id), "eventId": stamp["eventId"]}
        )
        assert whole["handledBy"]["executionId"] == str(own.id)

        page = await caller.data("execution.getExecutionDetails", {"executionId": str(own.id)})
        assert page["execution"]["calledBy"] == {
            "namespace": "default",
            "temporalWorkflowId": handle.id,
            "temporalRunId": handle.result_run_id,
            "eventId": stamp["eventId"],
            "executionId": str(key.id),
        }
