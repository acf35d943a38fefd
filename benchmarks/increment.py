"""*Increment*: how many history calls a sync makes, counted where they are made."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from temporalio.service import WorkflowService

from benchmarks.figure import Figure
from benchmarks.load import make_open_run
from benchmarks.place import Place
from benchmarks.sync_cost import make, short_runs
from watchglass.model.connection import Connection
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.parse.describe import parse_described
from watchglass.store.backfills import NewBackfill
from watchglass.store.connections import all_connections
from watchglass.sync.backfill import copy_here
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run

_LONG_RUN_ACTIVITIES = 12_000
"""At scale 1: some 45,000 events, near the 51,200 at which the server stops a run."""


class CountedService:
    """A service that counts which of its calls are taken."""

    def __init__(self, service: WorkflowService, calls: Counter[str]) -> None:
        self._service = service
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls[name] += 1
        return getattr(self._service, name)


@dataclass(slots=True)
class CountingClients(Clients):
    calls: Counter[str] = field(default_factory=Counter)

    async def service(self, connection: Connection, credentials: Credentials = NO_CREDENTIALS) -> WorkflowService:
        return CountedService(await Clients.service(self, connection, credentials), self.calls)  # type: ignore[return-value]

    @property
    def history_calls(self) -> int:
        return sum(count for name, count in self.calls.items() if name.startswith("get_workflow_execution_history"))


async def measure_increment(place: Place, scale: float) -> list[Figure]:
    installation = await place.install("increment")
    clients = CountingClients()
    async with installation.open_store() as store:
        parts = Parts(store, clients)
        async with store.write() as reader:
            [connection] = await all_connections(reader)
        return [
            await _one_more_event(place, parts, connection, clients, scale),
            await _short_runs(place, parts, connection, clients, scale),
        ]


async def _one_more_event(
    place: Place, parts: Parts, connection: Connection, clients: CountingClients, scale: float
) -> Figure:
    activities = round(_LONG_RUN_ACTIVITIES * scale)
    handle = await make_open_run(await place.client(), activities=activities, workflow_id=f"long-run-{uuid4()}")
    answer = await describe_run(await parts.access(connection), handle.id)
    [key] = await add_runs(parts, connection, [parse_described(answer)])
    await sync_execution(parts, key)
    await handle.signal("note")
    clients.calls.clear()
    outcome = await sync_execution(parts, key)
    await handle.terminate()
    if not outcome.changed:
        raise RuntimeError(f"the new event was not seen: {outcome}")
    length = answer.workflow_execution_info.history_length
    return Figure(
        "increment", "history calls for one new event", clients.history_calls, most=2, note=f"run of {length:,} events"
    )


async def _short_runs(
    place: Place, parts: Parts, connection: Connection, clients: CountingClients, scale: float
) -> Figure:
    shape = short_runs(scale)
    await make(place, shape)
    clients.calls.clear()
    done = await copy_here(parts, connection, NewBackfill(query=shape.query))
    if done.synced != shape.runs:
        raise RuntimeError(f"not all runs were copied: {done}")
    return Figure(
        "increment", "history calls per short run", clients.history_calls / shape.runs, most=1.1, note=str(shape)
    )
