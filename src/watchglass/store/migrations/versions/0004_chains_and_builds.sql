-- How a run came to be, which run a reset made it from, which operation of another namespace started it, and which
-- version of its workers ran it.

ALTER TABLE workflow_executions
    ADD COLUMN origin text CHECK (origin IN ('first', 'carried_on', 'retried', 'cron', 'reset')),
    ADD COLUMN reset_from_run_id text,
    ADD COLUMN stopped_by_reset boolean NOT NULL DEFAULT false,
    ADD COLUMN called_by text,
    ADD COLUMN deployment_name text,
    ADD COLUMN versioning text CHECK (versioning IN ('pinned', 'auto_upgrade'));
COMMENT ON COLUMN workflow_executions.origin IS 'What made the run start. Null until its history is copied.';
COMMENT ON COLUMN workflow_executions.stopped_by_reset IS
    'Terminated by the server because a run of the same workflow id was reset, which need not have been this one.';
COMMENT ON COLUMN workflow_executions.called_by IS
    'The Nexus operation that started the run: [namespace, workflow id, run id, event id].';

CREATE INDEX workflow_executions_reset_from
    ON workflow_executions (project_id, connection_id, reset_from_run_id) WHERE reset_from_run_id IS NOT NULL;
CREATE INDEX workflow_executions_by_build
    ON workflow_executions (project_id, workflow_id, deployment_name, build_id, started_at DESC, id DESC);
