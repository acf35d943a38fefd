-- A default that is the same for every row is kept beside the table, which is not written anew.
ALTER TABLE workflow_executions ADD COLUMN error_group text NOT NULL DEFAULT '';
COMMENT ON COLUMN workflow_executions.error_group IS
    'A key of error type, message and failed step without their changing parts; empty where no error is known.';
