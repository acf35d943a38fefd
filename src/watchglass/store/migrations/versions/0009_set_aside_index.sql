DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_set_aside;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_set_aside ON workflow_executions (project_id, connection_id)
    WHERE sync_status = 'set_aside';
