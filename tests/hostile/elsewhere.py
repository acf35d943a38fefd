"""Namespaces of Temporal that have hostile names, and runs in them."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from tests.hostile.payloads import text_payload
from tests.hostile.planting import Planter, chain_of_causes, fail, must_be_refusal
from tests.hostile.telling import Told
from tests.hostile.up import Up, truth

from watchglass.parse.export import event_json

_NAMESPACES_BETWEEN = 10
"""Temporal runs workers of its own for each namespace, so one is made of every so-manieth name."""
_LOOKED_AT = 8
"""Of the namespaces, each with a connection of its own."""


async def name_namespaces(planter: Planter, texts: Sequence[str]) -> list[str]:
    """Make namespaces of such names; return those that Temporal takes."""
    made = []
    for text in texts[::_NAMESPACES_BETWEEN]:
        before = len(planter.planted.refused.get("namespace", ()))
        async with planter.taken("namespace", text):
            await planter.client.workflow_service.register_namespace(
                RegisterNamespaceRequest(
                    namespace=text,
                    description=text,
                    owner_email=text,
                    data={text: text},
                    workflow_execution_retention_period=Duration(seconds=86_400),
                ),
                retry=True,
            )
        if len(planter.planted.refused.get("namespace", ())) == before:
            made.append(text)
    return made


async def look_elsewhere(up: Up, project_id: str, names: Sequence[str], told: Told) -> list[str]:
    """Connect to some of them, and copy a run from each; return the executions."""
    taken: list[str] = []
    for number, name in enumerate(names):
        if len(taken) == _LOOKED_AT:
            break
        given = {"projectId": project_id, "address": up.ready["temporal_address"], "namespace": name}
        made = await told.tell(up, "namespace of Temporal", "connection.create", given, person=number)
        if made is None:
            continue
        told.compare("namespace of Temporal", name, made["namespace"])
        copied = await _copy_from(up, made["id"], name, told, person=number)
        if copied is not None:
            taken.append(copied)
    return taken


async def _copy_from(up: Up, connection_id: str, name: str, told: Told, *, person: int) -> str | None:
    client = await Client.connect(up.ready["temporal_address"], namespace=name)
    planter, queue = Planter(client), f"hostile-{uuid4().hex[:8]}"
    run = await _started(planter, name, queue)
    if run is None:
        return None
    await planter.decide(queue, [fail(chain_of_causes(name, text_payload(name)))])
    found = await up.mutate(
        "execution.resolve",
        person=person,
        connectionId=connection_id,
        temporalWorkflowId=run.workflow_id,
        temporalRunId=run.run_id,
    )
    events = await truth(client, run)
    await up.until_copied(found["executionId"], len(events))
    stored = await up.history(found["executionId"])
    told.compare("history in a namespace", [event_json(event) for event in events], stored)
    return str(found["executionId"])


async def _started(planter: Planter, name: str, queue: str) -> WorkflowExecution | None:
    """Temporal takes some seconds to know a new namespace everywhere. None: it made one in which it starts nothing."""
    while True:
        try:
            return await planter.start(name, queue)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                must_be_refusal(error)
                return None
            await asyncio.sleep(0.5)
