ALTER TABLE connections
    ADD COLUMN scope text NOT NULL DEFAULT '',
    ADD COLUMN level text NOT NULL DEFAULT 'all' CHECK (level IN ('list', 'viewed', 'failed', 'all')),
    ADD COLUMN visibility_per_second double precision NOT NULL DEFAULT 5 CHECK (visibility_per_second > 0),
    ADD COLUMN history_per_second double precision NOT NULL DEFAULT 50 CHECK (history_per_second > 0),
    ADD COLUMN codec_address text,
    ADD COLUMN decodes_at_sync boolean NOT NULL DEFAULT false,
    ADD COLUMN namespace_id text;

COMMENT ON COLUMN connections.scope IS 'A visibility query: the runs that the connection looks at. Empty: all of them.';
COMMENT ON COLUMN connections.level IS 'How much of a run is copied without anybody asking for it.';
COMMENT ON COLUMN connections.namespace_id IS 'The server''s own id of the namespace; another one means that it was made anew.';
