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

-- Numbers of roll-ups are looked up by their key. As long as the words began with the series, too, PostgreSQL took one
-- for as good as the other, and went through all words of the series for each roll-up.
DROP INDEX CONCURRENTLY IF EXISTS rollup_variants_of_words;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS rollup_variants_of_words
    ON rollup_variants (project_id, task_queue, deployment_name, build_id, version, is_top_level, series);
ALTER TABLE rollup_variants
    DROP CONSTRAINT IF EXISTS rollup_variants_project_id_series_task_queue_deployment_nam_key;
DROP INDEX CONCURRENTLY IF EXISTS rollup_components_of_words;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS rollup_components_of_words
    ON rollup_components (project_id, kind, name, node_id, task_queue, series);
ALTER TABLE rollup_components
    DROP CONSTRAINT IF EXISTS rollup_components_project_id_series_kind_name_node_id_task__key;

COMMENT ON COLUMN run_rollups.bins IS
    'Codes of the duration histogram (statistics/histogram.py). One without a count is one duration, and may repeat.';
