-- Runs that one follower stays with: those that somebody looks at, and those that retry an activity.
CREATE TABLE followed_executions (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    watched_until timestamptz,
    retrying_until timestamptz,
    holder uuid,
    leased_until timestamptz,
    confirmed_at timestamptz,
    PRIMARY KEY (project_id, execution_id),
    FOREIGN KEY (project_id, execution_id) REFERENCES workflow_executions (project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE followed_executions IS 'Runs that one process stays with, by a lease.';
COMMENT ON COLUMN followed_executions.watched_until IS 'Somebody looked at the run a moment ago; until then that counts.';
COMMENT ON COLUMN followed_executions.retrying_until IS 'An activity of it was being retried when it was last copied.';
COMMENT ON COLUMN followed_executions.holder IS 'The process that follows it, while leased_until is to come.';
COMMENT ON COLUMN followed_executions.confirmed_at IS 'When the holder last saw that the copy equals Temporal.';

ALTER TABLE followed_executions ENABLE ROW LEVEL SECURITY;
ALTER TABLE followed_executions FORCE ROW LEVEL SECURITY;
GRANT SELECT ON followed_executions TO :user, :definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON followed_executions TO :sync;
CREATE POLICY members_read ON followed_executions FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON followed_executions AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY definer_reads ON followed_executions FOR SELECT TO :definer USING (true);
CREATE POLICY sync_writes ON followed_executions TO :sync USING (true) WITH CHECK (true);

ALTER TABLE component_executions
    ADD COLUMN next_attempt_at timestamptz,
    ADD COLUMN last_heartbeat_at timestamptz;
COMMENT ON COLUMN component_executions.next_attempt_at IS 'While an activity waits for its next attempt: when that is due.';
