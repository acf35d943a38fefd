-- A project's runs of one status, and those of one task queue, which may be few among very many.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_of_project_by_status;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_of_project_by_status
    ON workflow_executions (project_id, status, started_at DESC, id DESC);

DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_of_project_by_task_queue;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_of_project_by_task_queue
    ON workflow_executions (project_id, task_queue, started_at DESC, id DESC);

-- A workflow's errors by when the runs started, of which sparklines are drawn.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_errors_by_start;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_errors_by_start
    ON workflow_executions (project_id, workflow_id, started_at) INCLUDE (error_group, parent_run_id)
    WHERE status IN ('failed', 'timed_out', 'terminated') AND NOT is_retried AND superseded_by IS NULL
        AND NOT stopped_by_reset;

COMMENT ON COLUMN run_rollups.bins IS
    'Codes of the duration histogram (statistics/histogram.py). One without a count is one duration, and may repeat.';
