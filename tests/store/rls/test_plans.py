"""No list and no detail of the API reads a large table from end to end, for the largest tenant or for the smallest.

Every query procedure is called; what it asks of the database as the person is planned once for any arguments and once
for those that it was given.
"""

import json
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio
from tests.api.examples import IN_PROJECT, Things, project_inputs
from tests.api.seeded import RECORDED, Caller, Tenant, client_for, make_tenant, open_parts
from tests.databases import Database
from tests.store.rls.large import Large, grow
from tests.store.rls.plans import Asked, ListeningStore, listening, plan, read_whole

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Kind
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.scope import Store

_WITHOUT_INDEX = "SELECT count(*) FROM workflow_executions WHERE retry_count > 9"
LARGE_ROWS = 5_000
"""Tables with more rows than this are large: they grow with the runs."""


@dataclass(frozen=True)
class Grown:
    store: ListeningStore
    tables: set[str]
    largest: list[Asked]
    smallest: list[Asked]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def grown(store: Store, database: Database) -> Grown:
    heard = listening(store)
    parts = open_parts(heard)
    largest = await make_tenant(heard, parts, "largest", RECORDED[::12])
    smallest = await make_tenant(heard, parts, "smallest", RECORDED[1:2])
    admin = await asyncpg.connect(database.admin_url)
    try:
        model = await admin.fetchval(
            "SELECT e.id FROM workflow_executions e WHERE project_id = $1 AND detail_state = 'complete' AND (SELECT "
            "count(*) FROM component_executions c WHERE c.project_id = e.project_id AND c.execution_id = e.id) "
            "BETWEEN 2 AND 6 ORDER BY e.id LIMIT 1",
            largest.project_id,
        )
        await admin.execute("SET statement_timeout = '120s'")
        await grow(admin, largest.project_id, model, Large(runs=3_000, projects=150, runs_each=120))
        tables = {
            row["relname"]
            for row in await admin.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND reltuples > $1",
                LARGE_ROWS,
            )
        }
        large_run = await admin.fetchval(
            "SELECT id FROM workflow_executions WHERE project_id = $1 AND temporal_workflow_id LIKE 'copy %' LIMIT 1",
            largest.project_id,
        )
        small_run = await admin.fetchval(
            "SELECT id FROM workflow_executions WHERE project_id = $1 LIMIT 1", smallest.project_id
        )
    finally:
        await admin.close()
    asked = []
    async with client_for(heard, parts) as client:
        for tenant, run in ((largest, large_run), (smallest, small_run)):
            heard.asked.clear()
            await _ask_everything(heard, Caller(client, tenant.token), tenant, str(run))
            asked.append(list({entry.query: entry for entry in heard.asked}.values()))
    return Grown(heard, tables, *asked)


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
    history = {"workflowId": things.workflow}
    for more in (
        {"sort": "durationMs"},
        {"sort": "durationMs", "order": "asc"},
        {"order": "asc"},
        {"status": ["failed"]},
        {"status": ["failed", "timed_out"], "topLevel": True},
        {"buildId": "1"},
    ):
        page = await caller.query("execution.getExecutionHistory", {**history, **more})
        assert page.status_code == 200, page.text
        cursor = page.json()["result"]["data"]["nextCursor"]
        if cursor:
            further = {**history, **more, "cursor": cursor, "direction": "forward"}
            assert (await caller.query("execution.getExecutionHistory", further)).status_code == 200
    for name in ("attention.badEnds", "attention.get", "attention.list", "project.list"):
        assert (await caller.query(name, None if name == "project.list" else {})).status_code == 200, name


@pytest.mark.parametrize("generic", [True, False], ids=["for any arguments", "for these arguments"])
@pytest.mark.parametrize("whose", ["largest", "smallest"])
async def test_no_query_reads_a_large_table_from_end_to_end(whose: str, generic: bool, grown: Grown) -> None:
    asked = grown.largest if whose == "largest" else grown.smallest
    assert grown.tables >= {"workflow_executions", "component_executions", "history_pages", "execution_keys"}
    assert len(asked) > 40
    whole = {}
    for entry in asked:
        if tables := read_whole(await plan(grown.store, entry, generic=generic), grown.tables):
            whole[" ".join(entry.query.split())] = tables
    assert whole == {}


async def test_a_table_that_is_read_from_end_to_end_is_seen(grown: Grown) -> None:
    """The control: without the policies, the same question reads all of it."""
    async with grown.store.write() as writer:
        answer = await writer.fetchval(f"EXPLAIN (FORMAT JSON) {_WITHOUT_INDEX}")
    assert read_whole(json.loads(answer)[0]["Plan"], grown.tables) == ["workflow_executions"]
