-- How long a project keeps its runs, and how far they were removed. Figures of removed runs stay in the roll-ups.

CREATE TABLE project_retention (
    project_id uuid NOT NULL PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    keep_days integer CHECK (keep_days BETWEEN 1 AND 36500),
    rows_from timestamptz,
    closed_before timestamptz,
    removed_runs bigint NOT NULL DEFAULT 0,
    passed_at timestamptz,
    claimed_until timestamptz
);
COMMENT ON TABLE project_retention IS 'How long a project keeps its runs; no row: for ever, and none were removed.';
COMMENT ON COLUMN project_retention.keep_days IS 'So many days after they ended. Null: for ever.';
COMMENT ON COLUMN project_retention.rows_from IS
    'A month in UTC, which only rises: of what started before, figures are those of roll-ups. Null: of nothing.';
COMMENT ON COLUMN project_retention.closed_before IS
    'It only rises: runs that started before rows_from and ended before this are not copied (again).';
COMMENT ON COLUMN project_retention.passed_at IS 'When the last round of removing was over.';
COMMENT ON COLUMN project_retention.claimed_until IS 'A worker removes, and goes on saying so; null: none does.';

ALTER TABLE project_retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE project_retention FORCE ROW LEVEL SECURITY;
GRANT SELECT ON project_retention TO :user;
CREATE POLICY members_read ON project_retention FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON project_retention AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON project_retention TO :sync;
CREATE POLICY sync_writes ON project_retention TO :sync USING (true) WITH CHECK (true);
