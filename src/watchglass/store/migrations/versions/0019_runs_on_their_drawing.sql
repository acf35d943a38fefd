-- What built runs tell of their nodes: the version that ran, the journal of control nodes, what was chosen for each node.
ALTER TABLE workflow_executions ADD COLUMN version integer;
COMMENT ON COLUMN workflow_executions.version IS
    'Which version of a built workflow ran, as the run''s memo says. Null for others.';

-- Rows that are there are looked at by the next revision, without this one's lock.
ALTER TABLE component_executions
    ADD COLUMN choice text,
    DROP CONSTRAINT component_executions_reason_check,
    ADD CONSTRAINT component_executions_reason_check CHECK (reason IN ('within_policy', 'default_policy', 'not_chosen',
        'beyond_policy', 'no_policy', 'exhausted', 'timeout', 'non_retryable', 'cancelled', 'policy_not_recorded',
        'attempts_not_recorded')) NOT VALID;
COMMENT ON COLUMN component_executions.choice IS
    'The policy that the author of a built workflow chose for the unit''s node, as `policy` is written; or none, or unknown.';

COMMENT ON COLUMN component_executions.iteration IS
    'Which item of the loops around its node, outermost first; empty outside of loops. Null: no node of a drawing.';

CREATE TABLE node_journal (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    event_id bigint NOT NULL,
    position integer NOT NULL,
    node_id text NOT NULL,
    iteration integer[] NOT NULL,
    state text NOT NULL CHECK (state IN ('started', 'completed', 'failed', 'skipped', 'cancelled')),
    at timestamptz,
    port text,
    output text,
    cut boolean NOT NULL,
    error text,
    item_count integer,
    PRIMARY KEY (project_id, execution_id, event_id, position),
    FOREIGN KEY (project_id, execution_id) REFERENCES workflow_executions (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE node_journal IS
    'What happened to nodes of built runs that have no event of their own: branches, joins, approvals, skipped nodes and so on.';
COMMENT ON COLUMN node_journal.event_id IS 'Of the memo upsert that tells it; position counts inside it, from 0.';
COMMENT ON COLUMN node_journal.iteration IS 'Which item of the loops around the node, outermost first. Empty outside of loops.';
COMMENT ON COLUMN node_journal.output IS 'JSON, where it is small; cut says that there was more.';
CREATE INDEX node_journal_nodes ON node_journal (project_id, execution_id, node_id, iteration, event_id, position);

ALTER TABLE node_journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE node_journal FORCE ROW LEVEL SECURITY;
GRANT SELECT ON node_journal TO :user;
GRANT SELECT, INSERT, UPDATE, DELETE ON node_journal TO :sync;
CREATE POLICY members_read ON node_journal FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON node_journal AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY sync_writes ON node_journal TO :sync USING (true) WITH CHECK (true);
