-- The runs that count as errors, by what went wrong, of a workflow and of a project. Counting them by group, also
-- without sub-workflows, reads these alone.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_errors;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_errors
    ON workflow_executions (project_id, workflow_id, error_group, started_at DESC, id DESC) INCLUDE (parent_run_id)
    WHERE status IN ('failed', 'timed_out', 'terminated') AND NOT is_retried AND superseded_by IS NULL
        AND NOT stopped_by_reset;
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_errors_of_project;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_errors_of_project
    ON workflow_executions (project_id, error_group, started_at DESC, id DESC) INCLUDE (workflow_id, parent_run_id)
    WHERE status IN ('failed', 'timed_out', 'terminated') AND NOT is_retried AND superseded_by IS NULL
        AND NOT stopped_by_reset;

-- Lists sorted by the one and narrowed by the other pass over what does not match without reading its row.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_by_start_and_duration;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_by_start_and_duration
    ON workflow_executions (project_id, workflow_id, started_at DESC, id DESC, duration_ms);
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_by_start;
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_by_duration_and_start;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_by_duration_and_start
    ON workflow_executions (project_id, workflow_id, duration_ms DESC NULLS LAST, id DESC, started_at);
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_by_duration;
