-- When stored figures were compared with the runs last, what differed, and when they were made anew because of it.

CREATE TABLE rollup_checks (
    project_id uuid NOT NULL PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    claimed_until timestamptz,
    checked_at timestamptz,
    release text,
    compared_buckets bigint NOT NULL DEFAULT 0,
    differing_buckets bigint NOT NULL DEFAULT 0,
    drifted_at timestamptz,
    rebuilt_at timestamptz
);
COMMENT ON TABLE rollup_checks IS 'How the last comparison of a project''s stored figures with its runs came out.';
COMMENT ON COLUMN rollup_checks.claimed_until IS 'A worker compares, and goes on saying so; null: none does.';
COMMENT ON COLUMN rollup_checks.checked_at IS 'When the last comparison was over; null: none was yet.';
COMMENT ON COLUMN rollup_checks.release IS 'The version of Watchglass that compared.';
COMMENT ON COLUMN rollup_checks.drifted_at IS 'When figures that differed were found last.';
COMMENT ON COLUMN rollup_checks.rebuilt_at IS 'When figures that differed were made anew last.';

ALTER TABLE rollup_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE rollup_checks FORCE ROW LEVEL SECURITY;
GRANT SELECT ON rollup_checks TO :user;
CREATE POLICY members_read ON rollup_checks FOR SELECT TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
CREATE POLICY members_only ON rollup_checks AS RESTRICTIVE TO :user
    USING (project_id = ANY ((SELECT app.project_ids())::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_checks TO :sync;
CREATE POLICY sync_writes ON rollup_checks TO :sync USING (true) WITH CHECK (true);
GRANT SELECT ON rollup_checks TO :definer;
CREATE POLICY definer_reads ON rollup_checks FOR SELECT TO :definer USING (true);

GRANT CREATE ON SCHEMA app TO :definer;
SET LOCAL ROLE :definer;

-- How the figures of all projects were found to be, those that differed last first; none for who is no administrator.
-- Administrators see names of their own projects alone.
CREATE FUNCTION app.figure_checks(p_limit integer)
RETURNS TABLE (project_id uuid, project_name text, checked_at timestamptz, release text, compared_buckets bigint,
    differing_buckets bigint, drifted_at timestamptz, rebuilt_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT own.id, own.name, c.checked_at, c.release, c.compared_buckets, c.differing_buckets, c.drifted_at, c.rebuilt_at
    FROM public.rollup_checks c
    LEFT JOIN public.projects own ON own.id = c.project_id AND own.id = ANY ((SELECT app.project_ids())::uuid[])
    WHERE (SELECT app.is_admin())
    ORDER BY c.drifted_at DESC NULLS LAST, c.checked_at NULLS FIRST, c.project_id LIMIT p_limit
$$;

REVOKE ALL ON FUNCTION app.figure_checks(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.figure_checks(integer) TO :user;

SET LOCAL ROLE :owner;
REVOKE CREATE ON SCHEMA app FROM :definer;
