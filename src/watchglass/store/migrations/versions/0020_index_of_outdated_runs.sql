-- Looks at every row, beside those who read and write them.
ALTER TABLE component_executions VALIDATE CONSTRAINT component_executions_reason_check;

-- The units of a node, in the order of the items. Of runs that nobody drew, none is in it.
DROP INDEX CONCURRENTLY IF EXISTS component_executions_nodes;
CREATE INDEX CONCURRENTLY IF NOT EXISTS component_executions_nodes
    ON component_executions (project_id, execution_id, node_id, iteration)
    INCLUDE (status, event_id) WHERE iteration IS NOT NULL;

-- Every worker asks once an hour whether there are rows of older rules; where there are none, that is one look.
DROP INDEX CONCURRENTLY IF EXISTS workflow_executions_derived;
CREATE INDEX CONCURRENTLY IF NOT EXISTS workflow_executions_derived ON workflow_executions (derived_version, project_id, id)
    WHERE synced_event_id > 0;
