"""Everything that the API asks the database for, as the largest and as the smallest of many tenants."""

from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
from tests.api.examples import IN_PROJECT, Things, project_inputs
from tests.api.seeded import RECORDED, Caller, Tenant, client_for, make_tenant, open_parts
from tests.store.rls.large import Large, grow
from tests.store.rls.plans import Asked, ListeningStore, listening

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Kind
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.execution_list import ListQuery, count_list, read_list
from watchglass.store.scope import Store
from watchglass.store.step_filter import StepFilter

LARGE_ROWS = 5_000
"""Tables with more rows than this are large: they grow with the runs."""
TIME = {"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}


@dataclass(frozen=True)
class Grown:
    """A database with many tenants, and what was asked of it as two of them, each query once."""

    store: ListeningStore
    tables: set[str]
    """The large ones."""
    largest: list[Asked]
    smallest: list[Asked]


async def ask_as_two(store: Store, admin_url: str, large: Large) -> Grown:
    """Fill a migrated database and call every query procedure as its largest and as its smallest tenant."""
    heard = listening(store)
    parts = open_parts(heard)
    largest = await make_tenant(heard, parts, "largest", RECORDED[::12])
    smallest = await make_tenant(heard, parts, "smallest", RECORDED[1:2])
    admin = await asyncpg.connect(admin_url)
    try:
        model = await admin.fetchval(
            "SELECT e.id FROM workflow_executions e WHERE project_id = $1 AND detail_state = 'complete' AND (SELECT "
            "count(*) FROM component_executions c WHERE c.project_id = e.project_id AND c.execution_id = e.id) "
            "BETWEEN 2 AND 6 ORDER BY e.id LIMIT 1",
            largest.project_id,
        )
        await grow(admin_url, largest.project_id, model, large)
        rows = await admin.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND reltuples > $1", LARGE_ROWS
        )
        runs = [
            await admin.fetchval(
                "SELECT id FROM workflow_executions WHERE project_id = $1 ORDER BY temporal_workflow_id LIKE 'copy %' "
                "DESC LIMIT 1",
                tenant.project_id,
            )
            for tenant in (largest, smallest)
        ]
    finally:
        await admin.close()
    asked = []
    async with client_for(heard, parts) as client:
        for tenant, run in zip((largest, smallest), runs, strict=True):
            heard.asked.clear()
            await _ask_everything(heard, Caller(client, tenant.token), tenant, str(run))
            asked.append(list({entry.query: entry for entry in heard.asked}.values()))
    return Grown(heard, {row["relname"] for row in rows}, *asked)


def _narrowed() -> tuple[dict[str, Any], ...]:
    """What a figure opens its runs with."""
    return (
        TIME,
        {"from": TIME["from"], "topLevel": True},
        {"minDurationMs": 5},
        {"minDurationMs": 5, "maxDurationMs": 50_000},
        {"maxDurationMs": 50_000, "status": ["completed"]},
        {"errorGroup": "g0123456789abcde"},
        {"errorGroup": "", **TIME},
        {"errorGroup": "", "topLevel": True},
        {"version": 1},
        {"errors": True, **TIME},
        {"component": {"kind": "activity", "name": "pay"}},
        {"component": {"kind": "activity", "name": "pay", "failed": True}, **TIME},
        {"component": {"kind": "activity", "name": "pay", "retries": "expected"}, "status": ["failed"]},
    )


async def _go_through_steps(store: Store, tenant: Tenant, workflow: UUID) -> None:
    """As it is done for a component with very many steps."""
    async with store.read_as(tenant.principal) as reader:
        for step in (StepFilter("activity", "pay"), StepFilter("activity", "pay", failed=True)):
            for by_duration in (False, True):
                query = ListQuery(tenant.project_id, workflow, 20, step=step, by_duration=by_duration)
                await count_list(reader, query)
                await read_list(reader, query)


async def _ask_everything(store: Store, caller: Caller, tenant: Tenant, run: str) -> None:
    async with store.write() as writer:
        job = await add_backfill(writer, tenant.connection, NewBackfill())
        workflow = await writer.fetchval("SELECT workflow_id FROM workflow_executions WHERE id = $1", run)
        schedule = await writer.fetchval("SELECT uuidv7()")
    things = Things(
        project=str(tenant.project_id),
        workflow=str(workflow),
        execution=run,
        connection=str(tenant.connection.id),
        backfill=str(job),
        schedule=str(schedule),
        service=str(schedule),
        member=str(tenant.principal.user_id),
    )
    inputs = project_inputs(things)
    for procedure in router:
        if procedure.kind is Kind.QUERY and procedure.permission in IN_PROJECT:
            answer = await caller.query(procedure.name, inputs[procedure.name])
            assert answer.status_code < 500 or answer.status_code == 503, (procedure.name, answer.text)
    narrowed: list[dict[str, Any]] = [
        {"sort": "durationMs"},
        {"sort": "durationMs", "order": "asc"},
        {"order": "asc"},
        {"status": ["failed"]},
        {"status": ["failed", "timed_out"], "topLevel": True},
        {"buildId": "1"},
        {"taskQueue": "1"},
        *_narrowed(),
        *({"sort": "durationMs", **more} for more in _narrowed()),
    ]
    lists: list[tuple[str, dict[str, Any]]] = [
        ("execution.getExecutionHistory", {"workflowId": things.workflow}),
        ("execution.getProjectHistory", {"projectId": things.project}),
    ]
    for (name, whose), more in product(lists, narrowed):
        page = await caller.query(name, {**whose, **more})
        assert page.status_code == 200, page.text
        cursor = page.json()["result"]["data"]["nextCursor"]
        if cursor:
            further = {**whose, **more, "cursor": cursor, "direction": "forward"}
            assert (await caller.query(name, further)).status_code == 200
    await _go_through_steps(store, tenant, workflow)
    for more in ({}, {"topLevel": True}, TIME, {**TIME, "topLevel": True}, {"version": {"buildId": "1"}}):
        for whose in ({"projectId": things.project}, {"workflowId": things.workflow}):
            assert (await caller.query("statistics.errors", {**whose, **more})).status_code == 200
    for name in ("attention.badEnds", "attention.get", "attention.list", "project.list"):
        assert (await caller.query(name, None if name == "project.list" else {})).status_code == 200, name
