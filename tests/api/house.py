"""A project, and people of every kind who ask about it."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio
from httpx import AsyncClient, Response
from tests.api.examples import Inputs, Things, other_inputs, project_inputs
from tests.api.seeded import RECORDED, Caller, Tenant, client_for, copy_sample, make_tenant, open_parts
from tests.databases import Database

from watchglass.api.trpc.router import Kind, Procedure
from watchglass.auth.secret import hash_secret, new_token
from watchglass.builder.blank import blank_graph
from watchglass.builder.stored import to_stored
from watchglass.model.permission import Permission
from watchglass.model.schedule import Schedule
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.schedules import ListedSchedule, save_listed_schedules
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.parts import Parts

REFUSED = 403
ABSENT = 404
NOBODY = 401
ENTERS = None
"""It is let in: whatever the answer is, it is not about who asks."""
READING = frozenset({Permission.LOOK, Permission.PAYLOADS})


@dataclass(frozen=True)
class Person:
    """Somebody who asks, and what they may do."""

    id: UUID | None
    caller: Caller
    may: frozenset[Permission]
    """In the project."""
    is_member: bool = True
    is_admin: bool = False
    scope: str = "admin"
    is_bound: bool = False
    """To another project."""

    def expected(self, procedure: Procedure) -> int | None:
        wanted = procedure.permission
        if self.caller.token is None or not self.is_known:
            return ENTERS if wanted is Permission.PUBLIC else NOBODY
        if self._is_out_of_scope(procedure):
            return REFUSED
        if wanted in (Permission.PUBLIC, Permission.SIGNED_IN):
            return REFUSED if self.is_bound and wanted is Permission.SIGNED_IN and changes(procedure) else ENTERS
        if wanted is Permission.ADMINISTER:
            return ENTERS if self.is_admin else REFUSED
        if not self.is_member:
            return ABSENT
        return ENTERS if wanted in self.may else REFUSED

    is_known: bool = True

    def _is_out_of_scope(self, procedure: Procedure) -> bool:
        """Written out once more, not asked of the code that is tried."""
        wanted, is_change = procedure.permission, changes(procedure)
        match self.scope:
            case "read":
                return is_change or wanted in (Permission.EDIT, Permission.OWN, Permission.ADMINISTER)
            case "sync":
                if is_change:
                    return wanted is not Permission.LOOK
                return wanted in (Permission.EDIT, Permission.OWN, Permission.ADMINISTER)
        return False


def changes(procedure: Procedure) -> bool:
    return procedure.kind is Kind.MUTATION


VIEWER = frozenset({Permission.LOOK, Permission.PAYLOADS})
EDITOR = VIEWER | {Permission.EDIT}
OWNER = EDITOR | {Permission.OWN}


@dataclass(frozen=True)
class House:
    store: Store
    admin: asyncpg.Connection
    tenant: Tenant
    people: dict[str, Person]
    things: Things
    client: AsyncClient

    async def fresh(self) -> Things:
        """The same things, but new ones of what a call may use up."""
        project, name = self.tenant.project_id, f"new {uuid4()}"
        admin = self.admin
        service = await admin.fetchval(
            "INSERT INTO services (project_id, name, kind, settings, has_secret) VALUES ($1, $2, 'http', $3, false) "
            "RETURNING id",
            project,
            name,
            '{"kind": "http", "baseUrl": "https://shop.example"}',
        )
        member, _stranger = [
            await admin.fetchval("INSERT INTO users (name) VALUES ($1) RETURNING id", f"{kind} {name}")
            for kind in ("member", "stranger")
        ]
        await admin.execute("INSERT INTO project_members VALUES ($1, $2, 'viewer')", project, member)
        component = {"type": name, "name": name, "source": "person"}
        await admin.execute(
            "INSERT INTO components VALUES ($1, $2, 'person', $3)", project, name, json.dumps(component)
        )
        async with self.store.write() as writer:
            job = await add_backfill(writer, self.tenant.connection, NewBackfill())
        return replace(
            self.things,
            service=str(service),
            service_name=name,
            member=str(member),
            stranger=f"stranger {name}",
            backfill=str(job),
            name=name,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(store: Store, database: Database) -> AsyncIterator[House]:
    parts = open_parts(store)
    tenant = await make_tenant(store, parts, "house", RECORDED[:1])
    key = await copy_sample(parts, tenant.connection, RECORDED[2])
    async with furnished(database, parts, tenant, key) as furnished_house:
        yield furnished_house


@asynccontextmanager
async def furnished(database: Database, parts: Parts, tenant: Tenant, key: ExecutionKey) -> AsyncIterator[House]:
    """A tenant's project with people of every kind, whose `execution` is the run `key`, on a drawing."""
    store = parts.store
    other = await make_tenant(store, parts, f"next door to {tenant.connection.namespace} {uuid4()}", [])
    workflow = await _drawn(store, tenant)
    async with store.write() as writer:
        line = Schedule("nightly", "Report", "every day at 02:00 UTC", "{}", False, "", (), ())
        listed = [ListedSchedule(line, b"a line")]
        await save_listed_schedules(writer, tenant.connection, listed, at=datetime(2026, 11, 1, tzinfo=UTC))
        schedule = await writer.fetchval("SELECT id FROM schedules WHERE project_id = $1", tenant.project_id)
        # So that the run is on a drawing.
        await writer.execute(
            "UPDATE workflow_executions SET workflow_id = $1, version = 1 WHERE id = $2", workflow, key.id
        )
        event = await writer.fetchval("SELECT min(event_id) FROM component_executions WHERE execution_id = $1", key.id)
    async with client_for(store, parts) as client:
        admin = await asyncpg.connect(database.admin_url)
        people = await _people(admin, client, tenant, other)
        things = Things(
            project=str(tenant.project_id),
            workflow=str(workflow),
            execution=str(key.id),
            connection=str(tenant.connection.id),
            backfill="",
            schedule=str(schedule),
            service="",
            member="",
            event=event,
        )
        things = await House(store, admin, tenant, people, things, client).fresh()
        yield House(store, admin, tenant, people, things, client)
        await admin.close()


async def _drawn(store: Store, tenant: Tenant) -> UUID:
    """A workflow with a draft and a version."""
    graph = json.dumps(to_stored(blank_graph("drawn")))
    async with store.write() as writer:
        workflow: UUID = await writer.fetchval(
            "INSERT INTO workflows (project_id, name, kind, temporal_type) VALUES ($1, 'drawn', 'built', 'drawn') "
            "RETURNING id",
            tenant.project_id,
        )
        key = (tenant.project_id, workflow)
        await writer.execute("INSERT INTO workflow_drafts VALUES ($1, $2, $3, 1)", *key, graph)
        await writer.execute("INSERT INTO workflow_versions VALUES ($1, $2, 1, $3, '')", *key, graph)
    return workflow


async def _people(admin: asyncpg.Connection, client: AsyncClient, tenant: Tenant, other: Tenant) -> dict[str, Person]:
    async def person(name: str, role: str | None, *, sees: bool = True, is_admin: bool = False) -> UUID:
        made: UUID = await admin.fetchval(
            "INSERT INTO users (name, is_admin) VALUES ($1, $2) RETURNING id", f"{name} {uuid4()}", is_admin
        )
        if role:
            await admin.execute(
                "INSERT INTO project_members VALUES ($1, $2, $3, $4)", tenant.project_id, made, role, sees
            )
        return made

    async def caller(user: UUID, *, scope: str = "admin", only: UUID | None = None, revoked: bool = False) -> Caller:
        token = new_token()
        await admin.execute(
            "INSERT INTO api_tokens (token_hash, user_id, name, expires_at, scope, project_id, revoked_at) "
            "VALUES ($1, $2, 'test', now() + $3::interval, $4, $5, CASE WHEN $6 THEN now() END)",
            hash_secret(token),
            user,
            timedelta(hours=1),
            scope,
            only,
            revoked,
        )
        return Caller(client, token)

    owner = await person("owner", "owner")
    await admin.execute("INSERT INTO project_members VALUES ($1, $2, 'owner')", other.project_id, owner)
    viewer, editor = await person("viewer", "viewer"), await person("editor", "editor")
    blind = await person("blind", "viewer", sees=False)
    blind_editor = await person("blind editor", "editor", sees=False)
    manager = await person("manager", None, is_admin=True)
    looks = frozenset({Permission.LOOK})
    return {
        "anonymous": Person(None, Caller(client, None), frozenset()),
        "revoked": Person(owner, await caller(owner, revoked=True), OWNER, is_known=False),
        "other tenant": Person(other.principal.user_id, Caller(client, other.token), frozenset(), is_member=False),
        "instance admin": Person(manager, await caller(manager), frozenset(), is_member=False, is_admin=True),
        "viewer": Person(viewer, await caller(viewer), VIEWER),
        "viewer without values": Person(blind, await caller(blind), looks),
        "editor without values": Person(blind_editor, await caller(blind_editor), looks | {Permission.EDIT}),
        "editor": Person(editor, await caller(editor), EDITOR),
        "owner": Person(owner, await caller(owner), OWNER),
        "read token of the owner": Person(owner, await caller(owner, scope="read"), OWNER, scope="read"),
        "sync token of the owner": Person(owner, await caller(owner, scope="sync"), OWNER, scope="sync"),
        "token of the owner for this project": Person(
            owner, await caller(owner, only=tenant.project_id), OWNER, is_bound=True
        ),
        "token of the owner for another project": Person(
            owner, await caller(owner, only=other.project_id), OWNER, is_member=False, is_bound=True
        ),
    }


async def inputs_for(house: House, person: Person, things: Things) -> Inputs:
    session = token = None
    if person.id is not None:
        session, token = [
            await house.admin.fetchval(statement, person.id, os.urandom(32))
            for statement in (
                "INSERT INTO sessions (user_id, token_hash, expires_at) VALUES ($1, $2, now() + '1 h') RETURNING id",
                "INSERT INTO api_tokens (user_id, token_hash, name, expires_at) "
                "VALUES ($1, $2, 'spare', now() + '1 h') RETURNING id",
            )
        ]
    return {**project_inputs(things), **other_inputs_for(things, session, token)}


def other_inputs_for(things: Things, session: UUID | None, token: UUID | None) -> Inputs:
    return other_inputs(things.name, person=things.member, session=str(session or uuid4()), token=str(token or uuid4()))


def uses_up(procedure: Procedure) -> bool:
    return procedure.name.split(".")[0] in ("backfill", "component", "member", "service") and changes(procedure)


async def ask(caller: Caller, procedure: Procedure, input: dict[str, Any] | None) -> Response:
    ask = caller.mutate if changes(procedure) else caller.query
    return await ask(procedure.name, input)
