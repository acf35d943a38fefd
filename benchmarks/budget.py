"""*Budget*: what a back-fill does to the workers of a namespace whose server allows few calls a second."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode, WorkflowService

from benchmarks.figure import Figure
from benchmarks.load import QUEUE, Lines, make_runs, working
from benchmarks.place import Installation, Place
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Budget, Connection
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.store.backfills import NewBackfill
from watchglass.store.connections import all_connections
from watchglass.store.scope import Store
from watchglass.sync.backfill import BackfillProgress, copy_here
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

LIMITS = {"frontend.namespaceRPS": "50", "frontend.namespaceRPS.visibility": "10"}
RUNS = 5_000
"""At scale 1: those that are copied."""
_QUIET_SECONDS = 30.0
_BEAT_SECONDS = 0.8
"""Between two runs that the workers execute meanwhile; with three activities each that is half of what is allowed."""
_BEAT_ACTIVITIES = 3


@dataclass(slots=True)
class Refusals:
    """What left this process, and what came back as `ResourceExhausted`."""

    calls: Counter[str] = field(default_factory=Counter)
    refused: int = 0


class WatchedService:
    """A service whose calls and refusals are counted."""

    def __init__(self, service: WorkflowService, seen: Refusals) -> None:
        self._service = service
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        rpc = getattr(self._service, name)

        async def counted(*args: Any, **options: Any) -> Any:
            self._seen.calls[name] += 1
            try:
                return await rpc(*args, **options)
            except RPCError as error:
                self._seen.refused += error.status is RPCStatusCode.RESOURCE_EXHAUSTED
                raise

        return counted


@dataclass(slots=True)
class WatchedClients(Clients):
    seen: Refusals = field(default_factory=Refusals)

    async def service(self, connection: Connection, credentials: Credentials = NO_CREDENTIALS) -> WorkflowService:
        return WatchedService(await Clients.service(self, connection, credentials), self.seen)  # type: ignore[return-value]


async def measure_budget(place: Place, scale: float) -> list[Figure]:
    runs = round(RUNS * scale)
    directory = place.data_dir / "limited"
    directory.mkdir(exist_ok=True)
    async with _server(directory, {}) as address:
        await make_runs(await Client.connect(address), runs=runs, activities=2, prefix="limited")
    figures: list[Figure] = []
    async with _server(directory, LIMITS) as address:
        client = await Client.connect(address)
        async with working(client):
            before = await _beat(client, asyncio.sleep(_QUIET_SECONDS))
            for name, budget, open_gate in (
                ("as it comes", Budget(), False),
                ("set to 20 calls", Budget(history_per_second=20), False),
                ("none, and ahead of the workers", Budget(), True),
            ):
                installation = await place.install(f"budget_{len(figures)}")
                figures += await _one(installation, client, address, before, name, budget, runs, open_gate=open_gate)
                await asyncio.sleep(5)
    return figures


async def _one(
    installation: Installation,
    client: Client,
    address: str,
    before: list[float],
    name: str,
    budget: Budget,
    runs: int,
    *,
    open_gate: bool,
) -> list[Figure]:
    clients = WatchedClients()
    async with installation.open_store() as store:
        connection = await _connect(store, address, budget, is_embedded=open_gate)
        began = time.monotonic()
        copying: asyncio.Task[BackfillProgress] = asyncio.create_task(
            copy_here(
                Parts(store, clients, is_urgent=open_gate),
                connection,
                NewBackfill(query="WorkflowId STARTS_WITH 'limited-'"),
            )
        )
        during = await _beat(client, asyncio.wait([copying]))
        took = time.monotonic() - began
        done = copying.result()
    seen = clients.seen
    note = (
        f"{done.synced:,} of {runs:,} runs copied in {took:.0f} s, {seen.calls.total():,} calls of which the server "
        f"refused {seen.refused:,}"
    )
    return [
        Figure(
            "budget",
            f"budget {name}: workers' wait for a task during a back-fill ÷ before, {what}",
            value(during) / value(before),
            note=f"{note}; {value(during) * 1000:.0f} ÷ {value(before) * 1000:.0f} ms" if what == "p95" else "",
        )
        for what, value in (("p95", _p95), ("median", median))
    ]


async def _connect(store: Store, address: str, budget: Budget, *, is_embedded: bool) -> Connection:
    async with store.write() as writer:
        await writer.execute(
            "UPDATE connections SET address = $1, is_embedded = $2, history_per_second = $3",
            address,
            is_embedded,
            budget.history_per_second,
        )
        [connection] = await all_connections(writer)
    return replace(connection, http_address=None)


async def _beat(client: Client, until: Awaitable[Any]) -> list[float]:
    """Have the workers execute runs until that has ended; how long each of their tasks waited, in seconds."""
    handles = []
    ended = asyncio.ensure_future(until)
    while not ended.done():
        handles.append(await client.start_workflow(Lines.run, _BEAT_ACTIVITIES, id=f"beat-{uuid4()}", task_queue=QUEUE))
        await asyncio.wait([ended], timeout=_BEAT_SECONDS)
    waits: list[float] = []
    for handle in handles:
        await handle.result()
        await asyncio.sleep(0.05)
        waits += _waits([event async for event in handle.fetch_history_events()])
    return waits


def _waits(events: list[Any]) -> list[float]:
    """From scheduled to started, of every workflow task and activity."""
    scheduled = {event.event_id: event.event_time.ToNanoseconds() for event in events}
    waits = []
    for event in events:
        for kind in ("activity_task_started_event_attributes", "workflow_task_started_event_attributes"):
            if event.HasField(kind):
                begun = scheduled[getattr(event, kind).scheduled_event_id]
                waits.append((event.event_time.ToNanoseconds() - begun) / 1e9)
    return waits


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


@asynccontextmanager
async def _server(directory: Path, limits: dict[str, str]) -> AsyncIterator[str]:
    server = EmbeddedTemporal(directory, preferred_port=0, dynamic_config=limits)
    await server.start()
    try:
        yield server.address
    finally:
        await server.stop()
