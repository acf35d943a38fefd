CREATE INDEX workflow_executions_set_aside ON workflow_executions (project_id, connection_id)
    WHERE sync_status = 'set_aside';
