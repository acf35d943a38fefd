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

-- The same runs in the same order, which it now tells apart from sub-workflows without a look at the table.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_by_start;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_by_start
    ON workflow_executions (project_id, workflow_id, started_at DESC, id DESC, duration_ms) INCLUDE (parent_run_id);
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_by_start_and_duration;

-- The words of roll-ups, in another order than the constraints that the next revision drops.
DROP INDEX CONCURRENTLY IF EXISTS rollup_variants_of_words;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS rollup_variants_of_words
    ON rollup_variants (project_id, task_queue, deployment_name, build_id, version, is_top_level, series);
DROP INDEX CONCURRENTLY IF EXISTS rollup_components_of_words;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS rollup_components_of_words
    ON rollup_components (project_id, kind, name, node_id, task_queue, series);
