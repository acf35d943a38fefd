"""An installation whose database holds real histories, of two projects that must not see each other.

The Temporal they came from is gone: its address answers nobody, so pages have to live from what was copied.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from tests.databases import make_project
from tests.parse.corpus import TEMPORAL, Sample

from watchglass.api.app import create_app
from watchglass.api.context import Dependencies
from watchglass.api.pace import Pace
from watchglass.auth.tokens import create_token
from watchglass.model.connection import Connection
from watchglass.model.project import Principal
from watchglass.parse.describe import parse_kept
from watchglass.parse.file import read_history
from watchglass.parse.history import parse_history
from watchglass.store.connections import ensure_connection
from watchglass.store.history_pages import pack_events
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey, read_state
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.listing import add_runs
from watchglass.sync.parts import Parts
from watchglass.sync.read import ReadRun
from watchglass.sync.save import save_runs
from watchglass.temporal.client import Clients
from watchglass.temporal.temporal_hosts import TemporalHosts

NOBODY = "127.0.0.1:1"
RECORDED = [sample for sample in TEMPORAL if sample.describe() is not None]
"""Histories with what Describe said at the same moment."""


@dataclass(frozen=True)
class Tenant:
    project_id: UUID
    connection: Connection
    principal: Principal
    token: str


async def make_tenant(store: Store, parts: Parts, name: str, samples: list[Sample]) -> Tenant:
    """A project of its own owner, with these runs copied into it."""
    project_id, principal = await make_project(store, name, owner=f"{name}-owner")
    token = await create_token(store, user=f"{name}-owner", name="test", lifetime=timedelta(hours=1))
    async with store.write() as writer:
        connection = await ensure_connection(
            writer,
            project_id=project_id,
            address=NOBODY,
            namespace=name,
            is_embedded=False,
            ui_address="http://ui:8233/",
        )
    for sample in samples:
        await copy_sample(parts, connection, sample)
    return Tenant(project_id, connection, principal, token)


async def copy_sample(parts: Parts, connection: Connection, sample: Sample) -> ExecutionKey:
    """Store a recorded run as a sync would have."""
    response = sample.describe()
    assert response is not None
    described = parse_kept(response.SerializeToString(), at=1_700_000_000_000_000)
    events = read_history(sample.read())
    [key] = await add_runs(parts, connection, [described])
    async with parts.store.write() as writer:
        state = await read_state(writer, key.id)
    assert state is not None
    execution = parse_history(events, ref=described.ref, described=described)
    await save_runs(parts.store, [ReadRun(state, connection, execution, pack_events(events), True, described, None)])
    return key


def dependencies(parts: Parts) -> Dependencies:
    """The doors that the application knocks on."""
    return Dependencies(store=parts.store, sync=ImmediateSync(parts), namespaces=parts)


def client_for(store: Store, parts: Parts, *, pace: Pace | None = None) -> httpx.AsyncClient:
    """A client of the application itself, under the host name that it answers to; `pace`: other than its own."""
    given = dependencies(parts)
    app = create_app(given if pace is None else replace(given, pace=pace))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


@dataclass(frozen=True)
class Caller:
    """Calls procedures as one person."""

    client: httpx.AsyncClient
    token: str | None

    async def query(self, name: str, input: dict[str, Any] | None = None) -> httpx.Response:
        params = {} if input is None else {"input": json.dumps(input)}
        return await self.client.get(f"/trpc/{name}", params=params, headers=self._headers())

    async def mutate(self, name: str, input: dict[str, Any] | None = None) -> httpx.Response:
        body = b"" if input is None else json.dumps(input).encode()
        headers = {**self._headers(), "content-type": "application/json"}
        return await self.client.post(f"/trpc/{name}", content=body, headers=headers)

    async def data(self, name: str, input: dict[str, Any] | None = None) -> Any:
        response = await self.query(name, input)
        assert response.status_code == 200, response.text
        return response.json()["result"]["data"]

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"authorization": f"Bearer {self.token}"}


def open_parts(store: Store) -> Parts:
    # Nobody listens there, so that nothing is reached by whom it is connected for.
    return Parts(store, Clients(), temporal_hosts=TemporalHosts((NOBODY,)))
