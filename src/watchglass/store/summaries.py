"""The columns that one line of a list of executions is made of."""

import asyncpg

Row = asyncpg.Record
"""A row of the database, by column name."""

SUMMARY = """
    e.project_id, e.id, e.workflow_id, w.name AS workflow_name, e.temporal_workflow_id, e.temporal_run_id, e.status,
    e.phase, e.problem, e.problem_detail, e.problem_since, e.started_at, e.closed_at, e.duration_ms, e.task_queue,
    e.component_count, e.failed_component_count, e.retry_count, e.unexpected_retry_count, e.unexpected_failure_count,
    e.error_message, e.error_type, e.current_step, e.failed_step, e.step_statuses, e.detail_state, e.sync_status,
    e.synced_at, e.version
"""
SUMMARY_FROM = "workflow_executions e JOIN workflows w ON w.project_id = e.project_id AND w.id = e.workflow_id"
