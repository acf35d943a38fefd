"""No list and no detail of the API reads a large table from end to end, for the largest tenant or for the smallest.

Every query procedure is called; what it asks of the database as the person is planned once for any arguments and once
for those that it was given.
"""

import json
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from tests.databases import Database
from tests.store.rls.asked import Grown, ask_as_two
from tests.store.rls.large import Large
from tests.store.rls.plans import Asked, Listening, nodes, plan, read_whole

from watchglass.store.execution_list import ListQuery, read_list
from watchglass.store.pool import open_pool
from watchglass.store.retention import next_old_runs
from watchglass.store.scope import Store

ERRORS = {
    "workflow_executions_errors",
    "workflow_executions_errors_by_start",
    "workflow_executions_errors_of_project",
    "workflow_executions_last_error",
}
_WITHOUT_INDEX = "SELECT count(*) FROM workflow_executions WHERE retry_count > 9"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def grown(store: Store, database: Database) -> Grown:
    return await ask_as_two(store, database.admin_url, Large(runs=3_000, projects=150, runs_each=120))


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


@pytest.mark.parametrize("generic", [True, False], ids=["for any arguments", "for these arguments"])
async def test_the_run_before_is_looked_up_by_its_key(generic: bool, grown: Grown) -> None:
    """A condition that PostgreSQL thinks could leak is no condition of an index: all keys would be read."""
    (chain,) = [entry for entry in grown.largest if "AS from_execution_id" in entry.query]
    found = list(nodes(await plan(grown.store, chain, generic=generic)))
    (keys,) = [node for node in found if node.get("Index Name") == "execution_keys_pkey"]
    assert "temporal_run_id = CASE" in keys["Index Cond"]


async def test_lists_of_runs_are_planned_for_what_they_are_asked(grown: Grown, database: Database) -> None:
    """However often: a plan for any arguments takes a large workflow for a small one, and sorts all of its runs."""
    pool = await open_pool(database.login_url, size=1)
    store, asked = Store(pool, pool, database.roles.user), grown.largest[0].principal
    try:
        async with store.read_as(asked) as reader:
            largest = await reader.fetchrow(
                "SELECT project_id, workflow_id FROM workflow_executions GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1"
            )
        assert largest is not None
        query = ListQuery(*largest, limit=20, by_duration=True)
        for _ in range(8):
            async with store.read_as(asked) as reader:
                assert len((await read_list(reader, query)).rows) == 20
        async with store.read_as(asked) as reader:
            plans = await reader.fetchrow(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements "
                "WHERE statement LIKE '%ORDER BY e.duration_ms DESC%' AND statement NOT LIKE '%pg_prepared_statements%'"
            )
    finally:
        await pool.close()
    assert plans == (0, 8)


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        ({"statuses": ("terminated",)}, "workflow_executions_of_project_by_status"),
        ({"task_queue": "nobody listens"}, "workflow_executions_of_project_by_task_queue"),
    ],
)
async def test_the_few_runs_of_a_project_that_are_so_are_looked_up(
    narrowed: dict[str, Any], index: str, grown: Grown
) -> None:
    """Along their starts, all of the project's runs would be passed."""
    async with grown.store.read_as(grown.largest[0].principal) as reader:
        project = await reader.fetchval(
            "SELECT project_id FROM workflow_executions GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        assert (await read_list(reader, ListQuery(project, None, limit=20, **narrowed))).rows == []
    found = nodes(await plan(grown.store, grown.store.asked[-1], generic=False))
    (runs,) = [node for node in found if node.get("Alias") == "e"]
    assert (runs["Node Type"], runs["Index Name"]) == ("Index Scan", index)
    assert next(iter(narrowed)).removesuffix("es") in runs["Index Cond"]


async def test_the_policy_and_its_guard_are_one_look_at_the_projects(grown: Grown) -> None:
    """PostgreSQL takes two conditions that are the same text for one; said differently, both would be looked up."""
    asked = Asked(
        "SELECT e.id FROM workflow_executions e JOIN projects p ON p.id = e.project_id", (), grown.largest[0].principal
    )
    found = nodes(await plan(grown.store, asked, generic=True))
    looks = [node["Subplan Name"] for node in found if node.get("Parent Relationship") == "InitPlan"]
    assert len(looks) == 2


@pytest.mark.parametrize("generic", [True, False], ids=["for any arguments", "for these arguments"])
@pytest.mark.parametrize("whose", ["largest", "smallest"])
async def test_errors_are_counted_in_an_index_that_holds_nothing_else(whose: str, generic: bool, grown: Grown) -> None:
    asked = grown.largest if whose == "largest" else grown.smallest
    counted = [entry for entry in asked if "WITH counted" in entry.query and "AND e.build_id" not in entry.query]
    assert len(counted) == 8
    for entry in counted:
        found = list(nodes(await plan(grown.store, entry, generic=generic)))
        (counting,) = [node for node in found if node.get("Subplan Name") == "CTE counted"]
        read = [node for node in nodes(counting) if node.get("Relation Name") == "workflow_executions"]
        assert [node["Node Type"] for node in read] == ["Index Only Scan"], json.dumps(read)
        used = {node["Index Name"] for node in found if node.get("Relation Name") == "workflow_executions"}
        assert used <= ERRORS, entry.query
        read = [node["Node Type"] for node in found if node.get("Relation Name") == "removed_errors"]
        assert len(read) == 2 and "Seq Scan" not in read, entry.query


class _Undo(Exception):
    pass


async def test_runs_that_go_are_found_in_the_order_of_an_index(grown: Grown) -> None:
    """Batch by batch: where each reads or sorts all that is left, removing never comes to an end in a large project."""
    with suppress(_Undo):
        async with grown.store.write() as writer:
            project_id = await writer.fetchval(
                "SELECT project_id FROM workflow_executions GROUP BY project_id ORDER BY count(*) DESC LIMIT 1"
            )
            await writer.execute(
                "INSERT INTO project_retention (project_id, keep_days, rows_from, closed_before) "
                "VALUES ($1, 1, now(), now())",
                project_id,
            )
            reader = Listening(writer.connection, principal=grown.largest[0].principal, asked=[])
            await next_old_runs(reader, project_id, None, limit=200)
            asked = reader.asked[-1]
            answer = await writer.fetchval(f"EXPLAIN (FORMAT JSON) {asked.query}", *asked.arguments)
            found = list(nodes(json.loads(answer)[0]["Plan"]))
            read = [node.get("Index Name") for node in found if node.get("Relation Name") == "workflow_executions"]
            assert read == ["workflow_executions_of_project"], answer
            assert "Sort" not in {node["Node Type"] for node in found}, answer
            raise _Undo


async def test_a_table_that_is_read_from_end_to_end_is_seen(grown: Grown) -> None:
    """The control: without the policies, the same question reads all of it."""
    async with grown.store.write() as writer:
        answer = await writer.fetchval(f"EXPLAIN (FORMAT JSON) {_WITHOUT_INDEX}")
    assert read_whole(json.loads(answer)[0]["Plan"], grown.tables) == ["workflow_executions"]
