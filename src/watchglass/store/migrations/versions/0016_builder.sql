-- Workflows that are drawn here: drafts, versions, the catalogue, what their nodes reach, and who did what.
ALTER TABLE workflows
    ADD COLUMN connection_id uuid,
    ADD COLUMN rules jsonb,
    ADD FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id);
COMMENT ON COLUMN workflows.connection_id IS 'Where a built workflow runs. Null for observed ones.';
COMMENT ON COLUMN workflows.rules IS
    'Of a graph that somebody else''s interpreter runs: which runs are its own, and which activity is which node. Null: Watchglass runs it.';

CREATE TABLE workflow_drafts (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    graph jsonb NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    based_on integer,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_by uuid REFERENCES users ON DELETE SET NULL,
    PRIMARY KEY (project_id, workflow_id),
    FOREIGN KEY (project_id, workflow_id) REFERENCES workflows (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE workflow_drafts IS 'The one draft of a built workflow, saved while it is edited.';
COMMENT ON COLUMN workflow_drafts.revision IS 'Goes up with every save. Whoever saves says which one they have changed.';
COMMENT ON COLUMN workflow_drafts.based_on IS 'The version that it was last equal to. Null: there was none.';

CREATE TABLE workflow_versions (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    graph jsonb NOT NULL,
    note text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by uuid REFERENCES users ON DELETE SET NULL,
    PRIMARY KEY (project_id, workflow_id, version),
    FOREIGN KEY (project_id, workflow_id) REFERENCES workflows (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE workflow_versions IS 'What runs are pinned to: never changed.';

CREATE TABLE components (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    type text NOT NULL,
    source text NOT NULL CHECK (source IN ('worker', 'person')),
    component jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project_id, type)
);
COMMENT ON TABLE components IS 'The project''s own part of the catalogue; what is built in is not stored.';

CREATE TABLE services (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    id uuid NOT NULL DEFAULT uuidv7(),
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('postgres', 'http')),
    settings jsonb NOT NULL,
    has_secret boolean NOT NULL,
    tested_at timestamptz,
    test_error text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, name)
);
COMMENT ON TABLE services IS 'Databases and HTTP services that nodes reach by name. No secret is in the settings.';

-- No grant and no policy for the role that answers requests.
CREATE TABLE service_secrets (
    project_id uuid NOT NULL,
    service_id uuid NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (project_id, service_id),
    FOREIGN KEY (project_id, service_id) REFERENCES services (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE service_secrets IS 'How services are signed in to, encrypted with the installation''s key.';

CREATE TABLE audit_log (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    id uuid NOT NULL DEFAULT uuidv7(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_id uuid REFERENCES users ON DELETE SET NULL,
    user_name text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    details jsonb NOT NULL,
    PRIMARY KEY (project_id, id)
);
COMMENT ON TABLE audit_log IS 'Who did what. Lines are added and never changed.';
COMMENT ON COLUMN audit_log.action IS 'A noun and a verb: execution.cancel, version.save.';
COMMENT ON COLUMN audit_log.target IS 'Id of what it was done to.';
COMMENT ON COLUMN audit_log.user_name IS 'As they were called then.';

ALTER TABLE workflow_drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow_drafts FORCE ROW LEVEL SECURITY;
ALTER TABLE workflow_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE components ENABLE ROW LEVEL SECURITY;
ALTER TABLE components FORCE ROW LEVEL SECURITY;
ALTER TABLE services ENABLE ROW LEVEL SECURITY;
ALTER TABLE services FORCE ROW LEVEL SECURITY;
ALTER TABLE service_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE service_secrets FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;

GRANT SELECT ON workflow_drafts TO :user;
GRANT SELECT, INSERT, UPDATE, DELETE ON workflow_drafts TO :sync;
CREATE POLICY members_read ON workflow_drafts FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON workflow_drafts AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY sync_writes ON workflow_drafts TO :sync USING (true) WITH CHECK (true);

GRANT SELECT ON workflow_versions TO :user;
GRANT SELECT, INSERT ON workflow_versions TO :sync;
CREATE POLICY members_read ON workflow_versions FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON workflow_versions AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY sync_writes ON workflow_versions TO :sync USING (true) WITH CHECK (true);

GRANT SELECT ON components TO :user;
GRANT SELECT, INSERT, UPDATE, DELETE ON components TO :sync;
CREATE POLICY members_read ON components FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON components AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY sync_writes ON components TO :sync USING (true) WITH CHECK (true);

GRANT SELECT ON services TO :user;
GRANT SELECT, INSERT, UPDATE, DELETE ON services TO :sync;
CREATE POLICY members_read ON services FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON services AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY sync_writes ON services TO :sync USING (true) WITH CHECK (true);

GRANT SELECT ON audit_log TO :user;
GRANT SELECT, INSERT ON audit_log TO :sync;
CREATE POLICY members_read ON audit_log FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON audit_log AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY sync_writes ON audit_log TO :sync USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON service_secrets TO :sync;
CREATE POLICY sync_keeps ON service_secrets TO :sync USING (true) WITH CHECK (true);
