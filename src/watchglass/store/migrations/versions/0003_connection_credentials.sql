-- No grant and no policy for the role that answers requests: what it may tell is in connections.shown_credentials.
CREATE TABLE connection_credentials (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, connection_id),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE connection_credentials IS 'How connections sign in, encrypted with the installation''s key.';
COMMENT ON COLUMN connection_credentials.key_id IS 'Which key it was encrypted with, so that keys can be replaced.';

ALTER TABLE connection_credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE connection_credentials FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON connection_credentials TO :sync;
CREATE POLICY sync_keeps ON connection_credentials TO :sync USING (true) WITH CHECK (true);

ALTER TABLE connections
    ADD COLUMN shown_credentials text,
    ADD COLUMN namespace_replaced_at timestamptz;
COMMENT ON COLUMN connections.shown_credentials IS
    'JSON: which kinds of credentials are set and when certificates expire, never a secret. Null: none are set.';
COMMENT ON COLUMN connections.namespace_replaced_at IS
    'When the namespace was last found to be another one of the same name: deleted and made anew.';
