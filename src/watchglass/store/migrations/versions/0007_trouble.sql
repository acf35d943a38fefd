-- What the patrol knows of each namespace, and what the page "Needs attention" reads.

ALTER TABLE workflow_executions ADD COLUMN problem_since timestamptz;
COMMENT ON COLUMN workflow_executions.problem_since IS
    'When the problem was first seen; it stays while syncs find the same problem.';

CREATE INDEX workflow_executions_in_trouble ON workflow_executions (project_id, problem, problem_since, id)
    WHERE problem_since IS NOT NULL;
CREATE INDEX workflow_executions_open ON workflow_executions (connection_id, id) WHERE NOT is_final;
CREATE INDEX workflow_executions_ended_badly ON workflow_executions (project_id, closed_at)
    WHERE status IN ('failed', 'timed_out');
CREATE INDEX component_executions_open_activities ON component_executions (project_id, execution_id, task_queue)
    WHERE kind = 'activity' AND status IN ('pending', 'running', 'retrying', 'paused');

CREATE TABLE task_queues (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('workflow', 'activity')),
    is_polled boolean NOT NULL,
    newest_poll_at timestamptz,
    poll_seen_at timestamptz,
    silent_since timestamptz,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, connection_id, name, kind),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE,
    CHECK (is_polled = (silent_since IS NULL))
);
COMMENT ON TABLE task_queues IS 'The task queues that open runs use, and whether a worker takes work from them.';
COMMENT ON COLUMN task_queues.newest_poll_at IS 'When a worker last asked for work, by the server''s clock.';
COMMENT ON COLUMN task_queues.poll_seen_at IS 'When we last saw newest_poll_at change, by our clock: the two are never compared.';

CREATE TABLE patrols (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    last_execution_id uuid,
    open_runs bigint NOT NULL,
    full_round_seconds double precision NOT NULL,
    patrolled_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, connection_id),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE patrols IS 'How far the look at each connection''s open runs has come.';
COMMENT ON COLUMN patrols.last_execution_id IS 'The run that was looked at last; the next round begins behind it.';
COMMENT ON COLUMN patrols.full_round_seconds IS 'How long it takes until each open run has been looked at once.';

DO $$
DECLARE
    v_table text;
    v_rule text := 'project_id = ANY ((SELECT app.project_ids())::uuid[])';
BEGIN
    FOREACH v_table IN ARRAY ARRAY['task_queues', 'patrols'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', v_table);
        EXECUTE format('GRANT SELECT ON %I TO :user', v_table);
        EXECUTE format('CREATE POLICY members_read ON %I FOR SELECT TO :user USING (%s)', v_table, v_rule);
        EXECUTE format('CREATE POLICY members_only ON %I AS RESTRICTIVE TO :user USING (%s)', v_table, v_rule);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO :sync', v_table);
        EXECUTE format('CREATE POLICY sync_writes ON %I TO :sync USING (true) WITH CHECK (true)', v_table);
    END LOOP;
END $$;
