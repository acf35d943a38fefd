"""Runs of drawings on a real Temporal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from tests.builder.drawings import COMPONENTS

from watchglass.builder.component import registered_in
from watchglass.builder.components.built_in import built_in
from watchglass.builder.services.door import NoServices, Services
from watchglass.builder.start import decide, start_run
from watchglass.builder.worker import project_worker
from watchglass.model.graph import Graph, builder_queue
from watchglass.model.journal import MEMO_JOURNAL, Decision
from watchglass.temporal.access import Access

Handle = WorkflowHandle[Any, Any]


@dataclass
class Bench:
    """A project with saved versions, and its worker's place."""

    client: Client
    project_id: UUID = field(default_factory=uuid4)
    versions: dict[str, Graph] = field(default_factory=dict)
    services: Services = field(default_factory=NoServices)

    @property
    def access(self) -> Access:
        return Access(self.client.workflow_service, self.client.namespace)

    async def read_graph(self, workflow_id: str, version: int) -> Any:
        graph = self.versions.get(workflow_id)
        if graph is None:
            raise ApplicationError(f"There is no workflow {workflow_id}.", type="NotFound", non_retryable=True)
        return graph.model_dump(mode="json")

    def save(self, graph: Graph) -> UUID:
        workflow_id = uuid4()
        self.versions[str(workflow_id)] = graph
        return workflow_id

    async def start(self, graph: Graph, input: Any = None) -> Handle:
        id, run_id = await start_run(
            self.access,
            graph=graph,
            workflow_id=self.save(graph),
            version=1,
            project_id=self.project_id,
            input={} if input is None else input,
            by="ada",
        )
        return self.client.get_workflow_handle(id, run_id=run_id)

    async def run(self, graph: Graph, input: Any = None) -> Any:
        return await (await self.start(graph, input)).result()

    async def decide(self, handle: Handle, node: str, *, approved: bool = True, **more: Any) -> None:
        decision = Decision(node=node, approved=approved, by="ada", **more)
        await decide(self.access, temporal_workflow_id=handle.id, run_id="", decision=decision, form={})

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        worker = project_worker(
            self.client,
            task_queue=builder_queue(self.project_id),
            components=[*built_in(self.services), *registered_in(COMPONENTS)],
            read_graph=self.read_graph,
        )
        async with worker:
            yield
        await asyncio.sleep(0)


async def events_of(handle: Handle) -> list[HistoryEvent]:
    return [event async for event in handle.fetch_history_events()]


async def journal_of(handle: Handle) -> list[dict[str, Any]]:
    """All entries, in their order."""
    return [entry for upsert in await upserts_of(handle) for entry in upsert]


async def upserts_of(handle: Handle) -> list[list[dict[str, Any]]]:
    converter = handle._client.data_converter
    found = []
    for event in await events_of(handle):
        fields = event.workflow_properties_modified_event_attributes.upserted_memo.fields
        if MEMO_JOURNAL in fields:
            [entries] = await converter.decode([fields[MEMO_JOURNAL]])
            found.append(entries)
    return found


def told(entries: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Node, iteration, state and port of each entry."""
    return [(e["node"], tuple(e.get("iteration", ())), e["state"], e.get("port")) for e in entries]


def scheduled(events: list[HistoryEvent]) -> list[str]:
    """The ids of the activities, in the order in which they were scheduled."""
    kind = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    return [e.activity_task_scheduled_event_attributes.activity_id for e in events if e.event_type == kind]


def summaries(events: list[HistoryEvent], kind: "EventType.ValueType") -> list[str]:
    """The summaries of the events of a kind."""
    return [e.user_metadata.summary.data.decode().strip('"') for e in events if e.event_type == kind]
