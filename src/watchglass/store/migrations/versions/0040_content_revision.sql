-- What a reading was based on is told by it: one that was overtaken is not written over what came in between.
ALTER TABLE workflow_executions ADD COLUMN content_revision bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN workflow_executions.content_revision IS
    'Rises whenever the stored history is replaced or redacted, and when rows are derived again; not as it grows.';
