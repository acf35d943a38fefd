-- How far discovery has come --------------------------------------------------------------------------------------

ALTER TABLE connections
    ADD COLUMN seen_until timestamptz,
    ADD COLUMN compared_at timestamptz,
    ADD COLUMN compared_all_at timestamptz;

COMMENT ON COLUMN connections.discovered_until IS
    'By our own clock: runs that started or closed between the connection''s beginning and this moment are known, or '
    'wait in listing_windows. Earlier ones are a back-fill''s to list.';
COMMENT ON COLUMN connections.seen_until IS 'The same moment by the clock of Temporal, which may be another.';
COMMENT ON COLUMN connections.compared_at IS 'When the number of recent runs was last compared with Temporal''s.';
COMMENT ON COLUMN connections.compared_all_at IS 'The same, over all the time that Temporal keeps runs.';

CREATE TABLE listing_windows (
    project_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    connection_id uuid NOT NULL,
    of text NOT NULL CHECK (of IN ('started', 'closed')),
    from_at timestamptz,
    to_at timestamptz,
    is_shared boolean NOT NULL,
    PRIMARY KEY (project_id, id),
    UNIQUE NULLS NOT DISTINCT (project_id, connection_id, of, from_at, to_at),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE listing_windows IS
    'Stretches of time whose runs are still to be listed: what was too much for one look, after a time without us for '
    'instance, and where a comparison found a difference. Each goes when it has been listed to its end.';
COMMENT ON COLUMN listing_windows.is_shared IS 'Listed for all connections that are listed together with this one.';
COMMENT ON COLUMN listing_windows.from_at IS 'Included; null: from the beginning.';
COMMENT ON COLUMN listing_windows.to_at IS 'Excluded; null: without an end.';

ALTER TABLE listing_windows ENABLE ROW LEVEL SECURITY;
ALTER TABLE listing_windows FORCE ROW LEVEL SECURITY;
GRANT SELECT ON listing_windows TO :user, :definer;
CREATE POLICY members_read ON listing_windows FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON listing_windows AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY definer_reads ON listing_windows FOR SELECT TO :definer USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON listing_windows TO :sync;
CREATE POLICY sync_writes ON listing_windows TO :sync USING (true) WITH CHECK (true);

-- How hard a namespace may be asked -------------------------------------------------------------------------------

-- Unlogged: taking a call must not wait for the disk, and a bucket that is lost in a crash is only full again.
CREATE UNLOGGED TABLE call_budgets (
    address text NOT NULL,
    namespace text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('visibility', 'history')),
    tokens double precision NOT NULL,
    filled_at timestamptz NOT NULL,
    slowed_to double precision NOT NULL DEFAULT 1 CHECK (slowed_to > 0 AND slowed_to <= 1),
    slowed_at timestamptz NOT NULL DEFAULT '2000-01-01',
    PRIMARY KEY (address, namespace, kind)
) WITH (fillfactor = 20);
COMMENT ON TABLE call_budgets IS
    'One token bucket for each kind of call to a namespace, shared by all processes and all projects that look at it.';
COMMENT ON COLUMN call_budgets.tokens IS
    'Calls that could be made at filled_at; below zero when calls that somebody waited for went ahead.';
COMMENT ON COLUMN call_budgets.slowed_to IS
    'The share of the full rate at slowed_at, when Temporal last said that it is asked too often.';

ALTER TABLE call_budgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_budgets FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_budgets TO :sync;
CREATE POLICY sync_writes ON call_budgets TO :sync USING (true) WITH CHECK (true);
