-- The patrol asks about the runs that could be in trouble, and leaves out those that nothing can have happened to.
ALTER TABLE workflow_executions ADD COLUMN patrolled_at timestamptz;
COMMENT ON COLUMN workflow_executions.patrolled_at IS 'When the patrol last asked about the run, while it is open.';
ALTER TABLE task_queues ADD COLUMN stirred_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN task_queues.stirred_at IS
    'When the server last showed that tasks came into the queue or were taken from it, or nobody had looked for too long.';
ALTER TABLE patrols DROP COLUMN last_execution_id;
