-- The errors of removed runs by what went wrong, so that groups of errors add up to the errors that figures count.

CREATE TABLE removed_errors (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    workflow_id uuid NOT NULL,
    day timestamptz NOT NULL,
    error_group text NOT NULL,
    deployment_name text NOT NULL,
    build_id text NOT NULL,
    version bigint NOT NULL,
    is_top_level boolean NOT NULL,
    count bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    error_type text,
    failed_step text,
    PRIMARY KEY (project_id, workflow_id, day, error_group, deployment_name, build_id, version, is_top_level)
);
COMMENT ON TABLE removed_errors IS
    'How many runs of a group of errors, which are no longer kept, started on a day in UTC. No message: it may hold values.';
COMMENT ON COLUMN removed_errors.deployment_name IS 'Empty: of none; so is build_id. 0 is no version.';
COMMENT ON COLUMN removed_errors.first_at IS 'When the first of these runs started; last_at: the last.';
COMMENT ON COLUMN removed_errors.failed_step IS 'Of one of these runs, as in workflow_executions.';

ALTER TABLE removed_errors ENABLE ROW LEVEL SECURITY;
ALTER TABLE removed_errors FORCE ROW LEVEL SECURITY;
GRANT SELECT ON removed_errors TO :user;
CREATE POLICY members_read ON removed_errors FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON removed_errors AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON removed_errors TO :sync;
CREATE POLICY sync_writes ON removed_errors TO :sync USING (true) WITH CHECK (true);
