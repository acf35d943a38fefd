-- The schedules of each namespace, as Temporal last told of them.
CREATE TABLE schedules (
    project_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    connection_id uuid NOT NULL,
    schedule_id text NOT NULL,
    schedule_key bytea,
    workflow_type text NOT NULL,
    words text NOT NULL,
    spec text NOT NULL,
    is_paused boolean NOT NULL,
    note text NOT NULL,
    next_runs timestamptz[] NOT NULL,
    last_runs jsonb NOT NULL,
    entry_hash bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    gone_at timestamptz,
    described_hash bytea,
    described_at timestamptz,
    describing_at timestamptz,
    temporal_workflow_id text,
    overlap text,
    catchup_window_seconds double precision,
    action_count bigint,
    missed_count bigint,
    overlap_skipped_count bigint,
    buffer_dropped_count bigint,
    error text,
    created_at timestamptz,
    updated_at timestamptz,
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, connection_id, schedule_id),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN schedules.schedule_id IS 'As shown; schedule_key has its own bytes where the two differ.';
COMMENT ON COLUMN schedules.words IS 'When it runs, in words; spec has the same as Temporal''s JSON.';
COMMENT ON COLUMN schedules.last_runs IS 'Newest first: [{workflowId, runId, dueAt, startedAt}].';
COMMENT ON COLUMN schedules.entry_hash IS 'Of its line in Temporal''s list. Equal to described_hash: nothing has changed since it was described.';
COMMENT ON COLUMN schedules.describing_at IS 'When Temporal was last asked to describe it, whether it did or not.';
COMMENT ON COLUMN schedules.gone_at IS 'When Temporal was found to have deleted it; the row stays.';
COMMENT ON COLUMN schedules.action_count IS 'This and the other counts: Temporal''s own, since the schedule was created; null before it was described.';

ALTER TABLE connections
    ADD COLUMN schedules_listed_at timestamptz,
    ADD COLUMN schedules_refusal text;
COMMENT ON COLUMN connections.schedules_listed_at IS 'When Temporal last listed the schedules of the namespace.';
COMMENT ON COLUMN connections.schedules_refusal IS 'Why it did not when it was asked after that: a server without schedules, or credentials that do not show them.';

ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE schedules FORCE ROW LEVEL SECURITY;
GRANT SELECT ON schedules TO :user;
GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO :sync;
CREATE POLICY members_read ON schedules FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON schedules AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY sync_writes ON schedules TO :sync USING (true) WITH CHECK (true);
