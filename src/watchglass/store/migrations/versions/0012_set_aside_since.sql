ALTER TABLE workflow_executions ADD COLUMN set_aside_at timestamptz;
COMMENT ON COLUMN workflow_executions.set_aside_at IS 'Since when it is set aside, because it could not be copied ten times over.';
