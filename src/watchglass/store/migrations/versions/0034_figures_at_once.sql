-- What statistics look for by its order: the last error of a workflow, the longest run of a project, the oldest open one.
-- The group and the parent are for the counts of errors: where PostgreSQL takes this index for them, no row is read.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_last_error;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_last_error ON workflow_executions
    (project_id, workflow_id, closed_at DESC) INCLUDE (started_at, error_group, parent_run_id)
    WHERE status IN ('failed', 'timed_out', 'terminated') AND NOT is_retried AND superseded_by IS NULL
        AND NOT stopped_by_reset;
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_longest;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_longest ON workflow_executions
    (project_id, duration_ms DESC) WHERE duration_ms IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_oldest_open;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_oldest_open ON workflow_executions
    (project_id, started_at) WHERE closed_at IS NULL AND status IN ('pending', 'running', 'paused');
