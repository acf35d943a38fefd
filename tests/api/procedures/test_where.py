"""Who may say where a project's Temporal is: over a running Temporal that asks nobody for credentials."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from httpx import Response
from tests.api.seeded import NOBODY, Caller, Tenant, client_for, make_tenant, open_parts
from tests.databases import Database

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store

NAMESPACES = ("default", "demo", "watchglass-system")
BOGUS = {"headers": [{"name": "authorization", "value": "nobody looks at it"}]}


@dataclass(frozen=True)
class Town:
    """Ada's project looks at the open Temporal; Bob owns another project, at a place of the installation's list."""

    ada: Tenant
    bob: Tenant
    caller: Caller
    """Bob."""
    open: str
    """The Temporal's address."""
    admin: asyncpg.Connection

    async def bob_manages(self, *, only: UUID | None = None) -> None:
        bob = self.bob.principal.user_id
        await self.admin.execute("UPDATE users SET is_admin = true WHERE id = $1", bob)
        await self.admin.execute("UPDATE api_tokens SET project_id = $2 WHERE user_id = $1", bob, only)

    async def ways(self, address: str, namespace: str, **more: Any) -> dict[str, Response]:
        """Everything that leads to a place."""
        place = {"address": address, "namespace": namespace, **more}
        own = {"connectionId": str(self.bob.connection.id)}
        project = {"projectId": str(self.bob.project_id)}
        return {
            "test": await self.caller.mutate("connection.test", {"settings": place}),
            "test of own": await self.caller.mutate("connection.test", {**own, "settings": place}),
            "create": await self.caller.mutate("connection.create", {**project, **place}),
            "project": await self.caller.mutate("project.create", {"name": f"p {uuid4()}", "connection": place}),
            "update": await self.caller.mutate("connection.update", {**own, **place}),
        }

    async def bobs_places(self) -> set[tuple[str, str, str | None]]:
        rows = await self.admin.fetch(
            "SELECT address, namespace, http_address FROM connections JOIN project_members USING (project_id) "
            "WHERE user_id = $1",
            self.bob.principal.user_id,
        )
        return {(row["address"], row["namespace"], row["http_address"]) for row in rows}


@pytest_asyncio.fixture
async def town(store: Store, database: Database, temporal: EmbeddedTemporal) -> AsyncIterator[Town]:
    parts = open_parts(store)
    ada, bob = [await make_tenant(store, parts, f"{name} {uuid4()}", []) for name in ("ada", "bob")]
    async with store.write() as writer:
        await ensure_connection(
            writer, project_id=ada.project_id, address=temporal.address, namespace="default", is_embedded=True
        )
    admin = await asyncpg.connect(database.admin_url)
    yield Town(ada, bob, Caller(client_for(store, parts), bob.token), temporal.address, admin)
    await admin.close()


@pytest.mark.parametrize("credentials", [None, BOGUS], ids=["without", "with"])
async def test_who_manages_nothing_comes_to_no_temporal_by_any_way(town: Town, credentials: Any) -> None:
    """Credentials that the server does not look at open nothing."""
    before = await town.bobs_places()
    more = {} if credentials is None else {"credentials": credentials}
    for namespace in NAMESPACES:
        for way, answer in (await town.ways(town.open, namespace, **more)).items():
            assert answer.status_code == 403, (way, answer.text)
            assert "administrator of this installation" in answer.text
    assert await town.bobs_places() == before


async def test_the_same_is_said_of_every_place(town: Town) -> None:
    """Neither what answers there nor who looks at it already is told."""
    port = town.open.rpartition(":")[2]
    places = [(town.open, "default"), (town.open, "nope"), ("127.0.0.1:2", "x"), (f"localhost:{port}", "default")]
    told = {answer.json()["error"]["message"] for place in places for answer in (await town.ways(*place)).values()}
    assert len(told) == 1


async def test_the_http_address_is_a_place_too(town: Town) -> None:
    settings = {"namespace": town.bob.connection.namespace, "httpAddress": f"http://{town.open}"}
    for way, answer in (await town.ways(NOBODY, **settings)).items():
        assert answer.status_code == 403, way


async def test_where_a_connection_looks_already_it_looks_on(town: Town) -> None:
    """Somebody who manages the installation has moved it there; its editors change everything else."""
    await town.admin.execute("UPDATE connections SET address = $2 WHERE id = $1", town.bob.connection.id, town.open)
    await town.admin.execute("UPDATE connections SET namespace = 'demo' WHERE id = $1", town.bob.connection.id)
    own = {"connectionId": str(town.bob.connection.id)}
    kept = {"address": town.open, "namespace": "demo", "historyPerSecond": 7, "scope": "WorkflowType = 'A'"}
    assert (await town.caller.mutate("connection.update", {**own, **kept})).status_code == 200
    assert (await town.caller.mutate("connection.test", {**own, "settings": kept})).status_code == 200
    moved = await town.caller.mutate("connection.update", {**own, **kept, "namespace": "default"})
    assert moved.status_code == 403


async def test_who_manages_the_installation_connects_what_there_is(town: Town) -> None:
    await town.bob_manages()
    for way, answer in (await town.ways(town.open, "demo")).items():
        # Two connections of one project do not look at one namespace.
        assert answer.status_code == (409 if way == "update" else 200), (way, answer.text)
    assert (town.open, "demo", None) in await town.bobs_places()


async def test_a_token_for_one_project_leads_out_of_it_for_nobody(town: Town) -> None:
    await town.bob_manages(only=town.bob.project_id)
    for way, answer in (await town.ways(town.open, "default")).items():
        assert answer.status_code == 403, way


@pytest.mark.parametrize("address", ["169.254.169.254:80", "[fe80::1]:7233", "[::ffff:169.254.169.254]:80"])
async def test_the_secrets_of_a_machine_in_a_cloud_are_asked_for_by_nobody(town: Town, address: str) -> None:
    await town.bob_manages()
    for way, answer in (await town.ways(address, "default")).items():
        assert answer.status_code == 400, way
    for way, answer in (await town.ways(NOBODY, "x", httpAddress=f"http://{address}")).items():
        assert answer.status_code == 400, way
