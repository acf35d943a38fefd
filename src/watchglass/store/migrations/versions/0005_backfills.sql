ALTER TABLE workflows ADD COLUMN level text CHECK (level IN ('list', 'viewed', 'failed', 'all'));
COMMENT ON COLUMN workflows.level IS 'How much of this workflow''s runs is copied. Null: as the connection says.';

CREATE TABLE backfills (
    project_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    connection_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('history', 'level')),
    workflow_id uuid,
    from_at timestamptz,
    to_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    query text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
    phase text NOT NULL CHECK (phase IN ('closed', 'open', 'late', 'levels', 'copying', 'over')),
    listed_until timestamptz,
    open_since timestamptz,
    after_id uuid,
    expected_runs bigint,
    listed_runs bigint NOT NULL DEFAULT 0,
    listed_in_window bigint NOT NULL DEFAULT 0,
    queued_runs bigint NOT NULL DEFAULT 0,
    missed_runs bigint NOT NULL DEFAULT 0,
    holder uuid,
    held_until timestamptz,
    error text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (project_id, id),
    UNIQUE (id),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, workflow_id) REFERENCES workflows (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE backfills IS 'Jobs that copy older runs: a stretch of history, or what a changed level now covers.';
COMMENT ON COLUMN backfills.listed_until IS 'Runs that closed before this moment have been listed.';
COMMENT ON COLUMN backfills.listed_in_window IS 'Of the window that is being listed; counted again after a crash.';
COMMENT ON COLUMN backfills.queued_runs IS 'Executions that the job put into the queue.';
COMMENT ON COLUMN backfills.missed_runs IS 'Executions that Temporal deleted before they could be copied.';
CREATE INDEX backfills_of_connection ON backfills (connection_id, created_at);
CREATE INDEX backfills_unfinished ON backfills (created_at) WHERE phase <> 'over';

ALTER TABLE workflow_executions ADD COLUMN backfill_id uuid;
COMMENT ON COLUMN workflow_executions.backfill_id IS
    'The job that put the run into the queue, until it is copied: such runs wait behind those that are new.';
DROP INDEX workflow_executions_due;
CREATE INDEX workflow_executions_due ON workflow_executions (connection_id, next_sync_at)
    WHERE next_sync_at IS NOT NULL AND backfill_id IS NULL;
CREATE INDEX workflow_executions_backfilled ON workflow_executions (connection_id, next_sync_at) INCLUDE (backfill_id)
    WHERE next_sync_at IS NOT NULL AND backfill_id IS NOT NULL;

-- Connections that have listed their namespace already have all of it: nothing is left to be asked. The owner of the
-- tables sees their rows only while its own policies are not forced upon it.
ALTER TABLE connections NO FORCE ROW LEVEL SECURITY;
INSERT INTO backfills (project_id, connection_id, kind, state, phase, finished_at)
SELECT project_id, id, 'history', 'done', 'over', clock_timestamp() FROM connections WHERE discovered_until IS NOT NULL;
ALTER TABLE connections FORCE ROW LEVEL SECURITY;

DO $$
DECLARE v_rule text := 'project_id = ANY ((SELECT app.project_ids())::uuid[])';
BEGIN
    ALTER TABLE backfills ENABLE ROW LEVEL SECURITY;
    ALTER TABLE backfills FORCE ROW LEVEL SECURITY;
    GRANT SELECT ON backfills TO :user, :definer;
    GRANT SELECT, INSERT, UPDATE, DELETE ON backfills TO :sync;
    EXECUTE format('CREATE POLICY members_read ON backfills FOR SELECT TO :user USING (%s)', v_rule);
    EXECUTE format('CREATE POLICY members_only ON backfills AS RESTRICTIVE TO :user USING (%s)', v_rule);
    CREATE POLICY definer_reads ON backfills FOR SELECT TO :definer USING (true);
    CREATE POLICY sync_writes ON backfills TO :sync USING (true) WITH CHECK (true);
END $$;
