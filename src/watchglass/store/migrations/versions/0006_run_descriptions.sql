CREATE TABLE run_descriptions (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    described_at timestamptz NOT NULL,
    answer bytea NOT NULL,
    task_queues text NOT NULL,
    PRIMARY KEY (project_id, execution_id),
    FOREIGN KEY (project_id, execution_id) REFERENCES workflow_executions (project_id, id) ON DELETE CASCADE
);
ALTER TABLE run_descriptions ALTER COLUMN answer SET STORAGE EXTERNAL;
COMMENT ON TABLE run_descriptions IS
    'What Describe said when a run was last copied, where it was asked: zstd-compressed protobuf. With the history it is all that the other rows are derived from.';
COMMENT ON COLUMN run_descriptions.task_queues IS
    'JSON: [has the run''s own queue pollers, or null where nobody asked; [queues of its activities that have none]].';

ALTER TABLE run_descriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_descriptions FORCE ROW LEVEL SECURITY;
GRANT SELECT ON run_descriptions TO :user, :definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON run_descriptions TO :sync;
CREATE POLICY members_read ON run_descriptions FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON run_descriptions AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY definer_reads ON run_descriptions FOR SELECT TO :definer USING (true);
CREATE POLICY sync_writes ON run_descriptions TO :sync USING (true) WITH CHECK (true);
