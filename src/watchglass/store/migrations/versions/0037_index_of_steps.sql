-- Steps of a component, those that failed and those that were retried. Very many have one key: PostgreSQL keeps it once
-- for a page of them, so that the index is small.
DROP INDEX CONCURRENTLY IF EXISTS component_executions_by_component;
CREATE INDEX CONCURRENTLY IF NOT EXISTS component_executions_by_component
    ON component_executions (project_id, name, kind, status, reason);

-- Runs of one version of a drawing, which may have been replaced long ago.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_by_version;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_by_version
    ON workflow_executions (project_id, workflow_id, version, started_at DESC, id DESC) WHERE version IS NOT NULL;
