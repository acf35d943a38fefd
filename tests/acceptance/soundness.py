"""What has to be true of the database at any moment, whatever died a moment ago."""

from tests.acceptance.bench import assert_totals_equal_recomputation

from watchglass.store.scope import Store

HALF_DONE = {
    "runs without their key": """
        SELECT e.temporal_run_id FROM workflow_executions e LEFT JOIN execution_keys k
            ON k.connection_id = e.connection_id AND k.temporal_run_id = e.temporal_run_id AND k.execution_id = e.id
        WHERE k.execution_id IS NULL
    """,
    "keys without their run": """
        SELECT k.temporal_run_id FROM execution_keys k LEFT JOIN workflow_executions e
            ON e.project_id = k.project_id AND e.id = k.execution_id
        WHERE e.id IS NULL
    """,
    "histories with holes, or other than the row says": """
        SELECT e.temporal_run_id FROM workflow_executions e LEFT JOIN history_pages p
            ON p.project_id = e.project_id AND p.execution_id = e.id
        GROUP BY e.project_id, e.id, e.temporal_run_id, e.synced_event_id
        HAVING coalesce(min(p.first_event_id), 1) <> 1 OR coalesce(max(p.last_event_id), 0) <> e.synced_event_id
            OR coalesce(sum(p.last_event_id - p.first_event_id + 1), 0) <> e.synced_event_id
    """,
    "runs with more or fewer units than their row says": """
        SELECT e.temporal_run_id FROM workflow_executions e LEFT JOIN component_executions c
            ON c.project_id = e.project_id AND c.execution_id = e.id
        GROUP BY e.project_id, e.id, e.temporal_run_id, e.component_count
        HAVING count(c.event_id) FILTER (WHERE NOT c.copied) <> e.component_count
    """,
    "journals that say more than was copied": """
        SELECT e.temporal_run_id FROM node_journal j JOIN workflow_executions e
            ON e.project_id = j.project_id AND e.id = j.execution_id
        WHERE j.event_id > e.synced_event_id
    """,
    "copied runs that call themselves uncopied": """
        SELECT temporal_run_id FROM workflow_executions
        WHERE (synced_event_id > 0) <> (detail_state <> 'none') OR (is_final AND next_sync_at IS NOT NULL)
    """,
}
"""Each gives the runs that break a rule."""


async def assert_nothing_half_done(store: Store) -> None:
    """Rows, pages and totals fit each other."""
    async with store.write(isolation="repeatable_read") as reader:
        for rule, query in HALF_DONE.items():
            assert [row[0] for row in await reader.fetch(query)] == [], rule
    await assert_totals_equal_recomputation(store)
