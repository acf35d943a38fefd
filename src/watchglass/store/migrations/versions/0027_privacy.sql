ALTER TABLE projects ADD COLUMN redaction_rules text, ADD COLUMN redaction_revision bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN projects.redaction_rules IS 'JSON: what is hidden in values before they are stored. Null: nothing.';
COMMENT ON COLUMN projects.redaction_revision IS 'Goes up whenever the rules change.';

ALTER TABLE history_pages
    ADD COLUMN redaction_revision bigint NOT NULL DEFAULT 0, ADD COLUMN is_redacted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN history_pages.redaction_revision IS 'Of the rules that were applied before the page was stored.';
COMMENT ON COLUMN history_pages.is_redacted IS 'Something in it was hidden: it is not what Temporal holds.';

CREATE TABLE project_keys (
    project_id uuid PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    key_id text NOT NULL,
    sealed bytea NOT NULL
);
COMMENT ON TABLE project_keys IS
    'What the marks of hidden values and the traces of erased runs are made with, encrypted with the installation''s key.';
COMMENT ON COLUMN project_keys.key_id IS 'Which key it was encrypted with, so that keys can be replaced.';

CREATE TABLE erased_runs (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    digest bytea NOT NULL,
    of text NOT NULL CHECK (of IN ('run', 'workflow')),
    started_at timestamptz,
    erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project_id, connection_id, digest),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE erased_runs IS
    'What must not be copied again, without saying what it was: a run''s id, or a workflow id up to the moment of erasing.';
COMMENT ON COLUMN erased_runs.digest IS 'Of the id, with the project''s key.';
COMMENT ON COLUMN erased_runs.started_at IS
    'When the run started, so that it is counted when the number of runs is compared with Temporal''s. Null: a workflow id.';

ALTER TABLE project_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE project_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE erased_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased_runs FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON project_keys, erased_runs TO :sync;
CREATE POLICY sync_keeps ON project_keys TO :sync USING (true) WITH CHECK (true);
CREATE POLICY sync_keeps ON erased_runs TO :sync USING (true) WITH CHECK (true);

-- Lines of the log are never changed, but for the law: what a person's run was given is taken out of them.
GRANT SELECT, UPDATE ON audit_log TO :definer;
CREATE POLICY definer_erases ON audit_log TO :definer USING (true) WITH CHECK (true);
CREATE FUNCTION app.erase_from_log(p_project uuid, p_executions text[], p_runs text[], p_workflow_id text)
    RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.audit_log SET details = '{"erased": true}'
    WHERE project_id = p_project
      AND (target = ANY (p_executions) OR details ->> 'temporalRunId' = ANY (p_runs)
           OR details ->> 'temporalWorkflowId' = p_workflow_id)
$$;
REVOKE ALL ON FUNCTION app.erase_from_log(uuid, text[], text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.erase_from_log(uuid, text[], text[], text) TO :sync;
GRANT CREATE ON SCHEMA app TO :definer;
ALTER FUNCTION app.erase_from_log(uuid, text[], text[], text) OWNER TO :definer;
REVOKE CREATE ON SCHEMA app FROM :definer;
