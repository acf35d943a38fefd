"""Starting a run of a drawn workflow and telling it things, on a real Temporal."""

from uuid import uuid4

import pytest
from temporalio.client import Client
from tests.acceptance.observed import new_id

from watchglass.builder.start import cancel_run, decide, start_run, terminate_run
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import InvalidInput
from watchglass.model.graph import Graph, StartNode, builder_queue
from watchglass.model.journal import Decision
from watchglass.temporal.access import Access
from watchglass.temporal.errors import AlreadyRunning, RunIsOver

PROJECT = uuid4()
WORKFLOW = uuid4()
GRAPH = Graph(
    name="Refund",
    input_schema={"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]},
    nodes=(StartNode(id="start"),),
)
REASON = "it was for another customer"


async def _access(temporal: EmbeddedTemporal) -> tuple[Client, Access]:
    client = await Client.connect(temporal.address)
    return client, Access(client.workflow_service, client.namespace)


async def _start(access: Access, id: str | None = None) -> tuple[str, str]:
    return await start_run(
        access,
        graph=GRAPH,
        workflow_id=WORKFLOW,
        version=3,
        project_id=PROJECT,
        input={"amount": 12},
        temporal_workflow_id=id,
        by="ada",
    )


async def test_a_run_has_the_workflows_name_the_projects_queue_and_its_version(temporal: EmbeddedTemporal) -> None:
    client, access = await _access(temporal)
    id, run_id = await _start(access)
    described = await client.get_workflow_handle(id, run_id=run_id).describe()
    assert id.startswith("Refund-")
    assert (described.workflow_type, described.task_queue) == ("Refund", builder_queue(PROJECT))
    assert await described.memo() == {"watchglass": {"workflowId": str(WORKFLOW), "version": 3}}
    [started] = [e async for e in client.get_workflow_handle(id).fetch_history_events() if e.event_id == 1]
    [argument] = await client.data_converter.decode(started.workflow_execution_started_event_attributes.input.payloads)
    assert argument == {"workflowId": str(WORKFLOW), "version": 3, "input": {"amount": 12}}
    await terminate_run(access, temporal_workflow_id=id, run_id=run_id, reason=REASON, by="ada")


async def test_an_input_that_does_not_fit_starts_nothing_and_names_the_field(temporal: EmbeddedTemporal) -> None:
    _, access = await _access(temporal)
    with pytest.raises(InvalidInput, match="“amount” is missing"):
        await start_run(access, graph=GRAPH, workflow_id=WORKFLOW, version=1, project_id=PROJECT, input={}, by="ada")


async def test_a_workflow_id_that_is_in_use_is_told_so(temporal: EmbeddedTemporal) -> None:
    _, access = await _access(temporal)
    id, run_id = await _start(access, new_id("refund"))
    with pytest.raises(AlreadyRunning, match="give another workflow id"):
        await _start(access, id)
    await terminate_run(access, temporal_workflow_id=id, run_id=run_id, reason=REASON, by="ada")
    assert (await _start(access, id))[0] == id
    await terminate_run(access, temporal_workflow_id=id, run_id="", reason=REASON, by="ada")


async def test_what_a_run_is_told_names_who_told_it(temporal: EmbeddedTemporal) -> None:
    client, access = await _access(temporal)
    id, run_id = await _start(access)
    decision = Decision(node="approve", approved=True, values={"note": "fine"}, by="ada")
    await decide(access, temporal_workflow_id=id, run_id=run_id, decision=decision, form={})
    await cancel_run(access, temporal_workflow_id=id, run_id=run_id, reason=REASON, by="ada")
    await terminate_run(access, temporal_workflow_id=id, run_id=run_id, reason=REASON, by="grace")
    events = [event async for event in client.get_workflow_handle(id).fetch_history_events()]
    [signal] = [e.workflow_execution_signaled_event_attributes for e in events if e.event_type == 26]
    [cancel] = [e.workflow_execution_cancel_requested_event_attributes for e in events if e.event_type == 20]
    [stop] = [e.workflow_execution_terminated_event_attributes for e in events if e.event_type == 27]
    assert (cancel.cause, stop.reason) == (REASON, REASON)
    assert [told.identity for told in (signal, cancel, stop)] == [
        "ada (Watchglass)",
        "ada (Watchglass)",
        "grace (Watchglass)",
    ]


async def test_values_that_do_not_fit_the_form_are_refused(temporal: EmbeddedTemporal) -> None:
    _, access = await _access(temporal)
    decision = Decision(node="approve", approved=True, values={}, by="ada")
    form = {"type": "object", "properties": {"note": {"type": "string"}}, "required": ["note"]}
    with pytest.raises(InvalidInput, match="The form does not fit: “note” is missing"):
        await decide(access, temporal_workflow_id="any", run_id="", decision=decision, form=form)


async def test_a_run_that_is_over_cannot_be_told_anything(temporal: EmbeddedTemporal) -> None:
    _, access = await _access(temporal)
    id, run_id = await _start(access)
    await terminate_run(access, temporal_workflow_id=id, run_id=run_id, reason=REASON, by="ada")
    with pytest.raises(RunIsOver):
        await terminate_run(access, temporal_workflow_id=id, run_id=run_id, reason=REASON, by="ada")
    decision = Decision(node="approve", approved=True, by="ada")
    with pytest.raises(RunIsOver):
        await decide(access, temporal_workflow_id=id, run_id=run_id, decision=decision, form={})
