-- Of open runs alone: rows that are not final may also be a million closed runs that nobody has copied.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_open;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_open ON workflow_executions (connection_id, id)
    WHERE NOT is_final AND status IN ('pending', 'running', 'paused');
