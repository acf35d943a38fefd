CREATE TABLE undecoded_runs (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    error text NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project_id, execution_id),
    FOREIGN KEY (project_id, execution_id) REFERENCES workflow_executions (project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE undecoded_runs IS
    'Runs whose values were stored as Temporal holds them, although their connection has them decoded at sync.';
COMMENT ON COLUMN undecoded_runs.failures IS 'Later tries that failed too.';
CREATE INDEX undecoded_runs_due ON undecoded_runs (next_try_at);

DO $$
DECLARE v_rule text := 'project_id = ANY ((SELECT app.project_ids())::uuid[])';
BEGIN
    ALTER TABLE undecoded_runs ENABLE ROW LEVEL SECURITY;
    ALTER TABLE undecoded_runs FORCE ROW LEVEL SECURITY;
    GRANT SELECT ON undecoded_runs TO :user, :definer;
    GRANT SELECT, INSERT, UPDATE, DELETE ON undecoded_runs TO :sync;
    EXECUTE format('CREATE POLICY members_read ON undecoded_runs FOR SELECT TO :user USING (%s)', v_rule);
    EXECUTE format('CREATE POLICY members_only ON undecoded_runs AS RESTRICTIVE TO :user USING (%s)', v_rule);
    CREATE POLICY definer_reads ON undecoded_runs FOR SELECT TO :definer USING (true);
    CREATE POLICY sync_writes ON undecoded_runs TO :sync USING (true) WITH CHECK (true);
END $$;
