-- After a failover another cluster may have another end of what was copied from the one before.
ALTER TABLE connections ADD COLUMN failover_version bigint;
ALTER TABLE connections ADD COLUMN failed_over_at timestamptz;
ALTER TABLE connections ADD COLUMN failover_rounds integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN connections.failover_version IS
    'The namespace''s own, as it was last seen; it rises when another cluster becomes the active one.';
COMMENT ON COLUMN connections.failed_over_at IS 'When it was last seen to have risen; null while it never was.';
COMMENT ON COLUMN connections.failover_rounds IS
    'How often the runs that had closed in the hour before were made due again since then.';
